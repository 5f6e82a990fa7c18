"""Settings from files: `DOCLINK_X_FILE` names a file that holds the value of `DOCLINK_X`.

It is how container engines and Kubernetes hand out secrets: what is in a file is in no process
list, no crash report and no child's environment.
"""

import os
from collections.abc import Mapping
from pathlib import Path

from pydantic_settings import EnvSettingsSource

SUFFIX = "_FILE"


class UnusableFiles(Exception):  # noqa: N818 - it is the files that are at fault
    """Variables that cannot be used; `problems` has a sentence for each, and no value."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class SecretFiles(EnvSettingsSource):
    """A source for pydantic-settings: environment variables, as the files have them.

    Raises:
        UnusableFiles: a file cannot be read, or its variable is set as well.
    """

    def _load_env_vars(self) -> Mapping[str, str | None]:
        values: dict[str, str | None] = {}
        problems: list[str] = []
        for field in self.settings_cls.model_fields:
            variable = f"{self.env_prefix}{field}".upper()
            file = os.environ.get(variable + SUFFIX)
            if file is None:
                continue
            if variable in os.environ:
                problems.append(f"{variable}: is set, and so is {variable}{SUFFIX}")
                continue
            try:
                values[variable.lower()] = _content(Path(file))
            except (OSError, UnicodeDecodeError) as error:
                why = error.strerror if isinstance(error, OSError) else "is not UTF-8"
                problems.append(f"{variable}{SUFFIX}: {file}: {why}")
        if problems:
            raise UnusableFiles(problems)
        return values


def _content(file: Path) -> str:
    # Editors and `echo` end a file with a line end, which is no part of the secret.
    return file.read_text(encoding="utf-8").rstrip("\r\n")
