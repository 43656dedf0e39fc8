"""Reads each article and page once: text, front matter, Markdown, facts, and what is wrong with it.

Each file becomes a `Document`. Pelican's article or page carries it as `document`, and its facts as
`facts`; the context lists all of them in `documents`, by their path in the content folder. A file
that cannot be read is handed to Pelican as one to skip, a missing date or title as a placeholder:
plugins/check.py stops the build before anybody sees them. What was read once is kept in the cache.
"""

import os
from contextlib import suppress
from datetime import datetime
from pathlib import Path, PurePath
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from markdown import Markdown
from pelican import signals
from pelican.generators import ArticlesGenerator
from pelican.readers import MarkdownReader, parse_path_metadata, path_metadata
from pelican.utils import file_suffix, posixize_path

from plugins.cache.digests import digest, of_files, of_settings
from plugins.cache.store import Cache, counted_warnings
from plugins.documents import Document
from plugins.facts import Page
from plugins.problems import ContentError, Problem, display_path
from plugins.processes import can_share, share_out
from plugins.progress import advanced, announced
from plugins.rules import body, frontmatter, links, readability, values
from plugins.rules.dates import parse_date
from plugins.rules.fields import ARTICLE, PAGE
from plugins.rules.source import Source, decode, read
from plugins.schedule import build_time, is_published
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
_NEVER = datetime(1970, 1, 1)  # noqa: DTZ001 (stands in for a date that cannot be read)


class Reader(MarkdownReader):
    """Pelican's Markdown reader, with all that a build asks of a file taken in one reading.

    `kind` is what its generator makes of a file, `sources` all files of the build, `documents` what
    was read of them so far, by name.
    """

    kind = PAGE

    def __init__(self, settings):
        super().__init__(settings)
        self._rules = {name: settings[name] for name in SETTINGS if name in settings}
        self._cache: Cache | None = settings["CACHE"]
        self._fingerprint = digest(
            settings["CACHE"].code, of_files([WORDS]), of_settings(self._rules)
        )
        self.sources: set[str] = set()
        self.documents: dict[str, Document] = {}
        self.ahead: list[str] = []  # files that several processes may begin with
        self._opened: dict[str, bytes] = {}  # what is in files that were not read before
        self._ready: dict[str, Document] = {}  # read, and not asked for yet
        self._converter: Markdown | None = None

    def read(self, source_path):
        """Return the HTML and the metadata of a file, its Document among them."""
        self._read_ahead()
        if source_path not in self._ready:
            with counted_warnings() as warnings:
                document = self.read_document(source_path)
            document.is_certain = document.is_certain and not warnings.count
            self._ready[source_path] = document
            self._advance()
        document = self._ready.pop(source_path)
        self.documents[document.name] = document
        metadata = {
            name: self.process_metadata(name, value) for name, value in document.metadata.items()
        }
        return document.html, {**metadata, "document": document, "facts": document.facts}

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
            with suppress(ContentError):  # `read_document` says so
                raw = read(Path(path))
                if document := self._kept(path, raw):
                    self._ready[path] = document
                    self._advance()
                else:
                    self._opened[path] = raw
        paths = [path for path in paths if path not in self._ready]
        if len(paths) < MANY or not can_share():
            return
        for path, read_there in share_out(self._read_there, paths):
            if read_there:
                self._ready[path] = self._load(path, self._opened.pop(path), read_there)
                self._advance()

    def _advance(self):
        done = len(self.documents) + len(self._ready)
        advanced.send("Reading", done=done, total=len(self.sources))

    def _read_there(self, source_path: str) -> bytes | None:
        """Return what a file becomes, dumped, in a process of its own; None where anything goes
        wrong, which is seen where `read` is asked for the file and reads it again."""
        self._cache = None  # SQLite does not follow into another process
        dumped = None
        with counted_warnings() as warnings, suppress(Exception):
            document = self.read_document(source_path)
            dumped = document.dump() if document.key and document.is_certain else None
        return None if warnings.count else dumped

    def _kept(self, source_path, raw: bytes) -> Document | None:
        """Return what an earlier build has made of the bytes of a file, from the cache."""
        kept = self._cache.get(self._key(source_path, raw)) if self._cache else None
        if not kept:
            return None
        document = self._load(source_path, raw, kept)
        document.is_kept = True
        return document

    def _load(self, source_path, raw: bytes, dumped: bytes) -> Document:
        """Return the document of the bytes of a file from what it has dumped."""
        source, name = decode(Path(source_path), raw), self._name(source_path)
        document = Document.load(dumped, source, name, self.kind)
        document.key, document.origin = self._key(source_path, raw), digest(name, raw)
        return document

    def read_document(self, source_path) -> Document:
        """Return what a file becomes, with every mistake that its own words make."""
        name = self._name(source_path)
        try:
            raw = self._opened.pop(source_path, None) or read(Path(source_path))
            if document := self._kept(source_path, raw):
                return document
            source = decode(Path(source_path), raw)
        except ContentError as error:
            document = self._unreadable(Source(Path(source_path), name, ""), name)
            # plugins/rules/files.py reports a link to a file that is not there.
            document.problems += error.problems if os.path.exists(source_path) else []
            return document
        document = self._make(source, source_path, name)
        document.key, document.origin = self._key(source_path, raw), digest(name, raw)
        document.settle()
        return document

    def _name(self, source_path) -> str:
        return PurePath(os.path.relpath(source_path, self.settings["PATH"])).as_posix()

    def _key(self, source_path, raw: bytes) -> bytes:
        # Problems name the file as it is shown.
        names = (self._name(source_path), display_path(source_path))
        return digest("document", self._fingerprint, self.kind, *names, raw)

    def _make(self, source: Source, source_path, name: str) -> Document:
        if broken := list(frontmatter.dialect(source)):
            document = self._unreadable(source, name)
            document.problems += broken
            return document
        given = parse_path_metadata(name, self._rules)
        outside = {
            **self._rules["DEFAULT_METADATA"],
            **path_metadata(source_path, name, self._rules),
            **given,
        }
        status = (source.value("status") or outside.get("status", "published")).lower()
        document = Document(source, name, self.kind, status, given=frozenset(given))
        if "date" in given and parse_date(given["date"])[0] is None:
            what = "the file name begins with an impossible date"
            document.problems.append(document.problem(0, what, "rename the file"))
        if status == "skip":
            document.metadata = {"status": "skip"}
        else:
            self._convert(document)
            # What is missing has been reported, and must not keep Pelican from going on.
            known = {*document.metadata, *outside}
            if self.kind == ARTICLE and "date" not in known:
                document.metadata["date"] = ""
            if "title" not in known:
                document.metadata["title"] = name
        zone, lang = ZoneInfo(self._rules["TIMEZONE"]), self._rules["DEFAULT_LANG"]
        extra = self._extra_fields()
        document.problems += frontmatter.fields(source, self.kind, document.given, extra)
        document.problems += values.values(source, self.kind, zone, lang)
        return document

    @staticmethod
    def _unreadable(source: Source, name: str) -> Document:
        return Document(source, name, "", metadata={"status": "skip"})

    def _convert(self, document: Document):
        """Fill in the text's HTML, its facts and what the rules about it say."""
        text = document.source.text
        if len(text) > LONG_TEXT:
            size = f"{len(text) / 1e6:.1f} million signs"
            announced.send(f"{document.source.name} is long ({size}): this takes a while …")
        empty = list(body.empty_notes(document))
        document.problems += empty
        converter = self._converter = self._converter or Markdown(**self._rules["MARKDOWN"])
        try:
            document.html = converter.reset().convert(text)
            metadata = {name.lower(): value for name, value in converter.Meta.items()}
            # Below an empty line nothing is taken for front matter.
            formatted = {
                name: converter.reset().convert("\n".join(["", *metadata[name]]))
                for name in self._rules["FORMATTED_FIELDS"]
                if name in metadata
            }
        except Exception as error:  # whatever the converter trips over
            self._converter, document.is_certain = None, False
            document.metadata = {"status": "skip"}
            if not empty:
                what = f"the text cannot be converted ({type(error).__name__})"
                fix = "look for lists, quotations or brackets nested very deep"
                document.problems.append(document.problem(document.scan.start, what, fix))
            return
        # A field on several lines is a mistake, unless it is one of the owner's own.
        for name, value in metadata.items():
            is_list = len(value) > 1 and name in self._extra_fields()
            document.metadata[name] = value if is_list else value[0]
        document.metadata |= formatted
        self._read_facts(document, formatted)

    def _read_facts(self, document: Document, formatted: dict[str, str]):
        document.page = Page(document.html)
        document.facts = document.page.facts()
        for name, html in formatted.items():
            field = Page(html)
            document.fields[name] = field.facts()
            if name == "summary":
                document.problems += values.summary(
                    document.source, field.words, document.stated_status
                )
        for rule in (
            links.images,
            links.unmade,
            body.headings,
            body.footnotes,
            body.left_over,
            body.fences,
            body.boxes,
            body.blocked,
            body.faq,
        ):
            document.problems += rule(document)
        document.problems += body.tokens(document, self._tokens())
        warnings = list(readability.title(document))
        lang = document.source.value("lang") or self._rules["DEFAULT_LANG"]
        if lang.lower().startswith("en"):
            warnings += readability.readability(document)
        document.warn(warnings)

    def _extra_fields(self) -> set[str]:
        return {name.lower() for name in self._rules.get("EXTRA_FIELDS", ())}

    def _tokens(self) -> set[str]:
        configs = self._rules["MARKDOWN"]["extension_configs"]
        return set(configs.get("plugins.tokens:TokensExtension", {}).get("values", {}))


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
        raise ContentError(Problem("pelicanconf.py", 0, 0, what, fix)) from error
    name = pelican.settings.get("TIMEZONE", "UTC")
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        what, fix = f"there is no TIMEZONE {name!r}", "write one such as Europe/Berlin or UTC"
        raise ContentError(Problem("pelicanconf.py", 0, 0, what, fix)) from None


def _add_reader(readers):
    readers.reader_classes |= dict.fromkeys(MarkdownReader.file_extensions, Reader)


def _prepare(generator):
    """Let the readers of all generators share what is read, and know what there is to read.

    Pelican lists files in an order that differs from run to run, and so would articles of one day.
    """
    settings, context, readers = generator.settings, generator.context, generator.readers.readers
    kind = ARTICLE if isinstance(generator, ArticlesGenerator) else PAGE
    unordered = generator.get_files
    generator.get_files = lambda *asked, **options: sorted(unordered(*asked, **options))
    found = generator.get_files(
        settings[f"{kind.upper()}_PATHS"], settings[f"{kind.upper()}_EXCLUDES"]
    )
    context.setdefault("sources", set()).update(posixize_path(os.path.normpath(f)) for f in found)
    for reader in {reader for reader in readers.values() if isinstance(reader, Reader)}:
        reader.kind, reader.sources = kind, context["sources"]
        reader.documents = context.setdefault("documents", {})
        mine = [name for name in found if readers[file_suffix(name)] is reader]
        reader.ahead = [os.path.abspath(os.path.join(generator.path, name)) for name in mine]


def _link_document(content):
    if document := getattr(content, "document", None):
        document.content = content


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
