"""The front door: every address the server answers, and nothing else."""

import html
import json
import logging
import re
import time
from importlib.resources import files
from urllib.parse import quote, urlsplit

from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from . import contract, fields, origins
from .answers import File, Visit, as_json, finish, refused
from .engine import Engine
from .fields import Refused
from .pages import page
from .settings import Settings

MOST_COUNTS = 100

log = logging.getLogger("comments")


def make_application(settings: Settings) -> "Application":
    """The WSGI application. Raises RuntimeError when the database is served already or broken."""
    return Application(settings)


class Application:
    """A WSGI application; `close()` gives its database up."""

    def __init__(self, settings: Settings):
        self.settings = settings
        self.engine = Engine(settings)
        self.engine.keep_house()
        self.close = self.engine.close
        self._prefix = urlsplit(settings.endpoint).path
        self._embed = File(
            (files("isso") / "js" / "embed.min.js").read_bytes(), "text/javascript; charset=utf-8"
        )
        self._doors = [
            (re.compile(pattern), methods)
            for pattern, methods in (
                (r"/", {"GET": self._thread}),
                (r"/new", {"POST": self._new}),
                (r"/count", {"POST": self._count}),
                (r"/preview", {"POST": self._preview}),
                (r"/config", {"GET": self._config}),
                (r"/form", {"POST": self._form}),
                (r"/waiting", {"GET": self._waiting}),
                (r"/js/embed\.min\.js", {"GET": self._script}),
                (r"/healthz", {"GET": self._health}),
                (
                    r"/id/(?P<number>[1-9]\d{0,15})/(?P<action>activate|delete)/(?P<key>[\w.-]{1,200})",
                    {"GET": self._ask_moderator, "POST": self._moderate},
                ),
            )
        ]

    def __call__(self, environ, start_response):
        began = time.monotonic()
        visit = Visit(environ)
        door = "elsewhere"
        try:
            door, answer = self._answer(visit)
        except Refused as wrong:
            answer = refused(wrong.status, wrong.error, wrong.message, wrong.field)
        except HTTPException as error:
            answer = refused(error.code or 400, "refused", "The request cannot be taken.")
        except Exception:
            log.exception("an answer failed")
            answer = refused(500, "failed", "Something went wrong here. Please try again later.")
        answer = finish(visit, origins.share(visit, answer, self.settings))
        took = (time.monotonic() - began) * 1000
        log.info("%s %s %d %d ms", _word(visit.method), door, answer.status_code, took)
        return answer(environ, start_response)

    def _answer(self, visit: Visit) -> tuple[str, Response]:
        path = visit.path
        if self._prefix and path.startswith(self._prefix + "/"):
            path = path.removeprefix(self._prefix)
        at = [(found, *door) for door in self._doors if (found := door[0].fullmatch(path))]
        if not at:
            return "elsewhere", refused(404, "not-found", "There is nothing at this address.")
        found, pattern, methods = at[0]
        name = pattern.pattern.partition("(")[0].replace("\\", "")
        if visit.method == "OPTIONS":
            return name, origins.preflight(visit, self.settings)
        act = methods.get("GET" if visit.method == "HEAD" else visit.method)
        if act is None:
            answer = refused(405, "wrong-method", "This address cannot be used like that.")
            answer.headers["Allow"] = ", ".join(methods)
            return name, answer
        try:
            return name, act(visit, **found.groupdict())
        except Refused as wrong:
            return name, refused(wrong.status, wrong.error, wrong.message, wrong.field)

    # For the embed.

    def _thread(self, visit: Visit) -> Response:
        given, most = visit.args, contract.PAGE_SIZE
        query = {
            "uri": fields.path(given.get("uri")),
            "limit": _number(given, "limit", most, most),
            "nested_limit": _number(given, "nested_limit", most, most),
            "offset": _number(given, "offset", 0, 10**6),
            "sort": given.get("sort") or "oldest",
        }
        if query["sort"] not in ("oldest", "newest"):
            raise Refused(400, "malformed", "Replies are sorted by `oldest` or `newest`.")
        if given.get("parent"):
            query["parent"] = _number(given, "parent", 0, 2**53)
        return as_json(self.engine.thread(query))

    def _new(self, visit: Visit) -> Response:
        self._json_write(visit)
        given = _json(visit, dict) | {"uri": visit.args.get("uri")}
        status, stored = self._store(visit, fields.reply(given), visit.headers["Origin"])
        return as_json(stored, status)

    def _count(self, visit: Visit) -> Response:
        self._json_write(visit)
        paths = _json(visit, list)
        if len(paths) > MOST_COUNTS:
            raise Refused(400, "malformed", f"At most {MOST_COUNTS} pages are counted at once.")
        return as_json(self.engine.counts([fields.path(path) for path in paths]))

    def _preview(self, visit: Visit) -> Response:
        self._json_write(visit)
        text = fields.text(_json(visit, dict).get("text"))
        return as_json({"text": self.engine.preview(text)})

    def _config(self, visit: Visit) -> Response:
        return as_json(self.engine.config())

    def _script(self, visit: Visit) -> Response:
        return self._embed.answer(visit)

    def _health(self, visit: Visit) -> Response:
        well = self.engine.healthy()
        return as_json(
            {"status": "ok" if well else "the database cannot be read"}, 200 if well else 503
        )

    # For visitors without JavaScript.

    def _form(self, visit: Visit) -> Response:
        own = origins.own_origin(visit, self.settings)
        kept = dict.fromkeys(("uri", "title", "text", "author", "email", "website", "parent"), "")
        try:
            origins.may_write(visit, (*self.settings.origins, own), origins.FORM, own)
            kept |= {key: visit.form.get(key, "") for key in kept}
            parent = kept["parent"]
            given = kept | {"parent": int(parent) if re.fullmatch(r"\d{1,16}", parent) else None}
            reply = fields.reply(given)
            came_from = origins.page_origin(visit)
            self._store(visit, reply, came_from)
        except Refused as wrong:
            return self._mend(wrong, kept)
        except HTTPException as error:
            wrong = Refused(error.code or 400, "refused", "The form could not be read.")
            return self._mend(wrong, kept)
        target = f"{self._base(visit)}/waiting?uri={quote(reply.uri, safe='/')}"
        number = self._site_number(came_from)
        return Response(
            status=303, headers={"Location": target + (f"&site={number}" if number else "")}
        )

    def _mend(self, wrong: Refused, kept: dict) -> Response:
        try:
            back = self.settings.sites[0] + fields.path(kept["uri"])
        except Refused:
            return page(
                "base.html",
                wrong.status,
                name=self.settings.name,
                heading="Your reply could not be taken",
                message=wrong.message,
                back=self.settings.sites[0] + "/",
            )
        return page(
            "mend.html",
            wrong.status,
            name=self.settings.name,
            heading="Please correct your reply",
            message=wrong.message,
            wrong=wrong.field,
            kept=kept,
            action="form",
            back=back,
        )

    def _waiting(self, visit: Visit) -> Response:
        site = self.settings.sites[_number(visit.args, "site", 0, len(self.settings.sites) - 1)]
        return page(
            "waiting.html",
            name=self.settings.name,
            heading="Your reply waits for approval",
            back=site + fields.path(visit.args.get("uri")),
        )

    # For the owner, from the links in an e-mail.

    def _ask_moderator(self, visit: Visit, number: str, action: str, key: str) -> Response:
        item = self.engine.pending(int(number), key)
        if item is None:
            return self._no_moderation()
        return page(
            "moderate.html",
            name=self.settings.name,
            heading="Moderate a reply",
            author=html.unescape(item["author"] or "Somebody"),
            uri=item["uri"],
            html=item["html"],
            published=item["mode"] == 1,
            back="",
        )

    def _moderate(self, visit: Visit, number: str, action: str, key: str) -> Response:
        own = origins.own_origin(visit, self.settings)
        origins.may_write(visit, (own,), origins.FORM, own)
        chosen = visit.form.get("action", "")
        item = self.engine.pending(int(number), key)
        if item is None or chosen not in ("activate", "delete"):
            return self._no_moderation()
        self.engine.moderate(int(number), chosen, key)
        done = "The reply is on the page now." if chosen == "activate" else "The reply is deleted."
        back = self.settings.sites[0] + item["uri"]
        return page("base.html", name=self.settings.name, heading="Done", message=done, back=back)

    def _no_moderation(self) -> Response:
        return page(
            "base.html",
            404,
            name=self.settings.name,
            heading="This link does nothing",
            message="It is wrong or too old, or the reply is deleted.",
            back="",
        )

    # Shared.

    def _json_write(self, visit: Visit) -> None:
        own = origins.own_origin(visit, self.settings)
        origins.may_write(visit, self.settings.origins, origins.JSON, own)

    def _store(self, visit: Visit, reply: fields.Reply, came_from: str) -> tuple[int, dict]:
        return self.engine.add(reply, origins.sender(visit, self.settings), came_from)

    def _base(self, visit: Visit) -> str:
        return self.settings.endpoint or visit.root_url.rstrip("/")

    def _site_number(self, came_from: str) -> int:
        found = [i for i, site in enumerate(self.settings.origins) if site == came_from]
        return found[0] if found else 0


def _json(visit: Visit, kind: type):
    """The request's body, which has to be a `kind`. Raises Refused."""
    try:
        data = json.loads(visit.get_data(), parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise Refused(400, "malformed", "The request's body is not JSON.") from None
    if not isinstance(data, kind):
        raise Refused(400, "malformed", "The request's body has the wrong form.")
    return data


def _no_constant(word: str):
    raise ValueError(word)


def _number(given, key: str, default: int, most: int) -> int:
    value = given.get(key) or str(default)
    if not re.fullmatch(r"[0-9]{1,16}", value):
        raise Refused(400, "malformed", f"`{key}` has to be a whole number.")
    return min(int(value), most)


def _word(method: str) -> str:
    return method if method in ("GET", "HEAD", "POST", "OPTIONS") else "OTHER"
