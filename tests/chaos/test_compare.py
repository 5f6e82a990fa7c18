"""Each kind of fault, in journals made by hand: the comparison must find it, and nothing else."""

from dataclasses import replace

import pytest

from tests.chaos.attempts import Attempt, Attempts
from tests.chaos.compare import Findings, Subscriber, compare, counts
from tests.chaos.effects import Effect, Heard
from tests.chaos.journal import ANSWERED, BEGUN, CONFIRMED, UNKNOWN

MADE = Heard("evt_1", "link.created", "dlnk_1", 1)
LINK = Effect("link.create", "dlnk_1", "doc:contact", "1", (MADE,))
QUEUED = Attempt("publisher-1", "link.create", "doc:contact", cause="1", accepted=True)
CALLED = Attempt("keys-1", "link.create", "doc:contact", accepted=True, ids={"dlnk_1"})


def _found(
    *heard: Heard, attempts: tuple[Attempt, ...] = (QUEUED,), effects: tuple[Effect, ...] = (LINK,)
) -> dict[str, int]:
    """The kinds of fault that are found, and how many of each."""
    all_ = Subscriber("all", "#", heard)
    findings = compare(attempts, effects, [all_])
    return {name: count for name, count in counts(findings).items() if count}


@pytest.mark.parametrize("attempt", [QUEUED, CALLED])
def test_what_was_promised_done_and_heard_is_no_fault(attempt: Attempt) -> None:
    assert _found(MADE, MADE, attempts=(attempt,)) == {}


def test_what_was_not_promised_need_not_be_there() -> None:
    assert _found(attempts=(replace(QUEUED, accepted=False),), effects=()) == {}


@pytest.mark.parametrize("attempt", [QUEUED, CALLED])
def test_an_accepted_command_without_its_record_is_missing(attempt: Attempt) -> None:
    assert _found(attempts=(attempt,), effects=()) == {"effects_missing": 1}


def test_the_record_of_another_command_is_not_its_effect() -> None:
    event = Heard("evt_2", "link.created", "dlnk_2", 1)
    other = Effect("link.create", "dlnk_2", "doc:contact", "2", (event,))
    assert _found(event, effects=(other,)) == {"effects_missing": 1}


def test_a_second_record_under_one_key_is_doubled() -> None:
    event = Heard("evt_2", "link.created", "dlnk_2", 1)
    second = Effect("link.create", "dlnk_2", "doc:contact", "2", (event,))
    assert _found(MADE, event, effects=(LINK, second)) == {"effects_doubled": 1}


def test_a_second_record_of_one_command_is_doubled() -> None:
    second = replace(LINK, id="dlnk_1b", key="doc:another")
    assert _found(MADE, effects=(LINK, second)) == {"effects_doubled": 1}


def test_a_record_with_a_version_too_many_is_doubled() -> None:
    assert _found(MADE, effects=(replace(LINK, times=2),)) == {"effects_doubled": 1}


def test_two_answers_to_one_idempotency_key_are_doubled() -> None:
    event = Heard("evt_2", "link.created", "dlnk_2", 1)
    second = Effect("link.create", "dlnk_2", "doc:another", "2", (event,))
    twice = replace(CALLED, ids={"dlnk_1", "dlnk_2"})
    assert _found(MADE, event, attempts=(twice,), effects=(LINK, second)) == {"effects_doubled": 1}


def test_an_effect_without_its_event_is_missed_also_where_nothing_was_promised() -> None:
    assert _found(attempts=()) == {"events_missing": 1}


def test_each_subscriber_must_hear_what_he_asked_for_and_no_more() -> None:
    heard = [
        Subscriber("all", "#", [MADE]),
        Subscriber("links", "link.*", []),
        Subscriber("documents", "document.*", []),
    ]
    findings = compare([QUEUED], [LINK], heard)
    assert findings == Findings(events_missing=[f"links: {MADE}"])


@pytest.mark.parametrize(
    "other",
    [
        replace(MADE, id="evt_9"),
        replace(MADE, subject="dlnk_9"),
        replace(MADE, version=2),
        replace(MADE, type="link.deleted"),
    ],
)
def test_an_event_that_no_effect_has_is_under_a_wrong_id(other: Heard) -> None:
    assert _found(MADE, other) == {"events_wrong_id": 1}


def test_an_event_that_came_under_another_id_is_both_missing_and_wrong() -> None:
    assert _found(replace(MADE, id="evt_9")) == {"events_missing": 1, "events_wrong_id": 1}


def test_events_that_are_nobody_s_effect_here_are_let_be() -> None:
    assert _found(MADE, Heard("evt_7", "api_key.created", "key_1", 1)) == {}


def test_refusals_are_found_in_answers_and_in_events() -> None:
    refused = replace(CALLED, accepted=False, ids=set(), refusals=["404 not found"])
    event = Heard("evt_8", "command.refused", "cmd_8", None)
    assert _found(event, attempts=(refused,), effects=()) == {"refused_without_need": 2}


def test_a_journal_tells_what_became_of_each_attempt() -> None:
    attempts = Attempts()
    begun = {"what": BEGUN, "command": "link.create", "key": "k", "cause": None}
    attempts.read([begun | {"number": each} for each in ("1", "2", "3", "4")])
    attempts.read(
        [
            {"what": CONFIRMED, "number": "1"},
            {"what": CONFIRMED, "number": "1"},
            {"what": UNKNOWN, "number": "2"},
            {"what": ANSWERED, "number": "2", "status": 201, "id": "dlnk_2", "text": ""},
            {"what": ANSWERED, "number": "3", "status": 409, "id": "", "text": "taken"},
        ]
    )
    first, second, third, fourth = attempts.all()
    assert attempts.accepted == 2
    assert (first.accepted, second.accepted, third.accepted) == (True, True, False)
    assert (second.ids, third.refusals) == ({"dlnk_2"}, ["409 taken"])
    assert not fourth.accepted
