"""`python -m comments FILE`: serve until stopped (Ctrl-C, TERM)."""

import argparse
import logging
import os
import secrets
import signal
import sys
from pathlib import Path
from urllib.parse import urlsplit

import contract

from . import log, settings
from .app import Application
from .server import Server

EXAMPLE = Path(__file__).parent / "deploy" / "comments.cfg"


def main(arguments: list[str] | None = None) -> int:
    """Serve as the command line asks; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m comments", description=__doc__)
    parser.add_argument("file", help="your settings", nargs="?", default=settings.DEFAULT_FILE)
    help = "print settings for SITE, with a secret of their own, and stop"
    parser.add_argument("--new", metavar="SITE", help=help)
    given = parser.parse_args(arguments)
    if given.new:
        if error := contract.address_error(given.new):
            print(*error, sep=" — ", file=sys.stderr)
            return 1
        print(new(given.new), end="")
        return 0
    log.start()
    os.umask(0o077)
    try:
        chosen = settings.load(given.file)
        server = Server(Application(chosen), chosen.listen)
    except (settings.SettingsError, RuntimeError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    for name in ("SIGTERM", "SIGHUP"):
        if number := getattr(signal, name, None):
            signal.signal(number, lambda *_: sys.exit(0))
    logging.getLogger("comments").info("listening at %s", server.url)
    server.run()
    return 0


def new(site: str) -> str:
    """Return the example settings, for `site`."""
    host = (urlsplit(site).hostname or "").removeprefix("www.")
    text = EXAMPLE.read_text(encoding="utf-8")
    text = text.replace("https://www.example.org", site.rstrip("/"))
    text = text.replace("https://comments.example.org", f"https://comments.{host}")
    return text.replace("salt =\n", f"salt = {secrets.token_hex(32)}\n")


if __name__ == "__main__":
    sys.exit(main())
