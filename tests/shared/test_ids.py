import re
from datetime import UTC, datetime

from ulid import ULID

from contracts.fields import ULID as ULID_PATTERN
from shared.ids import derive, new_id, now

CAUSE = "cmd_01KPDGPGZ0FR6EE8C476CABEY1"
MAX_TIME = "7ZZZZZZZZZ"


def test_a_new_id_is_its_prefix_and_a_ulid_of_now() -> None:
    before = now()
    prefix, _, ulid = new_id("cmd").rpartition("_")
    assert prefix == "cmd"
    assert re.fullmatch(ULID_PATTERN, ulid)
    assert before <= ULID.from_str(ulid).datetime <= datetime.now(UTC)
    assert len({new_id("cmd") for _ in range(1000)}) == 1000


def test_a_derived_id_is_the_same_ulid_under_another_prefix() -> None:
    assert derive("doc", CAUSE) == "doc_01KPDGPGZ0FR6EE8C476CABEY1"
    assert derive("evt", derive("doc", CAUSE)) == derive("evt", CAUSE)


def test_a_derived_id_with_parts_is_the_same_every_time() -> None:
    # Written out: an id that changes with a release breaks the guarantee for what is under way.
    assert derive("evt", CAUSE, "command.refused") == "evt_01KPDGPGZ0BZW5214BCP5KM64M"
    assert derive("evt", CAUSE, "a", "b") == derive("evt", CAUSE, "a", "b")


def test_derived_ids_differ_by_each_part_and_by_cause_and_from_the_plain_one() -> None:
    other = "cmd_01KPDGPGZ0FR6EE8C476CABEY2"
    ids = [
        derive("evt", CAUSE),
        *(derive("evt", CAUSE, f"dlnk_{number}") for number in range(1000)),
        *(derive("evt", other, f"dlnk_{number}") for number in range(1000)),
        derive("evt", CAUSE, "a", "b"),
        derive("evt", CAUSE, "ab"),
        derive("evt", CAUSE, "b", "a"),
    ]
    assert len(set(ids)) == len(ids)


def test_a_derived_id_with_parts_is_a_ulid_that_keeps_its_causes_time() -> None:
    for number in range(1000):
        ulid = derive("evt", CAUSE, str(number)).removeprefix("evt_")
        assert re.fullmatch(ULID_PATTERN, ulid)
        assert ULID.from_str(ulid).datetime == ULID.from_str(CAUSE[4:]).datetime
    latest = derive("evt", f"cmd_{MAX_TIME}{'Z' * 16}", "x")
    assert re.fullmatch(ULID_PATTERN, latest.removeprefix("evt_"))


def test_now_is_in_whole_milliseconds_of_utc() -> None:
    assert all(now().microsecond % 1000 == 0 for _ in range(100))
    assert now().tzinfo is UTC
