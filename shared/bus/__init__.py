"""The bus: RabbitMQ behind plain handlers, confirmed publishing, and request and reply."""

from shared.bus import tolerance

tolerance.tolerate()
