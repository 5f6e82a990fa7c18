"""The bus: RabbitMQ behind plain handlers, confirmed publishing, and request and reply."""

from shared.bus import frames

frames.tolerate()
