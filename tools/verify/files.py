"""Files are what their names say (XML, content names, stored compressed copies, host files), and
weigh no more than readers can load. What belongs to every page must keep to its budget; for an
author's article there is a warning.
"""

import gzip
import re
import zlib
from collections.abc import Iterator
from pathlib import PurePosixPath

import brotli

from plugins.assets import fingerprinted_name
from tools.hosts import FOREVER
from tools.verify.page import directives
from tools.verify.site import BuiltSite, compressed_size

# Most rules, and most characters of a line, of what Cloudflare Pages reads:
# https://developers.cloudflare.com/pages/configuration/headers/ and …/redirects/
LIMITS = {"_headers": (100, 2000), "_redirects": (2000, 1000)}
BUDGETS = {  # in bytes as sent, gzip level 6; BUDGETS in the settings changes one
    "style": 3277,  # a sheet in a page: 3.2 KB
    "script": 1024,  # scripts that a page loads automatically
    "acting": 25 * 1024,  # what a page loads when a reader acts
    "page": 14 * 1024,  # a page without replies: fits one TCP window of ten segments
    "image": 200 * 1024,  # one picture, as it is
}
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
        is_right = _KEYED.search(location.stem)
        if location.parts[0] == "theme":
            plain = location.with_name(f"{location.stem.rpartition('.')[0]}{location.suffix}")
            is_right = fingerprinted_name(str(plain), file.read_bytes()) == path
        if not is_right:
            what = "browsers keep it for ever, but its name does not change with its content"
            yield path, what, "have plugins/assets.py or plugins/images.py name it"


def compressed_copies(site: BuiltSite) -> Iterator[tuple]:
    """Each stored .gz and .br holds the very bytes of the file beside it."""
    unpackers = {".gz": gzip.decompress, ".br": brotli.decompress}
    for path in [path for path in site.files if path.endswith(tuple(unpackers))]:
        original = site.files.get(path[:-3])
        try:
            content = unpackers[path[-3:]](site.files[path].read_bytes())
        except (OSError, EOFError, zlib.error, brotli.error):
            content = None
        if not original or content != original.read_bytes():
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


def unwanted(site: BuiltSite) -> Iterator[tuple]:
    """No draft, and no file that an editor or a system left behind."""
    for path in site.files:
        if _LEFTOVERS.search(path):
            yield path, "a leftover is published", "delete it from content/ or theme/"
        if path in site.pages and path.startswith("drafts/"):
            yield path, "a draft is published", "leave DRAFT_SAVE_AS empty"


def shared_weight(site: BuiltSite) -> Iterator[tuple]:
    """What the theme puts on a page: the sheet, the scripts, and what they load when a reader acts.
    Only the heaviest page is reported."""
    theme = [path for path in site.files if path.startswith("theme/")]
    sizes = {path: compressed_size(site.files[path].read_bytes()) for path in theme}
    budgets = BUDGETS | site.settings.get("BUDGETS", {})

    def weigh(paths: tuple[str, ...]) -> int:
        return sum(sizes.get(path, 0) for path in paths)

    for kind, subject, size_of in (
        ("style", "its style sheet weighs", lambda page: page.sheet_bytes),
        ("script", "the scripts that it loads weigh", lambda page: weigh(page.scripts)),
        ("acting", "what it loads when a reader acts weighs", lambda page: weigh(page.acting)),
    ):
        page = max(site.pages.values(), key=size_of)
        if (size := size_of(page)) > budgets[kind]:
            what = f"{subject} {size} bytes, the budget is {budgets[kind]}"
            yield page, what, "make it lighter, or set BUDGETS"


def authored_weight(site: BuiltSite) -> Iterator[tuple]:
    """Warning: pages and pictures take long to load on a phone."""
    budgets = BUDGETS | site.settings.get("BUDGETS", {})
    for page in site.pages.values():
        if page.page_bytes > budgets["page"]:
            what = f"the page weighs {page.page_bytes} bytes, and {budgets['page']} come at once"
            yield page, what, "consider making two articles of it"
    for path, file in site.files.items():
        size = file.stat().st_size if path.startswith("images/") else 0
        if size > budgets["image"]:
            fix = f"make it smaller than {budgets['image'] >> 10} KB"
            yield path, f"the picture weighs {size >> 10} KB", fix
