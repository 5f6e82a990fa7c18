"""The bus: RabbitMQ behind plain handlers, confirmed publishing, and request and reply."""
