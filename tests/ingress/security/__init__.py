"""Attempts to break in."""
