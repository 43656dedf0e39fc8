"""Absolute addresses, for canonical links and machines, in previews too.

In a template SITEURL is relative while RELATIVE_URLS is set, which suits links; a canonical link
or a feed needs the whole address.
"""

import functools
import re
from urllib.parse import quote, unquote, urlsplit

from pelican import signals

from plugins.cache.digests import pure


def absolute_url(site: str, path: str) -> str:
    """Return the absolute address of a path or a written file of the site at the address `site`."""
    path = re.sub(r"(^|/)index\.html$", r"\1", path.lstrip("/"))
    return site.rstrip("/") + "/" + quote(path, safe="/%#?&=;:@!$'()*+,~")


def normalize_url(path: str) -> str:
    """Return the one spelling of an address inside the site: no slash at its ends, no index.html,
    no escapes."""
    path = unquote(path).lstrip("/")
    path = re.sub(r"(^|/)index\.html$", r"\1", path)
    return path.rstrip("/")


def register():
    """Offer `absolute`, which completes a path, and `site_path` to templates."""
    signals.generator_init.connect(_offer)


def _offer(generator):
    site = generator.settings["SITEURL"]
    generator.env.globals["absolute"] = pure(functools.partial(absolute_url, site))
    # The page "not found" is served at any depth, so its links start from the host.
    generator.env.globals["site_path"] = urlsplit(site).path
