"""The webhook service's decisions and its store."""
