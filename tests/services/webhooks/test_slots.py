"""Who may send how much at once."""

from services.webhooks.slots import Slots


def test_a_webhook_gets_no_more_than_its_share() -> None:
    slots = Slots(total=10, each=3)
    assert [slots.take("a") for _ in range(4)] == [True, True, True, False]
    assert (slots.full(), slots.room) == ({"a"}, 7)
    assert slots.take("b")
    slots.free("a", failed=False)
    assert (slots.full(), slots.take("a")) == (set(), True)


def test_all_together_get_no_more_than_there_is() -> None:
    slots = Slots(total=4, each=3)
    assert [slots.take(name) for name in "aaabbb"] == [True, True, True, True, False, False]
    assert slots.room == 0


def test_one_that_failed_gets_one_slot_until_it_succeeds() -> None:
    slots = Slots(total=10, each=3)
    slots.take("a")
    slots.free("a", failed=True)
    assert [slots.take("a"), slots.take("a")] == [True, False]
    assert slots.full() == {"a"}
    slots.free("a", failed=False)
    assert [slots.take("a"), slots.take("a")] == [True, True]


def test_all_that_failed_leave_half_of_the_room_to_the_others() -> None:
    slots = Slots(total=4, each=3)
    for name in "abc":
        slots.take(name)
        slots.free(name, failed=True)
    assert [slots.take(name) for name in "abc"] == [True, True, False]
    assert slots.full() == {"a", "b", "c"}
    assert [slots.take("d"), slots.take("d"), slots.room] == [True, True, 0]


def test_what_was_not_tried_says_nothing() -> None:
    slots = Slots(total=10, each=3)
    for failed in (True, None):
        slots.take("a")
        slots.free("a", failed=failed)
    assert [slots.take("a"), slots.take("a")] == [True, False]
