"""The PandaDoc dialect: links of documents to records of CRMs, as linked objects."""

from services.ingress.pandadoc.app import dialect

__all__ = ["dialect"]
