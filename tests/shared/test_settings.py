import os
import subprocess
import sys
from pathlib import Path

import pytest

from deploy.local.processes import ROOT
from services.ingress.settings import IngressSettings
from shared.settings import Settings, load, named

pytestmark = pytest.mark.usefixtures("nothing_set")

BAD = {
    "DOCLINK_AMQP_URL": "http://localhost",
    "DOCLINK_MONGO_URL": "localhost:27017",
    "DOCLINK_MONGO_DRIVER": "sqlite",
    "DOCLINK_MONGO_DATABASE_PREFIX": "a.b",
    "DOCLINK_OBJECT_STORE_URL": "objects",
    "DOCLINK_OBJECT_STORE_TIMEOUT": "0",
    "DOCLINK_REQUIRE_OBJECTS": "perhaps",
    "DOCLINK_TOPOLOGY": "found",
    "DOCLINK_PUBLISHERS": '{"importer": "ws_1"}',
    "DOCLINK_LOG_LEVEL": "loud",
    "DOCLINK_PREFETCH": "0",
    "DOCLINK_PUBLISH_TIMEOUT": "soon",
    "DOCLINK_PEER_TIMEOUT": "-1",
    "DOCLINK_STORE_TIMEOUT": "0",
    "DOCLINK_SHUTDOWN_GRACE": "nan",
}


@pytest.mark.parametrize("variable", BAD)
def test_a_bad_variable_is_named_with_its_rule_and_the_process_exits_with_2(
    variable: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(variable, BAD[variable])
    with pytest.raises(SystemExit) as caught:
        load(Settings)
    assert caught.value.code == 2
    errors = capsys.readouterr().err
    assert errors.startswith(f"{variable}: ")
    assert errors.count("\n") == 1


def test_all_bad_variables_are_named_at_once(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for variable, value in BAD.items():
        monkeypatch.setenv(variable, value)
    with pytest.raises(SystemExit):
        load(Settings)
    named_ones = {line.partition(":")[0] for line in capsys.readouterr().err.splitlines()}
    assert named_ones == set(BAD)


@pytest.mark.parametrize("service", ["registry", "links", "crm_sync", "ingress"])
def test_a_service_with_a_bad_variable_does_not_start(service: str) -> None:
    ran = subprocess.run(  # noqa: S603 - our own service
        [sys.executable, "-m", f"services.{service}"],
        cwd=ROOT,
        env={**os.environ, "DOCLINK_PREFETCH": "many"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ran.returncode == 2
    assert ran.stderr.startswith("DOCLINK_PREFETCH: ")
    assert ran.stdout == ""


def test_publishers_that_are_no_json_are_said_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DOCLINK_PUBLISHERS", "importer=ws_1")
    with pytest.raises(SystemExit):
        load(Settings)
    assert capsys.readouterr().err.startswith("DOCLINK_PUBLISHERS: Value error, is not valid JSON")


def test_publishers_can_stand_in_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "publishers.json").write_text('{"importer": ["ws_1", "ws_2"], "other": ["*"]}\n')
    monkeypatch.setenv("DOCLINK_PUBLISHERS_FILE", str(tmp_path / "publishers.json"))
    assert load(Settings).publishers == {"importer": {"ws_1", "ws_2"}, "other": {"*"}}


def test_variables_of_others_are_no_concern(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCLINK_DATA_DIR", "anywhere")
    monkeypatch.setenv("DOCLINK_HTTP_PORT", "99999")  # the ingress's alone
    assert load(Settings).prefetch == 256
    with pytest.raises(SystemExit):
        load(IngressSettings)


def test_a_connection_has_its_name_in_the_address_and_keeps_all_else(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("DOCLINK_AMQP_URL", "amqps://us%40r:p%2Fw@host:5671/a%2Fb?heartbeat=7")
    url = named(load(Settings).amqp_url, "doclink links consumer")
    assert url == "amqps://us%40r:p%2Fw@host:5671/a%2Fb?heartbeat=7&name=doclink+links+consumer"
