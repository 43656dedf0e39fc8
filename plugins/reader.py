"""Reads each article and page once: text, front matter, Markdown, facts, and what is wrong with it.

Pelican asks the reader for one file after the other. What it makes of a file is a `Document`, which
rides on Pelican's own article or page as `document` (and its facts as `facts`); all of a build are
in the context as `documents`, by their path in the content folder. A file that cannot be read at
all is handed to Pelican as one to skip, and a date or a title that is missing as a placeholder:
plugins/check stops the build before they are seen.
"""

import os
import signal
import sys
import threading
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
from pelican.readers import MarkdownReader, parse_path_metadata
from pelican.utils import file_suffix

from plugins.documents import Document
from plugins.facts import Page
from plugins.problems import ContentError, Problem
from plugins.progress import advanced, announced, track
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
        self._ready: dict[str, Document] = {}  # read by another process
        self._converter: Markdown | None = None

    def read(self, source_path):
        """Return the HTML and the metadata of a file, its Document among them."""
        document = self._ready.pop(source_path, None)
        if document is None:
            document = self.read_document(source_path)
            advanced.send("Reading", done=len(self.documents) + 1, total=len(self.sources))
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

    def read_together(self, paths: list[str]):
        """Read files in several processes at once, where that pays: `read` then has them ready."""
        # A long text is announced when its turn comes, and a broken link is reported then.
        paths = [p for p in sorted(paths) if os.path.exists(p) and os.path.getsize(p) <= LONG_TEXT]
        if len(paths) < MANY or not _can_fork():
            return
        for path, document in track("Reading", self._read_in_processes(paths), len(paths)):
            if document:
                self._ready[path] = document

    def _read_in_processes(self, paths: list[str]) -> Iterator[tuple[str, Document | None]]:
        """Yield each path with what a process has read there; None where that failed. What an ended
        process owes is missing."""
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
                except EOFError:
                    waiting.remove(receiver)
        for process in processes:
            process.join()

    def _read_share(self, paths: list[str], receiver: Connection, sender: Connection):
        """Read files and send what each becomes, in a process of its own."""
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for who started this process
        receiver.close()  # so that the process ends when nobody listens any more
        for path in paths:
            try:
                document = self.read_document(path)
            except Exception:  # is raised again where its place can be told: where `read` is asked
                document = None
            sender.send((path, document))

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
        default = self.settings["DEFAULT_METADATA"].get("status", "published")
        status = (source.value("status") or default).lower()
        given = parse_path_metadata(name, self.settings)
        document = Document(source, name, self.kind, status, given=frozenset(given))
        if "date" in given and parse_date(given["date"])[0] is None:
            what = "the file name begins with an impossible date"
            document.problems.append(document.problem(0, what, "rename the file"))
        if status == "skip":
            document.metadata = {"status": "skip"}
        else:
            self._convert(document)
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
        document.metadata.setdefault("title", document.name)
        if self.kind == ARTICLE and "date" not in {*document.metadata, *document.given}:
            document.metadata["date"] = ""
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


def _processors() -> int:
    return min(len(os.sched_getaffinity(0)), 4)


def _can_fork() -> bool:
    """Tell whether more processes are quick and safe to have: on Linux, without other threads."""
    return sys.platform == "linux" and threading.active_count() == 1 and _processors() > 1


def register():
    """Read Markdown with the Reader, and keep what it has read in the context."""
    signals.initialized.connect(_check_settings)
    signals.readers_init.connect(_add_reader)
    signals.article_generator_init.connect(_read_ahead)
    signals.page_generator_init.connect(_read_ahead)
    signals.content_object_init.connect(_link_document)


def _check_settings(pelican):
    name = pelican.settings.get("TIMEZONE", "UTC")
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        what, fix = f"there is no TIMEZONE {name!r}", "write one such as Europe/Berlin or UTC"
        raise ContentError(Problem("pelicanconf.py", 0, 0, what, fix)) from None


def _add_reader(readers):
    readers.reader_classes |= dict.fromkeys(MarkdownReader.file_extensions, Reader)


def _read_ahead(generator):
    """Let a generator's readers share what is read, and processes begin with its files together."""
    settings, context, readers = generator.settings, generator.context, generator.readers.readers
    kind = ARTICLE if isinstance(generator, ArticlesGenerator) else PAGE
    found = generator.get_files(
        settings[f"{kind.upper()}_PATHS"], settings[f"{kind.upper()}_EXCLUDES"]
    )
    context.setdefault("sources", set()).update(found)
    for reader in {reader for reader in readers.values() if isinstance(reader, Reader)}:
        reader.kind, reader.sources = kind, context["sources"]
        reader.documents = context.setdefault("documents", {})
        mine = [name for name in found if readers[file_suffix(name)] is reader]
        reader.read_together([os.path.abspath(os.path.join(generator.path, n)) for n in mine])


def _link_document(content):
    if document := getattr(content, "document", None):
        document.content = content
