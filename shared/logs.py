"""Logs: one JSON object a line on standard output.

What a task has bound (request id, command id, workspace) stands in each of its lines.
"""

import logging
import sys
from typing import Any

import structlog
from structlog.contextvars import bind_contextvars


def bind(**facts: str | None) -> None:
    """Put facts into every log line of this task from now on; None is left out."""
    bind_contextvars(**{name: fact for name, fact in facts.items() if fact is not None})


_SHARED: list[structlog.typing.Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.processors.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]


def configure(service: str, level: str) -> None:
    """Send all logs, the libraries' included, to standard output as JSON."""

    def name_service(
        _logger: Any, _method: str, event: structlog.typing.EventDict
    ) -> structlog.typing.EventDict:
        event["service"] = service
        return event

    threshold = logging.getLevelNamesMapping()[level.upper()]
    structlog.configure(
        processors=[
            *_SHARED,
            name_service,
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(threshold),
        logger_factory=structlog.WriteLoggerFactory(sys.stdout),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*_SHARED, name_service],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                structlog.processors.JSONRenderer(),
            ],
        )
    )
    logging.basicConfig(handlers=[handler], level=max(threshold, logging.WARNING), force=True)


def logger(name: str) -> structlog.typing.FilteringBoundLogger:
    """A logger whose lines carry `name` as the module that speaks."""
    bound: structlog.typing.FilteringBoundLogger = structlog.get_logger(module=name)
    return bound
