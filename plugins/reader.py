"""Reads each article and page once: text, metadata, Markdown, facts, and what is wrong with it.

Each file becomes a `Document`, which Pelican's article or page carries as `document`; the context
has all of them in `documents`. A file that cannot be read is handed to Pelican as one to skip, a
missing date or title as a placeholder: plugins/check.py stops the build before anyone sees them.
"""

import os
import re
from contextlib import suppress
from datetime import datetime
from itertools import chain
from pathlib import Path, PurePath
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from markdown import Markdown
from pelican import signals
from pelican.generators import ArticlesGenerator
from pelican.readers import MarkdownReader, parse_path_metadata, path_metadata
from pelican.utils import file_suffix, posixize_path

from plugins.cache.digests import digest, of_files, of_settings
from plugins.cache.store import Cache, noted_warnings
from plugins.dates import parse_date
from plugins.documents import Document
from plugins.facts import ParsedText
from plugins.ids import theme_ids
from plugins.problems import ContentError
from plugins.processes import can_share, share_out
from plugins.progress import advanced, announced
from plugins.rules import dialects, metadata, plain, readability, text
from plugins.rules.fields import ARTICLE, PAGE
from plugins.rules.source import Source, decode, read
from plugins.rules.structure import renumbered, structure
from plugins.schedule import build_time, is_public, is_published
from plugins.tokens import known_tokens
from plugins.words import FOLDER as WORDS

# As many files as are worth a second process.
MANY = 40
LONG_TEXT = 500_000  # characters; Markdown takes about two seconds for a million
# All that a document depends on; the reader sees no other setting while it makes one.
SETTINGS = (
    *("MARKDOWN", "FORMATTED_FIELDS", "EXTRA_FIELDS", "DEFAULT_LANG", "TIMEZONE", "DEFAULT_DATE"),
    *("DEFAULT_METADATA", "EXTRA_PATH_METADATA", "FILENAME_METADATA", "PATH_METADATA"),
    *("USE_FOLDER_AS_CATEGORY", "CATEGORY_SAVE_AS"),
)
# What would make a heading, a list or a quotation of a field's one line.
_BLOCK = re.compile(r"^(\d*)([#>]|[.+*-](?= ))")
_NEVER = datetime(1970, 1, 1)  # noqa: DTZ001 (in place of a date that cannot be read)


class Reader(MarkdownReader):
    """Pelican's Markdown reader, with all that a build asks of a file taken in one reading: `kind`
    is what its generator makes of a file, `sources` are all files of the build."""

    kind = PAGE

    def __init__(self, settings):
        super().__init__(settings)
        self._settings = {name: settings[name] for name in SETTINGS if name in settings}
        self._extra_fields = {name.lower() for name in self._settings.get("EXTRA_FIELDS", ())}
        self._cache: Cache = settings["CACHE"]
        self._reserved = theme_ids(settings)
        made_of = of_settings(self._settings | {"": self._reserved})
        self._fingerprint = digest(self._cache.code, of_files([WORDS]), made_of)
        self.sources: set[str] = set()
        self.documents: dict[str, Document] = {}  # what was read so far, by name
        self.ahead: list[str] = []  # files that several processes may begin with
        self._opened: dict[str, Document] = {}  # of which nothing is made yet
        self._ready: dict[str, Document] = {}  # read, and not asked for yet
        self._converter: Markdown | None = None

    def read(self, source_path):
        """Return the HTML and the metadata of a file, its Document among them."""
        self._read_ahead()
        if source_path not in self._ready:
            self._add(source_path, self._read_watched(source_path))
        document = self._ready.pop(source_path)
        self.documents[document.name] = document
        values = {name: self.process_metadata(name, v) for name, v in document.metadata.items()}
        return document.html, {**values, "document": document, "facts": document.facts}

    def process_metadata(self, name, value):
        """Return a value as Pelican uses it. A date that cannot be read has been reported."""
        if name in ("date", "modified") and parse_date(value)[0] is None:
            return _NEVER
        return super().process_metadata(name, value)

    def _read_ahead(self):
        """Read files in several processes at once, where that pays: `read` then has them ready."""
        paths, self.ahead = self.ahead, []
        # A long text is announced when its turn comes, and a broken link is reported then.
        paths = [p for p in sorted(paths) if os.path.exists(p) and os.path.getsize(p) <= LONG_TEXT]
        for path in paths:
            with suppress(ContentError):  # `read_document` reports it
                document = self._open(path)
                if document.is_kept:
                    self._add(path, document)
                else:
                    self._opened[path] = document
        pays = len(self._opened) >= MANY and can_share()
        for path, read_there in share_out(self._read_there, list(self._opened)) if pays else ():
            if read_there:
                document = self._opened.pop(path)
                document.restore(read_there)
                self._add(path, document)

    def _add(self, source_path: str, document: Document):
        document.source.let_go()
        self._ready[source_path] = document
        done = len(self.documents) + len(self._ready)
        advanced.send("Reading", done=done, total=len(self.sources))

    def _read_there(self, source_path: str) -> bytes | None:
        """Return what a file becomes, dumped, in a process of its own; None where anything goes
        wrong, which is reported when `read` reads the file again."""
        with suppress(Exception):
            document = self._read_watched(source_path)
            return document.dump() if document.is_certain else None
        return None

    def _read_watched(self, source_path: str) -> Document:
        with noted_warnings() as warnings:
            document = self.read_document(source_path)
        document.is_certain = document.is_certain and not warnings
        return document

    def read_document(self, source_path: str) -> Document:
        """Return what a file becomes, with every error that its own words make."""
        try:
            document = self._opened.pop(source_path, None) or self._open(source_path)
        except ContentError as error:
            source = Source(Path(source_path), self._name(source_path), "")
            document = Document(source, source.name, "", metadata={"status": "skip"})
            # plugins/rules/files.py reports a link to a file that is not there.
            document.problems += error.problems if os.path.exists(source_path) else []
            return document
        if not document.is_kept:
            self._make(document)
        return document

    def _open(self, source_path: str) -> Document:
        """Return the document of a file: as the cache has it, or before anything is made of it.
        Raises ContentError where it cannot be read, or is not UTF-8."""
        name, raw = self._name(source_path), read(Path(source_path))
        source = decode(Path(source_path), raw)
        # Problems name the file as it is shown.
        key = digest("document", self._fingerprint, self.kind, name, source.name, raw)
        document = Document(source, name, self.kind, key, digest(name, raw))
        if kept := self._cache.get(key):
            document.restore(kept)
            document.is_kept = True
        return document

    def _name(self, source_path: str) -> str:
        return PurePath(os.path.relpath(source_path, self.settings["PATH"])).as_posix()

    def _make(self, document: Document):
        """Fill in what is made of a document's source, and what is wrong with it."""
        source, name, settings = document.source, document.name, self._settings
        if unreadable := list(metadata.unreadable(source)):
            document.report(unreadable)
            document.kind, document.metadata = "", {"status": "skip"}
            return
        given = parse_path_metadata(name, settings)
        from_path = path_metadata(str(source.path), name, settings)
        defaults = {**settings["DEFAULT_METADATA"], **from_path, **given}
        status = (source.value("status") or defaults.get("status", "published")).lower()
        document.stated_status, document.given = status, frozenset(given)
        if "date" in given and parse_date(given["date"])[0] is None:
            what = "the file name begins with a date that does not exist"
            document.report([(0, what, "rename the file")])
        if status == "skip":
            document.metadata = {"status": "skip"}
        else:
            self._convert(document)
            # What is missing has been reported, and must not keep Pelican from going on.
            known = {*document.metadata, *defaults}
            if self.kind == ARTICLE and "date" not in known:
                document.metadata["date"] = ""
            if "title" not in known:
                document.metadata["title"] = name
        zone = ZoneInfo(settings["TIMEZONE"])
        document.report(metadata.presence(source, self.kind, document.given, self._extra_fields))
        document.report(metadata.values(source, self.kind, zone))

    def _convert(self, document: Document):
        """Fill in the text's HTML, its facts and what the rules about it find."""
        source, length = document.source, len(document.source.text)
        if length > LONG_TEXT:
            size = f"{length / 1e6:.1f} million characters"
            announced.send(f"{source.name} is long ({size}): this takes a while …")
        empty = list(text.empty_footnotes(source))
        document.report(empty)
        converter = self._converter = self._converter or Markdown(**self._settings["MARKDOWN"])
        converter.reserved, converter.lang = self._reserved, self._settings["DEFAULT_LANG"]
        try:
            document.html = converter.reset().convert(source.text)
            stated = {name.lower(): lines for name, lines in converter.Meta.items()}
            joined = {name: " ".join(filter(None, lines)) for name, lines in stated.items()}
            # Below an empty line nothing is taken for metadata.
            formatted = {
                name: converter.reset().convert("\n" + _BLOCK.sub(r"\1\\\2", joined[name]))
                for name in self._settings["FORMATTED_FIELDS"]
                if name in joined
            }
        except Exception:  # whatever the converter trips over
            self._converter, document.is_certain = None, False
            document.metadata = {"status": "skip"}
            if not empty:
                what = "the text cannot be converted"
                fix = "look for lists, quotations or brackets inside one another"
                document.report([(source.scan.start, what, fix)])
            return
        # A field of the owner's own may be a list, with a name on each line.
        for name, lines in stated.items():
            is_list = len(lines) > 1 and name in self._extra_fields
            document.metadata[name] = lines if is_list else joined[name]
        if "lang" in joined:
            default = self._settings["DEFAULT_LANG"].lower()  # as Pelican compares it
            code, *rest = joined["lang"].replace("_", "-").split("-")
            plain = "-".join([code.lower(), *rest])
            document.metadata["lang"] = default if plain.lower() == default else plain
        document.metadata |= formatted
        self._judge(document, formatted, known_tokens(converter))

    def _judge(self, document: Document, formatted: dict[str, str], tokens: dict[str, str]):
        source, page, shown = document.source, ParsedText(document.html), {}
        document.facts = page.facts()
        for name, html in formatted.items():
            field = ParsedText(html)
            document.field_links[name] = field.links
            document.report(text.field(source, name, field))
            shown[name] = field.loose
            if name == "summary":
                document.report(metadata.summary(source, field.words, document.stated_status))
        lang = source.value("lang") or self._settings["DEFAULT_LANG"]
        public = is_public(document.stated_status)
        words = text.Text(source, page, public, tokens, self._reserved, lang)
        document.report(plain.marks(source, shown))
        document.report(dialects.fields(source, shown))
        for rule in dialects.RULES:
            document.report(rule(words))
        foreign = {problem.line for problem in document.problems}
        for rule in (*text.RULES, plain.hidden):
            document.report(rule(words), foreign if rule in text.GUESSES else frozenset())
        document.report(structure(words, {problem.line for problem in document.problems}))
        warnings = [*readability.title(source), *plain.marks(source, shown, is_meant=True)]
        warnings += dialects.fields(source, shown, is_meant=True)
        warnings += chain(*(rule(words) for rule in (*text.ADVICE, *dialects.ADVICE, renumbered)))
        if lang.lower().startswith("en"):
            warnings += readability.readability(words)
        document.warn(warnings)


def register():
    """Read Markdown with the Reader, have what it has read in the context, and keep it."""
    signals.initialized.connect(_check_settings)
    signals.readers_init.connect(_add_reader)
    signals.article_generator_init.connect(_prepare)
    signals.page_generator_init.connect(_prepare)
    signals.content_object_init.connect(_link_document)
    signals.all_generators_finalized.connect(_keep)


def _check_settings(pelican):
    try:
        Markdown(**pelican.settings["MARKDOWN"])
    except Exception as error:  # whatever an extension trips over
        what = f"MARKDOWN cannot be used: {error}"
        fix = "correct its extensions and their configuration"
        raise ContentError.at("pelicanconf.py", what, fix) from error
    name = pelican.settings.get("TIMEZONE", "UTC")
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        what, fix = f'TIMEZONE "{name}" does not exist', "write one such as Europe/Berlin or UTC"
        raise ContentError.at("pelicanconf.py", what, fix) from None


def _add_reader(readers):
    readers.reader_classes |= dict.fromkeys(MarkdownReader.file_extensions, Reader)


def _prepare(generator):
    """Let the readers of all generators share what is read, and know what there is to read, in one
    order: Pelican's differs from run to run, and so would articles of one day."""
    settings, context, readers = generator.settings, generator.context, generator.readers.readers
    kind = ARTICLE if isinstance(generator, ArticlesGenerator) else PAGE
    unordered = generator.get_files
    generator.get_files = lambda *asked, **options: sorted(unordered(*asked, **options))
    paths, excluded = (settings[f"{kind.upper()}_{which}"] for which in ("PATHS", "EXCLUDES"))
    found = generator.get_files(paths, excluded)
    context.setdefault("sources", set()).update(posixize_path(os.path.normpath(f)) for f in found)
    for reader in {reader for reader in readers.values() if isinstance(reader, Reader)}:
        reader.kind, reader.sources = kind, context["sources"]
        reader.documents = context.setdefault("documents", {})
        mine = [name for name in found if readers[file_suffix(name)] is reader]
        reader.ahead = [os.path.abspath(os.path.join(generator.path, name)) for name in mine]


def _link_document(content):
    if document := getattr(content, "document", None):
        document.content = content
    # A day without a time is its first moment, though the article is of a later one.
    if hasattr(content, "modified"):
        content.modified = max(content.modified, getattr(content, "date", content.modified))


def _keep(generators):
    """Keep the documents that this build has made, and forget what was made from former drafts."""
    context = generators[0].context
    cache, now = context["CACHE"], build_time(context["PATH"]).moment
    for document in context["documents"].values():
        origins = [] if is_published(document.content, now) else [document.origin]
        cache.current.update(origins)
        if document.key and document.is_certain and not document.is_kept:
            with suppress(ValueError):  # an extension of Markdown returns what cannot be kept
                cache.put(document.key, document.dump(), origins)
    cache.forget()
