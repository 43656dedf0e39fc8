"""A log without personal data: what was asked and how it went, never by whom or about what."""

import logging
import traceback


class Discreet(logging.Formatter):
    """Leave an error's own words out: they may quote what a visitor wrote."""

    def formatException(self, exc_info) -> str:
        where = traceback.extract_tb(exc_info[2])[-3:]
        trail = " < ".join(f"{step.filename}:{step.lineno}" for step in reversed(where))
        return f"{exc_info[0].__name__} at {trail}"


def start() -> None:
    """Send this server's log to standard error, and Isso's and waitress's warnings."""
    handler = logging.StreamHandler()
    handler.setFormatter(Discreet("%(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    logging.getLogger("comments").setLevel(logging.INFO)
