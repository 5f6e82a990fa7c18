"""Which addresses are reached, and which URLs are taken."""

import pytest

from services.webhooks.addresses import Gate, is_public
from services.webhooks.endpoint import Endpoint, check
from shared.errors import Refusal

STRICT = Gate()

PUBLIC = ["93.184.216.34", "8.8.8.8", "2606:4700:4700::1111", "64:ff9b::808:808"]
NOT_PUBLIC = [
    *("127.0.0.1", "127.255.255.254", "0.0.0.0", "0.1.2.3", "10.0.0.1", "172.16.0.1"),  # noqa: S104 - refused
    *("192.168.1.1", "169.254.169.254", "100.64.0.1", "192.0.0.8", "198.18.0.1", "224.0.0.1"),
    *("240.0.0.1", "255.255.255.255", "192.0.2.1", "192.88.99.1", "168.63.129.16"),
    *("::", "::1", "fe80::1", "fe80::1%2", "fd00:ec2::254", "fec0::1", "ff02::1", "2001:db8::1"),
    # Ways to write, or to get to, an IPv4 address.
    *("::ffff:127.0.0.1", "::ffff:8.8.8.8", "::127.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a00:1"),
    *("64:ff9b:1::7f00:1", "2002:7f00:1::", "2001:0:7f00:1::"),
]


@pytest.mark.parametrize("address", PUBLIC)
def test_a_public_address_is_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_no_other_address_is(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "host",
    [
        *("127.0.0.1", "localhost", "LOCALHOST", "127.1", "0", "0.0.0.0"),  # noqa: S104 - refused
        *("2130706433", "0x7f000001", "0x7f.1", "017700000001", "0177.0.0.1", "127.000.000.001"),
        *("[::1]", "[::]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[0:0:0:0:0:ffff:127.0.0.1]"),
        *("[64:ff9b::127.0.0.1]", "[2002:7f00:1::]", "169.254.169.254", "10.0.0.1:8443"),
    ],
)
async def test_no_spelling_of_an_inner_address_is_taken(host: str) -> None:
    with pytest.raises(Refusal, match="cannot be sent") as refused:
        await check(f"https://{host}/hook", STRICT)
    rule = "must not lead to a private, loopback or other special address"
    assert refused.value.body.fields == {"url": rule}


@pytest.mark.parametrize(
    ("url", "rule"),
    [
        ("http://93.184.216.34/", "must be an https URL"),
        ("https://user:word@93.184.216.34/", "must not hold a user name or password"),
        ("https://93.184.216.34@127.0.0.1/", "must not hold a user name or password"),
        ("https://93.184.216.34\\@127.0.0.1/", "must not hold a user name or password"),
        ("https://93.184.216.34\\.127.0.0.1/", "must name a host"),
        ("https://%31%32%37.0.0.1/", "must name a host"),
        ("https://127.0.0.1%00.example/", "must name a host"),
        ("https://#93.184.216.34/", "must name a host"),
        ("https://[fe80::1%25eth0]/", "must name a host"),
        ("https://[::1/", "must be a valid URL"),
        ("https://93.184.216.34:99999/", "must be a valid URL"),
        ("https://93.184.216.34:0/", "must be a valid http or https URL"),
    ],
)
async def test_a_url_that_could_be_read_in_two_ways_is_refused(url: str, rule: str) -> None:
    with pytest.raises(Refusal) as refused:
        await check(url, STRICT)
    assert refused.value.body.fields == {"url": rule}


async def test_a_name_is_refused_if_any_of_its_addresses_is_not_public() -> None:
    async def resolve(_host: str, _port: int) -> list[str]:
        return ["93.184.216.34", "10.0.0.7"]

    with pytest.raises(Refusal):
        await check("https://hooks.acme.example/", Gate(resolve))


async def test_a_name_that_is_not_found_yet_is_taken() -> None:
    async def resolve(_host: str, _port: int) -> list[str]:
        raise OSError

    await check("https://hooks.acme.example/", Gate(resolve))


async def test_who_allows_private_addresses_may_use_them_and_http() -> None:
    await check("http://127.0.0.1:8080/hook", Gate(allow_private=True))


def test_an_endpoint_is_what_the_url_says() -> None:
    assert Endpoint.parse("https://Hooks.Acme.example/a;b=1/c?d=%2F&e#f") == Endpoint(
        "https", "hooks.acme.example", 443, "Hooks.Acme.example", "/a;b=1/c?d=%2F&e"
    )
    assert Endpoint.parse("http://[2606:4700::1]:8080") == Endpoint(
        "http", "2606:4700::1", 8080, "[2606:4700::1]:8080", "/"
    )
