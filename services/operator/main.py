"""The commands that operators have."""

import typer

from services.operator import keys

app = typer.Typer(
    name="doclink",
    help="Operate doclink. Reads DOCLINK_AMQP_URL.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.add_typer(keys.app, name="keys")


@app.callback()
def _main() -> None:
    """Keep `doclink` a group of commands even while it has one."""
