"""Slots: how many attempts may be under way, so that no endpoint holds up the others."""

from collections import Counter


class Slots:
    """Room for attempts: in total, for each webhook, and for all that are in trouble together.

    A webhook whose latest attempt failed gets one slot at a time, and all of those together half
    of the room: a thousand dead endpoints leave the other half to those that answer.
    """

    def __init__(self, *, total: int, each: int) -> None:
        self._total = total
        self._each = each
        self._taken: Counter[str] = Counter()
        self._troubled: set[str] = set()

    @property
    def room(self) -> int:
        """How many more attempts may begin."""
        return self._total - self._taken.total()

    def full(self) -> set[str]:
        """The webhooks to which no attempt may begin now."""
        full = {webhook for webhook, taken in self._taken.items() if taken >= self._limit(webhook)}
        return full | self._troubled if self._trouble_is_full() else full

    def take(self, webhook_id: str) -> bool:
        """Take a slot for an attempt; false if there is none."""
        troubled = webhook_id in self._troubled
        if self.room <= 0 or self._taken[webhook_id] >= self._limit(webhook_id):
            return False
        if troubled and self._trouble_is_full():
            return False
        self._taken[webhook_id] += 1
        return True

    def free(self, webhook_id: str, *, failed: bool | None) -> None:
        """Give a slot back, with what came of it; None: nothing was tried."""
        self._taken[webhook_id] -= 1
        if not self._taken[webhook_id]:
            del self._taken[webhook_id]
        if failed is not None:
            (self._troubled.add if failed else self._troubled.discard)(webhook_id)

    def _limit(self, webhook_id: str) -> int:
        return 1 if webhook_id in self._troubled else self._each

    def _trouble_is_full(self) -> bool:
        return sum(self._taken[each] for each in self._troubled) >= self._total // 2
