"""Events on their way to workspaces' own HTTP endpoints."""
