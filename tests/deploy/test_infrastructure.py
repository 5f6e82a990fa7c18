import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from deploy.local.errors import LocalError
from deploy.local.infrastructure import AMQP_URL, MONGO_URL, OBJECTS_URL, Infrastructure, Urls
from deploy.local.ports import free_port
from deploy.local.processes import ROOT
from tests.deploy.keepsake import found, leave
from tests.deploy.leftovers import processes_of, wait_until_none

# RabbitMQ 3.10 writes its directory of quorum queues half a second after a queue was declared.
DECLARATION_SECONDS = 1.5


def test_a_queue_declared_just_before_a_kill_works_again(infrastructure: Infrastructure) -> None:
    leave(infrastructure.urls, "early")
    infrastructure.broker.kill()
    infrastructure.broker.start()
    found(infrastructure.urls)
    leave(infrastructure.urls, "late")
    assert found(infrastructure.urls) == ["late", "late", "late"]


def test_what_was_confirmed_survives_a_kill_and_a_stop(infrastructure: Infrastructure) -> None:
    urls = infrastructure.urls
    leave(urls, "killed")
    time.sleep(DECLARATION_SECONDS)
    for server in (infrastructure.broker, infrastructure.database):
        server.kill()
        assert not server.running
    for server in (infrastructure.broker, infrastructure.database):
        server.start()
    assert found(urls) == ["killed", "killed", "killed"]
    leave(urls, "stopped")
    for server in (infrastructure.broker, infrastructure.database):
        server.stop()
        server.start()
    assert found(urls) == ["stopped", "stopped", "stopped"]
    assert infrastructure.urls == urls


def test_two_copies_run_side_by_side_and_leave_nothing_behind(
    infrastructure: Infrastructure, tmp_path: Path
) -> None:
    with Infrastructure(tmp_path) as second:
        assert second.urls.amqp != infrastructure.urls.amqp
        assert second.urls.mongo != infrastructure.urls.mongo
        leave(second.urls, "of the second")
        assert found(infrastructure.urls) == []
        names = " ".join(processes_of(tmp_path))
        assert "epmd" in names
        assert "beam" in names
    assert wait_until_none(tmp_path) == []
    assert infrastructure.broker.running


def test_a_folder_in_use_is_refused(
    infrastructure: Infrastructure, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("deploy.local.folder._LINGER", 0.2)
    with pytest.raises(LocalError, match=r"in use \(process \d+\).*DOCLINK_DATA_DIR"):
        Infrastructure(infrastructure.folder.path).start()
    assert infrastructure.broker.running


def test_no_child_outlives_a_parent_that_was_killed_and_the_data_are_there_again(
    tmp_path: Path,
) -> None:
    script = (
        "import sys, time; from pathlib import Path\n"
        "from deploy.local.infrastructure import Infrastructure\n"
        "infrastructure = Infrastructure(Path(sys.argv[1])); infrastructure.start()\n"
        "print(infrastructure.urls.amqp, infrastructure.urls.mongo, flush=True); time.sleep(60)\n"
    )
    with subprocess.Popen(  # noqa: S603 - ourselves
        [sys.executable, "-c", script, tmp_path], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout is not None
        amqp, mongo = parent.stdout.readline().split()
        leave(Urls(amqp, mongo, objects="file:///unused"), "orphan")
        time.sleep(DECLARATION_SECONDS)
        os.kill(parent.pid, signal.SIGKILL)
    assert wait_until_none(tmp_path) == []
    with Infrastructure(tmp_path) as again:
        assert found(again.urls) == ["orphan", "orphan", "orphan"]


def test_urls_from_the_environment_are_used_and_nothing_is_started(
    infrastructure: Infrastructure, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(AMQP_URL, infrastructure.urls.amqp)
    monkeypatch.setenv(MONGO_URL, infrastructure.urls.mongo)
    monkeypatch.setenv(OBJECTS_URL, infrastructure.urls.objects)
    with Infrastructure(tmp_path) as outside:
        # Whoever names a broker has one user there, for all that we know.
        assert outside.urls == replace(infrastructure.urls, broker_users={})
        assert processes_of(tmp_path) == []
        for server, variable in ((outside.broker, AMQP_URL), (outside.database, MONGO_URL)):
            assert not server.controllable
            with pytest.raises(LocalError, match=variable):
                server.kill()
    assert infrastructure.broker.running
    assert infrastructure.database.running


def test_an_outside_server_that_does_not_answer_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(AMQP_URL, f"amqp://who:secret@127.0.0.1:{free_port()}/")
    monkeypatch.setenv(MONGO_URL, f"mongodb://127.0.0.1:{free_port()}/")
    infrastructure = Infrastructure(tmp_path)
    infrastructure.launch()
    for server, variable in (
        (infrastructure.broker, AMQP_URL),
        (infrastructure.database, MONGO_URL),
    ):
        with pytest.raises(LocalError, match=variable) as caught:
            server.await_ready(timeout=0.1)
        assert "secret" not in str(caught.value)
    infrastructure.stop()


def test_somebody_elses_server_on_the_port_is_not_taken_for_ours(
    infrastructure: Infrastructure, tmp_path: Path
) -> None:
    taken = urlsplit(infrastructure.urls.mongo).port
    with pytest.raises(LocalError, match=f"{taken} of the database is in use"):
        Infrastructure(tmp_path, mongo_port=taken).start()
    assert processes_of(tmp_path) == []


def test_a_server_that_cannot_start_says_what_its_log_says(tmp_path: Path) -> None:
    infrastructure = Infrastructure(tmp_path)
    (tmp_path / "rabbitmq" / "conf.d").mkdir(parents=True)
    (tmp_path / "rabbitmq" / "conf.d" / "own.conf").write_text("no_such_setting = 1")
    with pytest.raises(
        LocalError, match=r"(?s)RabbitMQ\) has ended.*failed_to_prepare_configuration"
    ):
        infrastructure.start()
    assert wait_until_none(tmp_path) == []
