from pathlib import Path

import pytest

from deploy.local.ports import free_port
from deploy.local.settings import RunSettings


@pytest.fixture(autouse=True)
def _free_http_port(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCLINK_HTTP_PORT", str(free_port()))


def test_the_first_copy_writes_demo_env_where_the_readme_says() -> None:
    settings = RunSettings.from_environment()
    assert settings.data_dir == Path(".local/data")
    assert settings.demo_env == Path(".local/demo.env")


def test_a_copy_with_a_data_folder_of_its_own_keeps_its_demo_env_there(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("DOCLINK_DATA_DIR", str(tmp_path / "second"))
    assert RunSettings.from_environment().demo_env == tmp_path / "second" / "demo.env"
    monkeypatch.setenv("DOCLINK_LOCAL_DIR", str(tmp_path))
    assert RunSettings.from_environment().demo_env == tmp_path / "demo.env"


def test_no_port_is_looked_for_where_an_outside_server_is_used(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("DOCLINK_AMQP_URL", "amqp://broker.example/")
    monkeypatch.setenv("DOCLINK_AMQP_PORT", "not looked at")
    assert RunSettings.from_environment().amqp_port is None
