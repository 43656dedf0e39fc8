"""The addresses of the site: which file claims which, and which belong to the machinery."""

import copy
import os
import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from urllib.parse import unquote, urlsplit

from pelican.contents import Article, Category, Content, Page, Tag
from pelican.plugins import signals
from pelican.readers import (
    METADATA_PROCESSORS,
    BaseReader,
    default_metadata,
    parse_path_metadata,
    path_metadata,
)

from tools.check.dates import read_dates
from tools.check.fields import ARTICLE, STATUSES
from tools.check.files import Inventory, within
from tools.check.rendered import Rendered
from tools.check.scan import Scan
from tools.check.source import Source
from tools.check.values import split_list
from tools.problems import Problem

# Never an article's: the start page, drafts, and what hosts look for when they find nothing.
_ALWAYS_RESERVED = {"index", "404", "drafts"}
_FIRST_PART = re.compile(r"[^/{}]+(?=/)")


@dataclass
class Document:
    """An article or page. `name` is its path inside the content folder; `address` is "" when it
    gets none (Status: skip, a draft in a published site, or a title that makes no address)."""

    source: Source
    name: str
    kind: str
    status: str = "published"
    content: Content | None = None
    address: str = ""
    save_as: str = ""
    given: set[str] = field(default_factory=set)  # fields that the file name holds
    misnamed: bool = False  # the file name begins with an impossible date
    page: Rendered | None = None
    scan: Scan | None = None

    @property
    def out(self) -> bool:
        """Whether readers can reach it."""
        return self.status in ("published", "hidden") and bool(self.save_as)

    def problem(self, at: int, what: str, fix: str) -> Problem:
        """Return a problem at the offset `at` of its source."""
        return self.source.problem(at, what, fix)


def describe(source: Source, name: str, kind: str, settings: dict, now: datetime) -> Document:
    """Return a document with the status and the address that Pelican will give it."""
    document = Document(source, name, kind)
    metadata = _metadata(document, settings)
    settings = copy.copy(settings)
    settings["WITH_FUTURE_DATES"] = True  # judged below, without the clock
    try:
        with signals.content_object_init.muted():
            content = (Article if kind == ARTICLE else Page)(
                "", metadata, settings, str(source.path), {}
            )
    except Exception:  # a value no rule knew; the build will name it
        return document
    document.status = content.status if content.status in STATUSES else "draft"
    to_come = hasattr(content, "date") and content.date > now
    if to_come and document.status == "published" and settings.get("PUBLISHING"):
        document.status = content.status = "draft"  # as plugins/schedule.py does
    document.content = content
    if document.status != "skip" and getattr(content, "slug", ""):
        document.save_as = content.save_as
        document.address = tidy(content.url)
    return document


def _metadata(document: Document, settings: dict) -> dict:
    process = BaseReader(settings).process_metadata
    metadata = default_metadata(settings, process)
    source = document.source
    metadata |= path_metadata(str(source.path), document.name, settings)
    try:
        from_path = parse_path_metadata(document.name, settings, process)
    except ValueError:
        document.misnamed = True
        from_path = {}
    metadata |= from_path
    document.given = set(from_path)
    dates = read_dates(source)
    for entry in reversed([entry for entry in source.entries if not entry.continued]):
        if entry.key in dates:
            metadata[entry.key] = dates[entry.key]
        elif entry.key in ("date", "modified"):
            metadata.pop(entry.key, None)
        elif entry.value:
            metadata[entry.key] = METADATA_PROCESSORS.get(entry.key, lambda value, _: value)(
                entry.value, settings
            )
    # Pelican's readers mark a value to drop with a bare object.
    return {key: value for key, value in metadata.items() if type(value) is not object}


def tidy(path: str) -> str:
    """Return the one spelling of an address inside the site: no leading slash, no index.html."""
    path = unquote(path).lstrip("/")
    path = re.sub(r"(^|/)index\.html$", r"\1", path)
    return path.rstrip("/")


@dataclass
class Site:
    """All that can be linked to."""

    settings: dict
    files: set[str]
    documents: dict[str, Document] = field(default_factory=dict)  # by name
    addresses: dict[str, Document | None] = field(default_factory=dict)  # None: not a document
    taken: dict[str, str] = field(default_factory=dict)  # address of the machinery: what is there
    reserved: set[str] = field(default_factory=set)  # first parts of such addresses
    anchors: set[str] = field(default_factory=set)  # ids that templates write

    @property
    def root(self) -> str:
        """The path of SITEURL, for a site below the root of its host."""
        return tidy(urlsplit(self.settings["SITEURL"]).path)


def survey(settings: dict, inventory: Inventory, documents: list[Document]) -> Site:
    """Return the site that the documents and settings make."""
    site = Site(settings, inventory.files)
    site.documents = {document.name: document for document in documents}
    for address, what in _machine_addresses(settings, inventory.files, documents):
        site.taken.setdefault(address, what)
    site.reserved = _reserved(settings, site.taken)
    site.addresses = dict.fromkeys(site.taken)
    for document in documents:
        if document.address and not (document.address in site.addresses and not document.out):
            site.addresses[document.address] = document
        for alias in aliases(document):
            site.addresses.setdefault(tidy(alias), document)
    site.anchors = _template_anchors(settings)
    return site


def aliases(document: Document) -> list[str]:
    """Return the earlier addresses of a document, as written."""
    entry = document.source.first("aliases")
    return [name for name, _ in split_list(entry)] if entry else []


def _machine_addresses(settings, files, documents) -> Iterator[tuple[str, str]]:
    for template in settings["DIRECT_TEMPLATES"]:
        save_as = settings.get(f"{template.upper()}_SAVE_AS", f"{template}.html")
        if save_as:
            yield tidy(save_as), f"the page {template}"
    for save_as in settings["TEMPLATE_PAGES"].values():
        yield tidy(save_as), "a template page"
    for key, value in settings.items():
        is_file = isinstance(value, str) and value.endswith((".xml", ".rss", ".atom"))
        if "FEED" in key and is_file and "{" not in value:
            yield tidy(value), "a feed"
    if any(str(name).split(".")[-1] == "sitemap" for name in settings["PLUGINS"] or ()):
        yield "sitemap.xml", "the sitemap"
    for name, save_as in static_files(settings, files):
        yield tidy(save_as), f"the file {name}"
    for folder in settings["THEME_STATIC_PATHS"]:
        base = Path(settings["THEME"]) / folder
        for path in base.rglob("*") if base.is_dir() else ():
            if path.is_file():
                inside = path.relative_to(base).as_posix()
                yield (tidy(f"{settings['THEME_STATIC_DIR']}/{inside}"), "a file of the theme")
    for document in documents:
        if document.status != "published" or document.content is None:
            continue
        category = getattr(document.content, "category", None)
        terms = [("category", category)] if category else []
        terms += [("tag", tag) for tag in getattr(document.content, "tags", ())]
        terms += [("author", author) for author in getattr(document.content, "authors", ())]
        for kind, term in terms if document.kind == ARTICLE else ():
            if settings[f"{kind.upper()}_SAVE_AS"] and term.slug:
                yield tidy(term.url), f"the {kind} {term.name}"
        for period in ("YEAR", "MONTH", "DAY"):
            pattern = settings[f"{period}_ARCHIVE_SAVE_AS"]
            if pattern and hasattr(document.content, "date"):
                yield tidy(pattern.format(date=document.content.date)), "an archive"


def static_files(settings: dict, files: set[str]) -> Iterator[tuple[str, str]]:
    """Yield name and output path of every file that is published as it is."""
    moved = settings["EXTRA_PATH_METADATA"]
    for name in sorted(files):
        if within(name, settings["STATIC_PATHS"] or ["\0"]):
            extra = moved.get(name, {})
            yield name, extra.get("save_as") or extra.get("path") or name


def _reserved(settings: dict, taken: dict[str, str]) -> set[str]:
    """Return the first parts of addresses that no article may have."""
    found = set(_ALWAYS_RESERVED)
    for key, value in settings.items():
        if key.endswith("_SAVE_AS") and isinstance(value, str):
            found |= set(_FIRST_PART.findall(value)[:1] if not value.startswith("{") else ())
    for address in taken:
        first, below, _ = address.partition("/")
        found.add(first if below else re.sub(r"\.html$", "", first))
    found |= {str(folder).strip("/").split("/")[0] for folder in settings["STATIC_PATHS"]}
    found.add(settings["THEME_STATIC_DIR"].split("/")[0])
    for _, url, _ in settings["PAGINATION_PATTERNS"]:
        if match := re.match(r"\{base_name\}/([^/{}]+)/", str(url)):
            found.add(match[1])
    return {name.casefold() for name in found if name}


def _template_anchors(settings: dict) -> set[str]:
    found = set()
    for folder in ("templates", *settings["THEME_TEMPLATES_OVERRIDES"]):
        base = Path(settings["THEME"]) / folder
        for path in base.rglob("*.html") if base.is_dir() else ():
            text = path.read_text(encoding="utf-8", errors="replace")
            found |= set(re.findall(r"\bid=[\"']?([^\s\"'{}<>]+)[\"'\s>]", text))
    return found


def claims(site: Site) -> Iterator[Problem]:
    """Yield documents without a proper address of their own."""
    owners: dict[str, Document] = {}
    threads: dict[str, Document] = {}
    documents = sorted(site.documents.values(), key=lambda document: document.name)
    for document in sorted(
        documents, key=lambda document: bool(document.source.first("comment_id"))
    ):
        yield from _thread(document, threads)
    for document in documents:
        if document.misnamed:
            yield document.problem(
                0, "the file name begins with an impossible date", "rename the file"
            )
        yield from _slug(document, site)
        yield from _terms(document, site.settings)
        if not document.save_as:
            continue
        outside = _outside(document.save_as, site.settings["OUTPUT_PATH"])
        if outside:
            entry = document.source.first("save_as") or document.source.first("slug")
            yield document.problem(
                entry.value_at if entry else 0,
                f"{document.save_as} lies outside the site",
                "write a path that stays inside, such as my-page/index.html",
            )
            continue
        yield from _two_places(document)
        same = posixpath.normpath(document.save_as).casefold()
        other = owners.setdefault(same, document)
        if other is not document:
            yield _clash(document, other)
        elif tidy(document.save_as) in site.taken:
            yield _at_address(
                document,
                f"the address /{document.address} belongs to {site.taken[tidy(document.save_as)]}",
            )
        elif tidy(document.save_as).split("/")[0].casefold() in site.reserved:
            first = tidy(document.save_as).split("/")[0]
            if not (document.status == "draft" and first == "drafts"):
                yield _at_address(document, f"the address /{first}/ is kept for the site itself")
    yield from _old_addresses(site, documents)


def _two_places(document: Document) -> Iterator[Problem]:
    entry = document.source.first("url")
    file, address = tidy(document.save_as), document.address
    if entry and entry.value and address not in (file, file.removesuffix(".html")):
        yield document.problem(
            entry.value_at,
            f"URL leads to /{address}, but Save_as writes {document.save_as}",
            "let both name the same place",
        )


def _at_address(document: Document, what: str) -> Problem:
    source = document.source
    for key, fix in (
        ("save_as", "write another Save_as"),
        ("slug", "write another Slug"),
        ("title", 'add a line "Slug: another-name"'),
    ):
        if entry := source.first(key):
            return document.problem(entry.value_at, what, fix)
    return document.problem(0, what, 'add a line "Slug: another-name"')


def _clash(document: Document, other: Document) -> Problem:
    same_text = bool(document.source.first("lang") or other.source.first("lang"))
    problem = _at_address(
        document,
        f"the same address as {other.source.name}: /{document.address or document.save_as}",
    )
    if same_text and document.source.value("slug") == other.source.value("slug"):
        return Problem(
            problem.path,
            problem.line,
            problem.col,
            problem.what,
            "give the translation its own Lang, or write another Slug",
        )
    return problem


def _outside(save_as: str, output: str) -> bool:
    base = os.path.abspath(output)
    target = os.path.abspath(os.path.join(base, save_as))
    return (
        os.path.commonpath([base, target]) != base
        or re.match(r"[A-Za-z]:|\\|/", save_as) is not None
    )


def _slug(document: Document, site: Site) -> Iterator[Problem]:
    source = document.source
    slug = getattr(document.content, "slug", "")
    stated = source.first("slug")
    if document.content is None or document.status == "skip":
        return
    if not slug:
        if source.value("title"):
            yield document.problem(
                source.first("title").value_at,
                "the title makes no address: it has no letter and no digit",
                'add a line such as "Slug: my-article"',
            )
        return
    letters = r"\w" if site.settings.get("SLUGIFY_USE_UNICODE") else "A-Za-z0-9_"
    wrong = re.search(rf"[^{letters}.~-]|^\.|\.$", slug)
    if wrong and stated and stated.value:
        at = stated.value_at + wrong.start()
        sign = "a space" if wrong[0].isspace() else wrong[0]
        yield document.problem(
            at, f"{sign} does not belong in an address", "write letters, digits and hyphens"
        )
    elif wrong:
        yield document.problem(
            source.first("title").value_at if source.first("title") else 0,
            f"the title makes the address {slug}, which does not work",
            'add a line such as "Slug: my-article"',
        )


def _terms(document: Document, settings: dict) -> Iterator[Problem]:
    for key, term in (("category", Category), ("tags", Tag)):
        entry = document.source.first(key)
        if document.kind != ARTICLE or not entry or entry.value.startswith("["):
            continue
        parts = split_list(entry) if key == "tags" else [(entry.value, entry.value_at)]
        for name, at in parts:
            if name and not term(name, settings).slug:
                yield document.problem(
                    at, f"{entry.written} {name} makes no address", "use letters or digits"
                )


def _thread(document: Document, threads: dict[str, Document]) -> Iterator[Problem]:
    entry = document.source.first("comment_id")
    thread = entry.value if entry else f"/{document.address}/"
    if entry and entry.value and not re.fullmatch(r"/[^\s?#]*", entry.value):
        yield document.problem(
            entry.value_at,
            f"Comment_id {entry.value} is not an address of this site",
            "write the article's first address, such as /my-article/",
        )
        return
    other = threads.setdefault(thread, document) if document.out else document
    if entry and other is not document:
        yield document.problem(
            entry.value_at, f"the same Comment_id as {other.source.name}", "give each its own"
        )


def _old_addresses(site: Site, documents: list[Document]) -> Iterator[Problem]:
    owners: dict[str, Document] = {}
    for document in documents:
        entry = document.source.first("aliases")
        for name, at in split_list(entry) if entry else ():
            address = tidy(name)
            if not re.fullmatch(r"/[^\s?#\\]+", name) or ".." in name.split("/"):
                yield document.problem(
                    at, f"{name} is not an address of this site", "write it as /old-address/"
                )
                continue
            owner = owners.setdefault(address, document)
            there = site.addresses.get(address)
            if address in site.taken:
                yield document.problem(
                    at, f"{name} belongs to {site.taken[address]}", "take it out of Aliases"
                )
            elif there is not None and there.address == address:
                whom = "this article itself" if there is document else there.source.name
                yield document.problem(
                    at, f"{name} is the address of {whom}", "take it out of Aliases"
                )
            elif owner is not document:
                yield document.problem(
                    at,
                    f"{name} is an alias of {owner.source.name} too",
                    "keep it in one of the two",
                )
