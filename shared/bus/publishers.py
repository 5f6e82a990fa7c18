"""Publishers from outside: for which workspaces each may act.

The exchange of a message and the user who published it are the broker's word, not the sender's.
What is forbidden is parked and told to nobody: an event of the refusal, or an outcome, would be
one of the workspace that the publisher has no business with.
"""

from collections.abc import Collection, Mapping
from typing import Any, get_args

from contracts.catalogue import Service
from contracts.topology import outside_commands_of
from shared.bus.delivery import Delivery
from shared.bus.parsing import Parse
from shared.errors import Forbidden

EVERY_WORKSPACE = "*"

_COMMANDS = {key for service in get_args(Service) for key in outside_commands_of(service)}


class Publishers:
    """Whose commands are carried out for which workspaces; `*` stands for all of them."""

    def __init__(self, workspaces: Mapping[str, Collection[str]]) -> None:
        self._workspaces = workspaces

    def checked(self, parse: Parse) -> Parse:
        """The parser, for what the sender of a message may ask for and nothing else.

        Raises:
            Forbidden: nothing of what the message says counts; it may name a stranger's records.
            InvalidMessage: as the parser itself.
        """

        def parse_allowed(delivery: Delivery) -> Any:
            publisher = delivery.publisher
            if publisher is None:
                return parse(delivery)
            _require_known(publisher)
            # The header `CC` takes a message where its own routing key does not lead to.
            if delivery.type not in _COMMANDS:
                raise Forbidden(f"{delivery.type[:100]!r} is not for publishers from outside")
            message = parse(delivery)
            self._require(publisher, message.workspace_id)
            return message

        return parse_allowed

    def _require(self, publisher: str, workspace_id: str) -> None:
        allowed = self._workspaces.get(publisher, ())
        if workspace_id not in allowed and EVERY_WORKSPACE not in allowed:
            raise Forbidden(f"{publisher} may not act for {workspace_id} (DOCLINK_PUBLISHERS)")


def _require_known(publisher: str) -> None:
    if not publisher:
        raise Forbidden("A command from outside must carry the AMQP property user_id")
