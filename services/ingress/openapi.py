"""Writes the OpenAPI document of each dialect into the contracts: `python -m ...openapi`."""

import json
from pathlib import Path
from typing import Any

from services.ingress.app import DIALECTS

FOLDER = Path("contracts/generated")


def documents() -> dict[str, dict[str, Any]]:
    """The OpenAPI document of each dialect, by its file name."""
    return {f"openapi-{dialect.name}.json": dialect.app.openapi() for dialect in DIALECTS}


if __name__ == "__main__":
    for name, document in documents().items():
        text = json.dumps(document, indent=2, sort_keys=True, ensure_ascii=False)
        (FOLDER / name).write_text(text + "\n", encoding="utf-8")
