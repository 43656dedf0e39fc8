"""The one spelling of an address of the site, of the file at it, and of its absolute form.

In a template SITEURL is relative while RELATIVE_URLS is set, which suits links; a canonical link
or a feed needs an absolute address.
"""

import functools
import posixpath
import re
from urllib.parse import quote, unquote, urlsplit

from pelican import signals

from plugins.cache.digests import pure

_SAFE = "/%#?&=;:@!$'()*+,~"


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


def _without_index(path: str) -> str:
    return re.sub(r"(^|/)index\.html$", r"\1", path)


def register():
    """Offer `absolute`, which completes a path, and `site_path` to templates."""
    signals.generator_init.connect(_offer)


def _offer(generator):
    site = generator.settings["SITEURL"]
    generator.env.globals["absolute"] = pure(functools.partial(absolute_url, site))
    # The page "not found" is served at any depth, so its links start from the host.
    generator.env.globals["site_path"] = urlsplit(site).path
