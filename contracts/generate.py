"""Writes what others read: the JSON Schemas, the AsyncAPI file, and the broker's definitions.

    python -m contracts.generate                 write contracts/generated/ and deploy/broker/
    python -m contracts.generate --check         say what differs, write nothing
    python -m contracts.generate --release 0.1   write it, and keep the schemas as release 0.1

A release is a promise: `tests/contracts` then refuses every change that would break somebody who
relies on it (see `contracts.compatibility`). The snapshot of a release that has gone out is never
written again; the next one gets the next number.
"""

import argparse
import json
import shutil
import sys
from pathlib import Path
from typing import Any

from contracts import asyncapi
from contracts.broker_definitions import definitions
from contracts.schemas import message_schemas

HERE = Path(__file__).parent
GENERATED = HERE / "generated"
SCHEMAS = GENERATED / "schemas"
RELEASED = HERE / "released"
DEFINITIONS = HERE.parent / "deploy" / "broker" / "definitions.json"
COMMAND = "python -m contracts.generate"


def generated_files() -> dict[Path, str]:
    """What is to stand in each generated file."""
    schemas = message_schemas()
    files = {SCHEMAS / f"{name}.json": _text(schema) for name, schema in schemas.items()}
    files[GENERATED / "asyncapi.json"] = _text(asyncapi.document(schemas))
    files[DEFINITIONS] = _text(definitions())
    return files


def drift() -> list[str]:
    """The generated files that are missing, out of date, or of no message any more."""
    wanted = generated_files()
    present = {path: path.read_text() for path in _written()}
    return sorted(
        str(path.relative_to(HERE.parent))
        for path in wanted.keys() | present.keys()
        if wanted.get(path) != present.get(path)
    )


def write() -> None:
    """Write every generated file, and remove those of messages that are no more."""
    wanted = generated_files()
    for path in set(_written()) - wanted.keys():
        path.unlink()
    for path, text in wanted.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def release(version: str) -> None:
    """Keep the generated schemas as those of `version`."""
    shutil.rmtree(RELEASED / version, ignore_errors=True)
    shutil.copytree(SCHEMAS, RELEASED / version)


def _written() -> list[Path]:
    others = (*GENERATED.glob("asyncapi.json"), *DEFINITIONS.parent.glob("*.json"))
    return [*SCHEMAS.glob("*.json"), *others]


def _text(content: dict[str, Any]) -> str:
    return json.dumps(content, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def main() -> int:
    """Do what the command line asks for; 1 when `--check` finds a difference."""
    parser = argparse.ArgumentParser(prog=COMMAND, description="Write the generated contracts.")
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--check", action="store_true", help="only say which files differ")
    what.add_argument("--release", metavar="VERSION", help="also keep the schemas as a release")
    arguments = parser.parse_args()
    if arguments.check:
        differing = drift()
        sys.stdout.writelines(f"{path} is out of date\n" for path in differing)
        return 1 if differing else 0
    write()
    if arguments.release:
        release(arguments.release)
    return 0


if __name__ == "__main__":
    sys.exit(main())
