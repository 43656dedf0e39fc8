"""Lends the served site a comment server of its own: nothing to configure, kept in .comments/."""

import os
import sys
from collections.abc import Callable
from pathlib import Path

FOLDER = Path(".comments")


class Replies:
    """The comment server for pages at the addresses `sites`. `application` is None where there is
    none, and `why` then says so. `tell` is called with a line when a reply has come in."""

    def __init__(self, sites: list[str], tell: Callable[[str], None]):
        self._tell, self._close = tell, lambda: None
        self.application: Callable | None = None
        self.why = ""
        try:
            from comments import local

            application = local.application(sites, FOLDER)
        except ImportError as error:
            self.why = (
                f"Replies cannot be tried: {error.name} is not installed. "
                "`make serve` installs it, from requirements-comments.txt."
            )
        except Exception as error:  # a preview without replies is better than none
            self.why = f"Replies cannot be tried: {error}"
        else:
            self._application, self._close = application, application.close
            self.application = self._answer

    def close(self):
        """Give the database up."""
        self._close()

    def _answer(self, environ, start_response):
        writes = environ["REQUEST_METHOD"] == "POST" and environ["PATH_INFO"] in ("/new", "/form")

        def start(status, headers, *more):
            if writes and status.startswith(("201", "202", "303")):
                self._tell(f"A reply waits for you:  {command('pending')}")
            return start_response(status, headers, *more)

        return self._application(environ, start)


def command(words: str) -> str:
    """Return what to type for a command of `comments.owner`."""
    python = Path(sys.executable)
    here = python.is_relative_to(Path.cwd())
    shown = os.path.relpath(python) if here else python.stem
    return f"{shown} -m comments.owner {words}"
