"""The commands that operators have."""

import typer

from services.operator import connections, dead, keys, replay

app = typer.Typer(
    name="doclink",
    help="Operate doclink. Reads DOCLINK_AMQP_URL.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.add_typer(keys.app, name="keys")
app.add_typer(connections.app, name="connections")
app.add_typer(dead.app, name="dead")
app.command()(replay.replay)
