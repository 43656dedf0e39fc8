"""Stops a build before anything is written if there is an error in the content: asks the rules
across files once Pelican has read them all, and adds what the reader has found in each."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from blinker import signal
from pelican import signals
from pelican.contents import Static

from plugins.documents import Document
from plugins.problems import ContentError, Problem, Report, as_started, display_path
from plugins.rules import addresses, files, links, metadata, reach, readability
from plugins.rules.fields import ARTICLE
from plugins.schedule import build_time

# Sent with Pelican's context and the ContentReport, before an error stops the build.
content_checked = signal("content_checked")


@dataclass
class ContentReport(Report):
    """What was found wrong in the content, the documents and static files in it by name, and what
    is at each address of the site."""

    documents: dict[str, Document] = field(default_factory=dict)
    files: dict[str, Static] = field(default_factory=dict)
    targets: dict[str, addresses.Target] = field(default_factory=dict)


class CheckFinishedError(Exception):
    """Raised where CHECK_ONLY is set: all is read and judged, and nothing is to be written."""


def register():
    """Walk the content folder before Pelican does, and judge the whole before it is written."""
    signals.generator_init.connect(_prepare)
    signals.page_generator_finalized.connect(_find_files)
    signals.all_generators_finalized.connect(_judge)


def _prepare(generator):
    context, settings = generator.context, generator.settings
    generator.add_static_links = lambda content: None  # as `_find_files` does
    if "inventory" in context:
        return
    context["problems"] = []
    found = context["inventory"] = files.Inventory(Path(generator.path))
    # Pelican would follow each loop until the system refuses.
    for key in ("ARTICLE_EXCLUDES", "PAGE_EXCLUDES", "STATIC_EXCLUDES"):
        settings[key] = [*settings[key], *found.loops]


def _find_files(generator):
    """Have Pelican publish the files that texts mean, however they name them."""
    context = generator.context
    names, documents = context["inventory"].names, context["documents"]
    read = [document for document in documents.values() if document.facts is not None]
    context["static_links"] = {name for one in read for name in links.files(one, names)}
    context["static_links"] -= documents.keys()


def _judge(generators):
    context = generators[0].context
    documents = [context["documents"][name] for name in sorted(context["documents"])]
    site = addresses.SiteIndex(context, context["inventory"].names, documents)
    report = ContentReport([], [], context["documents"], context["static_content"], site.targets)
    found = set(context["problems"]).union(
        context["inventory"].problems,
        files.unread(context["inventory"], context),
        *(document.problems for document in documents),
        _across_files(documents, site),
    )
    if context.get("CHECK_ONLY") or context.get("PUBLISHING"):  # which a preview may wait for
        found.update(reach.theme_links(site), addresses.same_words(site))
        found.update([] if found else reach.orphans(site))  # a broken link may be the reason
    is_read = len(documents) == len(context["sources"])
    if not found and is_read and not any(document.kind == ARTICLE for document in documents):
        make = as_started("make new TITLE=Walking", "python -m tools.new Walking")
        what, fix = "there is no article here", f"write one: {make}"
        found.add(Problem(display_path(context["PATH"]), 1, 1, what, fix))
    report.errors = sorted(found)
    if context.get("CHECK_ONLY"):  # a build does not show it
        report.warnings = sorted(set(_warnings(documents, context)))
    content_checked.send(context, report=report)
    if report.errors:
        raise ContentError(*report.errors)
    if context.get("CHECK_ONLY"):
        raise CheckFinishedError
    for document in documents:
        links.complete(document)


def _across_files(documents: list[Document], site: addresses.SiteIndex) -> Iterable[Problem]:
    """Yield the errors that only show when all documents are known."""
    for document in documents:
        source, kind = document.source, document.kind
        if kind:  # its metadata could be read
            yield from source.problems(metadata.template(source, kind, site.templates[kind]))
        if document.content is not None:
            yield from source.problems(metadata.ahead(source, document.content, site.now))
        if document.facts is not None:
            yield from source.problems(links.links(document, site))
    yield from addresses.claims(site)


def _warnings(documents: list[Document], context: dict) -> Iterable[Problem]:
    now = build_time(context["PATH"]).moment
    for document in documents:
        yield from document.warnings
        if document.content is not None:
            yield from document.source.problems(readability.about_time(document, now))
