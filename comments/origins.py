"""Who is asking: which pages may write, and from which network a request came."""

import ipaddress

from werkzeug.wrappers import Request, Response

from .contract import origin
from .fields import Refused
from .settings import Settings

JSON, FORM = "application/json", "application/x-www-form-urlencoded"


def own_origin(request: Request, settings: Settings) -> str:
    """The origin that visitors know this server by."""
    return origin(settings.endpoint or request.host_url)


def page_origin(request: Request) -> str | None:
    """The origin of the page that sent a write."""
    stated = request.headers.get("Origin")
    if stated is None and request.mimetype == FORM:
        # Text browsers send no Origin; a page cannot make a browser send a foreign Referer.
        try:
            return origin(request.headers.get("Referer", ""))
        except ValueError:
            return None
    return stated


def may_write(request: Request, allowed: tuple[str, ...], media: str, own: str) -> None:
    """Pass a write that comes from a page of ours, in the form that such a page sends.

    A foreign page cannot send JSON without asking first (CORS), and cannot choose its Origin.
    Raises Refused.
    """
    if request.mimetype != media:
        raise Refused(415, "wrong-type", f"This address takes {media} only.")
    came_from = page_origin(request)
    fetched = request.headers.get("Sec-Fetch-Site", "same-origin" if came_from == own else "")
    agrees = fetched != "none" and (fetched == "same-origin") == (came_from == own)
    if came_from not in allowed or not agrees:
        message = "Replies are taken from the pages of this site only."
        raise Refused(403, "wrong-origin", message)


def share(request: Request, answer: Response, settings: Settings) -> Response:
    """Let the pages of our sites read the answer (CORS), and nobody else's."""
    came_from = request.headers.get("Origin")
    if came_from in settings.origins:
        answer.headers["Access-Control-Allow-Origin"] = came_from
        answer.headers["Access-Control-Allow-Credentials"] = "true"
        # The embed asks every answer for X-Set-Cookie; browsers complain unless it might be there.
        answer.headers["Access-Control-Expose-Headers"] = "Date, Retry-After, X-Set-Cookie"
    return answer


def preflight(request: Request, settings: Settings) -> Response:
    """Answer a browser that asks whether a page may send JSON here."""
    allowed = request.headers.get("Origin") in settings.origins
    answer = Response(status=204 if allowed else 403)
    if allowed:
        answer.headers["Access-Control-Allow-Methods"] = "GET, POST"
        answer.headers["Access-Control-Allow-Headers"] = "Content-Type"
        answer.headers["Access-Control-Max-Age"] = "86400"
    return answer


def sender(request: Request, settings: Settings) -> str:
    """The visitor's address: the nearest one that is not a trusted proxy's.

    X-Forwarded-For counts only when the request itself came from a trusted proxy.
    """
    address = request.environ.get("REMOTE_ADDR") or ""
    path = request.headers.get("X-Forwarded-For", "").split(",")
    while path and _trusted(address, settings):
        last = path.pop().strip()
        if not _ip(last):
            break
        address = last
    return address if _ip(address) else "0.0.0.0"


def _ip(address: str):
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return None
    return getattr(found, "ipv4_mapped", None) or found


def _trusted(address: str, settings: Settings) -> bool:
    found = _ip(address)
    return found is not None and any(found in network for network in settings.proxies)
