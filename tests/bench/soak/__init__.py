"""`make bench-soak`: what a million links change in the cost of one, and in memory."""
