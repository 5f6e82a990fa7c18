"""Run the ingress."""

import signal
import sys
from types import FrameType

import uvicorn

from services.ingress.app import build
from services.ingress.protocol import protocol
from services.ingress.settings import IngressSettings
from shared.logs import configure
from shared.settings import load


def main() -> None:
    """Serve HTTP until told to stop, then finish what is under way."""
    settings = load(IngressSettings)
    configure("ingress", settings.log_level)
    # When all is done, uvicorn raises the signal again, for whoever listened before it.
    signal.signal(signal.SIGTERM, _end)
    uvicorn.run(
        build(settings),
        host=settings.http_host,
        port=settings.http_port,
        loop="uvloop",
        http=protocol(settings),
        ssl_certfile=settings.https_certificate,
        ssl_keyfile=settings.https_key,
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=settings.trusted_proxies,
        log_config=None,
        access_log=False,
        server_header=False,
        # Longer than the minute that proxies commonly keep an idle connection: they close it first.
        timeout_keep_alive=75,
        timeout_graceful_shutdown=int(settings.shutdown_grace),
    )


def _end(_number: int, _frame: FrameType | None) -> None:
    sys.exit(0)


if __name__ == "__main__":
    main()
