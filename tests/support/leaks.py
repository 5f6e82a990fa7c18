"""API keys where none may be: in what the services have written."""

import re
import secrets
from pathlib import Path

_SECRET = 43
"""Characters of 32 bytes in base64, after the prefix."""
_WORD = re.compile(rf"[\w-]{{{_SECRET},}}", re.ASCII)
_SECRETS: set[str] = set()


def new_key() -> str:
    """A key that nobody has, whose every appearance is looked for at the end of the run."""
    key = f"wbk_{secrets.token_urlsafe(32)}"
    _SECRETS.add(key[-_SECRET:])
    return key


def leaks(folder: Path) -> list[str]:
    """The lines of all logs below a folder that have one of the run's keys in them."""
    return [
        f"{log.name}: {line}"
        for log in folder.rglob("*.log")
        for line in log.read_text(errors="replace").splitlines()
        if any(has_key(word) for word in _WORD.findall(line))
    ]


def has_key(word: str) -> bool:
    """Whether a word ends with the secret part of one of the run's keys."""
    return word[-_SECRET:] in _SECRETS
