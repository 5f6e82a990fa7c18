"""The LeadLex dialect: documents and their links to contacts, companies, deals and so on."""

from services.ingress.leadlex.app import dialect

__all__ = ["dialect"]
