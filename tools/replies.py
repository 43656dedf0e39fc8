"""The command behind `make replies`: fetch the approved replies for the next build. Every field is
checked and cleaned before it is written to the snapshot (comments/owner/snapshot.py).
"""

import html
import json
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from itertools import islice
from pathlib import Path
from urllib.parse import urlencode, urljoin
from urllib.request import HTTPRedirectHandler, build_opener

from comments import fields
from comments.owner.snapshot import DELETED, TIME, write
from contract import LIMITS, PAGE_SIZE, is_encrypted, is_web_address
from plugins import comments
from plugins.problems import ContentError
from plugins.replies import clean
from plugins.rules.fields import ARTICLE
from tools.build import load_settings
from tools.check import check
from tools.terminal import argument_parser

MOST = 1000
TIMEOUT, BIGGEST = 10, 4 * 1024 * 1024
PRIVATE = {"email", "remote_addr", "voters"}


class ServerUnreachableError(Exception):
    """The comment server does not answer."""


class AnswerError(ValueError):
    """The comment server's answer is not what it should be."""

    def __init__(self, what: str):
        fix = "nothing is changed; is the endpoint right, and the server as new as this site?"
        super().__init__(f"the comment server's answer cannot be used: {what} — {fix}")


def main(arguments: list[str] | None = None) -> int:
    """Fetch the replies of the site that a settings file describes; return the exit code."""
    about = "Fetches the approved replies for the next build from the comment server."
    parser = argument_parser("replies", about)
    parser.set_defaults(settings="publishconf.py")
    about = "the comment server's address (from the settings)"
    parser.add_argument("--endpoint", default="", help=about)
    parser.add_argument("-o", "--output", type=Path, default=Path("replies.json"))
    parser.add_argument("--strict", action="store_true", help="fail if the server is unreachable")
    options = parser.parse_args(arguments)
    try:
        endpoint, threads = read_site(options.settings, options.endpoint)
        if endpoint:
            fetch(endpoint, threads, options.output)
        else:
            print("The site has no comment server yet; there is nothing to fetch.")
    except ServerUnreachableError as error:
        kept = f"{options.output} stays as it was" if options.output.exists() else "none is kept"
        print(f"warning: {error}; {kept}", file=sys.stderr)
        return 1 if options.strict else 0
    except (ValueError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def read_site(settings_path: str, endpoint: str = "") -> tuple[str, list[str]]:
    """Return the address of a site's comment server, "" if there is none yet, and its threads."""
    settings = load_settings(settings_path)
    options, content = comments.settle(settings), Path(settings["PATH"])
    endpoint = endpoint or (options["endpoint"] if options["provider"] == "isso" else "")
    if not endpoint:
        return "", []
    # A snapshot that is malformed stops the first check; this command replaces it.
    report = check(content, settings)
    report = report if report.documents else check(content, settings | {"REPLIES_SNAPSHOT": "-"})
    if not report.documents:
        raise ContentError(*report.errors)
    articles = (each for each in report.documents.values() if each.kind == ARTICLE)
    pages = [article.content for article in articles if article.is_published]
    threads = [comments.thread(page) for page in pages if comments.status(page, options) != "off"]
    return urljoin(settings["SITEURL"] + "/", endpoint), threads


def fetch(endpoint: str, threads: list[str], path: Path) -> None:
    """Write the approved replies of `threads` to `path`, or leave the file as it was: raises
    ServerUnreachableError, or ValueError for an unsafe address or an answer of no use."""
    if not is_encrypted(endpoint):
        fix = "correct the endpoint in COMMENTS, or give --endpoint"
        raise ValueError(f"{endpoint!r} is not an https address — {fix}")
    ask = partial(_ask, endpoint)
    read = ((thread, _thread(ask, thread)) for thread in sorted(set(threads)))
    found = {thread: replies for thread, replies in read if replies}
    write({"as_of": datetime.now(UTC).strftime(TIME), "threads": found}, path)
    count = sum(map(len, found.values()))
    replies = f"{count} approved repl{'y' if count == 1 else 'ies'}"
    print(f"{path}: {replies} on {len(found)} page{'s' * (len(found) != 1)}.")


def _ask(endpoint: str, query: dict) -> object:
    """Send a query to a server; return the data of its answer."""
    address = f"{endpoint.rstrip('/')}/?{urlencode(query)}"
    try:
        with build_opener(_NoRedirect).open(address, timeout=TIMEOUT) as answer:
            body = answer.read(BIGGEST + 1)
    except (OSError, ValueError) as error:
        if 300 <= getattr(error, "code", 500) < 500 and error.code != 429:
            raise AnswerError(f"it has the status {error.code}") from None
        what = f"the comment server at {endpoint} cannot be reached ({error})"
        raise ServerUnreachableError(what) from None
    if len(body) > BIGGEST:
        raise AnswerError("the answer is too long")
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        raise AnswerError("the answer is not JSON") from None


def _thread(ask, thread: str) -> list[dict]:
    """Return the replies of a page, each followed by its answers."""

    def fetched() -> Iterator[dict]:
        for item in _pages(ask, {"uri": thread}):
            yield _reply(item, None)
            answers = _list(item)
            if item.get("total_replies", 0) > len(answers):
                answers = _pages(ask, {"uri": thread, "parent": item["id"]})
            for answer in answers:
                yield _reply(answer, item["id"])

    replies = list(islice(fetched(), MOST))
    if len({reply["id"] for reply in replies}) < len(replies):
        raise AnswerError("a reply is there twice")
    return replies


def _pages(ask, query: dict) -> Iterator:
    query = query | {"limit": PAGE_SIZE, "nested_limit": PAGE_SIZE}
    for offset in range(0, MOST, PAGE_SIZE):
        found = _list(ask(query | {"offset": offset}))
        yield from found
        if len(found) < PAGE_SIZE:
            return


def _list(data: object) -> list:
    if not isinstance(data, dict) or not isinstance(data.get("replies"), list):
        raise AnswerError("there is no list of replies")
    return data["replies"]


def _reply(item: object, parent: int | None) -> dict:
    """Return one reply, rebuilt from what is sound in it. Raises AnswerError."""
    if not isinstance(item, dict):
        raise AnswerError("a reply is not an object")
    if PRIVATE & item.keys():
        raise AnswerError("it gives e-mail addresses or networks away")
    number, mode = item.get("id"), item.get("mode")
    if type(number) is not int or number < 1 or item.get("parent") != parent:
        raise AnswerError("a reply's number is wrong")
    if mode not in (1, 4):
        raise AnswerError("a reply is not approved")
    try:
        if len(item["text"]) > 20 * LIMITS["text"].max:
            raise ValueError("its text is too long")
        website = html.unescape("" if item["website"] is None else item["website"])
        reply = {
            "id": number,
            "parent": parent,
            "created": datetime.fromtimestamp(item["created"], UTC).strftime(TIME),
            "by_site": item.get("hash") == "site",
            "author": fields.name({"author": html.unescape(item["author"] or "Anonymous")}),
            "website": website if is_web_address(website) else None,
            "text": str(clean(item["text"])).strip(),
        }
    except (LookupError, TypeError, ValueError, OverflowError, OSError) as error:
        raise AnswerError(f"reply {number} is malformed ({error})") from None
    return reply | (DELETED if mode == 4 else {})


class _NoRedirect(HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


if __name__ == "__main__":
    sys.exit(main())
