"""How doclink is run: on one machine without a container engine, and beyond."""
