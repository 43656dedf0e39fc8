"""Is the built site fit to go out? `python -m tools.verify [output]` says what is wrong with it.

Each rule is a generator of problems; its docstring is what it promises. Most judge a file by itself
(Text, Page), and what they say of a page is kept in the cache; those across the site know the facts
of all pages (Site). Mistakes keep a site from being published, warnings do not.
"""

import io
import marshal
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from plugins.cache.digests import describe, digest, of_files
from plugins.cache.store import NOTHING
from plugins.problems import Problem, Report
from plugins.progress import track
from plugins.schedule import build_time
from tools.verify import dates, feed, files, head, links, safety, sitemap, weight
from tools.verify.facts import Facts, gather
from tools.verify.page import Context, Page
from tools.verify.site import Site

# A page whose structured data is not JSON would stop the others, so this one goes first.
FIRST = dates.graphs
# Of every file that is read as text, pages too.
TEXT_RULES = (safety.analytics, safety.secrets, safety.local_paths)
PAGE_RULES = (
    links.cards,
    head.languages,
    head.headings,
    head.ids,
    head.canonicals,
    head.named,
    dates.headlines,
    dates.agreement,
    dates.reviewers,
    safety.third_parties,
    safety.links,
    safety.policies,
)
PAGE_WARNINGS = (head.lengths,)
RULES = (
    links.broken_links,
    links.broken_statements,
    links.broken_in_feed,
    links.broken_in_files,
    links.orphans,
    head.unique,
    sitemap.well_formed,
    sitemap.valid,
    sitemap.complete,
    sitemap.robots,
    sitemap.translations,
    feed.well_formed,
    feed.complete,
    feed.people,
    feed.ids,
    feed.dates,
    feed.links,
    feed.texts,
    feed.entries,
    dates.listed,
    dates.lists,
    dates.future,
    dates.drafts,
    files.content_names,
    files.siblings,
    files.limits,
    files.header_policy,
    files.leftovers,
    weight.shared,
)
WARNINGS = (links.detours, weight.authored)


@dataclass
class Verdict:
    """What is told from a page alone. It has no facts if its structured data cannot be read."""

    facts: Facts | None
    errors: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)


def verify(output: Path, settings: dict, verdicts: list[Verdict] | None = None) -> Report:
    """Return what is wrong with the site in `output`, built with Pelican's `settings`. `verdicts`
    are those of its pages, if they are known already."""
    output = Path(output)
    if not (output / "index.html").is_file():
        missing = Problem("index.html", 0, 0, "there is no site here", "publish it first")
        return Report([missing])
    verdicts = judge_pages(output, settings) if verdicts is None else verdicts
    if unreadable := [verdict for verdict in verdicts if not verdict.facts]:
        return Report(sorted(set(_all(verdict.errors for verdict in unreadable))))
    pages = {verdict.facts.path: verdict.facts for verdict in verdicts}
    site = Site(output, settings, build_time(settings["PATH"]).moment, pages)
    errors = _all(verdict.errors for verdict in verdicts)
    errors += _all(rule(text) for text in site.texts() for rule in TEXT_RULES)
    errors += _all(rule(site) for rule in RULES)
    warnings = _all(verdict.warnings for verdict in verdicts) + _all(
        rule(site) for rule in WARNINGS
    )
    return Report(sorted(set(errors)), sorted(set(warnings)))


def judge_pages(output: Path, settings: dict) -> list[Verdict]:
    """Return the verdict on each page in `output`, from the cache where it has been judged before
    as it is."""
    cache, context = settings.get("CACHE"), Context.of(settings)
    code = of_files([Path(__file__).parent])
    basis = digest(cache.code, code, describe(context)) if cache else b""
    verdicts, known = [], {}
    for file in track("Verifying", sorted(output.rglob("*.html"))):
        path, content = file.relative_to(output).as_posix(), file.read_bytes()
        key = digest("verdict", basis, path, content)
        kept = cache.get(key) if cache else None
        if kept is None:
            # A file that a host or a search engine asks for as a proof of ownership is no page.
            if b"<html" not in content.lower():
                continue
            kept = _judge(Page(path, _read(content), context))
            if cache:
                cache.put(key, kept, cache.files.get(path, NOTHING))
        verdicts.append(_restore(path, kept, known))
    return verdicts


def _read(content: bytes) -> str:
    # An owner's own page may be in any encoding, and end its lines in any way.
    return io.TextIOWrapper(io.BytesIO(content), "utf-8", errors="replace").read()


def _judge(page: Page) -> bytes:
    """Return the verdict on a page as bytes."""
    if errors := list(FIRST(page)):
        return _pack(None, errors, [])
    errors = _all(rule(page) for rule in (*TEXT_RULES, *PAGE_RULES))
    return _pack(tuple(gather(page)), errors, _all(rule(page) for rule in PAGE_WARNINGS))


def _pack(facts: tuple | None, *problems: list[Problem]) -> bytes:
    return marshal.dumps((facts, *([(p.line, p.what, p.fix) for p in each] for each in problems)))


def _restore(path: str, kept: bytes, known: dict) -> Verdict:
    """Return a verdict. What many pages have in common is in memory once: it is taken from
    `known`."""
    facts, *problems = marshal.loads(kept)
    if facts:
        facts = Facts(*(_shared(value, known) for value in facts))
    each = ([Problem(path, line, 0, what, fix) for line, what, fix in some] for some in problems)
    return Verdict(facts, *each)


def _shared(value, known: dict):
    if isinstance(value, tuple):
        value = tuple([known.setdefault(one, one) for one in value])
        value = known.setdefault(value, value)
    return value


def _all(several: Iterable[Iterable[Problem]]) -> list[Problem]:
    return [problem for problems in several for problem in problems]
