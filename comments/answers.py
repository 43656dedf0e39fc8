"""Answers: JSON or a small page, with the headers that every answer carries, compressed."""

import gzip
import hashlib
import json

from werkzeug.wrappers import Request, Response

# Below this a packet is not saved.
WORTH_COMPRESSING = 1000


class Visit(Request):
    """A request, read no further than this."""

    max_content_length = 64 * 1024
    max_form_memory_size = 64 * 1024


def as_json(data: object, status: int = 200) -> Response:
    """An answer that carries `data`."""
    return Response(json.dumps(data), status, content_type="application/json")


def refused(status: int, error: str, message: str, field: str | None = None) -> Response:
    """What went wrong: `error` for programs, `message` for people, `field` to be mended."""
    answer = as_json({"error": error, "message": message, "field": field}, status)
    if status == 429:
        answer.headers["Retry-After"] = "60"
    return answer


def finish(request: Request, answer: Response) -> Response:
    """Add the headers of every answer; compress what is worth it."""
    headers = answer.headers
    headers.setdefault("Cache-Control", "no-store")
    headers.setdefault("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
    headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
    headers.setdefault("Referrer-Policy", "no-referrer")
    headers["X-Content-Type-Options"] = "nosniff"
    headers["X-Frame-Options"] = "DENY"
    headers["X-Robots-Tag"] = "noindex"
    headers["Strict-Transport-Security"] = "max-age=31536000"
    answer.vary.update(("Origin", "Accept-Encoding"))
    if len(answer.data) >= WORTH_COMPRESSING and request.accept_encodings["gzip"]:
        answer.data = gzip.compress(answer.data, 6, mtime=0)
        headers["Content-Encoding"] = "gzip"
    return answer


class File:
    """A file that never changes while the server runs: compressed once, known by its ETag."""

    def __init__(self, data: bytes, content_type: str):
        self.plain, self.type = data, content_type
        self.packed = gzip.compress(data, 9, mtime=0)
        self.tag = hashlib.sha256(data).hexdigest()[:20]

    def answer(self, request: Request) -> Response:
        """The file, packed if the visitor can unpack it, or that it has not changed."""
        packed = request.accept_encodings["gzip"]
        answer = Response(self.packed if packed else self.plain, content_type=self.type)
        if packed:
            answer.headers["Content-Encoding"] = "gzip"
        answer.headers["Cache-Control"] = "public, max-age=86400"
        answer.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
        answer.vary.update(("Origin", "Accept-Encoding"))
        answer.set_etag(self.tag + ("-gzip" if packed else ""))
        return answer.make_conditional(request)
