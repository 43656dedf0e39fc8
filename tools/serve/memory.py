"""What was worked out for one build and holds for the next, so that a save is seen at once.

The functions named here always answer the same to the same text. Their answers are kept by their
whole arguments, and only as long as builds ask for them. A build of its own remembers nothing.
"""

import importlib
import logging
from functools import wraps
from urllib.parse import quote

import jinja2
import markdown

FUNCTIONS = {
    "plugins.faq": ("faults", "questions"),
    "plugins.outline": ("body", "headings", "lead", "reading_minutes", "sources", "word_count"),
    "tools.check": ("Scan",),
    "tools.check.rendered": ("facts",),
}
CONVERTERS = ("pelican.readers", "tools.check.rendered")


class Memory:
    """Answers by question. What is asked for is kept until a whole build does not ask for it."""

    def __init__(self):
        self._kept = {}
        self._asked = set()
        self._warnings = 0

    def ask(self, question: tuple, work):
        """Return the answer to `question`, from `work()` the first time. An answer that came with
        a warning is not kept, so that every build gives it."""
        self._asked.add(question)
        if question in self._kept:
            return self._kept[question]
        before = self._warnings
        answer = work()
        if self._warnings == before:
            self._kept[question] = answer
        return answer

    def tidy(self):
        """Forget what nothing has asked for since the last time."""
        self._kept = {asked: self._kept[asked] for asked in self._asked if asked in self._kept}
        self._asked.clear()

    def forget(self, name: str):
        """Forget all that was made of texts which name this file."""
        spellings = {name, quote(name)}
        for question in list(self._kept):
            if any(spelling in str(part) for part in question for spelling in spellings):
                del self._kept[question]

    def serve(self):
        """Let this process's builds use the memory, from now on."""
        make_record = logging.getLogRecordFactory()

        def count(*args, **more):
            record = make_record(*args, **more)
            self._warnings += record.levelno >= logging.WARNING
            return record

        logging.setLogRecordFactory(count)
        for name, functions in FUNCTIONS.items():
            module = importlib.import_module(name)
            for function in functions:
                setattr(module, function, self._remembering(getattr(module, function)))
        for name in CONVERTERS:
            importlib.import_module(name).Markdown = self._converter()

    def _remembering(self, function):
        name = f"{function.__module__}.{function.__qualname__}"

        @wraps(function, updated=())
        def remembered(*args):
            return self.ask((name, *args), lambda: function(*args))

        return remembered

    def _converter(self):
        memory = self

        class Markdown(markdown.Markdown):
            """Converts each text once."""

            def __init__(self, **options):
                self._options = repr(options)
                super().__init__(**options)

            def convert(self, source):
                question = ("markdown", self._options, "meta" in self.preprocessors, source)
                html, self.Meta = memory.ask(question, lambda: self._convert(source))
                self.Meta = {key: list(lines) for key, lines in self.Meta.items()}
                return html

            def _convert(self, source):
                return super().convert(source), getattr(self, "Meta", {})

        return Markdown


class Bytecode(jinja2.BytecodeCache):
    """Compiled templates. Pelican makes four environments a build, which share none."""

    def __init__(self):
        self._kept = {}

    def load_bytecode(self, bucket):
        if (bucket.key, bucket.checksum) in self._kept:
            bucket.bytecode_from_string(self._kept[bucket.key, bucket.checksum])

    def dump_bytecode(self, bucket):
        self._kept[bucket.key, bucket.checksum] = bucket.bytecode_to_string()
