"""The settlement table, row by row, with a real broker."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from structlog.testing import capture_logs
from ulid import ULID

from contracts import headers as h
from contracts.entities import EntityDelete, EntityResult, EntityUpserted
from contracts.errors import ErrorCode
from contracts.topology import EVENTS, RETRY_STEPS_SECONDS, alone_queue, retry_queue
from shared.bus.publisher import Publisher
from shared.bus.settlement import Verdict
from shared.errors import (
    Crashed,
    InvalidMessage,
    Overloaded,
    PeerUnavailable,
    Refusal,
    StoreUnavailable,
    Suspect,
)
from shared.ids import derive, new_id, now
from shared.outcome import Outcome, announce
from tests.support.bus import Outsider
from tests.support.entities import ENTITY
from tests.support.settling import Bench
from tests.support.waiting import until_true


@pytest.fixture
async def bench(outsider: Outsider, publisher: Publisher) -> Bench:
    bench = Bench(outsider, publisher)
    await bench.start()
    return bench


COMMAND = EntityDelete(
    command_id=new_id("cmd"), workspace_id="ws_1", entity_type="deal", entity_id="1", actor="usr_1"
)


def _outcome(events: int = 1) -> Outcome:
    data = EntityUpserted(**ENTITY.model_dump())
    announcements = [
        announce(
            COMMAND.command_id,
            data,
            subject=str(number),
            workspace_id="ws_1",
            time=now(),
            parts=(str(number),),
        )
        for number in range(events)
    ]
    return Outcome(EntityResult(entity=ENTITY), announcements)


DONE = Verdict(_outcome(), None, COMMAND)
REFUSED = Verdict(None, Refusal(ErrorCode.NOT_FOUND, "no", {"a": "b"}), COMMAND)
MAY_PASS = Verdict(None, Refusal(ErrorCode.NOT_FOUND, "not yet", may_pass=True), COMMAND)
INVALID = Verdict(None, InvalidMessage("bad", {"a": "is required"}), None)
PASSING = Verdict(None, StoreUnavailable("away"), COMMAND)
PEER = Verdict(None, PeerUnavailable("away"), COMMAND)
OVERLOADED = Verdict(None, Overloaded("full"), COMMAND)
SUSPECT = Verdict(None, Suspect("came back"), None)
CRASHED = Verdict(None, Crashed("again and again"), None)
DEFECT = Verdict(None, ZeroDivisionError("ours"), COMMAND)
NO_COMMAND = Verdict(None, Refusal(ErrorCode.NOT_FOUND, "no"), None)
LAST = len(RETRY_STEPS_SECONDS)

ROWS: dict[str, tuple[Verdict, dict[str, Any], set[str], str | None]] = {
    # what happened: verdict, the delivery, what is seen, the code of the refusal that is seen
    "done, waiting": (DONE, {"waiting": True}, {"events", "replies"}, None),
    "done": (DONE, {}, {"events"}, None),
    "done in silence": (Verdict(Outcome(), None, None), {}, set(), None),
    "refused, waiting": (REFUSED, {"waiting": True}, {"replies"}, "not_found"),
    "refused": (REFUSED, {}, {"events"}, "not_found"),
    "may pass, waiting": (MAY_PASS, {"waiting": True}, {"replies"}, "not_found"),
    "may pass, at first": (MAY_PASS, {"attempts": 0}, {"retried"}, None),
    "may pass, again": (MAY_PASS, {"attempts": 1}, {"retried"}, None),
    "may pass, at last": (MAY_PASS, {"attempts": 2}, {"events"}, "not_found"),
    "invalid, waiting": (INVALID, {"waiting": True}, {"replies"}, "invalid_message"),
    "invalid": (INVALID, {}, {"parked"}, None),
    "passing, waiting": (PASSING, {"waiting": True}, {"retried"}, None),
    "passing": (PASSING, {}, {"retried"}, None),
    "passing, once more": (PEER, {"attempts": LAST - 1}, {"retried"}, None),
    "passing, at last": (PASSING, {"attempts": LAST}, {"parked"}, None),
    "passing, at last, waiting": (
        *(PASSING, {"attempts": LAST, "waiting": True}),
        *({"parked", "replies"}, "unavailable"),
    ),
    "passing, attempts below none": (PASSING, {"attempts": -100}, {"retried"}, None),
    "peer away, for ten minutes and more": (PEER, {"attempts": LAST}, {"retried"}, None),
    "peer away, for some hours": (PEER, {"attempts": 99, "hours": 23}, {"retried"}, None),
    "peer away, for a day": (PEER, {"attempts": 99, "hours": 25}, {"parked"}, None),
    "peer overloaded": (OVERLOADED, {}, {"retried"}, None),
    "query, passing, waiting": (
        *(PEER, {"retried": False, "waiting": True}),
        *({"replies"}, "unavailable"),
    ),
    "query, passing": (PEER, {"retried": False}, set(), None),
    "query, may pass": (MAY_PASS, {"retried": False}, {"events"}, "not_found"),
    "defect, waiting": (DEFECT, {"waiting": True}, {"parked", "replies"}, "internal_error"),
    "defect": (DEFECT, {}, {"parked"}, None),
    "refused without a command": (NO_COMMAND, {}, {"parked"}, None),
}


@pytest.mark.parametrize("row", ROWS)
async def test_what_becomes_of_a_message(row: str, bench: Bench) -> None:
    verdict, given, kinds, code = ROWS[row]
    given = dict(given)
    attempts = given.pop("attempts", None)
    headers: dict[str, Any] = {"x-own": "kept"} | (
        {} if attempts is None else {h.ATTEMPTS: attempts}
    )
    if (hours := given.pop("hours", None)) is not None:
        headers[h.FIRST_FAILED_AT] = (now() - timedelta(hours=hours)).isoformat()
    seen = await bench.settle(await bench.deliver(headers=headers, **given), verdict)
    assert seen.kinds == kinds
    assert all(len(found) <= 1 for found in vars(seen).values())
    for reply in seen.replies:
        assert set(reply) == ({"refusal"} if code else {"result"})
    refusals = [reply.get("refusal") for reply in seen.replies]
    refusals += [event["data"].get("refusal") for event in seen.events]
    assert {refusal["code"] if refusal else None for refusal in refusals} <= {code}
    for copy in (*seen.retried, *seen.parked):
        assert copy.body == b"the body"
        assert copy.headers["x-own"] == "kept"
        assert copy.headers[h.ATTEMPTS] == max(0, attempts or 0) + 1
    for copy in seen.retried:
        step = min(max(0, attempts or 0), LAST - 1)
        assert copy.routing_key == retry_queue(bench.queue_name, step)
        assert (copy.reply_to is not None) == given.get("waiting", False)


async def test_the_reply_holds_the_result_and_the_event_its_envelope(bench: Bench) -> None:
    trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    delivery = await bench.deliver(waiting=True, headers={h.TRACEPARENT: trace})
    seen = await bench.settle(delivery, DONE)
    [event] = seen.events
    assert seen.replies == [{"result": {"entity": ENTITY.model_dump(mode="json")}}]
    assert event["traceparent"] == trace
    assert event["source"] == "/workspaces/ws_1/tests"
    assert event["id"] == derive("evt", COMMAND.command_id, "0")
    assert event["data"]["entity_id"] == "1"
    assert "name" not in event["data"]  # no nulls


@pytest.mark.parametrize("given", ["00-zz", "\u00e9" * 200, 5])
async def test_a_trace_that_is_not_well_formed_is_left_out(given: Any, bench: Bench) -> None:
    delivery = await bench.deliver(headers={h.TRACEPARENT: given})
    [event] = (await bench.settle(delivery, DONE)).events
    assert "traceparent" not in event


async def test_a_refused_command_is_announced_under_an_id_of_its_own(bench: Bench) -> None:
    seen = [await bench.settle(await bench.deliver(), REFUSED) for _ in range(2)]
    first, second = (event for each in seen for event in each.events)
    assert first["id"] == second["id"] == derive("evt", COMMAND.command_id, "command.refused")
    assert first["subject"] == COMMAND.command_id
    assert first["data"] == {
        "command_id": COMMAND.command_id,
        "command_type": "entity.delete",
        "workspace_id": "ws_1",
        "actor": "usr_1",
        "refusal": {"code": "not_found", "message": "no", "fields": {"a": "b"}},
    }


async def test_a_suspect_is_moved_with_all_it_came_with_and_what_is_known(bench: Bench) -> None:
    headers = {"x-own": "kept", h.CRASHES: 2, h.ATTEMPTS: 1}
    seen = await bench.settle(await bench.deliver(waiting=True, headers=headers), SUSPECT)
    assert seen.kinds == {"retried"}
    [moved] = seen.retried
    assert moved.routing_key == alone_queue(bench.queue_name)
    assert moved.body == b"the body"
    assert moved.reply_to
    assert {name: moved.headers[name] for name in headers} == headers
    assert h.FIRST_FAILED_AT in moved.headers


async def test_what_ends_its_consumers_is_parked_and_its_caller_is_told(bench: Bench) -> None:
    headers = {h.CRASHES: 5, h.ATTEMPTS: 1}
    seen = await bench.settle(await bench.deliver(waiting=True, headers=headers), CRASHED)
    assert seen.kinds == {"parked", "replies"}
    assert [each["refusal"]["code"] for each in seen.replies] == ["internal_error"]
    [parked] = seen.parked
    assert parked.headers[h.REASON] == "crashed_consumer"
    assert parked.headers[h.ERROR] == "again and again"
    assert parked.headers[h.ATTEMPTS] == 6


async def test_only_the_brokers_own_count_of_returns_is_believed(bench: Bench) -> None:
    assert (await bench.deliver(headers={h.DELIVERY_COUNT: 20})).returned == 0


REASONS = {
    "invalid": (INVALID, "invalid_message", "invalid_message: bad (a: is required)"),
    "defect": (DEFECT, "internal_error", "ZeroDivisionError('ours')"),
    "exhausted": (PASSING, "retries_exhausted", "StoreUnavailable('away')"),
}


@pytest.mark.parametrize("reason", REASONS)
async def test_a_parked_message_says_why_and_when_it_failed_first_and_last(
    reason: str, bench: Bench
) -> None:
    verdict, word, error = REASONS[reason]
    first = "2026-04-17T10:45:00+00:00"
    headers = {
        h.ATTEMPTS: LAST,
        h.FIRST_FAILED_AT: first,
        h.ROUTING_KEY: "link.create",
        h.EXCHANGE: "doclink.commands",
    }
    [parked] = (await bench.settle(await bench.deliver(headers=headers), verdict)).parked
    last = parked.headers[h.LAST_FAILED_AT]
    assert str(last) > first
    ours = {name: value for name, value in parked.headers.items() if "doclink" in name}
    assert ours == headers | {
        h.LAST_FAILED_AT: last,
        h.ATTEMPTS: LAST + 1,
        h.REASON: word,
        h.ERROR: error,
        h.QUEUE: bench.queue_name,
    }


async def test_an_error_without_end_is_cut_short(bench: Bench) -> None:
    verdict = Verdict(None, InvalidMessage("x" * 1_000_000), None)
    [parked] = (await bench.settle(await bench.deliver(), verdict)).parked
    assert len(str(parked.headers[h.ERROR])) == 2000


async def test_a_delivery_whose_channel_has_gone_is_left_to_the_next_one(bench: Bench) -> None:
    delivery = await bench.deliver(waiting=True)
    await bench.lose()
    await bench.settlement.settle(delivery, DONE)
    assert (await bench.seen(delivery)).kinds == {"left"}


@pytest.mark.parametrize("events", [1, 2, 450])
async def test_while_a_subscriber_is_full_the_message_waits_and_then_all_its_events_are_out(
    events: int, bench: Bench, outsider: Outsider
) -> None:
    limit = {"x-max-length": 1, "x-overflow": "reject-publish"}
    full = await outsider.channel.declare_queue(f"tests.full.{ULID()}", arguments=limit)
    await full.bind(EVENTS, "entity.upserted")
    delivery = await bench.deliver(waiting=True)
    outcome = _outcome(events)
    try:
        await bench.publisher.announce(outcome.announcements[0], None)  # the one that it takes
        with capture_logs() as notes:
            settling = asyncio.create_task(bench.settlement.settle(delivery, Verdict(outcome)))
            await until_true(lambda: {"settlement.waits"} <= {note["event"] for note in notes})
            assert not settling.done()
    finally:
        await full.delete(if_unused=False, if_empty=False)
    await settling
    seen = await bench.seen(delivery)
    assert seen.kinds == {"events", "replies"}
    assert {event["id"] for event in seen.events} == {each.id for each in outcome.announcements}
    assert len(seen.replies) == 1
