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


@contextmanager
def s3_server() -> Iterator[S3]:
    """An empty bucket on a server of its own."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address=LOOPBACK, port=0, verbose=False)
    server.start()
    endpoint = f"http://{LOOPBACK}:{server.get_host_and_port()[1]}"
    env = {
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "DOCLINK_OBJECT_STORE_URL": f"s3://{BUCKET}",
    }
    try:
        httpx.post(f"{endpoint}/moto-api/reset", trust_env=False).raise_for_status()
        httpx.put(f"{endpoint}/{BUCKET}", trust_env=False).raise_for_status()
        yield S3(server, env)
    finally:
        server.stop()
