"""Links and images: does what they name exist, and will readers be able to reach it?"""

import difflib
import posixpath
import re
from collections.abc import Iterator
from html import unescape
from urllib.parse import unquote, urljoin, urlsplit

from pelican.contents import Category, Tag

from comments import contract
from plugins.addresses import normalize_url
from plugins.documents import Document
from plugins.facts import Link
from plugins.problems import Problem
from plugins.rules.addresses import Site
from plugins.rules.nearest import Nearest
from plugins.rules.scan import Location

_SCHEMES = {"http", "https", "mailto", "tel", "sms", "geo", "ftp", "doi", "data", "urn", "xmpp"}
_PLACEHOLDERS = ("filename", "static", "attach", "category", "tag", "author", "index")
# How alike the names of files are that may be meant for each other, as difflib measures it.
ALIKE = 0.75
_TOP = {"", "top"}  # `#` and `#top` lead to the top of a page without any id

Fault = tuple[str, str]


def links(document: Document, site: Site) -> Iterator[Problem]:
    """Yield links, of text and images alike, that lead nowhere."""
    told = set()
    for link in document.facts.links:
        fault = _fault(link, document, site)
        if not fault and link.words == "":
            fault = (f"a link to {link.address} without words", "write what the link leads to")
        if fault:
            at = _place(document, link).at
            if (at, fault) not in told:
                told.add((at, fault))
                yield document.problem(at, *fault)


def images(document: Document) -> Iterator[Problem]:
    """Yield images that say nothing to people who do not see them."""
    for image in document.page.undescribed:
        yield document.problem(
            _place(document, image).at,
            f"the image {_short(image.address)} has no text for people who cannot see it",
            "say what it shows between the square brackets: ![…](…)",
        )


def front_matter_links(document: Document, site: Site) -> Iterator[Problem]:
    """Yield broken links in the formatted fields of front matter."""
    for key, facts in document.fields.items():
        entry = document.source.first(key)
        for link in facts.links:
            fault = _fault(link, document, site)
            if fault:
                at = document.source.text.find(link.address, entry.value_at)
                line_end = document.source.text.find("\n", entry.value_at)
                inside = entry.value_at <= at < (line_end if line_end >= 0 else at + 1)
                opening = document.source.text.rfind("[", entry.value_at, at) if inside else -1
                yield document.problem(opening if opening >= 0 else entry.value_at, *fault)


def picture(document: Document, site: Site) -> Iterator[Problem]:
    """Yield an Image field that names no file."""
    entry = document.source.first("image")
    if not entry or not entry.value or urlsplit(entry.value).scheme in ("http", "https"):
        return
    name = re.sub(r"^[{|]static[|}]", "", entry.value).lstrip("/")
    if name not in site.files:
        yield document.problem(
            entry.value_at,
            f"there is no file {name}",
            _suggest(name, site.near_files, "put it there"),
        )


def _place(document: Document, link: Link) -> Location:
    """Return where a link of the page stands in the source."""
    places = document.scan.links.get(link.address)
    if not places:
        places = document.scan.links.get(unescape(link.address))
    if places:
        return places[min(link.nth, len(places) - 1)]
    return Location(document.scan.find(link.address, link.nth), "")


def _short(address: str) -> str:
    return address if len(address) <= 60 else f"{address[:57]}…"


def _fault(link: Link, document: Document, site: Site) -> Fault | None:
    address = link.address
    if not address.strip():
        return ("a link without an address", "write the address between the round brackets")
    placeholder = re.match(site.settings["INTRASITE_LINK_REGEX"], address)
    if placeholder:
        return _placeholder(placeholder["what"], address[placeholder.end() :], document, site)
    try:
        parts = urlsplit(address)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return (f"{_short(address)} is not an address", "check it for brackets and spaces")
    if parts.scheme or parts.netloc:
        return _elsewhere(parts, host, link, document, site)
    if "{" in address[:1] or re.match(r"\w+\}", address):
        return (
            f"{_short(address)} is not an address",
            "write {filename} or {static} in front of the file",
        )
    if not parts.path and not parts.query:
        return _anchor(parts.fragment, document, site, "on this page")
    return _inside(parts.path, parts.fragment, document, site)


def _elsewhere(parts, host, link: Link, document: Document, site: Site) -> Fault | None:
    address, scheme = link.address, parts.scheme.lower()
    if re.match(r"[A-Za-z]:[\\/]", address) or scheme == "file":
        return (
            f"{_short(address)} is a file on your own computer",
            "put the file into images/ and link to {static}images/…",
        )
    if scheme in ("javascript", "vbscript"):
        return ("a link that runs a script", "link to a page instead")
    if scheme and scheme not in _SCHEMES:
        near = difflib.get_close_matches(scheme, ("http", "https", "mailto", "tel"), 1, 0.7)
        return (f"no address begins with {scheme}:", f"did you mean {near[0]}:?") if near else None
    if scheme == "mailto":
        if not re.fullmatch(r"[^@\s]+@[^@\s]+(,[^@\s]+@[^@\s]+)*", unquote(parts.path)):
            return (f"{_short(address)} is not an e-mail address", "write mailto:name@example.org")
        return None
    if scheme in ("http", "https") and not host:
        return (f"{_short(address)} names no host", f"write {scheme}:// and the host")
    if contract.is_loopback(host) or host == "0.0.0.0":
        return (
            f"{_short(address)} works on your own computer only",
            "link to the file: {filename}other-article.md",
        )
    own = urlsplit(site.settings["SITEURL"])
    if host and (host, parts.port) == (own.hostname, own.port):
        return _at(parts.path, parts.fragment, document, site, address)
    # plugins/security.py lets a page load its own files only.
    if link.tag in {"img", "source", "video", "audio", "track"}:
        return (
            f"{_short(address)} will not be shown: a page loads nothing from elsewhere",
            "put the file into images/ and write {static}/images/…",
        )
    return None


def _anchor(fragment: str, document: Document, site: Site, where: str) -> Fault | None:
    name = unquote(fragment)
    if name in _TOP or name.startswith(":~:") or document.facts is None:
        return None
    name = name.split(":~:")[0]
    if name in document.facts.ids or name in site.anchors:
        return None
    near = difflib.get_close_matches(name, sorted(document.facts.ids), 1, 0.6)
    fix = f"did you mean #{near[0]}?" if near else "link to the id of a heading there"
    return (f"there is no #{name} {where}", fix)


def _placeholder(what: str, rest: str, document: Document, site: Site) -> Fault | None:
    parts = urlsplit(rest)
    if what not in _PLACEHOLDERS:
        near = difflib.get_close_matches(what.lower(), _PLACEHOLDERS, 1, 0.5)
        return (
            f"{{{what}}} means nothing",
            f"did you mean {{{near[0]}}}?" if near else "write {filename} or {static}",
        )
    if what == "index":
        return None
    if what in ("category", "tag", "author"):
        return _term(what, parts.path, site)
    name = _resolve(parts.path, document, site)
    if name is None:
        wanted = _relative(parts.path, document)
        pool = site.near_documents if what == "filename" else site.near_files
        return (
            f"there is no file {wanted}",
            _suggest(wanted, pool, "correct the path, which starts from this file's folder"),
        )
    target = site.documents.get(name)
    if what == "filename":
        if target is None:
            return (
                f"{{filename}} leads to articles, and {name} is none",
                "write {static} for files",
            )
        return _reachable(target, document) or _anchor_of(parts.fragment, target, site)
    if target is not None:
        return (f"{{{what}}} leads to files, and {name} is an article", "write {filename}")
    return None


def _anchor_of(fragment: str, target: Document, site: Site) -> Fault | None:
    return _anchor(fragment, target, site, f"in {target.source.name}") if fragment else None


def _relative(path: str, document: Document) -> str:
    if path.startswith("/"):
        return posixpath.normpath(path[1:] or ".")
    return posixpath.normpath(posixpath.join(posixpath.dirname(document.name), path))


def _resolve(path: str, document: Document, site: Site) -> str | None:
    """Return the name of the file that Pelican finds for a path, or None."""
    for spelling in (path, unquote(path), unescape(path)):
        name = _relative(spelling, document)
        if name in site.files:
            return name
    return None


def _term(what: str, name: str, site: Site) -> Fault | None:
    if not site.settings[f"{what.upper()}_SAVE_AS"]:
        return (f"the site has no pages for {what}", "link to an article instead")
    if what == "author" or not name:
        return None
    term = {"category": Category, "tag": Tag}[what](unquote(name), site.settings)
    if normalize_url(term.url) in site.addresses:
        return None
    return (f"no published article has the {what} {unquote(name)}", "check its spelling")


def _reachable(target: Document, document: Document) -> Fault | None:
    """Tell why readers cannot follow a link to a document, if they cannot."""
    if target.is_published or (document.status == "draft" and target.status == "draft"):
        return None
    if target.status == "skip":
        return (f"{target.source.name} is not built (Status: skip)", "link to another article")
    if target.status == "draft":
        return (f"{target.source.name} is a draft", "publish it first, or take the link out")
    return None


def _inside(path: str, fragment: str, document: Document, site: Site) -> Fault | None:
    """Judge an address inside the site that is written without a placeholder."""
    if path.startswith("/"):
        if (
            site.root
            and normalize_url(path) != site.root
            and not normalize_url(path).startswith(f"{site.root}/")
        ):
            return (
                f"{_short(path)} leads out of the site, which begins at /{site.root}/",
                "link with {filename}other.md or {static}/images/…",
            )
        return _at(path, fragment, document, site, path)
    if "@" in path and re.fullmatch(r"[^@\s/]+@[^@\s/]+\.\w+", path):
        return (f"{path} is not a link", f"write mailto:{path}")
    if re.match(r"www\.|[\w-]+\.(com|org|net|gov|edu|io|info)(/|$)", path):
        return (f"{_short(path)} is read as a page of this site", f"write https://{_short(path)}")
    name = _resolve(path, document, site) or (path if path in site.files else None)
    base = document.address or document.name
    target = urljoin(f"https://host/{base}/", path)
    found = normalize_url(urlsplit(target).path)
    if found in site.addresses:
        return _at(urlsplit(target).path, fragment, document, site, path)
    if name:
        what = "filename" if name in site.documents else "static"
        own_folder = posixpath.dirname(document.name)
        shown = posixpath.relpath(name, own_folder) if what == "filename" else f"/{name}"
        return (
            f"{_short(path)} will not be there on the finished page",
            f"write {{{what}}}{shown}" + (f"#{fragment}" if fragment else ""),
        )
    near = site.near_files.find(path, ALIKE)
    fix = (
        f"did you mean {near}?"
        if near
        else "link with {filename}other.md or {static}images/file.png"
    )
    return (f"there is no file {_short(path)}", fix)


def _at(path: str, fragment: str, document: Document, site: Site, shown: str) -> Fault | None:
    """Judge an address counted from the root of the site."""
    address = normalize_url(path)
    if site.root and (address == site.root or address.startswith(f"{site.root}/")):
        address = normalize_url(address[len(site.root) :])
    if address in site.addresses:
        target = site.addresses[address]
        if target is None:
            return None
        return _reachable(target, document) or _anchor_of(fragment, target, site)
    listing = re.match(r"(.*?)(?:^|/)page/\d+$", address)
    if listing and listing[1] in site.addresses:
        return None
    if address and address in site.unpublished:
        held = site.unpublished[address].source.name
        return (f"{held} is a draft", "publish it first, or take the link out")
    near = site.near_addresses.find(address, 0.7)
    fix = f"did you mean /{near}/?" if near else "link with {filename}other.md, which is checked"
    return (f"there is no page {_short(shown)}", fix)


def _suggest(wanted: str, pool: Nearest, otherwise: str) -> str:
    near = pool.find(wanted, ALIKE)
    if near and near.casefold() == wanted.casefold():
        return f"did you mean {near}? Capital letters count"
    return f"did you mean {near}?" if near else otherwise


def unmade(document: Document) -> Iterator[Problem]:
    """Yield what was meant as a link but stayed text."""
    scan, loose = document.scan, document.page.loose
    known = {place.text for place in scan.definitions}
    for place in scan.references:
        if place.text not in known and "][" in loose.replace("] [", "]["):
            yield document.problem(
                place.at,
                f"[{place.text}] is defined nowhere",
                f'add a line "[{place.text}]: https://…"',
            )
    if re.search(r"\]\((?!\s)", loose):
        for match in re.finditer(r"\]\((?!\s)", scan.masked):
            opening = scan.brackets.get(match.start())
            end = scan.masked.find("\n\n", match.end())
            end = len(scan.masked) if end < 0 else end
            if opening is not None and scan.masked.find(")", match.end(), end) < 0:
                yield document.problem(
                    opening, "this link has no closing bracket", "write ) after the address"
                )
