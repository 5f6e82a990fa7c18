"""`make run`: the whole system on this machine, with a workspace to try, until Ctrl-C.

Environment variables: see `settings` for ports and folders, `infrastructure` for where broker and
database come from. A service, the broker or the database that ends by itself is started again,
and the terminal says why it ended.
"""

import logging
import signal
import sys
import time
from types import FrameType

from deploy.local import demo, demo_env
from deploy.local.errors import LocalError
from deploy.local.infrastructure import AMQP_URL, MONGO_URL, Infrastructure, Urls
from deploy.local.processes import USER_URLS
from deploy.local.server import LOG, address
from deploy.local.settings import RunSettings
from deploy.local.stack import Stack
from deploy.local.watch import Watch

_SAME_WISH_SECONDS = 2.0


def main() -> int:
    """Run until Ctrl-C or SIGTERM; the exit code."""
    logging.basicConfig(format="%(message)s")
    LOG.setLevel(logging.INFO)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupt)
    stack: Stack | None = None
    try:
        settings = RunSettings.from_environment()
        stack = Stack(
            Infrastructure(
                settings.data_dir, amqp_port=settings.amqp_port, mongo_port=settings.mongo_port
            ),
            http_port=settings.http_port,
            env=demo.publishers(),
        )
        _say("Starting broker, database and services ...")
        stack.start()
        _say(_banner(stack, settings, _prepare_demo(stack, settings)))
        Watch(stack, _say).run()
    except KeyboardInterrupt:
        pass
    except LocalError as error:
        print(error, file=sys.stderr)  # noqa: T201 - the terminal is who it is for
        return 1
    finally:
        _stop(stack)
    return 0


def _interrupt(number: int, frame: FrameType | None) -> None:
    """Begin to stop; and on a second wish, stop at once."""
    del number, frame
    began = time.monotonic()

    def again(number: int, frame: FrameType | None) -> None:
        del number, frame
        # The terminal and make may each send the same wish.
        if time.monotonic() - began > _SAME_WISH_SECONDS:
            raise KeyboardInterrupt

    for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(each, again)
    raise KeyboardInterrupt


def _stop(stack: Stack | None) -> None:
    if stack is None or not stack.services:
        return
    _say("\nStopping ...")
    try:
        stack.stop()
    except KeyboardInterrupt:
        stack.kill()
    _say("Stopped.")


def _prepare_demo(stack: Stack, settings: RunSettings) -> demo.Demo:
    folder = stack.infrastructure.folder.path
    known = demo_env.read(settings.demo_env).get("DOCLINK_API_KEY")
    made = demo.prepare(stack.url, stack.infrastructure.urls, folder / "demo.json", known)
    demo_env.write(
        settings.demo_env,
        {
            "DOCLINK_URL": stack.url,
            "DOCLINK_API_KEY": made.api_key,
            "DOCLINK_WORKSPACE": demo.WORKSPACE,
            AMQP_URL: stack.infrastructure.urls.amqp,
            MONGO_URL: stack.infrastructure.urls.mongo,
            **_user_urls(stack.infrastructure.urls),
        },
    )
    return made


def _user_urls(urls: Urls) -> dict[str, str]:
    """The broker for those who are no service; nothing, where it has one user for all."""
    return {
        variable: urls.broker_users[name]
        for variable, name in USER_URLS.items()
        if name in urls.broker_users
    }


def _banner(stack: Stack, settings: RunSettings, made: demo.Demo) -> str:
    servers = stack.infrastructure.broker, stack.infrastructure.database
    where = "\n".join(f"  {each.name:9} {address(each.url)} ({each.kind})" for each in servers)
    return f"""
doclink is ready.
  HTTP      {stack.url}
{where}
  data      {settings.data_dir}
  logs      {settings.data_dir / "log"}
  API key   in {settings.demo_env}

Link the demo document to the demo deal:

  source {settings.demo_env}
  curl -X POST "$DOCLINK_URL/v1/documents/{made.document_id}/link" \\
    -H "Authorization: Bearer $DOCLINK_API_KEY" -H "Content-Type: application/json" \\
    -d '{{"entity_type": "deal", "entity_id": "{demo.DEAL}", "role": "signed"}}'

Ctrl-C stops everything; the data stay for the next time.
"""


def _say(text: str) -> None:
    print(text, flush=True)  # noqa: T201 - the terminal is who it is for


if __name__ == "__main__":
    sys.exit(main())
