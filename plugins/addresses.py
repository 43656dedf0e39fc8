"""The one spelling of an address of the site, of the file at it, and of its absolute form, which a
canonical link or a feed needs: in a template SITEURL is relative while RELATIVE_URLS is set."""

import html
import posixpath
import re
from collections.abc import Callable
from urllib.parse import quote, unquote, urlsplit

# The attributes of HTML that hold an address; `srcset` holds several.
ATTRIBUTES = {"action", "background", "cite", "data", "formaction", "href", "longdesc", "poster"}
ATTRIBUTES |= {"src", "srcset", "usemap"}
_SAFE = "/%#?&=;:@!$'()*+,~"
_TAG = re.compile(r"""<[a-z][a-z0-9]*\s(?:[^<>"']|"[^"]*"|'[^']*')*+>""", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"""([^\s"'<>/=]+)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""")


def absolute_url(site: str, path: str) -> str:
    """Return the absolute address of a path or a written file of the site at the address `site`."""
    return f"{site.rstrip('/')}/{quote(_without_index(path.lstrip('/')), _SAFE)}"


def normalize_url(path: str) -> str:
    """Return the one spelling of an address inside the site: no slash at its ends, no index.html,
    no escapes, no `.` and `..`."""
    return _without_index(posixpath.normpath(f"/{unquote(path)}").lstrip("/")).rstrip("/")


def save_as_of(path: str) -> str:
    """Return the file that is served at an address inside the site: `/old/` and `/old` are
    old/index.html, `/old.html` is old.html."""
    path = normalize_url(path)
    return path if path.endswith(".html") else posixpath.join(path, "index.html")


def base_path(site: str) -> str:
    """Return the path below which the site at the address `site` lies: "/folder", or ""."""
    return urlsplit(site).path.rstrip("/")


def is_same_origin(address: str, other: str) -> bool:
    """Return whether two absolute addresses have the same scheme, host and port."""
    return urlsplit(address)[:2] == urlsplit(other)[:2]


def split_srcset(value: str) -> list[list[str]]:
    """Return the addresses of a `srcset`, each with what it says of its size."""
    return [part.split() for part in value.split(",") if part.strip()]


def replace_addresses(text: str, replace: Callable[[str], str | None]) -> str:
    """Return HTML with other addresses. `replace` gets each, and returns the one to write in its
    place, or None to leave it."""

    def in_attribute(match: re.Match) -> str:
        name = match[1].lower()
        if name not in ATTRIBUTES:
            return match[0]
        value = html.unescape(match[2] or match[3] or match[4] or "")
        new = replace(value)
        if name == "srcset":
            parts = ([replace(one) or one, *size] for one, *size in split_srcset(value))
            new = ", ".join(map(" ".join, parts))
        return match[0] if new is None else f'{match[1]}="{html.escape(new)}"'

    return _TAG.sub(lambda tag: _ATTRIBUTE.sub(in_attribute, tag[0]), text)


def _without_index(path: str) -> str:
    return re.sub(r"(^|/)index\.html$", r"\1", path)
