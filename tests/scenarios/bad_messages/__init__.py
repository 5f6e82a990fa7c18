"""Thousands of messages that nobody should send: each is accounted for, and nothing breaks."""
