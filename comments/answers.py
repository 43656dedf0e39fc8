"""Answers: JSON or a small page, with the headers that every answer carries, compressed."""

import base64
import gzip
import hashlib
import json
import re
from importlib.resources import files
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from werkzeug import wrappers
from werkzeug.wrappers import Response

from .fields import RejectedError

WORTH_COMPRESSING = 1000  # bytes: below this a packet is not saved
PAGES = Path(__file__).parent / "pages"
_options = {"autoescape": True, "trim_blocks": True, "lstrip_blocks": True}
_templates = Environment(loader=FileSystemLoader(PAGES), undefined=StrictUndefined, **_options)
_style = re.sub(r"\s*\n\s*", "", (PAGES / "style.css").read_text(encoding="utf-8"))
_hash = base64.b64encode(hashlib.sha256(_style.encode()).digest()).decode()
_nothing = "default-src 'none'; frame-ancestors 'none'"
_policy = f"{_nothing}; style-src 'sha256-{_hash}'; form-action 'self'; base-uri 'none'"
_embed = (files("isso") / "js" / "embed.min.js").read_bytes()


class Request(wrappers.Request):
    """A request, read no further than this."""

    max_content_length = max_form_memory_size = 64 * 1024


def as_json(data: object, status: int = 200) -> Response:
    """Return an answer that carries `data`."""
    return Response(json.dumps(data), status, content_type="application/json")


def rejected(error: RejectedError) -> Response:
    """Return what went wrong: `error` for programs, `message` for people, `field` to correct."""
    data = {"error": error.error, "message": error.message, "field": error.field}
    answer = as_json(data, error.status)
    if error.status == 429:
        answer.headers["Retry-After"] = "60"
    return answer


def page(template: str, status: int, **values) -> Response:
    """Return a small page; `values` are what its template shows."""
    text = _templates.get_template(template).render(style=_style, **values)
    # With less than `same-origin`, browsers would send the page's own form without its origin.
    headers = {"Content-Security-Policy": _policy, "Referrer-Policy": "same-origin"}
    return Response(text, status, headers, content_type="text/html; charset=utf-8")


def embed() -> Response:
    """Return Isso's script, which browsers may keep for a day."""
    answer = Response(_embed, content_type="text/javascript; charset=utf-8")
    answer.headers["Cache-Control"] = "public, max-age=86400"
    answer.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return answer


def finish(request: Request, answer: Response) -> Response:
    """Add the headers of every answer; compress what is worth it; name what may be kept."""
    headers = answer.headers
    headers.setdefault("Cache-Control", "no-store")
    headers.setdefault("Content-Security-Policy", _nothing)
    headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
    headers.setdefault("Referrer-Policy", "no-referrer")
    headers["X-Content-Type-Options"] = "nosniff"
    headers["X-Frame-Options"] = "DENY"
    headers["X-Robots-Tag"] = "noindex"
    headers["Strict-Transport-Security"] = "max-age=31536000"
    answer.vary.update(("Origin", "Accept-Encoding"))
    if len(answer.data) >= WORTH_COMPRESSING and request.accept_encodings["gzip"]:
        answer.data = gzip.compress(answer.data, mtime=0)
        headers["Content-Encoding"] = "gzip"
    if answer.cache_control.public:
        answer.add_etag()
        answer.make_conditional(request)
    return answer
