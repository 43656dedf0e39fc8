"""Files are what their names say: XML, content names, stored compressed copies, host files."""

import gzip
import re
import zlib
from collections.abc import Iterator
from pathlib import PurePosixPath

import brotli

from plugins.assets import fingerprinted_name
from tools.hosts import FOREVER
from tools.verify.page import directives
from tools.verify.site import BuiltSite

# Most rules, and most characters of a line, of what Cloudflare Pages reads:
# https://developers.cloudflare.com/pages/configuration/headers/ and …/redirects/
LIMITS = {"_headers": (100, 2000), "_redirects": (2000, 1000)}
_LEFTOVERS = re.compile(
    r"(^|/)(\.DS_Store|Thumbs\.db|\.git|[^/]*(~|\.orig|\.swp|\.bak|\.md|\.py))$"
)
_KEYED = re.compile(r"-[0-9a-f]{8}-[0-9]+$")
_POLICY = re.compile(r'Content-Security-Policy:? "?([^"\n]+)')


def xml(site: BuiltSite) -> Iterator[tuple]:
    """Feed and sitemap are there and are XML."""
    for file, fix in ((site.feed, "set FEED_ATOM"), (site.sitemap, "keep the plugin `sitemap`")):
        if file.path not in site.files:
            yield file, "the file is missing", fix
        elif file.error:
            yield file, f"not XML: {file.error.msg}", "escape it", file.error.lineno


def content_names(site: BuiltSite) -> Iterator[tuple]:
    """A file that browsers keep for ever has a name that changes with its content."""
    for path, file in site.files.items():
        location = PurePosixPath(path)
        if location.parts[0] not in FOREVER or location.suffix in (".gz", ".br"):
            continue
        if location.parts[0] == "theme":
            plain = location.with_name(f"{location.stem.rpartition('.')[0]}{location.suffix}")
            is_right = fingerprinted_name(str(plain), file.read_bytes()) == path
        else:
            is_right = _KEYED.search(location.stem)
        if not is_right:
            what = "browsers keep it for ever, but its name does not change with its content"
            yield path, what, "have plugins/assets.py or plugins/images.py name it"


def compressed_copies(site: BuiltSite) -> Iterator[tuple]:
    """Each stored .gz and .br holds the very bytes of the file beside it."""
    for path, file in site.files.items():
        if not path.endswith((".gz", ".br")):
            continue
        unpack = gzip.decompress if path.endswith(".gz") else brotli.decompress
        original = site.files.get(path[:-3])
        try:
            is_same = original and unpack(file.read_bytes()) == original.read_bytes()
        except (OSError, EOFError, zlib.error, brotli.error):
            is_same = False
        if not is_same:
            what = f"not a copy of {original.name}" if original else "a compressed copy of nothing"
            yield path, what, "publish again"


def limits(site: BuiltSite) -> Iterator[tuple]:
    """The host files keep within what Cloudflare Pages reads."""
    for path, (most_rules, longest) in LIMITS.items():
        lines = site.read(path).splitlines()
        if sum(line.startswith("/") for line in lines) > most_rules:
            yield path, f"more than {most_rules} rules", "drop the oldest Aliases"
        for number, line in enumerate(lines, 1):
            if len(line) > longest:
                yield path, f"longer than {longest} characters", "shorten it", number


def header_policy(site: BuiltSite) -> Iterator[tuple]:
    """The policy that hosts send blocks nothing that a page's own policy allows."""
    for path in {"_headers", "Caddyfile"} & site.files.keys():
        stated = _POLICY.search(site.read(path))
        if not stated:
            yield path, "no Content-Security-Policy", "send one"
            continue
        header = directives(stated[1])
        for page in site.pages.values():
            for name, sources in page.policies:
                if lost := set(sources) - header.get(name, set()):
                    what = f"the header's {name} blocks {' '.join(sorted(lost))} of {page.path}"
                    yield path, what, "derive both from plugins/security.py"


def leftovers(site: BuiltSite) -> Iterator[tuple]:
    """No file that an editor or a system left behind."""
    for path in filter(_LEFTOVERS.search, site.files):
        yield path, "a leftover is published", "delete it from content/ or theme/"


RULES = (xml, content_names, compressed_copies, limits, header_policy, leftovers)
