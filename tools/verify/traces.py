"""What is not published leaves no trace: each file of the output comes from a published source, and
none says what only unpublished documents say. What a published source says is never a trace.
"""

import functools
import marshal
import re
import unicodedata
from collections.abc import Callable, Iterator
from html import unescape
from itertools import chain
from pathlib import Path, PurePosixPath
from urllib.parse import quote

from plugins import ROOT
from plugins.addresses import absolute_url, normalize_url
from plugins.cache.digests import digest, of_files
from plugins.cache.store import NOTHING
from plugins.replies import SNAPSHOT
from plugins.schedule import is_future
from plugins.static_files import TEXTS, owner_texts
from tools.hosts import COMPRESSIONS
from tools.verify.page import NAMESPACES
from tools.verify.site import BuiltSite

RUN = 8  # words in a row that no two authors choose by chance
_OWN = {"sitemap.xml", "favicon.svg", "_headers", "_redirects", "Caddyfile"}
# Words in the addresses and types that every site has.
_USUAL = f"{_OWN} {NAMESPACES} pictures share-site png jpeg webp html json atom xhtml js css xml"
_SITE_CARD = re.compile(r"pictures/share-site-[0-9a-f]{8}-\d+\.png")
_FINGERPRINT = re.compile(r"\.[0-9a-f]{10}(?=\.\w+$)")
_DATA = re.compile(r"<script type=\"application/ld\+json\">.*?</script>", re.DOTALL)
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|([\"\\/])|[bfnrt])")
_TAG = re.compile(r"<[/?a-zA-Z][^<>]*>")
_WITHIN_WORDS = re.compile(r"</?(?:b|i|em|strong|mark|u|s|small|code|sub|sup|wbr|q|abbr)\b[^<>]*>")
_VALUE = re.compile(r"=\s*[\"']?([^\"<>]*)")
# In a script without spaces each character counts as a word.
_UNSPACED = re.compile(r"[\u0e00-\u0eff\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")
_SYMBOLS = re.compile(r"[^\x00-\x7f\w]+")
_LETTERS = bytes(at if at > 127 or chr(at).isalnum() else 32 for at in range(256))


def sources(site: BuiltSite) -> Iterator[tuple]:
    """Each file comes from a published text, a list of them, the theme, or what hosts ask for."""
    if not site.built:
        return
    settings, expected = site.settings, _expected(site)
    for path in site.files:
        file = PurePosixPath(path)
        if file.suffix in COMPRESSIONS and str(file.with_suffix("")) in site.files:
            file = file.with_suffix("")
        is_known = normalize_url(str(file)) in expected
        if file.is_relative_to(settings["THEME_STATIC_DIR"]):
            name = _FINGERPRINT.sub("", str(file.relative_to(settings["THEME_STATIC_DIR"])))
            origins = [Path(settings["THEME"], f, name) for f in settings["THEME_STATIC_PATHS"]]
            is_known = is_known or any(origin.is_file() for origin in origins)
        if not is_known:
            fix = "use it in a published text, or put it into a folder of AS_IS_PATHS"
            yield path, "this file traces to no published source", fix


def _expected(site: BuiltSite) -> set[str]:
    """Return the addresses of the files that a published site may have."""
    files = {path for path in site.files if _SITE_CARD.fullmatch(path)} | _OWN
    files.update(site.settings.get("PLUGIN_FILES", ()))
    cards = (getattr(document.content, "card", None) for document in site.published)
    files.update(card.path for card in cards if card)
    for name in site.used:
        file = site.built.files[name]
        files |= {file.save_as, *getattr(file, "widths", ())}
    pages = (each for each in site.built.targets.items() if not each[1].file and each[1].since)
    dated = {at for at, page in pages if not is_future(page.since, site.now)}
    return dated.union(map(normalize_url, files))


def words(site: BuiltSite) -> Iterator[tuple]:
    """No file says eight words in a row, a title or an address that only unpublished texts have."""
    if not site.unpublished:
        return
    cache, held = site.settings.get("CACHE"), _Held(site)
    for path, file in site.files.items():
        content = file.read_bytes() if PurePosixPath(path).suffix in {*TEXTS, ""} else b""
        key = digest("untraced", held.key, path, content)
        if cache and cache.get(key) is not None:
            continue
        found = held.find(_View(f"/{path}\n{content.decode('utf-8', 'replace')}"))
        for source, said in found.items():
            what = f'"{said}" is only in {source}, which is not published'
            yield path, what, "find the template, plugin or file that writes it"
        if cache and not found:
            cache.put(key, b"", cache.files.get(path, NOTHING))


def _words(text: str) -> list[bytes]:
    if not text.isascii():
        text = _SYMBOLS.sub(" ", _UNSPACED.sub(r" \g<0> ", text))
    return text.encode().translate(_LETTERS).split()


_words_once = functools.cache(_words)  # of a title or slug, for each file


class _View:
    """A text as it is compared, case folded: `raw`, and without its tags `plain`."""

    def __init__(self, text: str):
        text = unicodedata.normalize("NFC", _DATA.sub(_unescaped, text)).casefold()
        self.raw = unescape(text)
        texts = [text, self.raw] if "&lt;" in text else [text]  # a feed has escaped HTML
        parts = [_TAG.sub("\n|\n", _WITHIN_WORDS.sub("", each)) for each in texts]
        parts += chain(*(_VALUE.findall(tag) for each in texts for tag in _TAG.findall(each)))
        self.plain = " ".join(unescape("\n|\n".join(parts)).split())
        words = _words(self.plain)
        # All words, so many in a row; to be read once, since they are many.
        self.runs = zip(*(words[at:] for at in range(RUN)), strict=False)
        self._vocabulary = set(words)

    def has(self, phrase: str, before: str = r"(?<![^\W_])", text: str = "") -> bool:
        """Return whether the text has a phrase, not as a part of longer words."""
        if not self._vocabulary.issuperset(_words_once(phrase)):
            return False
        return bool(re.search(rf"{before}{re.escape(phrase)}(?![^\W_])", text or self.plain))

    def has_address(self, slug: str) -> bool:
        """Return whether an address has this slug, one of a single word behind a slash."""
        before = {} if len(_words_once(slug)) > 1 else {"before": "/(?:share-)?"}
        return any(self.has(s, text=self.raw, **before) for s in {slug, quote(slug).casefold()})

    def has_words(self, slug: str) -> bool:
        """Return whether the text has the words of a slug, one after the other."""
        return b" %b " % b" ".join(_words_once(slug)) in self._spaced

    _spaced = functools.cached_property(lambda view: b" %b " % b" ".join(_words(view.raw)))


def _unescaped(match: re.Match) -> str:
    return _ESCAPE.sub(lambda one: chr(int(one[1], 16)) if one[1] else one[2] or " ", match[0])


class _Held:
    """What the unpublished documents of a site say: runs of words, titles and slugs. `key` is the
    digest of all of it."""

    def __init__(self, site: BuiltSite):
        self._site, keys = site, sorted(document.key for document in site.unpublished)
        self.key = digest(of_files([Path(__file__)]), *keys)

    def find(self, view: _View) -> dict[str, str]:
        """Return what a file says that no published source does, by the source that says it."""
        found, said = self._find(view, _View.has_address), {}
        if any(found):
            for clues, public, sources in zip(found, self._public, self._clues, strict=True):
                for clue in sorted(clues - public):
                    words = clue if isinstance(clue, str) else b" ".join(clue).decode()
                    said[sources[clue]] = words
        return said

    def _find(self, view: _View, has_slug: Callable[[_View, str], bool]) -> list[set]:
        runs, titles, slugs = self._clues
        found = {title for title in titles if view.has(title)}
        return [runs.keys() & view.runs, found, {s for s in slugs if has_slug(view, s)}]

    @functools.cached_property
    def _clues(self) -> tuple[dict, dict, dict]:
        """Runs of words, titles and slugs, each with the name of the source that has it."""
        runs, titles, slugs = {}, {}, {}
        for document in self._site.unpublished:
            source = document.source
            for text in (source.text, document.html):
                runs |= dict.fromkeys(_View(text).runs, source.name)
            title = unicodedata.normalize("NFC", source.value("title")).casefold()
            if len(_words(title)) > 1:
                titles[" ".join(title.split())] = source.name
            slug = getattr(document.content, "slug", source.value("slug")).casefold()
            if re.search(r"[^\W\d_]", slug):
                slugs[slug] = source.name
        return runs, titles, slugs

    @functools.cached_property
    def _public(self) -> list[set]:
        """Those of the same that a published source says too."""
        cache, public = self._site.settings.get("CACHE"), [set(), set(), set()]
        for key, text in _published_texts(self._site):
            key = key and digest("said", self.key, key)
            kept = cache.get(key) if cache and key else None
            if kept is None:
                kept = marshal.dumps(list(map(sorted, self._find(_View(text), _View.has_words))))
                if cache and key:
                    cache.put(key, kept)
            for clues, found in zip(public, marshal.loads(kept), strict=True):
                clues.update(found)
        return public


def _published_texts(site: BuiltSite) -> Iterator[tuple[bytes, str]]:
    """Yield what is said in public, with a digest where one document says it."""
    for document in site.published:
        content = document.content
        pages = [content, *getattr(content, "tags", []), *getattr(content, "authors", [])]
        pages += [content.category] if getattr(content, "category", None) else []
        found = [absolute_url(site.context.address, page.url) for page in pages]
        text = "\n\n".join([document.source.text, document.html, content.slug, *found])
        yield digest(document.key, site.context.address), text
    replies = ROOT / site.settings.get("REPLIES_SNAPSHOT", SNAPSHOT)
    found = [replies.read_text("utf-8")] if replies.is_file() else []
    yield b"", "\n\n".join([_USUAL, *site.used, *found, *owner_texts(site.settings, site.used)])
