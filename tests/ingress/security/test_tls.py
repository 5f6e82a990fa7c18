"""TLS on every way: HTTPS to the ingress, amqps to RabbitMQ, and to the database.

All three check the other side: the broker and the database demand a client certificate here. The
stand-in for MongoDB has no TLS, so a proxy before it ends ours.
"""

import asyncio
import ssl
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from yarl import URL

from deploy.local.child import Child
from deploy.local.infrastructure import Urls
from deploy.local.ports import LOOPBACK, accepts, free_port
from deploy.local.processes import ServiceProcess
from deploy.local.rabbitmq import RabbitMQ, find_script
from deploy.local.stack import Stack
from tests.support.bus import Outsider
from tests.support.tls import Authority
from tests.support.waiting import until, until_true
from tests.support.workspace import PDF, make_key

WORKSPACE = "ws_tls"


class SecretiveRabbitMQ(RabbitMQ):
    """A RabbitMQ that takes TLS with client certificates, on a port of its own."""

    def secure(self, authority: Authority, folder: Path) -> str:
        """Have it do so from its start; the address, for those who have a certificate."""
        port = free_port()
        pem = authority.issued(LOOPBACK)
        self._lines = (
            f"listeners.ssl.local = {LOOPBACK}:{port}\n"
            f"ssl_options.cacertfile = {authority.certificate}\n"
            f"ssl_options.certfile = {pem}\nssl_options.keyfile = {pem}\n"
            "ssl_options.verify = verify_peer\nssl_options.fail_if_no_peer_cert = true\n"
        )
        self._configuration = folder / "rabbitmq.conf"
        return str(URL(self.url).with_scheme("amqps").with_port(port))

    def prepare(self) -> list[Child]:
        children = super().prepare()
        with self._configuration.open("a") as file:
            file.write(self._lines)
        return children


@dataclass(frozen=True)
class Secured:
    """Where everything is."""

    authority: Authority
    amqp: str
    amqp_options: str
    https: str
    ingress: ServiceProcess
    registry: ServiceProcess
    database_connections: set[str]
    """The TLS versions that the database was reached by."""

    @property
    def http(self) -> httpx.AsyncClient:
        """A client that trusts the authority."""
        return httpx.AsyncClient(
            base_url=self.https, verify=self.authority.trusted(), trust_env=False
        )


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def amqp(authority: Authority, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("broker")
    script = find_script()
    assert script is not None, "make install brings it"
    broker = SecretiveRabbitMQ(script, folder / "node", folder / "broker.log", free_port())
    url = broker.secure(authority, folder / "node")
    broker.start()
    yield url
    broker.kill()


@pytest.fixture(scope="module")
async def mongo(stack: Stack, authority: Authority) -> AsyncIterator[tuple[str, set[str]]]:
    """The database behind TLS."""
    versions: set[str] = set()
    database = urlsplit(stack.infrastructure.urls.mongo)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        versions.add(writer.get_extra_info("ssl_object").version())
        answers, plain = await asyncio.open_connection(database.hostname, database.port)
        await asyncio.gather(_copy(reader, plain), _copy(answers, writer))

    context = authority.serving(LOOPBACK, clients_too=True)
    server = await asyncio.start_server(serve, LOOPBACK, ssl=context)
    port = server.sockets[0].getsockname()[1]
    yield f"mongodb://{LOOPBACK}:{port}/?directConnection=true", versions
    server.close()


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while data := await reader.read(65_536):
            writer.write(data)
            await writer.drain()
    except (ConnectionError, ssl.SSLError):
        pass
    finally:
        writer.close()


@pytest.fixture(scope="module")
async def secured(
    authority: Authority,
    amqp: str,
    mongo: tuple[str, set[str]],
    stack: Stack,
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[Secured]:
    """An ingress and a registry that talk by TLS alone."""
    folder = tmp_path_factory.mktemp("secured")
    client, ca = authority.issued("client"), authority.certificate
    options = f"?cafile={ca}&certfile={client}&keyfile={client}"
    urls = Urls(
        amqp=amqp + options,
        mongo=f"{mongo[0]}&tls=true&tlsCAFile={ca}&tlsCertificateKeyFile={client}",
        objects=stack.infrastructure.urls.objects,
    )
    port = free_port()
    env = {"DOCLINK_MONGO_DATABASE_PREFIX": "tls_"}
    env["DOCLINK_HTTPS_CERTIFICATE"] = str(authority.issued("localhost"))
    services = [
        ServiceProcess(
            name,
            urls,
            log=folder / f"{name}.log",
            http_port=port if name == "ingress" else None,
            env=env,
        )
        for name in ("registry", "ingress")
    ]
    for each in services:
        each.start()
    registry, ingress = services
    yield Secured(
        authority, amqp, options, f"https://localhost:{port}", ingress, registry, mongo[1]
    )
    for each in services:
        each.terminate()


async def test_a_document_is_registered_by_tls_alone(secured: Secured) -> None:
    log, port = secured.registry.tail, int(secured.https.rpartition(":")[2])
    await until_true(lambda: "service.ready" in log() and accepts(port))
    async with Outsider.connected(secured.amqp + secured.amqp_options) as outsider:
        key, _ = await make_key(outsider, WORKSPACE)
    body = {**PDF, "storage_path": f"workspaces/{WORKSPACE}/a.pdf"}
    async with secured.http as http:
        answer = await until(
            lambda: http.post(
                "/v1/documents", json=body, headers={"Authorization": f"Bearer {key}"}
            ),
            lambda answer: answer.status_code != 503,
        )
    assert answer.status_code == 201, answer.text
    assert secured.database_connections == {"TLSv1.3"}


async def test_the_ingress_does_not_speak_http_beside_https(secured: Secured) -> None:
    async with httpx.AsyncClient(trust_env=False) as http:
        with pytest.raises(httpx.TransportError):
            await http.get(secured.https.replace("https:", "http:") + "/healthz")


async def test_a_caller_who_does_not_know_the_authority_is_warned(secured: Secured) -> None:
    async with httpx.AsyncClient(trust_env=False) as http:
        with pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
            await http.get(f"{secured.https}/healthz")


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
async def test_old_versions_of_tls_are_refused(secured: Secured) -> None:
    context = secured.authority.trusted()
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    context.maximum_version = ssl.TLSVersion.TLSv1_1
    async with httpx.AsyncClient(verify=context, trust_env=False) as http:
        with pytest.raises(httpx.ConnectError):
            await http.get(f"{secured.https}/healthz")


@pytest.mark.parametrize(
    ("missing", "reason"),
    [("cafile", "CERTIFICATE_VERIFY_FAILED"), ("certfile", "ALERT_CERTIFICATE_REQUIRED")],
)
async def test_a_service_connects_neither_to_a_stranger_nor_as_one(
    secured: Secured, missing: str, reason: str, stack: Stack, tmp_path: Path
) -> None:
    pairs = secured.amqp_options.removeprefix("?").split("&")
    given = [each for each in pairs if not each.startswith(missing)]
    amqp = f"{secured.amqp}?{'&'.join(given)}"
    urls = stack.infrastructure.urls
    log = tmp_path / "ingress.log"
    process = ServiceProcess(
        "ingress", Urls(amqp, urls.mongo, urls.objects), log=log, http_port=free_port()
    )
    process.start()
    try:
        await until_true(lambda: log.exists() and reason in log.read_text())
        assert process.running
        assert (URL(amqp).password or "?") not in log.read_text()
    finally:
        process.terminate()
