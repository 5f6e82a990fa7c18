import os
import signal
import sys
import threading
import time
from pathlib import Path

import pytest

from deploy.local.child import Child
from deploy.local.errors import LocalError
from tests.deploy.leftovers import wait_until_none


def child_of(folder: Path, script: str) -> Child:
    env = dict(os.environ) | {"FOLDER": str(folder), "PYTHONUNBUFFERED": "1"}
    return Child("child", [sys.executable, "-c", script], log=folder / "child.log", env=env)


def wait_for(folder: Path, text: str) -> None:
    deadline = time.monotonic() + 10
    while text not in (folder / "child.log").read_text() and time.monotonic() < deadline:
        time.sleep(0.02)


def test_it_tells_how_it_ended_and_the_end_of_its_log(tmp_path: Path) -> None:
    child = child_of(tmp_path, "print('one\\ntwo\\nthree'); raise SystemExit(3)")
    assert child.exit_code is None
    child.start()
    assert child.end_within(10) == 3
    assert child.exit_code == 3
    assert not child.running
    assert child.tail(2) == "    two\n    three"


def test_one_that_does_not_listen_is_killed_when_its_grace_is_over(tmp_path: Path) -> None:
    deaf = "import signal, time; signal.signal(15, signal.SIG_IGN); print('deaf'); time.sleep(60)"
    child = child_of(tmp_path, deaf)
    child.start()
    wait_for(tmp_path, "deaf")
    assert child.terminate(0.2) == -signal.SIGKILL


def test_what_it_has_started_ends_with_it(tmp_path: Path) -> None:
    parent = "import subprocess, time; subprocess.Popen(['sleep', '60']); print('up'); "
    for rest in ("time.sleep(60)", ""):
        child = child_of(tmp_path, parent + rest)
        child.start()
        wait_for(tmp_path, "up")
        if rest:
            child.kill()
        else:
            child.end_within(10)
        assert wait_until_none(tmp_path) == []
        (tmp_path / "child.log").unlink()


def test_it_lives_on_when_the_thread_that_started_it_ends(tmp_path: Path) -> None:
    child = child_of(tmp_path, "print('up'); import time; time.sleep(60)")
    thread = threading.Thread(target=child.start)
    thread.start()
    thread.join()
    wait_for(tmp_path, "up")
    time.sleep(0.2)  # what would kill it would have done so by now
    assert child.running
    child.kill()


def test_an_interruption_waits_until_the_child_is_known(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    child = child_of(tmp_path, "import time; time.sleep(60)")
    monkeypatch.setattr("deploy.local.child._REAPER.guard", lambda _: _interrupt())
    with pytest.raises(KeyboardInterrupt):
        child.start()
    assert child.running
    child.kill()
    assert wait_until_none(tmp_path) == []


def _interrupt() -> None:
    signal.raise_signal(signal.SIGINT)


def test_a_program_that_is_not_there_is_said_so(tmp_path: Path) -> None:
    child = Child("broker", [tmp_path / "none"], log=None, env={})
    with pytest.raises(LocalError, match=r"broker could not be started.*none"):
        child.start()
