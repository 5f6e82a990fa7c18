"""The ledger: what processes have asked of broker and database, and how often they waited."""

from collections import Counter, defaultdict

BACKGROUND = "webhooks: find deliveries"
"""The webhook dispatcher asks by the clock, whatever happens."""


class Ledger:
    """Filled by listeners; processes are told apart by the names of their connections.

    A *turn* is one thing waited for: an answer of the database, a confirm of the broker, a message
    of another process. Each process is at some turn; what it asks for then ends one turn later, and
    who gets a message is one turn further than its sender was. So what is asked for side by side
    counts once, and on an otherwise idle system a process's turn is the number of things that had
    to happen one after the other. With the cost of each unknown, it is what latency is made of.

    Attributes:
        calls: Database commands by process, command and collection.
        messages: Publishes by process and exchange.
        turns: The turn that each process is at.
    """

    def __init__(self) -> None:
        self.calls: Counter[str] = Counter()
        self.messages: Counter[str] = Counter()
        self.turns: defaultdict[str, int] = defaultdict(int)
        self._under_way: dict[tuple[str, str], int] = {}
        self._unsettled = 0

    def clear(self) -> None:
        """Begin anew."""
        self.calls.clear()
        self.messages.clear()
        self.turns.clear()
        self._under_way.clear()

    @property
    def settled(self) -> bool:
        """Whether every message that was delivered is acknowledged."""
        return self._unsettled == 0

    def called(self, who: str, command: str) -> int:
        """A process has called the database; returns the turn that it is at."""
        if (call := f"{who}: {command}") != BACKGROUND:
            self.calls[call] += 1
        return self.turns[who]

    def published(self, who: str, exchange: str, routing_key: str) -> int:
        """A process has published a message; returns the turn that it is at."""
        self.messages[f"{who}: {exchange or 'reply'}"] += 1
        turn = self._under_way[exchange, routing_key] = self.turns[who]
        return turn

    def delivered(self, who: str, exchange: str, routing_key: str) -> None:
        """A process gets a message."""
        self.answered(who, self._under_way.get((exchange, routing_key), 0))

    def answered(self, who: str, asked_at: int) -> None:
        """A process gets what it asked for at a turn."""
        self.turns[who] = max(self.turns[who], asked_at + 1)

    def taken(self, count: int) -> None:
        """So many messages are in hand; or, below 0, are no more."""
        self._unsettled += count
