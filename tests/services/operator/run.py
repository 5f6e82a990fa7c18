"""`doclink`, run as operators run it."""

import os
import subprocess
import sys

from deploy.local.processes import ROOT


def run(*arguments: str, amqp_url: str) -> subprocess.CompletedProcess[str]:
    """What `doclink` said, and its exit code."""
    return subprocess.run(  # noqa: S603 - our own command line
        [sys.executable, "-m", "services.operator", *arguments],
        cwd=ROOT,
        env={**os.environ, "DOCLINK_AMQP_URL": amqp_url},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
