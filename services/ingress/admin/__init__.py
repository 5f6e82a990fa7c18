"""Admin: what operators do over HTTP. An API of our own, for keys with `admin:operations`."""

from services.ingress.admin.app import dialect

__all__ = ["dialect"]
