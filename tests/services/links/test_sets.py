"""What becomes of a set of relations, decided without a database."""

from datetime import UTC, datetime
from typing import Any

from contracts.entries import Entry
from contracts.relations import RelationsReplace, RelationWish
from services.links.sets import Change, LinkSet, broken_rules, replaced, unnumbered, without
from shared.ids import new_id

AT = datetime(2026, 4, 17, 10, 45, tzinfo=UTC)
LATER = datetime(2026, 4, 18, 10, 45, tzinfo=UTC)
EMPTY = LinkSet("ws_1", "doc_0")


def _wish(target: int, link_type: int = 1, **properties: str) -> RelationWish:
    return RelationWish(
        target_id=f"doc_{target}", link_type_id=link_type, properties=properties or None
    )


def _command(*wishes: RelationWish) -> RelationsReplace:
    return RelationsReplace(
        command_id=new_id("cmd"),
        workspace_id="ws_1",
        actor="usr_1",
        document_id="doc_0",
        relations=list(wishes),
    )


def _entry(number: int, **fields: Any) -> Entry:
    entry: dict[str, Any] = {
        "entry_id": number,
        "id": f"doc_{number}",
        "workspace_id": "ws_1",
        "kind": "document",
        "name": "a",
        "created_at": AT,
        "updated_at": AT,
    }
    return Entry(**(entry | fields))


ENTRIES = {f"doc_{number}": _entry(number) for number in range(1, 6)}


def _replaced(before: LinkSet, *wishes: RelationWish, first: int = 1) -> Change:
    command = _command(*wishes)
    numbers = range(first, first + unnumbered(before, command))
    return replaced(before, command, ENTRIES, numbers=numbers, at=AT if first == 1 else LATER)


def test_a_first_set_is_made_in_the_order_of_the_command_with_numbers_in_a_row() -> None:
    change = _replaced(EMPTY, _wish(2), _wish(1, 2), _wish(1), first=7)
    made = [(x.entity_id, x.link_type_id, x.link_number) for x in change.after.links]
    assert made == [("doc_2", 1, 7), ("doc_1", 2, 8), ("doc_1", 1, 9)]
    assert change.created == change.after.links
    assert change.after.version == 1
    assert len({link.id for link in change.created}) == 3
    assert {(x.kind, x.provider, x.created_by) for x in change.created} == {
        ("relation", "doclink", "usr_1")
    }


def test_the_same_set_again_in_another_order_makes_and_removes_nothing() -> None:
    first = _replaced(EMPTY, _wish(1), _wish(2, note="x"))
    again = _replaced(first.after, _wish(2, note="x"), _wish(1), first=50)
    assert (again.created, again.removed) == ([], [])
    assert again.after.links == first.after.links[::-1]


def test_relations_whose_target_and_type_stay_are_the_same_relations() -> None:
    first = _replaced(EMPTY, _wish(1), _wish(2), _wish(3))
    second = _replaced(first.after, _wish(4), _wish(2), _wish(3, 2), first=50)
    kept = second.after.links[1]
    assert kept == first.after.links[1]
    assert [(x.entity_id, x.link_number) for x in second.created] == [("doc_4", 50), ("doc_3", 51)]
    assert [(x.id, x.reason, x.version, x.deleted_at) for x in second.removed] == [
        (first.after.links[0].id, "replaced", 2, LATER),
        (first.after.links[2].id, "replaced", 2, LATER),
    ]


def test_other_properties_make_another_relation_under_the_same_number() -> None:
    first = _replaced(EMPTY, _wish(1, note="x"))
    second = _replaced(first.after, _wish(1, note="y"), first=50)
    [old], [new] = first.after.links, second.after.links
    assert [x.id for x in second.removed] == [old.id]
    assert second.created == [new]
    assert new.id != old.id
    assert new.link_number == old.link_number == 1
    assert new.properties == {"note": "y"}


def test_no_properties_are_the_same_as_none() -> None:
    first = _replaced(EMPTY, _wish(1))
    wish = RelationWish(target_id="doc_1", link_type_id=1, properties={})
    assert _replaced(first.after, wish, first=50).created == []


def test_an_empty_set_clears() -> None:
    first = _replaced(EMPTY, _wish(1), _wish(2))
    cleared = _replaced(first.after)
    assert cleared.after.links == []
    assert {x.id for x in cleared.removed} == {x.id for x in first.after.links}


def test_the_end_of_a_target_takes_its_relations_and_that_of_the_source_takes_all() -> None:
    before = _replaced(EMPTY, _wish(1), _wish(2), _wish(1, 2)).after
    change = without(before, "doc_1", cause="evt_1", at=LATER)
    assert change is not None
    assert change.after.links == [before.links[1]]
    assert {x.reason for x in change.removed} == {"document_deleted"}
    everything = without(before, "doc_0", cause="evt_1", at=LATER)
    assert everything is not None
    assert everything.after.links == []
    assert without(before, "doc_3", cause="evt_1", at=LATER) is None
    assert without(EMPTY, "doc_0", cause="evt_1", at=LATER) is None


def test_each_broken_rule_is_named_with_its_position() -> None:
    command = _command(_wish(1), _wish(0), _wish(2, 9), _wish(1, 2), _wish(1))
    assert broken_rules(command, {1, 2}) == {
        "relations.1.target_id": "must not be the source itself",
        "relations.2.link_type_id": "no such link type",
        "relations.4": "is the same as relations.0: target and type must be unique",
    }


def test_a_sound_command_breaks_no_rule() -> None:
    assert broken_rules(_command(_wish(1), _wish(1, 2)), {1, 2}) == {}
