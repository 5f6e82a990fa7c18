"""What the services store, read as effects; the ids of events are those that the design says."""

from typing import Any

from shared.ids import derive
from tests.chaos.effects import (
    Heard,
    of_documents,
    of_entities,
    of_link_types,
    of_links,
    of_relations,
)

FIRST, SECOND = "01HY1000000000000000000001", "01HY1000000000000000000002"
DOCUMENT: dict[str, Any] = {
    "id": f"doc_{FIRST}",
    "storage_path": "a.pdf",
    "version": 2,
    "changes": [{"command_id": f"cmd_{SECOND}", "document": {"name": "b", "version": 2}}],
}
LINK: dict[str, Any] = {
    "id": f"dlnk_{FIRST}",
    "kind": "entity",
    "document_id": "doc_1",
    "provider": "workspace",
    "entity_id": "c_1",
    "version": 1,
}


def test_a_document_has_been_registered_and_renamed() -> None:
    registered, renamed = of_documents([DOCUMENT])
    assert registered.events == (Heard(f"evt_{FIRST}", "document.registered", f"doc_{FIRST}", 1),)
    assert renamed.events == (Heard(f"evt_{SECOND}", "document.updated", f"doc_{FIRST}", 2),)
    assert (registered.cause, renamed.cause) == (FIRST, SECOND)
    assert (registered.times, renamed.times) == (1, 1)


def test_a_version_that_no_change_explains_is_an_effect_too_many() -> None:
    registered, _ = of_documents([DOCUMENT | {"version": 3}])
    assert registered.times == 2
    [upserted] = of_entities([_entity(version=2, names=["Ada"])])
    assert upserted.times == 2


def test_an_entity_has_been_changed_by_each_of_its_commands() -> None:
    first, second = of_entities([_entity(version=2, names=["Ada", "Eve"])])
    assert first.events == (Heard(f"evt_{FIRST}", "entity.upserted", "c_1", 1),)
    assert second.events == (Heard(f"evt_{SECOND}", "entity.upserted", "c_1", 2),)
    assert (first.times, second.times) == (1, 1)
    assert first.key != second.key


def test_a_name_given_twice_to_an_entity_is_the_same_effect_twice() -> None:
    first, second = of_entities([_entity(version=2, names=["Ada", "Ada"])])
    assert first.key == second.key


def test_a_link_has_been_made_and_removed() -> None:
    [made] = of_links([LINK])
    assert made.events == (Heard(f"evt_{FIRST}", "link.created", LINK["id"], 1),)
    made, gone = of_links([LINK | {"version": 2, "deleted_by": f"cmd_{SECOND}"}])
    assert made.events == (Heard(f"evt_{FIRST}", "link.created", LINK["id"], 1),)
    assert gone.events == (Heard(f"evt_{SECOND}", "link.deleted", LINK["id"], 2),)
    assert (made.cause, gone.cause) == (FIRST, SECOND)


def test_a_document_is_linked_to_a_crm_once_whatever_the_record() -> None:
    first, second = of_links(
        [
            LINK | {"kind": "crm", "provider": "pipedrive", "entity_id": "134"},
            LINK | {"kind": "crm", "provider": "pipedrive", "entity_id": "135"},
        ]
    )
    assert first.key == second.key


def test_a_set_of_relations_has_been_replaced() -> None:
    cause = f"cmd_{FIRST}"
    change = {
        "cause": cause,
        "source_id": "doc_1",
        "version": 4,
        "links": [{"id": "dlnk_a", "version": 1}, {"id": "dlnk_b", "version": 1}],
        "added": ["dlnk_b"],
        "removed": [{"id": "dlnk_c", "version": 2}],
    }
    [effect] = of_relations([change], [{"source_id": "doc_1", "version": 4}])
    assert effect.events == (
        Heard(derive("evt", cause, "dlnk_b"), "link.created", "dlnk_b", 1),
        Heard(derive("evt", cause, "dlnk_c"), "link.deleted", "dlnk_c", 2),
    )
    assert of_relations([change], [{"source_id": "doc_1", "version": 3}]) == []


def test_a_link_type_has_been_defined() -> None:
    record = {"link_type_id": 3, "source_label": "Amends", "command_id": f"cmd_{FIRST}"}
    [effect] = of_link_types([record])
    assert effect.events == (Heard(f"evt_{FIRST}", "link_type.defined", "3", 1),)


def _entity(*, version: int, names: list[str]) -> dict[str, Any]:
    changes = [
        {
            "command_id": f"cmd_{cause}",
            "record": {
                "provider": "workspace",
                "entity_id": "c_1",
                "name": name,
                "version": number,
            },
        }
        for number, (cause, name) in enumerate(zip((FIRST, SECOND), names, strict=False), 1)
    ]
    return {"record": {"version": version}, "changes": changes}
