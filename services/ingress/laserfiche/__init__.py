"""The Laserfiche dialect: documents and folders as entries, and the links between them (v1)."""

from services.ingress.laserfiche.app import dialect

__all__ = ["dialect"]
