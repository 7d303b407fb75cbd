"""The log for programs: one JSON object a line, without data.

Names, cells and keys get into messages and errors. What is written of a message is therefore its text before its values are filled in,
and of other programs than ours and the web server only where it has some; of an error its kind and where it was raised.
"""

from __future__ import annotations

import json
import logging
import sys
import traceback
from datetime import UTC, datetime

import streamlit.logger

from complex_lstm.ui.compute.measures import EVENTS

WRITTEN_AS_IT_STANDS = ("complex_lstm", "uvicorn")  # they never put a value into a message's text themselves
FRAMES = 5  # of an error, the last ones


class JsonLines(logging.Formatter):
    """Writes a record as one JSON object: time, level, logger, event, the place in the program, and an event's own values."""

    def format(self, record: logging.LogRecord) -> str:
        told = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "at": f"{record.module}:{record.lineno}",
        }
        if isinstance(record.msg, str) and (record.args or record.name.split(".")[0] in WRITTEN_AS_IT_STANDS):
            told["event"] = record.msg
        if record.exc_info and record.exc_info[0]:
            frames = traceback.extract_tb(record.exc_info[2])[-FRAMES:]
            told["error"] = record.exc_info[0].__name__
            told["raised_at"] = [f"{frame.filename.rpartition('/')[2]}:{frame.lineno} {frame.name}" for frame in frames]  # type: ignore[assignment]
        return json.dumps(told | getattr(record, "told", {}))


def log_as_json() -> None:
    """Let every logger of this process write JSON lines to the standard error, those that Streamlit makes later too."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    root = logging.getLogger()
    root.handlers = [handler]
    logging.captureWarnings(True)
    EVENTS.setLevel(logging.INFO)
    for name in list(logging.root.manager.loggerDict):
        _pass_on(logging.getLogger(name))
    streamlit.logger.setup_formatter = _take_over  # it gives each new logger a handler of its own


def _pass_on(logger: logging.Logger) -> None:
    """Let a logger write through the root's handler alone, if it writes at all: the web server's log of requests is silent."""
    logger.propagate = logger.propagate or bool(logger.handlers)
    logger.handlers = []


def _take_over(logger: logging.Logger) -> None:
    logger.propagate = True
