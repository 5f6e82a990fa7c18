from pathlib import Path

import pytest

from deploy.local import containers
from deploy.local.infrastructure import Infrastructure
from deploy.local.ports import free_port
from tests.deploy.keepsake import found, leave


@pytest.fixture(autouse=True)
def _containers_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DOCLINK_CONTAINERS")


def test_an_engine_that_does_not_answer_is_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("DOCKER_HOST", f"tcp://127.0.0.1:{free_port()}")
    with caplog.at_level("INFO", "deploy.local"):
        assert containers.started(containers.BROKER, tmp_path / "broker", free_port()) is None
    assert "No container for the broker" in caplog.text
    assert not (tmp_path / "broker").exists()


def test_containers_keep_their_data_like_local_programs(tmp_path: Path) -> None:
    broker = containers.started(containers.BROKER, tmp_path / "rabbitmq-container", free_port())
    if broker is None:
        pytest.skip("no container engine, or no images")
    broker.close()
    with Infrastructure(tmp_path) as first:
        leave(first.urls, "contained")
        first.broker.stop()
        first.database.kill()
        first.broker.start()
        first.database.start()
        assert found(first.urls) == ["contained"] * 3
        leave(first.urls, "kept")
    with Infrastructure(tmp_path) as second:
        assert second.broker.kind == containers.BROKER.kind
        assert found(second.urls) == ["kept"] * 3
