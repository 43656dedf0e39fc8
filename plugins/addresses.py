"""Absolute addresses, for canonical links and machines, in previews too.

In a template SITEURL is relative while RELATIVE_URLS is set, which suits links; a canonical link
or a feed needs the whole address.
"""

import re
from urllib.parse import urlsplit

from pelican import signals


def register():
    """Offer `absolute`, `address_of` and `site_path` to templates."""
    signals.generator_init.connect(_offer)


def _offer(generator):
    site = generator.settings["SITEURL"].rstrip("/")

    def absolute(path: str) -> str:
        """Return the absolute address of a path of the site."""
        return f"{site}/{path.lstrip('/')}"

    def address_of(output_file: str) -> str:
        """Return the absolute address of a written file."""
        return absolute(re.sub(r"(^|/)index\.html$", r"\1", output_file))

    generator.env.globals["absolute"] = absolute
    generator.env.globals["address_of"] = address_of
    # The page "not found" is served at any depth, so its links start from the host.
    generator.env.globals["site_path"] = urlsplit(site).path
