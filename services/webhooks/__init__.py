"""The webhook service: events sent on to workspaces' own HTTP endpoints."""
