import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest

from contracts.documents import Document, DocumentRegister, DocumentResult
from contracts.errors import ErrorCode
from shared.errors import Refusal, StoreUnavailable
from shared.ids import derive, new_id, now
from shared.outcome import Outcome, announce
from shared.store.client import Database
from shared.store.idempotency import WINDOW, Claims
from shared.store.records import Records

KEY = "order-1"


class Handler:
    """Does what a handler does, and notes for which commands it ran."""

    def __init__(self) -> None:
        self.ran: list[str] = []
        self.before: Callable[[], Awaitable[None]] | None = None
        self.refusal: Refusal | None = None

    async def __call__(self, command: DocumentRegister) -> Outcome:
        self.ran.append(command.command_id)
        if self.before is not None:
            await self.before()
        if self.refusal is not None:
            raise self.refusal
        document = Document(
            id=derive("doc", command.command_id),
            workspace_id=command.workspace_id,
            name=command.name,
            mime_type=command.mime_type,
            storage_path=command.storage_path,
            created_at=now(),
            updated_at=now(),
            version=1,
        )
        event: Any = announce(
            command.command_id,
            document,  # type: ignore[arg-type] # any data will do
            subject=document.id,
            workspace_id=document.workspace_id,
            time=document.created_at,
        )
        return Outcome(DocumentResult(document=document), [event])


@pytest.fixture
async def claims(database: Database) -> Claims:
    claims = Claims(Records(database, "claims"))
    await claims.prepare()
    return claims


@pytest.fixture
def command(workspace_id: str) -> Callable[..., DocumentRegister]:
    def make(**fields: Any) -> DocumentRegister:
        body: dict[str, Any] = {"name": "a", "mime_type": "text/plain", "storage_path": "a"}
        body |= {"command_id": new_id("cmd"), "workspace_id": workspace_id, "issued_at": now()}
        return DocumentRegister(**(body | {"idempotency_key": KEY} | fields))

    return make


def _document_id(outcome: Outcome) -> str:
    assert isinstance(outcome.result, DocumentResult)
    return outcome.result.document.id


async def test_a_repeat_gets_the_same_answer_without_running_and_without_an_event(
    claims: Claims, command: Any
) -> None:
    handler = Handler()
    first = await claims.run(command(), handler)
    again = await claims.run(command(), handler)
    assert again.result == first.result
    assert len(first.announcements) == 1
    assert again.announcements == ()
    assert len(handler.ran) == 1


async def test_the_first_command_delivered_again_runs_again_and_announces_again(
    claims: Claims, command: Any
) -> None:
    handler, first = Handler(), command()
    before = await claims.run(first, handler)
    await claims.run(command(), handler)
    after = await claims.run(first, handler)
    assert handler.ran == [first.command_id] * 2
    assert [each.id for each in after.announcements] == [each.id for each in before.announcements]


@pytest.mark.parametrize(
    "change", [{"name": "b"}, {"actor": "usr_2"}, {"tags": ["x"]}, {"storage_path": "b"}]
)
async def test_the_key_with_another_request_is_refused_and_does_not_run(
    claims: Claims, command: Any, change: dict[str, Any]
) -> None:
    handler = Handler()
    await claims.run(command(), handler)
    with pytest.raises(Refusal) as caught:
        await claims.run(command(**change), handler)
    assert caught.value.code is ErrorCode.IDEMPOTENCY_CONFLICT
    assert len(handler.ran) == 1


@pytest.mark.parametrize("other", ["idempotency_key", "workspace_id"])
async def test_another_key_and_another_workspace_are_other_requests(
    claims: Claims, command: Any, other: str
) -> None:
    handler = Handler()
    await claims.run(command(), handler)
    await claims.run(command(**{other: new_id("other")}), handler)
    assert len(set(handler.ran)) == 2


async def test_of_many_at_once_all_get_what_the_first_one_made(
    claims: Claims, command: Any
) -> None:
    handler = Handler()
    outcomes = await asyncio.gather(*(claims.run(command(), handler) for _ in range(20)))
    assert len({_document_id(outcome) for outcome in outcomes}) == 1
    assert len(set(handler.ran)) == 1  # however often it ran, it ran as the same command


async def test_a_repeat_that_comes_while_the_first_still_runs_does_not_wait_for_it(
    claims: Claims, command: Any
) -> None:
    handler, go, runs = Handler(), asyncio.Event(), asyncio.Event()

    async def wait() -> None:
        runs.set()
        await go.wait()

    handler.before = wait
    first = asyncio.create_task(claims.run(command(), handler))
    await runs.wait()
    handler.before = None
    again = await claims.run(command(), handler)
    go.set()
    assert _document_id(again) == _document_id(await first)


async def test_a_repeat_after_a_crash_of_the_first_runs_as_the_first(
    claims: Claims, command: Any
) -> None:
    handler = Handler()

    async def crash() -> None:
        raise StoreUnavailable("away")

    handler.before = crash
    first = command()
    with pytest.raises(StoreUnavailable):
        await claims.run(first, handler)
    handler.before = None
    assert _document_id(await claims.run(command(), handler)) == derive("doc", first.command_id)


async def test_a_refusal_is_repeated_with_its_code_and_fields(claims: Claims, command: Any) -> None:
    handler = Handler()
    handler.refusal = Refusal(ErrorCode.STORAGE_CONFLICT, "taken", {"storage_path": "is taken"})
    for _ in range(2):
        with pytest.raises(Refusal) as caught:
            await claims.run(command(), handler)
        assert caught.value.body == handler.refusal.body
    assert len(handler.ran) == 1


async def test_a_refusal_that_passed_does_not_stay_the_answer(claims: Claims, command: Any) -> None:
    handler, first = Handler(), command()
    handler.refusal = Refusal(ErrorCode.NOT_FOUND, "not yet", may_pass=True)
    with pytest.raises(Refusal):
        await claims.run(first, handler)
    handler.refusal = None
    made = await claims.run(first, handler)  # its second chance
    assert (await claims.run(command(), handler)).result == made.result
    assert len(handler.ran) == 2


@pytest.mark.parametrize("age", [timedelta(seconds=-1), timedelta(seconds=1)])
async def test_a_key_is_free_again_after_its_window(
    age: timedelta, claims: Claims, command: Any, database: Database
) -> None:
    handler = Handler()
    first, later = command(), command(name="b")
    await claims.run(first, handler)
    await _grow_old(Records(database, "claims"), first, WINDOW + age)
    if age < timedelta():
        with pytest.raises(Refusal):
            await claims.run(later, handler)
    else:
        later_too = command(name="b")
        outcomes = await asyncio.gather(*(claims.run(c, handler) for c in (later, later_too)))
        assert len({_document_id(outcome) for outcome in outcomes}) == 1
        assert _document_id(outcomes[0]) != derive("doc", first.command_id)


async def _grow_old(records: Records, command: DocumentRegister, age: timedelta) -> None:
    claim = await records.get(command.workspace_id, f"document.register:{KEY}")
    assert claim is not None
    claim["expires_at"] -= age
    await records.replace(claim, version=claim["version"])
