"""Every mistake in the content, with its place and its cure. `python -m tools.check` prints them.

The way of a file: files.py finds it, source.py reads it, frontmatter.py and values.py judge its
fields (listed in fields.py), rendered.py converts it once with the site's own Markdown settings,
scan.py finds places in its source, site.py knows all addresses, links.py and body.py judge the
text, reading.py advises. Rules are generators of `Problem`.
"""

import copy
import difflib
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pelican.readers import MarkdownReader

from plugins import images
from tools.check import body, frontmatter, links, reading, rendered, site, values
from tools.check.fields import ARTICLE
from tools.check.files import inventory
from tools.check.scan import Scan
from tools.check.source import NotText, read
from tools.epoch import epoch
from tools.problems import Mistake, Problem, shown

MANY = 300
LONG_WORK = 500_000  # characters; Markdown takes about two seconds for a million


@dataclass
class Report:
    """What `check` found: mistakes stop a build, advisories do not. Both are sorted."""

    mistakes: list[Problem] = field(default_factory=list)
    advisories: list[Problem] = field(default_factory=list)


def check(content: Path, settings: dict, tell: Callable[[str], None] | None = None) -> Report:
    """Return all mistakes in the folder `content`, judged by Pelican's `settings`.

    `tell` is called with a line of text before work that takes more than a moment.
    """
    with _quiet("pelican.urlwrappers"):  # names without a letter are told of below, with a place
        return _check(Path(content), settings, tell)


@contextmanager
def _quiet(name: str):
    logger = logging.getLogger(name)
    before, logger.disabled = logger.disabled, True
    try:
        yield
    finally:
        logger.disabled = before


def _check(content: Path, settings: dict, tell: Callable[[str], None] | None) -> Report:
    settings = _settings(content, settings)
    now = epoch()
    found = inventory(content, settings)
    report = Report(mistakes=list(found.problems))
    documents = []
    if tell and len(found.documents) > MANY:
        tell(f"Checking {len(found.documents)} articles and pages …")
    for path, name, kind in found.documents:
        try:
            source = read(path)
        except NotText as unreadable:
            report.mistakes.append(unreadable.problem)
            continue
        broken = list(frontmatter.dialect(source))
        report.mistakes += broken
        if not broken:
            documents.append(site.describe(source, name, kind, settings, now))
    for document in documents:
        if document.status != "skip":
            report.mistakes += _convert(document, settings, tell)
    whole = site.survey(settings, found, documents)
    files = (content / name for name, _ in site.static_files(settings, found.files))
    report.mistakes += images.faults(files, settings.get("PICTURES_CACHE", images.CACHE))
    for document in documents:
        report.mistakes += _mistakes(document, whole)
        if document.status != "skip":
            lang = document.source.value("lang") or settings["DEFAULT_LANG"]
            report.advisories += reading.advise(document, now, lang)
    report.mistakes += site.claims(whole)
    if not report.mistakes and not any(document.kind == ARTICLE for document in documents):
        report.mistakes.append(
            Problem(
                shown(content), 1, 1, "there is no article here", 'write one: make new TITLE="…"'
            )
        )
    report.mistakes = sorted(set(report.mistakes))
    report.advisories = sorted(set(report.advisories))
    return report


def _settings(content: Path, settings: dict) -> dict:
    """Return a copy of the settings for this folder, with Markdown as Pelican sets it up."""
    settings = copy.copy(settings)
    settings["PATH"] = str(content)
    settings["MARKDOWN"] = {
        key: copy.copy(value) for key, value in settings.get("MARKDOWN", {}).items()
    }
    MarkdownReader(settings)  # fills in the extensions that Pelican adds
    return settings


def _convert(
    document: site.Document, settings: dict, tell: Callable[[str], None] | None
) -> Iterator[Problem]:
    """Fill in what a document becomes; yield what keeps it from being converted."""
    text = document.source.text
    if tell and len(text) > LONG_WORK:
        size = f"{len(text) / 1e6:.1f} million signs"
        tell(f"{document.source.name} is long ({size}): this takes a while …")
    document.scan = Scan(text, document.source.body_at)
    empty = list(body.empty_notes(document))
    yield from empty
    try:
        document.page = rendered.facts(rendered.convert(text, settings["MARKDOWN"]))
    except Exception as error:  # whatever the converter trips over
        if not empty:
            yield document.problem(
                document.scan.start,
                f"the text cannot be converted ({type(error).__name__})",
                "look for lists, quotations or brackets nested very deep",
            )


def _mistakes(document: site.Document, whole: site.Site) -> Iterator[Problem]:
    source, settings = document.source, whole.settings
    extra = {name.lower() for name in settings.get("EXTRA_FIELDS", ())}
    yield from frontmatter.fields(source, document.kind, document.given, extra)
    yield from values.values(source, document.kind, _zone(settings), settings["DEFAULT_LANG"])
    yield from _template(document, settings)
    if document.page is None:
        return
    fields = {
        key: rendered.facts(rendered.convert_line(source.value(key), settings["MARKDOWN"]))
        for key in settings["FORMATTED_FIELDS"]
        if source.value(key)
    }
    if "summary" in fields:
        yield from values.summary(source, fields["summary"].words)
    yield from links.front_matter_links(document, whole, fields)
    yield from links.picture(document, whole)
    yield from links.links(document, whole)
    yield from links.images(document)
    yield from body.headings(document)
    yield from body.footnotes(document)
    yield from body.left_over(document)
    yield from body.fences(document)
    yield from body.boxes(document)
    yield from body.blocked(document)
    yield from body.tokens(document, _tokens(settings))
    yield from body.faq(document)


def _zone(settings: dict) -> ZoneInfo:
    name = settings.get("TIMEZONE", "UTC")
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        what, fix = f"there is no TIMEZONE {name!r}", "write one such as Europe/Berlin or UTC"
        raise Mistake(Problem("pelicanconf.py", 0, 0, what, fix)) from None


def _template(document: site.Document, settings: dict) -> Iterator[Problem]:
    entry = document.source.first("template")
    if not entry or not entry.value:
        return
    folders = [Path(settings["THEME"]) / "templates"]
    folders += [Path(folder) for folder in settings["THEME_TEMPLATES_OVERRIDES"]]
    names = {
        path.relative_to(folder).as_posix().removesuffix(ending)
        for folder in folders
        for ending in settings["TEMPLATE_EXTENSIONS"]
        for path in folder.glob(f"*{ending}")
    }
    if entry.value not in names:
        near = difflib.get_close_matches(entry.value, names, 1)
        yield document.problem(
            entry.value_at,
            f"the theme has no template {entry.value}",
            f"did you mean {near[0]}?" if near else "delete the line",
        )


def _tokens(settings: dict) -> set[str]:
    configs = settings["MARKDOWN"].get("extension_configs", {})
    return set(configs.get("plugins.tokens:TokensExtension", {}).get("values", {}))
