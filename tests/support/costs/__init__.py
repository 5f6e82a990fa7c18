"""What doing something costs in things that can be counted: calls, messages, turns."""
