"""The link service: links, and a replica of which documents and entities exist."""
