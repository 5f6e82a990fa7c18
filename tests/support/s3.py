"""A server that speaks S3 over HTTP, for as long as a test needs one."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import httpx
from moto.server import ThreadedMotoServer

from deploy.local.ports import LOOPBACK

BUCKET = "doclink"


@dataclass(frozen=True)
class S3:
    """A bucket, and the environment in which a process finds it."""

    server: ThreadedMotoServer
    env: dict[str, str]
    url: str = f"s3://{BUCKET}"


def s3_env(port: int) -> dict[str, str]:
    """The environment in which a process finds the bucket of the server on a port."""
    return {
        "AWS_ENDPOINT_URL": f"http://{LOOPBACK}:{port}",
        "AWS_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "DOCLINK_OBJECT_STORE_URL": f"s3://{BUCKET}",
    }


@contextmanager
def s3_server(port: int = 0) -> Iterator[S3]:
    """An empty bucket on a server of its own, on a free port unless one is given."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address=LOOPBACK, port=port, verbose=False)
    server.start()
    env = s3_env(server.get_host_and_port()[1])
    endpoint = env["AWS_ENDPOINT_URL"]
    try:
        httpx.post(f"{endpoint}/moto-api/reset", trust_env=False).raise_for_status()
        httpx.put(f"{endpoint}/{BUCKET}", trust_env=False).raise_for_status()
        yield S3(server, env)
    finally:
        server.stop()
