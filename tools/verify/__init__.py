"""Is the built site fit to be published? `python -m tools.verify [output]` lists what is wrong.

Each rule is a generator; its docstring is what it promises. Those of a single file (TextFile, Page)
yield (what, fix), and a line or element where one is known, which are kept in the cache for a page.
Those across the site (BuiltSite) yield the file or its path first.
"""

import io
import marshal
from collections.abc import Callable, Iterable
from pathlib import Path

from plugins.cache.digests import describe, digest, of_files
from plugins.cache.store import NOTHING
from plugins.problems import Problem, Report
from plugins.progress import track
from plugins.schedule import build_time
from tools.verify import files, head, links, listings, safety, traces
from tools.verify.page import Context, Page, line_of
from tools.verify.site import BuiltSite, PageFacts, gather

TEXT_RULES = (safety.analytics, safety.secrets)  # of pages too
PAGE_RULES = (head.form, head.canonicals, head.named, head.structured_data, head.dates)
PAGE_RULES += (safety.third_parties, safety.policies)
PAGE_WARNINGS = (head.lengths,)
RULES = (
    *(links.broken_links, links.broken_in_files, links.orphans, head.unique),
    *(listings.feed_form, listings.feed_entries, listings.feed_links),
    *(listings.sitemap_form, listings.sitemap_pages, listings.robots),
    *(listings.translations, listings.dates),
    *(files.xml, files.content_names, files.compressed_copies, files.limits),
    *(files.header_policy, files.unwanted, files.shared_weight, traces.sources, traces.words),
)
WARNINGS = (links.detours, files.authored_weight)


def verify(
    output: Path, settings: dict, pages: list[PageFacts] | None = None, built=None
) -> Report:
    """Return what is wrong with the site in `output`. `pages` are the facts of its pages, if known;
    `built` is what it was built from: without it, nothing tells what is not published."""
    output = Path(output)
    if not (output / "index.html").is_file():
        return Report([_problem("index.html", "there is no site here", "publish it first")])
    pages = judge_pages(output, settings, built) if pages is None else pages
    now = build_time(settings["PATH"]).moment
    site = BuiltSite(output, settings, now, {page.path: page for page in pages}, built)
    errors = [(page, *found) for page in pages for found in page.errors]
    errors += [(text, *found) for text in site.texts() for found in _all(TEXT_RULES, text)]
    warnings = [(page, *found) for page in pages for found in page.warnings]
    found = (errors + _all(RULES, site), warnings + _all(WARNINGS, site))
    return Report(*(sorted({_problem(*one) for one in several}) for several in found))


def judge_pages(output: Path, settings: dict, built=None) -> list[PageFacts]:
    """Return the facts and errors of each page in `output`, from the cache if it has them."""
    cache, context = settings.get("CACHE"), Context.of(settings, built)
    code = of_files([Path(__file__).parent])
    basis = digest(cache.code, code, describe(context)) if cache else b""
    pages, known = [], {}
    for file in track("Verifying", sorted(output.rglob("*.html"))):
        path, content = file.relative_to(output).as_posix(), file.read_bytes()
        key = digest("verdict", basis, path, content)
        kept = cache.get(key) if cache else None
        if kept is None:
            # A file that a host or a search engine asks for as a proof of ownership is no page.
            if b"<html" not in content.lower():
                continue
            # An owner's own page may be in any encoding, and end its lines in any way.
            text = io.TextIOWrapper(io.BytesIO(content), "utf-8", errors="replace").read()
            page = Page(path, text, context)
            errors, warnings = _all((*TEXT_RULES, *PAGE_RULES), page), _all(PAGE_WARNINGS, page)
            kept = marshal.dumps(tuple(gather(page, errors, warnings)))
            if cache:
                cache.put(key, kept, cache.files.get(path, NOTHING))
        pages.append(PageFacts(*(_shared(value, known) for value in marshal.loads(kept))))
    return pages


def _shared(value, known: dict):
    """Return a value of which many pages have an equal one, so that it is in memory once."""
    if isinstance(value, tuple):
        value = tuple([known.setdefault(one, one) for one in value])
        value = known.setdefault(value, value)
    return value


def _all(rules: Iterable[Callable], judged) -> list[tuple]:
    return [found for rule in rules for found in rule(judged)]


def _problem(where, what: str, fix: str, at=0) -> Problem:
    return Problem(getattr(where, "path", where), line_of(at), 0, what, fix)
