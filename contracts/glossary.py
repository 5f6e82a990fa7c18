"""What each field means, by its name: the descriptions in the published schemas.

A field means the same wherever it stands; its bounds are in `contracts.fields`.
"""

from typing import Final

MEANINGS: Final[dict[str, str]] = {
    "actor": "Who asks, e.g. a user or the owner of an API key.",
    "api_key": "The API key; neither the key itself nor its hash.",
    "api_keys": "The workspace's API keys, revoked ones included, newest first.",
    "code": "The reason, for programs; further codes may come.",
    "command_id": "Drawn by the issuer; the ids of all that follows are derived from its ULID. "
    "Sending the same command again under the same id changes nothing.",
    "command_type": "The refused command's type, e.g. `link.create`.",
    "consumers": "For each queue of the service, whether this process is consuming it.",
    "created": "False when the record existed before.",
    "created_at": "When the record was made, ISO 8601.",
    "created_by": "The actor of the command that made the record.",
    "database": "Whether the service's database answers.",
    "deleted_at": "When the record was deleted, ISO 8601.",
    "description": "Free text; tabs and line ends are allowed.",
    "document": "The document's metadata; the bytes lie at `storage_path`.",
    "document_id": "The document's id, `doc_` and a ULID.",
    "documents": "One page of documents, newest link first.",
    "entity": "The CRM record as the directory holds it.",
    "entity_id": "The entity's id in its CRM or directory.",
    "entity_type": "What kind of record the entity is, e.g. `deal`.",
    "expires_at": "From when on the API key is refused, ISO 8601; null: never.",
    "fields": "The path of each field at fault (dots between parts), and the rule it breaks.",
    "folder": "A folder path such as `/clients/acme/ndas`. It is stored without doubled or "
    "trailing slashes, in Unicode's normal form C; null is the root.",
    "id": "The record's id: a prefix, an underscore, and a ULID.",
    "idempotency_key": "The caller's key for this call; within 24 hours, the same key with the "
    "same request gets the first answer, with another request a refusal.",
    "issued_at": "The issuer's clock, ISO 8601 with an offset.",
    "key_hash": "SHA-256 of the API key, in lower-case hexadecimal.",
    "key_id": "The API key's id.",
    "kind": "What the document is tied to; further kinds may come.",
    "link": "The tie between a document and an entity.",
    "linked_at": "When the document was linked to the entity, ISO 8601.",
    "message": "The reason, in a sentence for people.",
    "mime_type": "The file's media type, e.g. `application/pdf`.",
    "name": "The name shown to people.",
    "owner": "For whom the API key acts: the actor of what is done with it.",
    "page": "The page's number, from 1.",
    "per_page": "How many records a page has at most.",
    "provider": "`workspace` for the workspace's own directory, or a CRM's name.",
    "rate_limit": "Calls per window, e.g. `600/minute`; null: the default.",
    "reason": "Why the link is gone; further reasons may come.",
    "refusal": "Why doclink says no.",
    "result": "What was asked for.",
    "revoked_at": "Since when the API key is refused, ISO 8601; null: it is not revoked.",
    "role": "A free-form label of the relationship, e.g. `signed`.",
    "scopes": "What the API key may do.",
    "size_bytes": "The file's size in bytes.",
    "storage_path": "The key of the file's bytes in the object store.",
    "tags": "Free-form labels.",
    "total": "How many records there are over all pages.",
    "updated_at": "When the record last changed, ISO 8601.",
    "version": "Counts the record's changes; a reader ignores a version older than it holds.",
    "workspace_id": "The tenant.",
}

ENVELOPE_MEANINGS: Final[dict[str, str]] = {
    "specversion": "The version of CloudEvents.",
    "id": "The event's id; the same whenever the event is sent again, so that a subscriber can "
    "drop what it has seen.",
    "type": "What has happened; also the routing key and the AMQP property `type`.",
    "source": "The workspace and the service that it happened in.",
    "subject": "The id of the record that the event is about.",
    "time": "When it happened, ISO 8601.",
    "datacontenttype": "The media type of `data`.",
    "workspaceid": "The tenant; a CloudEvents extension, whose names have no underscores.",
    "traceparent": "The W3C trace context of what caused the event; a CloudEvents extension.",
    "data": "The record after the change.",
}
"""The same for the CloudEvents envelope, where `id` is the event's and not the record's."""
