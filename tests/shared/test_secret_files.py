"""Settings by file: `DOCLINK_X_FILE` for `DOCLINK_X`."""

from pathlib import Path

import pytest

from services.ingress.settings import IngressSettings
from services.webhooks.settings import WebhookSettings
from shared.settings import Settings, load

pytestmark = pytest.mark.usefixtures("nothing_set")

SECRET = "amqp://doclink:s3cret@broker/"


@pytest.fixture
def problems(capsys: pytest.CaptureFixture[str]) -> "Problems":
    return Problems(capsys)


class Problems:
    """What a process says that will not start."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    def of(self, settings: type[Settings]) -> list[str]:
        with pytest.raises(SystemExit) as caught:
            load(settings)
        assert caught.value.code == 2
        said = self._capsys.readouterr().err
        assert "s3cret" not in said
        return said.splitlines()


def given(monkeypatch: pytest.MonkeyPatch, variable: str, file: Path, content: bytes) -> None:
    file.write_bytes(content)
    monkeypatch.setenv(f"{variable}_FILE", str(file))


@pytest.mark.parametrize("end", [b"", b"\n", b"\r\n"])
def test_a_secret_is_read_from_its_file_without_the_line_end(
    end: bytes, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    given(monkeypatch, "DOCLINK_AMQP_URL", tmp_path / "amqp", SECRET.encode() + end)
    given(monkeypatch, "DOCLINK_MONGO_URL", tmp_path / "mongo", b"mongodb://u:p@host/" + end)
    given(monkeypatch, "DOCLINK_SIGNING_SECRET", tmp_path / "signing", b" a b " + end)
    settings = load(IngressSettings)
    assert str(settings.amqp_url) == SECRET
    assert settings.mongo_url == "mongodb://u:p@host/"
    assert settings.signing_secret.get_secret_value() == " a b "


def test_a_setting_of_any_type_can_be_given_by_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    given(monkeypatch, "DOCLINK_PREFETCH", tmp_path / "prefetch", b"7\n")
    given(monkeypatch, "DOCLINK_WEBHOOK_BACKOFF", tmp_path / "backoff", b"[1, 2.5]\n")
    settings = load(WebhookSettings)
    assert (settings.prefetch, settings.webhook_backoff) == (7, (1.0, 2.5))


def test_a_setting_that_is_given_twice_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, problems: Problems
) -> None:
    given(monkeypatch, "DOCLINK_AMQP_URL", tmp_path / "amqp", SECRET.encode())
    monkeypatch.setenv("DOCLINK_AMQP_URL", SECRET)
    expected = "DOCLINK_AMQP_URL: is set, and so is DOCLINK_AMQP_URL_FILE"
    assert problems.of(Settings) == [expected]


def test_all_files_that_cannot_be_read_are_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, problems: Problems
) -> None:
    missing = tmp_path / "missing"
    monkeypatch.setenv("DOCLINK_AMQP_URL_FILE", str(missing))
    monkeypatch.setenv("DOCLINK_MONGO_URL_FILE", str(tmp_path))
    given(monkeypatch, "DOCLINK_SIGNING_SECRET", tmp_path / "bytes", b"\xffs3cret")
    assert problems.of(IngressSettings) == [
        f"DOCLINK_AMQP_URL_FILE: {missing}: No such file or directory",
        f"DOCLINK_MONGO_URL_FILE: {tmp_path}: Is a directory",
        f"DOCLINK_SIGNING_SECRET_FILE: {tmp_path / 'bytes'}: is not UTF-8",
    ]


def test_a_value_from_a_file_keeps_to_the_same_rules_and_is_not_repeated(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, problems: Problems
) -> None:
    given(monkeypatch, "DOCLINK_AMQP_URL", tmp_path / "amqp", b"http://u:s3cret@host/")
    [problem] = problems.of(Settings)
    assert problem.startswith("DOCLINK_AMQP_URL: ")
