"""What goes wrong on the machine itself, said so that a person can mend it."""


class LocalError(Exception):
    """Something on this machine stands in the way; the message says what, and what to do."""
