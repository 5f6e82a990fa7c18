"""The AMQP headers that doclink sets beside the standard properties."""

REQUEST_ID = "x-request-id"
"""The HTTP request that a message stems from, for the logs."""

TRACEPARENT = "traceparent"
"""The W3C trace context of the caller."""

ATTEMPTS = "x-doclink-attempts"
"""How often a message was tried and failed in passing; RabbitMQ 4 ignores a client's x-death."""

KEEP_OUTCOME_AFTER = "x-keep-outcome-after"
"""From when on a command's outcome is kept, to be asked for later: milliseconds since 1970; 0: in
any case. Without it, or while an answer reaches its caller before that, nothing is kept."""

DELIVERY_COUNT = "x-delivery-count"
"""The broker's own: how often a quorum queue has delivered a message and got it back."""

CRASHES = "x-doclink-crashes"
"""How often that had happened before the message was moved, to be handled alone."""

ROUTING_KEY = "x-doclink-routing-key"
"""The routing key a message first came with; a message that waited for its retry has lost it."""

EXCHANGE = "x-doclink-exchange"
"""The exchange a parked message first came by."""

PUBLISHER = "x-doclink-publisher"
"""The broker user who published a message from outside, as the broker has checked it; on a message
that doclink sends on. On one that comes from outside it is the sender's own word, and ignored."""

QUEUE = "x-doclink-queue"
"""The queue whose consumer parked the message."""

REASON = "x-doclink-reason"
"""Why a message is parked: `invalid_message`, `forbidden`, `retries_exhausted`, `internal_error` or
`crashed_consumer`."""

ERROR = "x-doclink-error"
"""What exactly was wrong, in words, at most 2,000 characters."""

REPLAYED_AT = "x-doclink-replayed-at"
"""When an operator sent an event again from the log, ISO 8601; not there the first time."""

FIRST_FAILED_AT = "x-doclink-first-failed-at"
LAST_FAILED_AT = "x-doclink-last-failed-at"
"""When a message failed, ISO 8601."""
