"""Reads each article and page once: text, front matter, Markdown, facts, and what is wrong with it.

Each file becomes a `Document`. Pelican's article or page carries it as `document`, and its facts as
`facts`; the context lists all of them in `documents`, by their path in the content folder. A file
that cannot be read is handed to Pelican as one to skip, a missing date or title as a placeholder:
plugins/check.py stops the build before anybody sees them. Commands, not owners, set ADVISE, to have
advice on the words too, and READ_BEFORE, the documents of an earlier build of the same settings.
"""

import logging
import os
import signal
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from pathlib import Path, PurePath
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from markdown import Markdown
from pelican import signals
from pelican.generators import ArticlesGenerator
from pelican.readers import MarkdownReader, parse_path_metadata, path_metadata
from pelican.utils import file_suffix, posixize_path

from plugins.documents import Document
from plugins.facts import Page
from plugins.problems import ContentError, Problem
from plugins.progress import advanced, announced
from plugins.rules import body, frontmatter, links, readability, values
from plugins.rules.dates import parse_date
from plugins.rules.fields import ARTICLE, PAGE
from plugins.rules.source import Source, read

# As many files as are worth a second process.
MANY = 40
LONG_TEXT = 500_000  # characters; Markdown takes about two seconds for a million
_NEVER = datetime(1970, 1, 1)  # noqa: DTZ001 (stands in for a date that cannot be read)


class Reader(MarkdownReader):
    """Pelican's Markdown reader, with all that a build asks of a file taken in one reading.

    `kind` is what its generator makes of a file, `sources` all files of the build, `documents` what
    was read of them so far, by name.
    """

    kind = PAGE

    def __init__(self, settings):
        super().__init__(settings)
        self.sources: set[str] = set()
        self.documents: dict[str, Document] = {}
        self.ahead: list[str] = []  # files that several processes may begin with
        self._ready: dict[str, Document] = {}  # read, and not asked for yet
        self._converter: Markdown | None = None

    def read(self, source_path):
        """Return the HTML and the metadata of a file, its Document among them."""
        self._read_ahead()
        if source_path not in self._ready:
            self._ready[source_path] = self.read_document(source_path)
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
        if len(paths) < MANY or not _can_fork() or self.settings.get("READ_BEFORE"):
            return
        for path, document in self._read_in_processes(paths):
            if document:
                self._ready[path] = document
                self._advance()

    def _advance(self):
        done = len(self.documents) + len(self._ready)
        advanced.send("Reading", done=done, total=len(self.sources))

    def _read_in_processes(self, paths: list[str]) -> Iterator[tuple[str, Document | None]]:
        """Yield each path with what a process has read there; None where that failed. Files of a
        process that was killed are missing."""
        context, count, waiting, processes = get_context("fork"), _processors(), [], []
        for number in range(count):
            receiver, sender = context.Pipe(duplex=False)
            arguments = (paths[number::count], receiver, sender)
            processes.append(context.Process(target=self._read_share, args=arguments, daemon=True))
            processes[-1].start()
            sender.close()
            waiting.append(receiver)
        while waiting:
            for receiver in wait(waiting):
                try:
                    yield receiver.recv()
                except (EOFError, OSError):  # it ended, or was killed while it sent
                    waiting.remove(receiver)
        for process in processes:
            process.join()

    def _read_share(self, paths: list[str], receiver: Connection, sender: Connection):
        """Read files and send what each becomes, in a process of its own."""
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for who started this process
        receiver.close()  # so that the process ends when nobody listens any more
        warnings = Warnings(logging.WARNING)
        logging.getLogger().addHandler(warnings)
        for path in paths:
            before = warnings.count
            try:
                document = self.read_document(path)
            except Exception:
                document = None
            # What goes wrong is seen where `read` is asked for the file, which reads it again.
            try:
                sender.send((path, document if warnings.count == before else None))
            except OSError:
                return

    def read_document(self, source_path) -> Document:
        """Return what a file becomes, with every mistake that its own words make."""
        name = PurePath(os.path.relpath(source_path, self.settings["PATH"])).as_posix()
        try:
            source = read(Path(source_path))
        except ContentError as error:
            document = self._unreadable(Source(Path(source_path), name, ""), name)
            # plugins/rules/files.py reports a link to a file that is not there.
            document.problems += error.problems if os.path.exists(source_path) else []
            return document
        before = self.settings.get("READ_BEFORE", {}).get(name)
        if before and before.source.text == source.text and before.kind == self.kind:
            return replace(before, content=None)
        if broken := list(frontmatter.dialect(source)):
            document = self._unreadable(source, name)
            document.problems += broken
            return document
        given = parse_path_metadata(name, self.settings)
        outside = {
            **self.settings["DEFAULT_METADATA"],
            **path_metadata(source_path, name, self.settings),
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
        settings, zone = self.settings, ZoneInfo(self.settings["TIMEZONE"])
        extra = self._extra_fields()
        document.problems += frontmatter.fields(source, self.kind, document.given, extra)
        document.problems += values.values(source, self.kind, zone, settings["DEFAULT_LANG"])
        document.settle()
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
        converter = self._converter = self._converter or Markdown(**self.settings["MARKDOWN"])
        try:
            document.html = converter.reset().convert(text)
            metadata = {name.lower(): value for name, value in converter.Meta.items()}
            # Below an empty line nothing is taken for front matter.
            formatted = {
                name: converter.reset().convert("\n".join(["", *metadata[name]]))
                for name in self.settings["FORMATTED_FIELDS"]
                if name in metadata
            }
        except Exception as error:  # whatever the converter trips over
            self._converter = None
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
        if self.settings.get("ADVISE"):
            document.advisories += readability.title(document)
            lang = document.source.value("lang") or self.settings["DEFAULT_LANG"]
            if lang.lower().startswith("en"):
                document.advisories += readability.readability(document)

    def _extra_fields(self) -> set[str]:
        return {name.lower() for name in self.settings.get("EXTRA_FIELDS", ())}

    def _tokens(self) -> set[str]:
        configs = self.settings["MARKDOWN"]["extension_configs"]
        return set(configs.get("plugins.tokens:TokensExtension", {}).get("values", {}))


class Warnings(logging.Handler):
    """Counts warnings and errors."""

    count = 0

    def emit(self, record):
        self.count += 1


def _processors() -> int:
    return min(len(os.sched_getaffinity(0)), 4)


def _can_fork() -> bool:
    """Tell whether more processes are quick and safe to have: on Linux, without other threads."""
    # threading.active_count() would miss those of libraries.
    threads = Path("/proc/self/task")
    return threads.is_dir() and len(os.listdir(threads)) == 1 and _processors() > 1


def register():
    """Read Markdown with the Reader, and keep what it has read in the context."""
    signals.initialized.connect(_check_settings)
    signals.readers_init.connect(_add_reader)
    signals.article_generator_init.connect(_prepare)
    signals.page_generator_init.connect(_prepare)
    signals.content_object_init.connect(_link_document)


def _check_settings(pelican):
    # Pelican's own cache would hand out articles that nobody has read in this build.
    pelican.settings["CACHE_CONTENT"] = pelican.settings["LOAD_CONTENT_CACHE"] = False
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
