"""Links and images: does what they name exist, and will readers be able to reach it? An address of
the site itself works in every spelling: by file, by page, from the root, with its host."""

import difflib
import posixpath
import re
import unicodedata
from collections.abc import Collection, Iterator
from itertools import chain
from urllib.parse import SplitResult, unquote, urlsplit, urlunsplit

from pelican.contents import Author, Category, Tag

from plugins.addresses import normalize_url, replace_addresses
from plugins.documents import Document
from plugins.facts import Link
from plugins.images import is_picture
from plugins.rules import private
from plugins.rules.addresses import SiteIndex, Target
from plugins.rules.nearest import suggest
from plugins.rules.source import Findings
from plugins.rules.text import shorten
from plugins.schedule import format_time

_SCHEMES = {"http", "https", "mailto", "tel", "sms", "geo", "ftp", "doi", "data", "urn", "xmpp"}
_TERMS = {"category": Category, "tag": Tag, "author": Author}
_PLACEHOLDERS = ("filename", "static", "attach", *_TERMS, "index")
_PLACEHOLDER = re.compile(r"[{|](\w*)[|}]")
_ELSEWHERE = re.compile(r"[\w+.-]+:|//|#")
# What a browser loads to show a page. plugins/security.py lets it load the site's own files only.
_LOADED = {"img", "source", "video", "audio", "track", "image", "use", "input", "embed"}
_INTO_IMAGES = "put the file into images/ and link to that"
# How alike the names of files are that may be meant for each other, as difflib measures it.
ALIKE = 0.75

# What is wrong with a link, and how to fix it.
_Error = tuple[str, str] | None


def links(document: Document, site: SiteIndex) -> Findings:
    """Yield broken links of a text and its metadata, and an Image that is not there."""
    source, checker = document.source, _Checker(document, site)
    for link in document.facts.links:
        error = checker.error(link)
        if not error and link.words == "":
            error = f"the link to {shorten(link.address)} has no text", "write what it links to"
        if error:
            yield source.scan.link_at(link.address, link.nth), *error
    for key, field_links in document.field_links.items():
        entry = source.first(key)
        for link in field_links:
            if error := checker.error(link):
                address_at = max(entry.value.find(link.address), 0)
                yield entry.place(max(entry.value.rfind("[", 0, address_at), 0)), *error
    if (image := source.value("image")) and (error := checker.share_image(image)):
        yield source.value_at("image"), *error


def files(document: Document, names: Collection[str]) -> set[str]:
    """Return which of these files a document may mean: all that its links name as files."""
    links = chain(document.facts.links, *document.field_links.values())
    addresses = {document.source.value("image"), *(link.address for link in links)} - {""}
    bare = [_PLACEHOLDER.sub("", one, count=1) for one in addresses if not _ELSEWHERE.match(one)]
    return {name for one in bare for name, _ in _file_names(document, one) if name in names}


def complete(document: Document):
    """Write the addresses that work on the page into the HTML of a document."""
    if (content := document.content) and document.addresses:
        root = "../" * content.save_as.count("/") or "./"
        on_page = {each: root + url for each, url in document.addresses.items()}.get
        content._content = replace_addresses(content._content, on_page)
        for name in document.field_links:
            content.metadata[name] = replace_addresses(content.metadata[name], on_page)
            setattr(content, "_summary" if name == "summary" else name, content.metadata[name])


def _file_names(document: Document, address: str) -> Iterator[tuple[str, str]]:
    """Yield what files an address may name, by the file that it is in or from the root, each with
    what is behind the name."""
    for folder in (posixpath.dirname(document.name), ""):
        for spelled, rest in _spellings(address):
            yield posixpath.normpath(posixpath.join(folder, spelled)).lstrip("/"), rest


def _path(address: str) -> str:
    return re.match(r"[^?#]*", address)[0]


def _spellings(address: str) -> Iterator[tuple[str, str]]:
    """Yield the ways to read the path of an address, each with what is behind it: query and
    fragment, unless these characters are in a name."""
    for path in dict.fromkeys([_path(address), address]):
        plain = unquote(path)
        forms = [unicodedata.normalize(form, plain) for form in ("NFC", "NFD")]
        for spelled in dict.fromkeys([path, plain, plain.replace("\\", "/"), *forms]):
            yield spelled, address[len(path) :]


class _Checker:
    """Judges the links of one document, and remembers where they lead."""

    def __init__(self, document: Document, site: SiteIndex):
        self._document, self._site = document, site
        self._folder = posixpath.dirname(f"/{document.published_as('url')}")
        since = site.by_name[document.name].since
        # When readers may follow its links; None for a draft, which may link to all there is.
        self._moment = since and max(since, site.now)

    def error(self, link: Link) -> _Error:
        """Return what is wrong with a link, or None, as for what is no business of the site."""
        if not (address := link.address.strip()):
            return "a link has no address", "write the address between the round brackets"
        if placeholder := re.match(self._site.settings["INTRASITE_LINK_REGEX"], address):
            return self._placeholder(link, placeholder["what"], address[placeholder.end() :])
        try:
            parts = urlsplit(address)
            host, port = parts.hostname, parts.port
        except ValueError:
            return f"{shorten(address)} is not an address", "check it for brackets and spaces"
        if private.is_own_machine(host or ""):
            return None  # plugins/rules/text.py reports it
        if parts.scheme or address.startswith("//"):
            error = _wrong_elsewhere(parts, address)
            for own in map(urlsplit, self._site.hosts if host and not error else ()):
                is_own = (host, port) == (own.hostname, own.port)
                if is_own and f"{parts.path}/".startswith(f"{own.path.rstrip('/')}/"):
                    path = f"/{parts.path[len(own.path) :].lstrip('/')}"
                    return self._inside(link, urlunsplit(("", "", path, *parts[3:])))
            what = f"{shorten(address)} will not be shown: a page loads files of this site only"
            loaded = (what, _INTO_IMAGES) if link.tag in _LOADED else None
            return error or loaded
        if re.match(r"\{|\w+\}", address):
            fix = "write {filename} or {static} in front of the file"
            return f"{shorten(address)} is not an address", fix
        if not parts.path and not parts.query:
            return self._anchor(parts.fragment, self._document.facts.ids, "on this page")
        return self._inside(link, address)

    def share_image(self, stated: str) -> _Error:
        """Return what is wrong with the picture for shared links, or None."""
        name = _PLACEHOLDER.sub("", stated, count=1)
        if _ELSEWHERE.match(name):
            what = f"{shorten(name)} is not an image of this site"
            return what, "put it into images/, and write such as images/walk.jpg"
        found = self._find(name)
        if not found or not (file := found[0].file):
            return self._missing(name.lstrip("/"), "put it there")
        if not is_picture(file) or file.lower().endswith(".svg"):
            return f'"{file}" is not an image that can be shared', "save it as JPEG or PNG"
        self._document.files.add(file)
        self._document.content.image = file
        return None

    def _anchor(self, fragment: str, ids: Collection[str], where: str) -> _Error:
        # `#` and `#top` lead to the top of a page, and #:~: to a text, without any id.
        name = unquote(fragment).split(":~:")[0]
        if name in ("", "top") or name in ids or name in self._site.anchors:
            return None
        fix = suggest(name, sorted(ids), "link to the id of a heading there", form="#{}")
        return f'there is no "#{name}" {where}', fix

    def _placeholder(self, link: Link, what: str, rest: str) -> _Error:
        path, settings = _path(rest), self._site.settings
        if what not in _PLACEHOLDERS:
            otherwise = "write {filename} or {static}"
            fix = suggest(what.lower(), _PLACEHOLDERS, otherwise, 0.5, "{{{}}}")
            return f'"{{{what}}}" is not a known placeholder', fix
        if what in _TERMS and not settings[f"{what.upper()}_SAVE_AS"]:
            return f"the site has no {what} pages", "link to an article instead"
        if what in _TERMS or what == "index":
            name = unquote(path)
            url = _TERMS[what](name, settings).url if name and what in _TERMS else ""
            target = self._site.targets.get(normalize_url(url))
            if not target or not url and what != "index":
                return f'no published article has the {what} "{name}"', "check its spelling"
            return self._follow(link, target, rest[len(path) :])
        if found := self._find(rest, has_pages=False):
            return self._follow(link, *found)
        name, _ = next(_file_names(self._document, rest))
        return self._missing(name, "correct the path, which starts from this file's folder")

    def _find(self, address: str, has_pages: bool = True) -> tuple[Target, str] | None:
        """Return what an address inside the site leads to, and what is behind it."""
        by_name, targets = self._site.by_name, self._site.targets
        named = ((by_name.get(name), rest) for name, rest in _file_names(self._document, address))
        pages = (
            (targets.get(normalize_url(posixpath.join(self._folder, spelled))), rest)
            for spelled, rest in (_spellings(address) if has_pages else ())
        )
        is_file = re.search(r"\.\w+$", _path(address))
        ways = (named, pages) if is_file else (pages, named)
        return next((found for found in chain(*ways) if found[0]), None)

    def _inside(self, link: Link, address: str) -> _Error:
        """Judge an address inside the site that is written without a placeholder."""
        if found := self._find(address):
            return self._follow(link, *found)
        path, shown = _path(address), shorten(link.address.strip())
        if re.fullmatch(r"[^@\s/]+@[^@\s/]+\.\w+", path):
            return f"{shown} is not a link", f"write mailto:{path}"
        if re.match(r"www\.|[\w-]+\.(com|org|net|gov|edu|io|info)(/|$)", path):
            return f"{shown} is read as a page of this site", f"write https://{path}"
        if link.tag in _LOADED or re.search(r"\.(?!html?$)\w+$", path):
            return self._missing(path.lstrip("/"), "correct the path, or put it there")
        near = self._site.near_addresses.find(normalize_url(path), 0.7)
        fix = f"did you mean /{near}/?" if near else "link to a file, such as other-article.md"
        return f"there is no page {shown}", fix

    def _missing(self, name: str, fix: str) -> _Error:
        """Return the error of a file that does not exist."""
        pool = self._site.near_documents if name.endswith(".md") else self._site.near_files
        if near := pool.find(name, ALIKE):
            shown = posixpath.relpath(near, posixpath.dirname(self._document.name))
            fix = f"did you mean {shown}?"
            fix += " Capital letters count" if near.casefold() == name.casefold() else ""
        return f"there is no file {shorten(name)}", fix

    def _follow(self, link: Link, target: Target, rest: str) -> _Error:
        """Remember where a link leads, or return why readers cannot follow it."""
        document, since = target.document, target.since
        shown = f'"{document.source.name}"' if document else shorten(link.address)
        if document and document.status == "skip":
            return f"{shown} is not built (Status: skip)", "link to another article"
        if document and not document.address:  # which is reported itself
            return None
        if self._moment and not since:
            return f"{shown} is a draft", "publish it first, or delete the link"
        if self._moment and since > self._moment:
            fix = "delete the link, or give this article a later Date"
            return f"{shown} is not published until {format_time(since)}", fix
        if link.tag in _LOADED and not target.file:
            return f"{shown} is a page, and not a file to show", "link to it instead"
        if link.tag == "img" and not is_picture(target.file):
            return f"{shown} is not an image", "link to it: delete the !"
        if target.is_renamed:
            fix = "put a file of your own into extra/"
            return f"{shown} has another name on the published site", fix
        ids, fragment = document.facts.ids if document else (), rest.partition("#")[2]
        if not target.file and (error := self._anchor(fragment, ids, f"in {shown}")):
            return error
        self._document.files |= {target.file} - {""}
        self._document.addresses[link.address] = target.url + rest
        return None


def _wrong_elsewhere(parts: SplitResult, address: str) -> _Error:
    """Return what is wrong with an address that has a scheme or a host, by itself."""
    scheme, shown = parts.scheme, shorten(address)  # which urlsplit has in lower case
    if re.match(r"[A-Za-z]:[\\/]", address) or scheme == "file":
        return f"{shown} is a file on your own computer", _INTO_IMAGES
    if scheme in ("javascript", "vbscript"):
        return f"the link {shown} runs a script", "link to a page instead"
    unknown = "" if scheme in _SCHEMES else scheme
    if near := difflib.get_close_matches(unknown, ("http", "https", "mailto", "tel"), 1, 0.7):
        return f'no address begins with "{scheme}:"', f"did you mean {near[0]}:?"
    mail = r"[^@\s]+@[^@\s]+(,[^@\s]+@[^@\s]+)*"
    if scheme == "mailto" and not re.fullmatch(mail, unquote(parts.path)):
        return f"{shown} is not an e-mail address", "write mailto:name@example.org"
    if scheme in ("http", "https", "") and not parts.hostname:
        return f"{shown} has no host", f"write {scheme or 'https'}:// and the host"
    return None
