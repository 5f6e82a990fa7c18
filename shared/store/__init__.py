"""The store: MongoDB behind typed records, whole-document writes and one error type."""
