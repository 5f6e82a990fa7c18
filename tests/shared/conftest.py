"""The kernel's stores against a real database."""

from tests.support.databases import database, workspace_id

__all__ = ["database", "workspace_id"]
