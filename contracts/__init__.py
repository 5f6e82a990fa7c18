"""The public language of doclink: messages, error codes, exchanges and queues.

Imports nothing of ours, so that it can be read, or shipped, on its own.
"""
