"""The chaos run, `make chaos`: everything is killed under load, then all is counted.

See docs/chaos.md.
"""
