"""Why work stops; the type decides what becomes of the message.

Exception
├── Refusal            a business "no": answered, never tried again
├── InvalidMessage     breaks its contract: answered, or parked
├── Forbidden          its publisher may not ask for this: parked
├── Passing            a fault that passes: tried again with backoff
│   ├── StoreUnavailable    the database does not answer
│   ├── ObjectsUnavailable  the object store does not answer
│   ├── BrokerUnavailable   the broker does not confirm
│   └── PeerUnavailable     another service does not answer in time
│       └── AnswerLate          though it has the request
├── Suspect            its consumers ended with it, perhaps because of it: handled alone
├── Crashed            they ended with it alone: parked
├── Overloaded         a queue is at its limit: the message was not accepted
└── anything else      a defect of ours: answered and parked
"""

from contracts.errors import ErrorCode, RefusalBody


class Refusal(Exception):  # noqa: N818 - the field's word
    """A business "no" with an error code.

    `may_pass` says that it could be a yes in a moment: what is missing may be on its way through
    another queue. Where nobody waits for an answer, such a message gets a second chance.
    """

    def __init__(
        self,
        code: ErrorCode,
        message: str,
        fields: dict[str, str] | None = None,
        *,
        may_pass: bool = False,
    ) -> None:
        super().__init__(message)
        self.body = RefusalBody(code=code, message=message, fields=fields)
        self.may_pass = may_pass

    @property
    def code(self) -> ErrorCode:
        """The reason, one of the enum."""
        return self.body.code


class InvalidMessage(Exception):  # noqa: N818 - not every one of these is an error of ours
    """A message that is not valid against its contract; `fields` maps a path to its rule."""

    def __init__(self, message: str, fields: dict[str, str] | None = None) -> None:
        super().__init__(message)
        self.fields = fields


class Forbidden(Exception):  # noqa: N818 - a "no" to a sender, not an error of ours
    """A message from outside whose publisher may not act for its workspace, or so at all."""


class Passing(Exception):  # noqa: N818 - the design's word
    """A fault that passes by itself."""


class StoreUnavailable(Passing):
    """The database does not answer."""


class ObjectsUnavailable(Passing):
    """The object store does not answer, or refuses our credentials."""


class BrokerUnavailable(Passing):
    """The broker does not take or confirm a message."""


class PeerUnavailable(Passing):
    """Another service has not answered within the deadline."""


class AnswerLate(PeerUnavailable):
    """The request was accepted, and the deadline has passed: a command still takes effect."""


class Suspect(Exception):  # noqa: N818 - not found guilty yet
    """The message came back unsettled too often to be handled beside others."""


class Crashed(Exception):  # noqa: N818 - what it has done
    """The message was the only one in the hands of consumers that ended, again and again."""


class Overloaded(Exception):  # noqa: N818 - a state of the queue
    """The queue is at its limit, the message was not accepted."""
