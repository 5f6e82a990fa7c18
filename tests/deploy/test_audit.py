"""pip-audit against an advisory source of our own, which answers as https://api.osv.dev does."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from deploy.audit import FAILED, OK, audit, judge
from deploy.local.ports import LOOPBACK, free_port

WEAKNESS = {
    "id": "PYSEC-2026-1",
    "affected": [
        {
            "package": {"name": "weak", "ecosystem": "PyPI"},
            "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "1.1"}]}],
        }
    ],
}
SOUND, WEAK = "sound", "weak"


@contextmanager
def _advisories(status: int = 200) -> Iterator[str]:
    """The URL of a source that knows a weakness of the package `weak`."""

    class Answers(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            known = {"vulns": [WEAKNESS]} if asked["package"]["name"] == WEAK else {}
            self.send_response(status)
            self.end_headers()
            self.wfile.write(json.dumps(known).encode())

        def log_message(self, *_: Any) -> None:
            pass

    with HTTPServer((LOOPBACK, 0), Answers) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://{LOOPBACK}:{server.server_port}"
        server.shutdown()


@pytest.fixture
def ask(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    def ask(url: str, *packages: str) -> tuple[int, str]:
        monkeypatch.setenv("PIP_AUDIT_VULNERABILITY_SERVICE", "osv")
        monkeypatch.setenv("PIP_AUDIT_OSV_URL", url)
        requirements = tmp_path / "requirements.lock"
        pinned = (f"{each}==1.0 --hash=sha256:{'0' * 64}\n" for each in packages)
        requirements.write_text("".join(pinned))
        return audit(str(requirements))

    return ask


def test_a_known_weakness_fails_and_is_named(ask: Any) -> None:
    with _advisories() as url:
        code, told = ask(url, SOUND, WEAK)
    assert code == FAILED
    assert "weak 1.0: PYSEC-2026-1, mended in 1.1" in told
    assert "sound" not in told


def test_without_a_known_weakness_it_says_how_many_were_audited(ask: Any) -> None:
    with _advisories() as url:
        assert ask(url, SOUND) == (OK, "Audited 1 packages, no known weakness.")


def test_where_nothing_answers_it_says_that_nothing_was_audited(ask: Any) -> None:
    code, told = ask(f"http://{LOOPBACK}:{free_port()}", WEAK)
    assert code == OK
    assert told.startswith("Not audited: no advisory source answers")
    with _advisories(status=502) as url:
        code, told = ask(url, WEAK)
    assert code == OK
    assert told.startswith("Not audited: no advisory source answers")


def test_a_source_that_knows_no_package_at_all_has_audited_nothing() -> None:
    nothing = [{"name": name, "skip_reason": "not found"} for name in (SOUND, WEAK)]
    assert judge(nothing) == (OK, "Not audited: the advisory source knows none of 2 packages")


def test_those_that_a_source_does_not_know_are_named() -> None:
    known = {"name": SOUND, "version": "1.0", "vulns": []}
    code, told = judge([known, {"name": WEAK, "skip_reason": "not found"}])
    assert code == OK
    assert told == "Audited 1 packages, no known weakness. Not audited: weak"


def test_a_file_that_cannot_be_audited_fails(ask: Any) -> None:
    with _advisories() as url:
        code, told = ask(url, "not a requirement, nor pinned")
    assert code == FAILED
    assert told
