"""Files are what their names say: content names, stored compressed copies, host files."""

import gzip
import re
from collections.abc import Iterator
from pathlib import PurePosixPath

import brotli

from plugins.assets import fingerprinted_name
from plugins.problems import Problem
from tools.hosts import FOREVER
from tools.verify.safety import directives
from tools.verify.site import Site

# https://developers.cloudflare.com/pages/configuration/headers/ and …/redirects/
HEADER_RULES, HEADER_LINE = 100, 2000
REDIRECT_RULES, REDIRECT_LINE = 2000, 1000
_LEFTOVERS = re.compile(
    r"(^|/)(\.DS_Store|Thumbs\.db|\.git|[^/]*(~|\.orig|\.swp|\.bak|\.md|\.py))$"
)
_KEYED = re.compile(r"-[0-9a-f]{8}-[0-9]+$")
_POLICY = re.compile(r'Content-Security-Policy:? "?([^"\n]+)')


def content_names(site: Site) -> Iterator[Problem]:
    """A file that browsers keep for ever has a name that changes with its content."""
    for path, file in site.files.items():
        place = PurePosixPath(path)
        if place.parts[0] not in FOREVER or place.suffix in (".gz", ".br"):
            continue
        if place.parts[0] == "theme":
            plain = place.with_name(f"{place.stem.rpartition('.')[0]}{place.suffix}")
            right = fingerprinted_name(str(plain), file.read_bytes()) == path
        else:
            right = bool(_KEYED.search(place.stem))
        if not right:
            what = "browsers keep it for ever, but its name does not tell its content"
            yield Problem(path, 0, 0, what, "have plugins/assets.py or plugins/images.py name it")


def siblings(site: Site) -> Iterator[Problem]:
    """Each stored .gz and .br holds the very bytes of the file beside it."""
    for path, file in site.files.items():
        if not path.endswith((".gz", ".br")):
            continue
        unpack = gzip.decompress if path.endswith(".gz") else brotli.decompress
        original = site.files.get(path[:-3])
        if original is None:
            yield Problem(path, 0, 0, "a compressed copy of nothing", "publish anew")
        elif unpack(file.read_bytes()) != original.read_bytes():
            yield Problem(path, 0, 0, f"it is not {original.name} any more", "publish anew")


def limits(site: Site) -> Iterator[Problem]:
    """The host files keep within what Cloudflare Pages reads."""
    for path, rules, longest in (
        ("_headers", HEADER_RULES, HEADER_LINE),
        ("_redirects", REDIRECT_RULES, REDIRECT_LINE),
    ):
        lines = site.files[path].read_text("utf-8").splitlines() if path in site.files else []
        if sum(line.startswith("/") for line in lines) > rules:
            yield Problem(path, 0, 0, f"more than {rules} rules", "drop the oldest Aliases")
        for number, line in enumerate(lines, 1):
            if len(line) > longest:
                yield Problem(path, number, 0, f"longer than {longest} characters", "shorten it")


def header_policy(site: Site) -> Iterator[Problem]:
    """The policy that hosts send blocks nothing that a page's own policy allows."""
    for path in ("_headers", "Caddyfile"):
        if path not in site.files:
            continue
        sent = _POLICY.search(site.files[path].read_text("utf-8"))
        if not sent:
            yield Problem(path, 0, 0, "no Content-Security-Policy", "send one")
            continue
        header = directives(sent[1])
        for page in site.pages.values():
            for name, sources in page.policies:
                if lost := set(sources) - header.get(name, set()):
                    what = f"the header's {name} blocks {' '.join(sorted(lost))} of {page.path}"
                    yield Problem(path, 0, 0, what, "derive both from plugins/security.py")


def leftovers(site: Site) -> Iterator[Problem]:
    """No file that an editor or a system left behind."""
    for path in site.files:
        if _LEFTOVERS.search(path):
            fix = "delete it from content/ or theme/"
            yield Problem(path, 0, 0, "a leftover is published", fix)
