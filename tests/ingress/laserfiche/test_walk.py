"""A thousand links are walked by `@odata.nextLink` while links come and go."""

import asyncio
from typing import Any

import pytest

from tests.ingress.answers import accepted
from tests.ingress.laserfiche.entries import entries, entries_of, linked, put
from tests.support.workspace import Workspace

TARGETS, TYPES, PAGE = 100, 10, 150


async def types(workspace: Workspace) -> list[int]:
    """The numbers of ten kinds of links."""
    url = f"/repository/v1/Repositories/{workspace.id}/LinkDefinitions"
    body = {"sourceLabel": "from", "targetLabel": "to"}
    wanted = TYPES - 2
    answers = await asyncio.gather(*(workspace.http.post(url, json=body) for _ in range(wanted)))
    return sorted([1, 2, *(accepted(answer, 201)["linkTypeId"] for answer in answers)])


@pytest.mark.parametrize("orderby", ["", "linkTypeId desc,targetId"])
async def test_every_link_that_stays_is_seen_once(workspace: Workspace, orderby: str) -> None:
    source, *targets = await entries(workspace, TARGETS + 1)
    kinds = await types(workspace)
    wishes = [{"targetId": target, "linkTypeId": kind} for target in targets for kind in kinds]
    leaving, staying = wishes[:2], wishes[2:]
    answer = await put(workspace, source, leaving + staying)
    before = accepted(answer, 200)["value"]
    assert len(before) == TARGETS * TYPES

    seen: list[dict[str, Any]] = []
    url: str | None = f"{entries_of(workspace)}/{source}/links?$orderby={orderby}&$count=true"
    while url is not None:
        prefer = {"Prefer": f"maxpagesize={PAGE}"} if not seen else {}
        page = accepted(await workspace.http.get(url, headers=prefer), 200)
        assert len(page["value"]) <= PAGE
        seen += page["value"]
        url = page.get("@odata.nextLink")
        # Between two pages: one less from the entry, and one more to it.
        if leaving:
            leaving.pop()
            assert (await put(workspace, source, leaving + staying)).status_code == 200
            await linked(workspace, targets[len(leaving)], source)

    numbers = [link["linkId"] for link in seen]
    assert len(numbers) == len(set(numbers))
    stayed = {link["linkId"] for link in before[-len(staying) :]}
    assert stayed <= set(numbers)
    if not orderby:
        assert numbers == sorted(numbers)
        assert len(set(numbers) - {link["linkId"] for link in before}) > 0
