import pytest

from services.ingress.settings import IngressSettings
from shared.settings import load

pytestmark = pytest.mark.usefixtures("nothing_set")

BAD = {
    "DOCLINK_HTTPS_CERTIFICATE": "/nowhere.pem",
    "DOCLINK_HTTPS_KEY": __file__,  # without a certificate
    "DOCLINK_TRUSTED_PROXIES": "127.0.0.1,*",
    "DOCLINK_FAILED_ATTEMPTS": "few",
    "DOCLINK_HEAD_TIMEOUT": "0",
    "DOCLINK_BODY_TIMEOUT": "never",
    "DOCLINK_BODY_RATE": "0",
}


@pytest.mark.parametrize("variable", BAD)
def test_a_bad_variable_is_named(
    variable: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(variable, BAD[variable])
    with pytest.raises(SystemExit):
        load(IngressSettings)
    [said] = capsys.readouterr().err.splitlines()
    assert said.startswith(f"{variable}: ")


@pytest.mark.parametrize("given", ["", "127.0.0.1", "10.0.0.0/8, ::1,2001:db8::/32"])
def test_proxies_are_addresses_and_networks(given: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCLINK_TRUSTED_PROXIES", given)
    assert load(IngressSettings).trusted_proxies == given
