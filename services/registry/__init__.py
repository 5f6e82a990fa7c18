"""The document registry: documents and API keys."""
