"""Log lines on standard error: counts and ids, never a post's text or a secret."""

from __future__ import annotations

import logging
import os


def set_up_logging() -> None:
    """Our own lines from INFO up (LISTENER_DEBUG=1: all), other libraries' from WARNING: some log what they fetch."""
    logging.basicConfig(
        level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s %(message)s", datefmt="%H:%M:%S"
    )
    level = logging.DEBUG if os.environ.get("LISTENER_DEBUG") else logging.INFO
    logging.getLogger("listener").setLevel(level)
