"""Known weaknesses of what we depend on: `python -m deploy.audit REQUIREMENTS`.

It asks the advisory source that pip-audit asks (`PIP_AUDIT_VULNERABILITY_SERVICE`, by default PyPI)
and fails if that knows of any. Where no source answers, as behind a firewall, it says that nothing
was audited, and does not fail: nobody could mend that in the code.
"""

import json
import subprocess
import sys
from typing import Any

OK, FAILED = 0, 1
_TIMEOUT = 300

_NO_ANSWER = (
    "your network may be blocking this service",
    "requests.exceptions.",
    "pip_audit._service.interface.ServiceError",
)
"""What pip-audit's last words hold when its source does not answer; it has no exit code for it."""


def audit(requirements: str) -> tuple[int, str]:
    """The exit code for a file of pinned requirements, and what to tell about it."""
    command = [
        "-m",
        "pip_audit",
        "--requirement",
        requirements,
        "--disable-pip",
        "--require-hashes",
    ]
    done = subprocess.run(  # noqa: S603 - pip-audit, with a file that the Makefile names
        [sys.executable, *command, "--format", "json", "--progress-spinner", "off"],
        check=False,
        capture_output=True,
        text=True,
        timeout=_TIMEOUT,
    )
    if done.stdout.strip():
        return judge(json.loads(done.stdout)["dependencies"])
    last = done.stderr.strip().rpartition("\n")[2]
    if any(words in last for words in _NO_ANSWER):
        return OK, f"Not audited: no advisory source answers ({last})"
    return FAILED, done.stderr.strip()


def judge(dependencies: list[dict[str, Any]]) -> tuple[int, str]:
    """The exit code for pip-audit's report, and what to tell about it."""
    skipped = [each["name"] for each in dependencies if "skip_reason" in each]
    weak = [
        f"{each['name']} {each['version']}: {weakness['id']}"
        + (f", mended in {', '.join(fixes)}" if (fixes := weakness["fix_versions"]) else "")
        for each in dependencies
        for weakness in each.get("vulns", ())
    ]
    if weak:
        return FAILED, "\n".join(["Known weaknesses:", *weak])
    if not dependencies or len(skipped) < len(dependencies):
        audited = f"Audited {len(dependencies) - len(skipped)} packages, no known weakness."
        return OK, audited + (f" Not audited: {', '.join(skipped)}" if skipped else "")
    return OK, f"Not audited: the advisory source knows none of {len(skipped)} packages"


if __name__ == "__main__":
    code, told = audit(sys.argv[1])
    print(told, file=sys.stderr)  # noqa: T201 - for the Makefile
    sys.exit(code)
