"""How Ringbook logs: events with a stable name and fields, text on a terminal, JSON lines elsewhere."""

from __future__ import annotations

import logging
import sys
from pathlib import Path

import structlog

from ringbook.config import load
from ringbook.config.settings import LogFormat


def start_logging(home: Path, *, quiet: bool = False) -> None:
    """Log to standard error as the home's settings say; ``quiet`` leaves out all but warnings."""
    settings = load(home).log
    level = "WARNING" if quiet else settings.level.value.upper()
    text = settings.format is LogFormat.TEXT or (settings.format is LogFormat.AUTO and sys.stderr.isatty())
    renderer = structlog.dev.ConsoleRenderer() if text else structlog.processors.JSONRenderer()
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level]),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
