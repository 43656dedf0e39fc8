"""The addresses of the site: which file claims which, and which belong to the machinery."""

import os
import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from urllib.parse import urlsplit

from pelican.contents import Category, Tag

from comments import contract
from plugins.addresses import normalize_url
from plugins.documents import Document
from plugins.problems import Problem
from plugins.rules.fields import ARTICLE
from plugins.rules.nearest import Nearest
from plugins.rules.values import split_list

# Never an article's: the start page, drafts, and what hosts look for when they find nothing.
_ALWAYS_RESERVED = {"index", "404", "drafts"}
_FIRST_PART = re.compile(r"[^/{}]+(?=/)")


@dataclass
class Site:
    """All that can be linked to. `files` are the names of all that lies in the content folder."""

    settings: dict
    files: set[str]
    documents: dict[str, Document] = field(default_factory=dict)  # by name
    addresses: dict[str, Document | None] = field(default_factory=dict)  # None: not a document
    taken: dict[str, str] = field(default_factory=dict)  # address of the machinery: what is there
    reserved: set[str] = field(default_factory=set)  # first parts of such addresses
    anchors: set[str] = field(default_factory=set)  # ids that templates write

    @cached_property
    def root(self) -> str:
        """The path of SITEURL, for a site below the root of its host."""
        return normalize_url(urlsplit(self.settings["SITEURL"]).path)

    @cached_property
    def near_addresses(self) -> Nearest:
        """Finds addresses by a similar one."""
        return Nearest(self.addresses)

    @cached_property
    def near_files(self) -> Nearest:
        """Finds files by a similar name, whatever their folder."""
        return Nearest(self.files, lambda name: posixpath.basename(name).casefold())

    @cached_property
    def near_documents(self) -> Nearest:
        """Finds articles and pages by a similar name, whatever their folder."""
        return Nearest(self.documents, lambda name: posixpath.basename(name).casefold())

    @cached_property
    def unpublished(self) -> dict[str, Document]:
        """The drafts by the address that they would have if they were published."""
        drafts = [document for document in self.documents.values() if document.status == "draft"]
        return {getattr(draft.content, "slug", ""): draft for draft in reversed(drafts)}


def survey(context: dict, files: set[str], documents: list[Document]) -> Site:
    """Return the site that documents, files and settings make; `context` is Pelican's."""
    site = Site(context, files)
    site.documents = {document.name: document for document in documents}
    for address, what in _machine_addresses(context, files):
        site.taken.setdefault(address, what)
    site.reserved = _reserved(context, site.taken)
    site.addresses = dict.fromkeys(site.taken)
    for document in documents:
        address = document.address
        if address and (address not in site.addresses or document.is_published):
            site.addresses[address] = document
        for alias in aliases(document):
            site.addresses.setdefault(normalize_url(alias), document)
    site.anchors = _template_anchors(context)
    return site


def aliases(document: Document) -> list[str]:
    """Return the earlier addresses of a document, as written."""
    entry = document.source.first("aliases")
    return [name for name, _ in split_list(entry)] if entry else []


def _machine_addresses(context: dict, files: set[str]) -> Iterator[tuple[str, str]]:
    for template in context["DIRECT_TEMPLATES"]:
        save_as = context.get(f"{template.upper()}_SAVE_AS", f"{template}.html")
        if save_as:
            yield normalize_url(save_as), f"the page {template}"
    for save_as in context["TEMPLATE_PAGES"].values():
        yield normalize_url(save_as), "a template page"
    for key, value in context.items():
        is_file = isinstance(value, str) and value.endswith((".xml", ".rss", ".atom"))
        if "FEED" in key and is_file and "{" not in value:
            yield normalize_url(value), "a feed"
    if any(str(name).split(".")[-1] == "sitemap" for name in context["PLUGINS"] or ()):
        yield "sitemap.xml", "the sitemap"
    for static in context["staticfiles"]:
        # Not its save_as: asking for that keeps `{attach}` from moving the file.
        name, stated = static.get_relative_source_path(), static.metadata
        if name in files:
            save_as = stated.get("save_as") or stated.get("path") or name
            yield normalize_url(save_as), f"the file {name}"
    for folder in context["THEME_STATIC_PATHS"]:
        base = Path(context["THEME"]) / folder
        for path in base.rglob("*") if base.is_dir() else ():
            if path.is_file():
                inside = path.relative_to(base).as_posix()
                address = f"{context['THEME_STATIC_DIR']}/{inside}"
                yield normalize_url(address), "a file of the theme"
    for kind, listed in (("category", "categories"), ("tag", "tags"), ("author", "authors")):
        for term, _ in context[listed] if context[f"{kind.upper()}_SAVE_AS"] else ():
            yield normalize_url(term.url), f"the {kind} {term.name}"
    for periods in context["period_archives"].values():
        for period in periods:
            yield normalize_url(period["save_as"]), "an archive"


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
    documents = list(site.documents.values())
    for document in sorted(documents, key=lambda one: bool(one.source.first("comment_id"))):
        yield from _thread(document, threads)
    for document in documents:
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
        place = normalize_url(document.save_as)
        other = owners.setdefault(same, document)
        if other is not document:
            yield _clash(document, other)
        elif place in site.taken:
            what = f"the address /{document.address} belongs to {site.taken[place]}"
            yield _at_address(document, what)
        elif place.split("/")[0].casefold() in site.reserved:
            first = place.split("/")[0]
            if not (document.status == "draft" and first == "drafts"):
                yield _at_address(document, f"the address /{first}/ is kept for the site itself")
    yield from _old_addresses(site, documents)


def _two_places(document: Document) -> Iterator[Problem]:
    entry = document.source.first("url")
    file, address = normalize_url(document.save_as), document.address
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
        return replace(problem, fix="give the translation its own Lang, or write another Slug")
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
    if entry and entry.value and not contract.is_thread(entry.value):
        yield document.problem(
            entry.value_at,
            f"Comment_id {entry.value} is not an address of this site",
            "write the article's first address, such as /my-article/",
        )
        return
    other = threads.setdefault(thread, document) if document.is_published else document
    if entry and other is not document:
        yield document.problem(
            entry.value_at, f"the same Comment_id as {other.source.name}", "give each its own"
        )


def _old_addresses(site: Site, documents: list[Document]) -> Iterator[Problem]:
    owners: dict[str, Document] = {}
    for document in documents:
        entry = document.source.first("aliases")
        for name, at in split_list(entry) if entry else ():
            address = normalize_url(name)
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
