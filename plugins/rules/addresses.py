"""The addresses of the site: which file claims which, and which belong to the site itself."""

import os
import posixpath
import re
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

from markupsafe import Markup
from pelican.contents import Category, Tag
from pelican.paginator import Paginator

import contract
from plugins.addresses import absolute_url, normalize_url, save_as_of
from plugins.documents import Document
from plugins.ids import theme_ids
from plugins.problems import Problem
from plugins.rules.fields import ARTICLE, PAGE
from plugins.rules.nearest import Nearest
from plugins.rules.source import Findings
from plugins.rules.text import shorten
from plugins.schedule import build_time, is_listed, is_public
from plugins.words import translate

_THEME_FILE = "a file of the theme"
_ALWAYS = datetime.min.replace(tzinfo=UTC)
# Never an article's: the start page, drafts, files of the theme, pictures, the comment server, and
# what hosts look for.
_ALWAYS_RESERVED = {"index", "404", "drafts", "theme", "pictures", contract.LOCAL_ENDPOINT[1:]}
_ALWAYS_RESERVED |= {"favicon.svg", "favicon.ico", "caddyfile", "cname", "cdn-cgi"}
_ALWAYS_RESERVED |= {"_headers", "_redirects", "_worker.js", "_routes.json"}
_LONGEST = 200  # characters of a part of an address: a share card's name has some more, up to 255


class Target(NamedTuple):
    """What is at an address: its `url` below the root of the site, the article or page, or the name
    of the static file. It is there `since` a moment; None means that it is not published at all.
    `is_renamed`: it has another address on a published site."""

    url: str
    document: Document | None = None
    file: str = ""
    since: datetime | None = _ALWAYS
    is_renamed: bool = False


class SiteIndex:
    """All that can be linked to: `settings` are Pelican's context, `files` the names of all that is
    in the content folder, `documents` the articles and pages by name.

    `targets` has what is at each address, drafts at the one that they will have; `taken` describes
    what the site itself has there, `by_name` has the documents and static files. No article may
    have an address whose first part is `reserved`. `templates` names those of the theme, `anchors`
    the ids that they write; `hosts` are the addresses that the site has, or is to be published at.
    """

    def __init__(self, settings: dict, files: set[str], documents: list[Document]):
        self.settings = settings
        self.now = build_time(settings["PATH"]).moment
        self.hosts = [settings["SITEURL"], os.environ.get("SITEURL", "")]
        self.documents = {document.name: document for document in documents}
        # What is published keeps what it has.
        self.by_claim = sorted(documents, key=lambda one: one.status == "draft")
        self.taken: dict[str, str] = {}
        self.targets: dict[str, Target] = {}
        for address, what in _own_addresses(settings, files):
            self.taken.setdefault(normalize_url(address), what)
            own = Target(_url(address), is_renamed=what == _THEME_FILE)
            self.targets.setdefault(normalize_url(address), own)
        self.by_name: dict[str, Target] = {}
        for name, static in settings["static_content"].items():
            if name in files:
                target = self.by_name[name] = Target(quote(static.save_as), file=name)
                self.targets[normalize_url(static.save_as)] = target
        for address, url, since in _lists(settings, documents):
            self.targets[normalize_url(address)] = Target(_url(url), since=since)
        later = []
        for document in documents:
            target, address = Target("", document, since=None), document.address
            if address:
                date = getattr(document.content, "date", _ALWAYS)
                since = date if is_public(document.stated_status) else None
                target = Target(_url(document.content.url), document, since=since)
                public = document.published_as("url")
                later += [(one, target) for one in (address, public, document.save_as or public)]
            if document.is_published:
                self.targets[address] = target
            later += [(alias, target) for alias, _ in document.source.first("aliases").split()]
            self.by_name[document.name] = target
        for url, target in later:
            self.targets.setdefault(normalize_url(url), target)
        paths = [*self.taken, *_ALWAYS_RESERVED, settings["THEME_STATIC_DIR"]]
        paths += settings["STATIC_PATHS"]
        paths += [value for key, value in settings.items() if key.endswith("_SAVE_AS") and value]
        # Further pages of a list are in a folder below it.
        paths += [url.removeprefix("{base_name}/") for _, url, _ in settings["PAGINATION_PATTERNS"]]
        firsts = [str(path).strip("/").split("/")[0] for path in paths]
        self.reserved = {n.removesuffix(".html").casefold() for n in firsts if n and "{" not in n}
        self.near_addresses = Nearest(self.targets)
        self.near_files, self.near_documents = Nearest(files, _file), Nearest(self.documents, _file)
        overrides = map(Path, settings["THEME_TEMPLATES_OVERRIDES"])
        folders = [Path(settings["THEME"], "templates"), *overrides]
        kinds = [f"*{ending}" for ending in settings["TEMPLATE_EXTENSIONS"]]
        found = [path for folder in folders for kind in kinds for path in folder.rglob(kind)]
        self.theme = {path: path.read_text(encoding="utf-8", errors="replace") for path in found}
        own = [(path.stem, text) for path, text in self.theme.items() if path.parent in folders]
        self.templates = {  # by what they show
            kind: {name for name, text in own if re.search(rf"\b{kind}\.\w", text)}
            for kind in (ARTICLE, PAGE)
        }
        self.anchors = theme_ids(settings)


def _url(path: str) -> str:
    return absolute_url("", path).removeprefix("/")


def _lists(context: dict, documents: list[Document]) -> Iterator[tuple[str, str, datetime]]:
    """Yield address, URL and first moment of each page of the lists of articles."""
    originals = {*map(id, context["articles"]), *map(id, context["drafts"])}
    lists: dict[tuple, list[datetime]] = defaultdict(list)
    for document in documents:
        article = document.content
        if article is None or document.kind != ARTICLE or not is_listed(document.stated_status):
            continue
        for template in context["DIRECT_TEMPLATES"] if id(article) in originals else ():
            names = (f"{template.upper()}_{each}" for each in ("SAVE_AS", "URL"))
            lists[template, *(context.get(n, f"{template}.html") for n in names)] += [article.date]
        terms = [article.category, *getattr(article, "tags", []), *getattr(article, "authors", [])]
        for term in terms:
            template = type(term).__name__.lower()
            if context[f"{template.upper()}_SAVE_AS"]:
                lists[template, term.save_as, term.url].append(article.date)
    paginated = context["PAGINATED_TEMPLATES"]
    for (template, save_as, url), dates in lists.items():
        dates.sort()
        size = template in paginated and (paginated[template] or context["DEFAULT_PAGINATION"])
        pages = Paginator(save_as, url, dates, context, size or None)
        # The first page of a direct template is always there.
        for number in range(1 + (template in context["DIRECT_TEMPLATES"]), pages.num_pages + 1):
            page, least = pages.page(number), (number - 1) * pages.per_page
            yield page.save_as, page.url, dates[least + pages.orphans * (number > 1)]


def _file(name: str) -> str:
    return posixpath.basename(name).casefold()


def _own_addresses(context: dict, files: set[str]) -> Iterator[tuple[str, str]]:
    """Yield the addresses that no document has, and what is there."""
    for template in context["DIRECT_TEMPLATES"]:
        if save_as := context.get(f"{template.upper()}_SAVE_AS", f"{template}.html"):
            yield save_as, f"the page {template}"
    yield from ((save_as, "a template page") for save_as in context["TEMPLATE_PAGES"].values())
    for key, value in context.items():
        is_file = isinstance(value, str) and value.endswith((".xml", ".rss", ".atom"))
        if "FEED" in key and is_file and "{" not in value:
            yield value, "a feed"
    if any(str(name).split(".")[-1] == "sitemap" for name in context["PLUGINS"] or ()):
        yield "sitemap.xml", "the sitemap"
    yield "favicon.svg", "the icon of the site"
    for name, static in context["static_content"].items():
        if name in files:
            yield static.save_as, f"the file {name}"
    for folder in context["THEME_STATIC_PATHS"]:
        base = Path(context["THEME"], folder)
        for path in filter(Path.is_file, base.rglob("*")):
            yield f"{context['THEME_STATIC_DIR']}/{path.relative_to(base).as_posix()}", _THEME_FILE
    for kind, listed in (("category", "categories"), ("tag", "tags"), ("author", "authors")):
        for term, _ in context[listed] if context[f"{kind.upper()}_SAVE_AS"] else ():
            yield term.url, f'the {kind} "{term.name}"'
    periods = chain(*context["period_archives"].values())
    yield from ((period["save_as"], "an archive") for period in periods)


def claims(site: SiteIndex) -> Iterator[Problem]:
    """Yield documents without a proper address of their own."""
    threads, terms, owners, aliases = {}, {}, {}, {}  # each with the document that claims it
    # One that keeps no earlier thread keeps what it has.
    for document in sorted(site.by_claim, key=lambda one: bool(one.source.first("comment_id"))):
        yield from document.source.problems(_thread(document, threads))
    for document in site.by_claim:
        found = _slug(document, site.settings), _terms(document, site.settings, terms)
        yield from document.source.problems(chain(*found, _address(document, site, owners)))
    for document in site.by_claim:
        yield from document.source.problems(_aliases(document, site, owners, aliases))


def same_words(site: SiteIndex) -> Iterator[Problem]:
    """Yield titles and summaries that another page of the same language has."""
    lang = site.settings["DEFAULT_LANG"].lower()
    archive = translate("Archive", lang)
    lists = [(archive, year["period"][0]) for year in site.settings["period_archives"]["year"]]
    lists += [(translate("Category", lang), one.name) for one, _ in site.settings["categories"]]
    lists += [(translate("Tag", lang), one.name) for one, _ in site.settings["tags"]]
    titles = [translate("Topics", lang), archive, *map("{0[0]}: {0[1]}".format, lists)]
    about = " ".join(site.settings.get("SITE_DESCRIPTION", "").split())
    own = [("summary", about), *(("title", title) for title in titles)]
    said = {(key, lang, words.casefold()): None for key, words in own}
    for document in site.by_claim:
        content, source = document.content, document.source
        is_draft = document.status == "draft"
        if content is None or not is_draft and not is_listed(document.status):
            continue
        summary = Markup(content.metadata.get("summary", "")).striptags()
        for key, text in (("title", content.title), ("summary", summary)):
            words = " ".join(text.split())
            same = key, content.lang.lower(), words.casefold()
            # Two drafts may begin alike.
            other = said.get(same, document) if is_draft else said.setdefault(same, document)
            whose = "a page that the site itself makes"
            if not words or other is document:
                continue
            if other:
                if other.save_as and other.save_as.casefold() == document.save_as.casefold():
                    break  # the address is reported
                whose = f"{other.source.place(other.source.value_at(key))} too"
            what = f"the {key} {shorten(words)} is that of {whose}"
            fix = f"write another {key.title()}"
            yield from source.problems([(source.value_at(key), what, fix)])


def _thread(document: Document, threads: dict[str, Document]) -> Findings:
    source, stated = document.source, document.source.value("comment_id")
    at = source.value_at("comment_id")
    if stated and not contract.is_thread(stated):
        what = f'Comment_id "{stated}" is not an address of this site'
        yield at, what, "write the article's first address, such as /my-article/"
    elif document.is_published:
        thread = contract.thread_id(document.content.url, stated)
        other = threads.setdefault(thread, document)
        if source.first("comment_id") and other is not document:
            what = f'Comment_id "{thread}" is that of "{other.source.name}" too'
            yield at, what, "give each its own"
        elif document.content.url.endswith("/") and re.search(r"/[^/.]+$", thread):
            what = f'Comment_id "{thread}" names another thread than "{thread}/"'
            yield at, what, f'write "{thread}/"'


def _slug(document: Document, settings: dict) -> Findings:
    source, fix = document.source, 'add a line such as "Slug: my-article"'
    if document.content is None or document.status == "skip":
        return
    slug, title = getattr(document.content, "slug", ""), source.value("title")
    letters = r"\w" if settings.get("SLUGIFY_USE_UNICODE") else "A-Za-z0-9_"
    wrong = re.search(rf"[^{letters}.~-]|^\.|\.$", slug)
    if not slug and title:
        what = f'the title "{title}" has no letter and no digit to make an address of'
        yield source.value_at("title"), what, fix
    elif wrong and source.value("slug"):
        character = "a space" if wrong[0].isspace() else f'"{wrong[0]}"'
        character = character if wrong[0].isprintable() else f"U+{ord(wrong[0]):04X}"
        what = f"{character} is not allowed in an address"
        yield source.first("slug").place(wrong.start()), what, "write letters, digits and hyphens"
    elif wrong:
        what = f'the title makes the address "{slug}", which does not work'
        yield source.value_at("title"), what, fix


def _terms(document: Document, settings: dict, terms: dict) -> Findings:
    """Yield categories and tags without an address, and those that would share one page."""
    for key, term in (("category", Category), ("tags", Tag)):
        entry = document.source.first(key)
        if document.kind != ARTICLE or entry.value.startswith("["):
            continue
        for name, at in entry.split() if term is Tag else [(entry.value, entry.value_at)]:
            slug = name and term(name, settings).slug
            if name and not 0 < len(slug) <= _LONGEST:
                what = f"makes {'too long an' if slug else 'no'} address"
                fix = "shorten it" if slug else "use letters or digits"
                yield at, f"{entry.written} {shorten(name)} {what}", fix
                continue
            first, other, place = terms.setdefault((key, slug), (name, document, at))
            is_same = first.casefold() == name.casefold()
            if first != name and not (is_same and other is document):
                what = f'{entry.written} "{name}" would be on one page with "{first}"'
                fix = f'write "{first}"' if is_same else "spell one of the two out, in letters"
                yield at, f"{what} of {other.source.place(place)}", fix


def _address(document: Document, site: SiteIndex, owners: dict) -> Findings:
    source, save_as = document.source, document.published_as("save_as")
    address = normalize_url(document.published_as("url"))
    if not save_as:
        return
    same = posixpath.normpath(save_as.replace("\\", "/")).casefold()
    if re.match(r"\.\.(/|$)|/|[a-z]:", same):
        fix = "write a path inside it, such as my-page/index.html"
        yield source.value_at("save_as", "slug"), f'"{save_as}" is outside the site', fix
        return
    file, url = normalize_url(save_as), source.value("url")
    if url and not contract.is_thread(f"/{url}"):
        what = f'URL "{url}" is not an address of this site'
        yield source.value_at("url"), what, "write it without a slash in front, such as my-page/"
    elif not save_as.endswith(".html"):
        fix = f'write "{file}/index.html"'
        yield source.value_at("save_as"), f'Save_as "{save_as}" is not an HTML file', fix
    elif url and address != file:
        what = f'URL is "/{address}", but Save_as writes "{save_as}"'
        yield source.value_at("url"), what, f'write "URL: {save_as.removesuffix("index.html")}"'
    # A draft may be written to take the place of what is published.
    other = owners.setdefault((is_public(document.stated_status), same), document)
    first = file.split("/")[0].casefold()
    at = source.value_at("save_as", "slug", "title")
    stated = next((name for name in ("Save_as", "Slug") if source.first(name.lower())), "")
    fix = f"write another {stated}" if stated else 'add a line "Slug: another-name"'
    if other is not document:
        has_lang = source.first("lang") or other.source.first("lang")
        if has_lang and source.value("slug") == other.source.value("slug"):
            fix = "give the translation its own Lang, or write another Slug"
        yield at, f'the address "/{address or save_as}" is that of "{other.source.name}" too', fix
    elif what := _unfit(save_as):
        yield at, what, fix
    elif file in site.taken:
        yield at, f'the address "/{address}" belongs to {site.taken[file]}', fix
    elif first in site.reserved:
        yield at, f'the address "/{first}/" is reserved for the site itself', fix


def _unfit(file: str) -> str:
    """Return why no page can be written to a path inside the site, or ""."""
    *folders, _ = parts = file.split("/")
    if long := next((part for part in parts if len(part.encode()) > _LONGEST), ""):
        return f"{shorten(long)} is too long for an address: {len(long.encode())} characters"
    if page := next((part for part in folders if part.endswith(".html")), ""):
        return f'"{page}" cannot be both a page and a folder'
    return ""


def _aliases(document: Document, site: SiteIndex, owners: dict, aliases: dict) -> Findings:
    for name, at in document.source.first("aliases").split():
        address, file = normalize_url(name), save_as_of(name)
        if not contract.is_thread(name):
            right = f"/{name.strip('/')}/"
            fix = f'write "{right if contract.is_thread(right) else "/old-address/"}"'
            yield at, f'"{name}" is not an address of this site', fix
            continue
        owner = aliases.setdefault(file.casefold(), document)
        there = owners.get((True, file.casefold()))
        if what := _unfit(file):
            yield at, what, "delete it from Aliases"
        elif address in site.taken or address.split("/")[0].casefold() in _ALWAYS_RESERVED:
            whose = site.taken.get(address, "the site itself")
            yield at, f'"{name}" belongs to {whose}', "delete it from Aliases"
        elif there is not None and there.is_published:
            whom = "this article itself" if there is document else f'"{there.source.name}"'
            yield at, f'"{name}" is the address of {whom}', "delete it from Aliases"
        elif owner is not document:
            what = f'"{name}" is an alias of "{owner.source.name}" too'
            yield at, what, "keep it in one of the two"
