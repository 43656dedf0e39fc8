"""The front door: every address the server answers, and nothing else."""

import json
import logging
import re
import sqlite3
import time
from urllib.parse import quote, urlsplit

from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map, Rule
from werkzeug.wrappers import Response

import contract

from . import answers, fields, origins
from .answers import Request, as_json, rejected
from .engine import Engine
from .fields import RejectedError, require
from .rows import PUBLISHED, database
from .settings import Settings

MOST_COUNTS = 100
FORM_FIELDS = ("uri", "title", "text", "author", "email", "website", "parent")
NO_ROUTE = {
    404: ("not-found", "There is nothing at this address."),
    405: ("wrong-method", "This address cannot be used like that."),
}

log = logging.getLogger("comments")


class Application:
    """A WSGI application; `close()` gives its database up. Raises RuntimeError, as Engine does."""

    def __init__(self, settings: Settings):
        self.settings = settings
        self.engine = Engine(settings)
        self.close = self.engine.close
        self._prefix = urlsplit(settings.endpoint).path
        routes = (
            ("GET", "/", self._thread),
            ("POST", "/new", self._new),
            ("POST", "/count", self._count),
            ("POST", "/preview", self._preview),
            ("GET", "/config", lambda request: as_json(self.engine.ask("GET", "/config").json)),
            ("POST", "/form", self._form),
            ("GET", "/waiting", self._waiting),
            ("GET", "/js/embed.min.js", lambda request: answers.embed()),
            ("GET", "/healthz", self._health),
            ("GET POST", "/id/<number>/<any(activate, delete):action>/<key>", self._moderation),
        )
        self._routes = Map(merge_slashes=False)
        for ways, path, act in routes:
            self._routes.add(Rule(path, methods=[*ways.split(), "OPTIONS"], endpoint=act))

    def __call__(self, environ, start_response):
        began = time.monotonic()
        request, route = Request(environ), "elsewhere"
        try:
            path = request.path
            if path.startswith(f"{self._prefix}/"):
                path = path.removeprefix(self._prefix)
            routes = self._routes.bind("localhost", path_info=path)
            rule, values = routes.match(method=request.method, return_rule=True)
            route = rule.rule.partition("<")[0]
            if request.method == "OPTIONS":
                answer = origins.preflight(request, self.settings)
            else:
                answer = rule.endpoint(request, **values)
        except RejectedError as error:
            answer = rejected(error)
        except HTTPException as error:
            code = error.code or 400
            known = NO_ROUTE.get(code, ("refused", "The request cannot be taken."))
            answer = rejected(RejectedError(code, *known))
            if methods := getattr(error, "valid_methods", None):
                answer.headers["Allow"] = ", ".join(methods)
        except Exception:
            log.exception("an answer failed")
            message = "Something went wrong here. Please try again later."
            answer = rejected(RejectedError(500, "failed", message))
        answer = answers.finish(request, origins.share(request, answer, self.settings))
        method = request.method if request.method in ("GET", "HEAD", "POST", "OPTIONS") else "OTHER"
        took = (time.monotonic() - began) * 1000
        log.info("%s %s %d %d ms", method, route, answer.status_code, took)
        return answer(environ, start_response)

    def _thread(self, request: Request) -> Response:
        given, most = request.args, contract.PAGE_SIZE
        query = {
            "uri": fields.path(given.get("uri")),
            "limit": _number(given, "limit", most, most),
            "nested_limit": _number(given, "nested_limit", most, most),
            "offset": _number(given, "offset", 0, 10**6),
            "sort": given.get("sort") or "oldest",
        }
        is_known = query["sort"] in ("oldest", "newest")
        require(is_known, "malformed", "Replies are sorted by `oldest` or `newest`.")
        if given.get("parent"):
            query["parent"] = _number(given, "parent", 0, 2**53)
        return as_json(self.engine.thread(query))

    def _new(self, request: Request) -> Response:
        given = self._data(request, dict) | {"uri": request.args.get("uri")}
        network = origins.sender(request, self.settings)
        status, stored = self.engine.add(fields.reply(given), network, request.headers["Origin"])
        return as_json(stored, status)

    def _count(self, request: Request) -> Response:
        paths = self._data(request, list)
        message = f"At most {MOST_COUNTS} pages are counted in one request."
        require(len(paths) <= MOST_COUNTS, "malformed", message)
        paths = [fields.path(path) for path in paths]
        return as_json(self.engine.ask("POST", "/count", body=paths).json)

    def _preview(self, request: Request) -> Response:
        text = fields.text(self._data(request, dict).get("text"))
        return as_json({"text": self.engine.preview(text)})

    def _data(self, request: Request, kind: type):
        """Return the body of a write, which has to be JSON of a `kind`. Raises RejectedError."""
        origins.require_page(request, self.settings, origins.JSON)
        try:
            # NaN and Infinity are no JSON, and no integers either.
            data = json.loads(request.get_data(), parse_constant=int)
        except (ValueError, RecursionError):
            raise RejectedError(400, "malformed", "The request's body is not JSON.") from None
        require(isinstance(data, kind), "malformed", "The request's body has the wrong form.")
        return data

    def _health(self, request: Request) -> Response:
        try:
            with database(self.settings.database) as db:
                db.execute("SELECT count(*) FROM threads").fetchone()
        except (sqlite3.Error, OSError):
            return as_json({"status": "the database cannot be read"}, 503)
        return as_json({"status": "ok"})

    def _form(self, request: Request) -> Response:
        """Take a reply from a visitor without JavaScript."""
        given = dict.fromkeys(FORM_FIELDS, "")
        try:
            origins.require_page(request, self.settings, origins.FORM, own=True)
            given |= {key: request.form.get(key, "") for key in given}
            parent = int(given["parent"]) if re.fullmatch(r"\d{1,16}", given["parent"]) else None
            reply = fields.reply(given | {"parent": parent})
            site = origins.page_origin(request)
            self.engine.add(reply, origins.sender(request, self.settings), site)
        except RejectedError as error:
            return self._ask_again(error, given)
        except HTTPException as error:
            message = "The form could not be read."
            return self._ask_again(RejectedError(error.code or 400, "refused", message), given)
        base = self.settings.endpoint or request.root_url.rstrip("/")
        target = f"{base}/waiting?uri={quote(reply.uri, safe='/')}"
        if site in self.settings.origins[1:]:
            target += f"&site={self.settings.origins.index(site)}"
        return Response(status=303, headers={"Location": target})

    def _ask_again(self, error: RejectedError, given: dict) -> Response:
        is_page = contract.is_thread(given["uri"])
        back = self.settings.sites[0] + (given["uri"] if is_page else "/")
        known = {"message": error.message, "back": back, "wrong": error.field, "kept": given}
        if is_page:
            return self._page("correct.html", "Please correct your reply", error.status, **known)
        return self._page("base.html", "Your reply could not be taken", error.status, **known)

    def _waiting(self, request: Request) -> Response:
        number = _number(request.args, "site", 0, len(self.settings.sites) - 1)
        back = self.settings.sites[number] + fields.path(request.args.get("uri"))
        return self._page("waiting.html", "Your reply waits for approval", back=back)

    def _moderation(self, request: Request, number: str, action: str, key: str) -> Response:
        """Show the reply that a link in an e-mail is about, or do what a button there says."""
        chosen = None
        if request.method == "POST":
            origins.require_page(request, self.settings, origins.FORM, of_site=False, own=True)
            chosen = request.form.get("action", "")
        item = self.engine.pending(number, key)
        if item is None or chosen not in (None, "activate", "delete"):
            message = "It is wrong or too old, or the reply is deleted."
            return self._page("base.html", "This link does nothing", 404, message=message, back="")
        if chosen is None:
            known = {"item": item, "is_published": item["mode"] == PUBLISHED, "back": ""}
            return self._page("moderate.html", "Moderate a reply", **known)
        self.engine.moderate(item["id"], chosen, key)
        done = "The reply is on the page now." if chosen == "activate" else "The reply is deleted."
        back = self.settings.sites[0] + item["uri"]
        return self._page("base.html", "Done", message=done, back=back)

    def _page(self, template: str, heading: str, status: int = 200, **values) -> Response:
        return answers.page(template, status, name=self.settings.name, heading=heading, **values)


def _number(given, key: str, default: int, most: int) -> int:
    value = given.get(key) or str(default)
    is_number = re.fullmatch(r"[0-9]{1,16}", value)
    require(is_number, "malformed", f"`{key}` has to be a whole number.")
    return min(int(value), most)
