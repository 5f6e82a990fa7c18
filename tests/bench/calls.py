"""The calls that callers make: requests as bytes, and whether an answer is right."""

import json
from typing import Protocol

from tests.bench.connection import Answer, request
from tests.bench.orders import Order
from tests.bench.workload import LISTED, Workload

CREATED, OK = 201, 200
PER_PAGE = 25
_TOLD = 500


class Calls(Protocol):
    """Requests of one kind, by number."""

    def request(self, number: int) -> bytes: ...

    def fault(self, number: int, answer: Answer) -> str | None:
        """What is wrong with the answer to request `number`; None: nothing."""
        ...


class LinkCalls:
    """`POST /v1/documents/{id}/link`, each for another pair."""

    def __init__(self, workload: Workload) -> None:
        self._workload = workload

    def request(self, number: int) -> bytes:
        """Request `number`."""
        document, entity = self._workload.pair(number)
        body = b'{"entity_type":"contact","entity_id":"%s"}' % entity.encode()
        return request("POST", f"/v1/documents/{document}/link", self._workload.key, body)

    def fault(self, number: int, answer: Answer) -> str | None:
        """None when the link was made, and the answer is about this very link."""
        status, body = answer
        document, entity = self._workload.pair(number)
        if status == CREATED and document.encode() in body and entity.encode() in body:
            return None
        return f"{status} for {document} and {entity}: {_shown(body)}"


class ListCalls:
    """`GET /v1/contacts/{id}/documents`, the first page of always the same contact."""

    def __init__(self, workload: Workload) -> None:
        self._request = request("GET", f"/v1/contacts/{LISTED}/documents", workload.key)
        self._right: bytes | None = None

    def request(self, number: int) -> bytes:
        """The same each time."""
        del number
        return self._request

    def fault(self, number: int, answer: Answer) -> str | None:
        """None for a full page; it is read once, and then only compared."""
        del number
        status, body = answer
        if body == self._right:
            return None
        try:
            page = json.loads(body)
            documents, total = page["data"]["documents"], page["meta"]["total"]
        except (ValueError, KeyError):
            return f"{status} for the list: {_shown(body)}"
        if status != OK or len(documents) != PER_PAGE or total < PER_PAGE:
            return f"{status}, {len(documents)} of {total} documents: {_shown(body)}"
        self._right = body
        return None


def calls_of(order: Order, workload: Workload) -> Calls:
    """The calls that an order asks for."""
    return LinkCalls(workload) if order.what == "link" else ListCalls(workload)


def put_links(workload: Workload, number: int, links: int) -> bytes:
    """A request that gives the document `number` links to those that follow it."""
    entries = workload.entries
    source = entries[number % len(entries)]
    wishes = [
        {"targetId": entries[(number + 1 + each) % len(entries)], "linkTypeId": 1}
        for each in range(links)
    ]
    path = f"/repository/v1/Repositories/{workload.workspace}/Entries/{source}/links"
    return request("PUT", path, workload.key, json.dumps(wishes).encode())


def put_fault(answer: Answer, links: int) -> str | None:
    """None when an entry has got that many links."""
    status, body = answer
    if status == OK and body.count(b'"linkId"') == links:
        return None
    return f"{status} for a set of {links} links: {_shown(body)}"


def _shown(body: bytes) -> str:
    return body[:_TOLD].decode(errors="replace")
