"""One JSON Schema (draft 2020-12) for each message, made from the pydantic models.

What callers send is described as doclink accepts it: unknown members are refused. What doclink
sends is described as readers may rely on it: further members may come, and a member that can be
null may as well be left out.
"""

import copy
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaMode, models_json_schema
from pydantic_core import core_schema

from contracts.catalogue import EVENTS, REQUESTS
from contracts.errors import RefusalBody
from contracts.examples import EXAMPLES
from contracts.glossary import ENVELOPE_MEANINGS, MEANINGS
from contracts.messages import Event, EventData, Result

Schema = dict[str, Any]

DIALECT = "https://json-schema.org/draft/2020-12/schema"
REFUSAL = "refusal"


def reply_name(request: str) -> str:
    """The name of the schema of what answers `request`, e.g. `link.create.reply`."""
    return f"{request}.reply"


def message_schemas() -> dict[str, Schema]:
    """Every message's schema by its name: requests, `<request>.reply`, events, `refusal`."""
    bodies: dict[str, Schema] = {}
    for name, request in REQUESTS.items():
        bodies[name] = _schema_of(request.model, "validation")
        bodies[reply_name(name)] = _reply(request.result)
    for name, data in EVENTS.items():
        bodies[name] = _event(data)
    bodies[REFUSAL] = _schema_of(RefusalBody, "serialization")
    return {name: _finished(name, body) for name, body in sorted(bodies.items())}


class _Generator(GenerateJsonSchema):
    """Leaves out titles that only repeat a field's name; knows what is always sent."""

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> Schema:
        if self.mode == "serialization":
            return self.generate_inner(schema["schema"])  # a reader has no use for a default
        return super().default_schema(schema)

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002 - the base's signature
        return False

    def field_is_required(
        self,
        field: core_schema.ModelField | core_schema.DataclassField | core_schema.TypedDictField,
        total: bool,  # noqa: FBT001 - the base's signature
    ) -> bool:
        inner = field["schema"]
        if self.mode == "serialization" and inner["type"] == "default":
            # Events go out without nulls; a default that is a value is sent like any other.
            return inner.get("default") is not None
        return super().field_is_required(field, total)


def _schema_of(model: type[BaseModel], mode: JsonSchemaMode) -> Schema:
    return model.model_json_schema(schema_generator=_Generator, mode=mode)


def _event(data: type[EventData]) -> Schema:
    """The whole CloudEvents envelope around one type of data."""
    schema = _schema_of(Event[data], "serialization")  # type: ignore[valid-type] # made at run time
    schema["properties"]["type"] = {"const": data.type, "type": "string"}
    schema["description"] = _doc(data)
    _explain(schema, ENVELOPE_MEANINGS)
    return schema


def _reply(result: type[Result]) -> Schema:
    """Either `result` or `refusal`; what the model says with two optional fields."""
    refs, definitions = models_json_schema(
        [(result, "serialization"), (RefusalBody, "serialization")], schema_generator=_Generator
    )
    return {
        "description": _doc(result),
        "type": "object",
        "properties": {
            "result": refs[result, "serialization"],
            "refusal": refs[RefusalBody, "serialization"],
        },
        "oneOf": [{"required": ["result"]}, {"required": ["refusal"]}],
        "$defs": definitions["$defs"],
    }


def _finished(name: str, body: Schema) -> Schema:
    schema = {
        "$schema": DIALECT,
        "$id": f"urn:doclink:schema:{name}",
        **body,
        "title": name,
        "examples": [copy.deepcopy(EXAMPLES[name])],
    }
    for part in (schema, *schema.get("$defs", {}).values()):
        _explain(part, MEANINGS)
    return schema


def _explain(schema: Schema, meanings: Mapping[str, str]) -> None:
    """Describe each property that is not described already, by its model or by what it refers to.

    Draft 7, which AsyncAPI builds on, allows nothing beside a `$ref`.
    """
    for name, described in schema.get("properties", {}).items():
        if name in meanings and "$ref" not in described:
            described.setdefault("description", meanings[name])


def _doc(model: type[BaseModel]) -> str:
    return " ".join((model.__doc__ or "").split())
