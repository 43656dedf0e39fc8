"""Links and images: does what they name exist, and will readers be able to reach it?"""

import difflib
import posixpath
import re
from collections.abc import Collection
from html import unescape
from urllib.parse import SplitResult, unquote, urljoin, urlsplit

from pelican.contents import Category, Tag

import contract
from plugins.addresses import normalize_url
from plugins.documents import Document
from plugins.facts import Link
from plugins.rules.addresses import SiteIndex
from plugins.rules.nearest import Nearest, suggest
from plugins.rules.source import Findings
from plugins.rules.text import shorten

_SCHEMES = {"http", "https", "mailto", "tel", "sms", "geo", "ftp", "doi", "data", "urn", "xmpp"}
_PLACEHOLDERS = ("filename", "static", "attach", "category", "tag", "author", "index")
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
            error = f"the link to {shorten(link.address)} has no words", "write what it links to"
        if error:
            yield source.scan.link_at(link.address, link.nth), *error
    for key, field_links in document.field_links.items():
        at = source.value_at(key)
        for link in field_links:
            if error := checker.error(link):
                line = source.text[at:].partition("\n")[0]
                yield at + max(line.rfind("[", 0, max(line.find(link.address), 0)), 0), *error
    image = source.value("image")
    name = re.sub(r"^[{|]static[|}]", "", image).lstrip("/")
    if image and urlsplit(image).scheme not in ("http", "https") and name not in site.files:
        yield source.value_at("image"), *_missing(name, site.near_files, "put it there")


def _missing(name: str, pool: Nearest, fix: str) -> tuple[str, str]:
    """Return the error of a file that does not exist; `pool` finds what else may be meant."""
    if near := pool.find(name, ALIKE):
        fix = f"did you mean {near}?"
        fix += " Capital letters count" if near.casefold() == name.casefold() else ""
    return f"there is no file {shorten(name)}", fix


class _Checker:
    """Judges the links of one document."""

    def __init__(self, document: Document, site: SiteIndex):
        self._document, self._site = document, site

    def error(self, link: Link) -> _Error:
        """Return what is wrong with a link, or None."""
        address = link.address
        if not address.strip():
            return "a link has no address", "write the address between the round brackets"
        if placeholder := re.match(self._site.settings["INTRASITE_LINK_REGEX"], address):
            return self._placeholder(placeholder["what"], address[placeholder.end() :])
        try:
            parts = urlsplit(address)
            host, port = parts.hostname, parts.port
        except ValueError:
            return f"{shorten(address)} is not an address", "check it for brackets and spaces"
        own = urlsplit(self._site.settings["SITEURL"])
        if parts.scheme or parts.netloc:
            if error := self._elsewhere(parts, address):
                return error
            if host and (host, port) == (own.hostname, own.port):
                return self._at(parts.path, parts.fragment, address)
            # plugins/security.py lets a page load its own files only.
            if link.tag in {"img", "source", "video", "audio", "track"}:
                what = f"{shorten(address)} will not be shown: a page loads nothing from elsewhere"
                return what, "put the file into images/ and write {static}/images/…"
            return None
        if "{" in address[:1] or re.match(r"\w+\}", address):
            fix = "write {filename} or {static} in front of the file"
            return f"{shorten(address)} is not an address", fix
        if not parts.path and not parts.query:
            return self._anchor(parts.fragment, self._document.facts.ids, "on this page")
        return self._inside(parts.path, parts.fragment)

    @staticmethod
    def _elsewhere(parts: SplitResult, address: str) -> _Error:
        """Judge an address with a scheme or a host for itself."""
        scheme, shown = parts.scheme.lower(), shorten(address)
        if re.match(r"[A-Za-z]:[\\/]", address) or scheme == "file":
            fix = "put the file into images/ and link to {static}images/…"
            return f"{shown} is a file on your own computer", fix
        if scheme in ("javascript", "vbscript"):
            return f"the link {shown} runs a script", "link to a page instead"
        if scheme and scheme not in _SCHEMES:
            near = difflib.get_close_matches(scheme, ("http", "https", "mailto", "tel"), 1, 0.7)
            fix = f"did you mean {near[0]}:?" if near else ""
            return (f'no address begins with "{scheme}:"', fix) if near else None
        mail = r"[^@\s]+@[^@\s]+(,[^@\s]+@[^@\s]+)*"
        if scheme == "mailto" and not re.fullmatch(mail, unquote(parts.path)):
            return f"{shown} is not an e-mail address", "write mailto:name@example.org"
        if scheme in ("http", "https") and not parts.hostname:
            return f"{shown} has no host", f"write {scheme}:// and the host"
        if contract.is_loopback(parts.hostname) or parts.hostname == "0.0.0.0":
            fix = "link to the file: {filename}other-article.md"
            return f"{shown} works on your own computer only", fix
        return None

    def _anchor(self, fragment: str, ids: Collection[str], where: str) -> _Error:
        # `#` and `#top` lead to the top of a page, and #:~: to a text, without any id.
        name = unquote(fragment).split(":~:")[0]
        if name in ("", "top") or name in ids or name in self._site.anchors:
            return None
        fix = suggest(name, sorted(ids), "link to the id of a heading there", form="#{}")
        return f'there is no "#{name}" {where}', fix

    def _placeholder(self, what: str, rest: str) -> _Error:
        parts = urlsplit(rest)
        if what not in _PLACEHOLDERS:
            fix = "write {filename} or {static}"
            fix = suggest(what.lower(), _PLACEHOLDERS, fix, 0.5, "{{{}}}")
            return f'"{{{what}}}" is not a known placeholder', fix
        if what == "index":
            return None
        if what in ("category", "tag", "author"):
            return self._term(what, unquote(parts.path))
        name = self._resolve(parts.path)
        if name is None:
            pool = self._site.near_documents if what == "filename" else self._site.near_files
            fix = "correct the path, which starts from this file's folder"
            return _missing(self._relative(parts.path), pool, fix)
        target = self._site.documents.get(name)
        if what == "filename":
            if target is None:
                what = f'{{filename}} links to articles and pages, and "{name}" is neither'
                return what, "write {static} for files"
            return self._reach(target, parts.fragment)
        if target is not None:
            return f'{{{what}}} links to files, and "{name}" is an article', "write {filename}"
        return None

    def _relative(self, path: str) -> str:
        folder = "" if path.startswith("/") else posixpath.dirname(self._document.name)
        return posixpath.normpath(posixpath.join(folder, path.removeprefix("/")))

    def _resolve(self, path: str) -> str | None:
        """Return the name of the file that Pelican finds for a path, or None."""
        names = map(self._relative, (path, unquote(path), unescape(path)))
        return next((name for name in names if name in self._site.files), None)

    def _term(self, what: str, name: str) -> _Error:
        if not self._site.settings[f"{what.upper()}_SAVE_AS"]:
            return f"the site has no {what} pages", "link to an article instead"
        if what == "author" or not name:
            return None
        term = {"category": Category, "tag": Tag}[what](name, self._site.settings)
        if normalize_url(term.url) in self._site.addresses:
            return None
        return f'no published article has the {what} "{name}"', "check its spelling"

    def _reach(self, target: Document, fragment: str) -> _Error:
        """Return why readers cannot follow a link to a document, if they cannot."""
        is_draft, shown = target.status == "draft", f'"{target.source.name}"'
        if not target.is_published and not (is_draft and self._document.status == "draft"):
            if target.status == "skip":
                return f"{shown} is not built (Status: skip)", "link to another article"
            if is_draft:
                return f"{shown} is a draft", "publish it first, or delete the link"
        if target.facts is None:
            return None
        return self._anchor(fragment, target.facts.ids, f"in {shown}")

    def _inside(self, path: str, fragment: str) -> _Error:
        """Judge an address inside the site that is written without a placeholder."""
        site, shown = self._site, shorten(path)
        if path.startswith("/"):
            if site.below_root(normalize_url(path)) is None:
                what = f"{shown} is outside the site, which begins at /{site.root}/"
                return what, "link with {filename}other.md or {static}/images/…"
            return self._at(path, fragment, path)
        if "@" in path and re.fullmatch(r"[^@\s/]+@[^@\s/]+\.\w+", path):
            return f"{shown} is not a link", f"write mailto:{path}"
        if re.match(r"www\.|[\w-]+\.(com|org|net|gov|edu|io|info)(/|$)", path):
            return f"{shown} is read as a page of this site", f"write https://{path}"
        base = self._document.address or self._document.name
        target = urlsplit(urljoin(f"https://host/{base}/", path)).path
        if normalize_url(target) in site.addresses:
            return self._at(target, fragment, path)
        if name := self._resolve(path) or (path if path in site.files else None):
            near = posixpath.relpath(name, posixpath.dirname(self._document.name))
            where = f"{{filename}}{near}" if name in site.documents else f"{{static}}/{name}"
            fix = f"write {where}" + (f"#{fragment}" if fragment else "")
            return f"{shown} will not exist on the finished page", fix
        fix = "link with {filename}other.md or {static}images/file.png"
        return _missing(path, site.near_files, fix)

    def _at(self, path: str, fragment: str, shown: str) -> _Error:
        """Judge an address counted from the root of the host."""
        site, address = self._site, normalize_url(path)
        below = site.below_root(address)
        address = address if below is None else below
        if address in site.addresses:
            target = site.addresses[address]
            return self._reach(target, fragment) if target else None
        listing = re.match(r"(.*?)(?:^|/)page/\d+$", address)
        if listing and listing[1] in site.addresses:
            return None
        if address and (draft := site.drafts.get(address)):
            return f'"{draft.source.name}" is a draft', "publish it first, or delete the link"
        near = site.near_addresses.find(address, 0.7)
        fix = f"did you mean /{near}/?" if near else "link with {filename}other.md"
        return f"there is no page {shorten(shown)}", fix
