"""Who is asking: which pages may write, and from which network a request came."""

from werkzeug.wrappers import Request, Response

from contract import ip_address, origin

from .fields import RejectedError
from .settings import Settings

JSON, FORM = "application/json", "application/x-www-form-urlencoded"


def page_origin(request: Request) -> str | None:
    """Return the origin of the page that sent a write."""
    stated = request.headers.get("Origin")
    if stated is None and request.mimetype == FORM:
        # Text browsers send no Origin; a page cannot make a browser send a foreign Referer.
        try:
            return origin(request.headers.get("Referer", ""))
        except ValueError:
            return None
    return stated


def require_page(request: Request, settings: Settings, media: str, *, of_site=True, own=False):
    """Pass a write that comes from a page of the site or of this server's `own`, in the form that
    such a page sends. A foreign page cannot send JSON without asking first (CORS), and cannot
    choose its Origin. Raises RejectedError."""
    if request.mimetype != media:
        raise RejectedError(415, "wrong-type", f"This address takes {media} only.")
    came_from = page_origin(request)
    is_own = came_from == origin(settings.endpoint or request.host_url)
    is_allowed = own and is_own or of_site and came_from in settings.origins
    fetched = request.headers.get("Sec-Fetch-Site", "same-origin" if is_own else "")
    if not is_allowed or fetched == "none" or (fetched == "same-origin") != is_own:
        message = "Replies are taken from the pages of this site only."
        raise RejectedError(403, "wrong-origin", message)


def share(request: Request, answer: Response, settings: Settings) -> Response:
    """Let the pages of our sites, and no others, read the answer (CORS)."""
    came_from = request.headers.get("Origin")
    if came_from in settings.origins:
        answer.headers["Access-Control-Allow-Origin"] = came_from
        answer.headers["Access-Control-Allow-Credentials"] = "true"
        # The embed asks every answer for X-Set-Cookie; browsers complain unless it might be there.
        answer.headers["Access-Control-Expose-Headers"] = "Date, Retry-After, X-Set-Cookie"
    return answer


def preflight(request: Request, settings: Settings) -> Response:
    """Answer a browser that asks whether a page may send JSON here."""
    if request.headers.get("Origin") not in settings.origins:
        return Response(status=403)
    allowed = {"Methods": "GET, POST", "Headers": "Content-Type"}
    headers = {f"Access-Control-Allow-{key}": value for key, value in allowed.items()}
    return Response(status=204, headers=headers | {"Access-Control-Max-Age": "86400"})


def sender(request: Request, settings: Settings) -> str:
    """Return the visitor's address: the nearest one that is not a trusted proxy's. X-Forwarded-For
    counts only when the request itself came from a trusted proxy."""
    address = ip_address(request.remote_addr or "")
    path = request.headers.get("X-Forwarded-For", "").split(",")
    while address and path and any(address in network for network in settings.proxies):
        last = ip_address(path.pop().strip())
        if last is None:
            break
        address = last
    return str(address or "0.0.0.0")
