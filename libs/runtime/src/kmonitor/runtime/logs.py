"""What a process says: one JSON object a line on stdout, never the text of an event."""

import logging
import sys

import structlog
from structlog.typing import FilteringBoundLogger, Processor

OURS = "kmonitor"
LEVELS = ("debug", "info", "warning", "error")


def configure_logs(service: str, level: str = "info") -> None:
    """Ours from `level` up; other libraries from warnings up, since they may log what they carry."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    # Tracebacks show code, never the values of variables: they may hold event text.
    trace = structlog.processors.ExceptionRenderer(
        structlog.tracebacks.ExceptionDictTransformer(show_locals=False, max_frames=20)
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(_number(level)),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                _named(service),
                trace,
                structlog.processors.JSONRenderer(ensure_ascii=False, default=str),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger(OURS).setLevel(_number(level))


def get_logger(subject: str) -> FilteringBoundLogger:
    """The logger of one subject: `log.info("batch committed", records=500)`."""
    logger: FilteringBoundLogger = structlog.get_logger(f"{OURS}.{subject}")
    return logger


def _number(level: str) -> int:
    return logging.getLevelNamesMapping()[level.upper()]


def _named(service: str) -> Processor:
    def name(_: object, __: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
        return {"service": service, **event}

    return name
