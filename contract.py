"""What the site and its comment server must agree on. It needs the standard library alone."""

import ipaddress
import re
from typing import NamedTuple
from urllib.parse import urlsplit

LOCAL_ENDPOINT = "/isso"  # where a comment server on the site's own origin answers
ANCHOR = "isso-"  # in the id of a reply's element, before its number, as Isso writes it
PAGE_SIZE = 20  # replies, or answers to one, in a portion; the first is rendered into the page


class Limit(NamedTuple):
    """How many characters a field may have."""

    min: int
    max: int


# The fields of a reply, by the names that they have in a form.
LIMITS = {
    "uri": Limit(1, 300),  # the thread, see is_thread()
    "title": Limit(0, 300),  # of the article
    "text": Limit(3, 8000),
    "author": Limit(1, 100),
    "email": Limit(1, 254),
    "website": Limit(0, 254),
}
# What a browser asks of these two before it sends them; `is_email` and `is_web_address` ask more.
PATTERNS = {"email": r".+@.+\..+", "website": r".+:.+\..+"}

# The elements that a reply's text may consist of, with no attribute but the address of a link.
ALLOWED_TAGS = {
    *("a", "blockquote", "br", "code", "del", "em", "hr", "ins", "li", "ol", "p", "pre", "strong"),
    *("sub", "sup", "table", "tbody", "td", "th", "thead", "tr", "ul"),
}

# A valid e-mail address as browsers judge it (HTML Standard, 4.10.5.1.5), with a dot in its domain.
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_EMAIL = re.compile(rf"(?i)[a-z0-9.!#$%&'*+/=?^_`{{|}}~-]{{1,64}}@{_LABEL}(?:\.{_LABEL})+")
_WEB_ADDRESS = re.compile(
    r"(?i)https?://(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.)+[^\W\d_][\w-]{1,62}(?::\d{1,5})?"
    r"(?:[/?#][^\s\"'<>\\`{}|^]*)?"
)
# A page's path: no second slash, no query, nothing that a browser would resolve elsewhere.
_THREAD = re.compile(r"(?i)/(?:(?!\.\.?(?:/|$))(?:[\w.~!$&'()*+,;=:@-]|%[0-9a-f]{2})+(?:/|$))*")


def thread_id(url: str, comment_id: str = "") -> str:
    """Return the id of an article's thread: its path on the site, unless `Comment_id` froze it."""
    return comment_id or f"/{url}"


def is_thread(text: str) -> bool:
    """Return whether a text can be the id of a thread: the path of a page of this site."""
    return len(text) <= LIMITS["uri"].max and _THREAD.fullmatch(text) is not None


def is_email(text: str) -> bool:
    """Return whether a text is an e-mail address."""
    return _EMAIL.fullmatch(text) is not None


def is_web_address(text: str) -> bool:
    """Return whether a text is the absolute address of a public web page, fit for a link."""
    return _WEB_ADDRESS.fullmatch(text) is not None


def is_loopback(host: str | None) -> bool:
    """Return whether a host's name or IP address means the machine itself."""
    name = (host or "").lower().strip("[]").removesuffix(".")
    address = ip_address(name)
    return address.is_loopback if address else f".{name}".endswith(".localhost")


def ip_address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """Return the IP address that a text is, one of IPv4 mapped to IPv6 as IPv4; None for none."""
    try:
        found = ipaddress.ip_address(text)
    except ValueError:
        return None
    return getattr(found, "ipv4_mapped", None) or found


def is_encrypted(address: str) -> bool:
    """Return whether what is sent to an address is encrypted, or never leaves the machine."""
    parts = urlsplit(address)
    return parts.scheme == "https" or parts.scheme == "http" and is_loopback(parts.hostname)


def origin(address: str) -> str:
    """Return the origin of an address: `https://example.org/site` -> `https://example.org`."""
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"


def address_error(address: str) -> tuple[str, str] | None:
    """Return what is wrong with the address of a site or of a comment server, and how to fix it."""
    try:
        parts = urlsplit(address)
        parts.port  # noqa: B018 (raises ValueError for a port that is no number)
    except ValueError:
        parts = urlsplit("")
    # No character that could end an attribute in a page or a source in its policy.
    is_plain = parts.scheme in ("http", "https") and re.fullmatch(r"[\w.~:/\[\]%-]+", address, re.A)
    if not parts.hostname or not is_plain:
        return f"`{address}` is not the address of a site", "write it like https://www.example.org"
    if parts.netloc != parts.netloc.lower():
        return f"`{address}` has capitals in its host name", "write it in lower case"
    if not is_encrypted(address):
        risk = "names and e-mail addresses would cross the network in the clear"
        return f"`{address}` is not encrypted: {risk}", "write https://"
    return None
