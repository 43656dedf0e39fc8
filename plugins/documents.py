"""An article or page as it was read: its source, its facts, and what is wrong with its words."""

import marshal
import zlib
from collections.abc import Iterable, Set
from dataclasses import astuple, dataclass, field
from functools import cached_property

from pelican.contents import Content

from plugins.addresses import normalize_url
from plugins.facts import Link, TextFacts
from plugins.problems import Problem
from plugins.rules.fields import STATUSES
from plugins.rules.source import Finding, Source
from plugins.schedule import is_public


@dataclass
class Document:
    """What the reader makes of one file, which `name` calls by its path in the content folder.

    `html` and `metadata` are what Pelican gets. `facts` is None where there is no text: in a file
    that cannot be read or is to be skipped. `field_links` are the links of each formatted field,
    `given` the fields that the file's name states. `content` is Pelican's own object, once there is
    one. `key` is the digest of all it was made from, `origin` that of the file alone; both and
    `kind` are empty for a file that cannot be read. `is_kept`: it comes from the cache.
    `is_certain`: reading it again would give the same. Once the site is judged, `addresses` are
    those to write in place of the author's, `files` the static files that it uses.
    """

    source: Source
    name: str
    kind: str
    key: bytes = b""
    origin: bytes = b""
    stated_status: str = "published"
    html: str = ""
    metadata: dict[str, str | list[str]] = field(default_factory=dict)
    facts: TextFacts | None = None
    field_links: dict[str, list[Link]] = field(default_factory=dict)
    given: frozenset[str] = frozenset()
    problems: list[Problem] = field(default_factory=list)
    packed_warnings: bytes = zlib.compress(marshal.dumps([]))
    content: Content | None = None
    addresses: dict[str, str] = field(default_factory=dict)
    files: set[str] = field(default_factory=set)
    is_kept: bool = False
    is_certain: bool = True

    def dump(self) -> bytes:
        """Return what reading has made of the source, for `restore`. Raises ValueError where an
        extension of Markdown has made something else than text."""
        facts = self.facts and [list(map(tuple, x)) if type(x) is list else x for x in self.facts]
        links = {name: list(map(tuple, each)) for name, each in self.field_links.items()}
        problems = list(map(astuple, self.problems))
        made = self.kind, self.stated_status, self.html, self.metadata, sorted(self.given)
        return marshal.dumps((made, facts, links, problems, self.packed_warnings))

    def restore(self, kept: bytes):
        """Take what `dump` has described, of the same source."""
        made, facts, links, problems, self.packed_warnings = marshal.loads(kept)
        self.kind, self.stated_status, self.html, self.metadata, given = made
        self.given, self.facts = frozenset(given), facts and TextFacts.load(facts)
        self.field_links = {name: [Link(*one) for one in each] for name, each in links.items()}
        self.problems = [Problem(*each) for each in problems]

    def report(self, findings: Iterable[Finding], named: Set[int] = frozenset()):
        """Add what a rule has found to the problems, but in lines that are already `named`."""
        self.problems += (one for one in self.source.problems(findings) if one.line not in named)

    def warn(self, findings: Iterable[Finding]):
        """Keep what could be better in the words, to be asked for as `warnings`."""
        warnings = list(map(astuple, self.source.problems(findings)))
        self.packed_warnings = zlib.compress(marshal.dumps(warnings), 1)

    @property
    def warnings(self) -> list[Problem]:
        """What could be better in the words. It may be a lot, and only one command shows it."""
        return [Problem(*each) for each in marshal.loads(zlib.decompress(self.packed_warnings))]

    @property
    def status(self) -> str:
        """Its status as Pelican has it, with "draft" for one that Pelican does not know."""
        if self.content is None:
            return self.stated_status
        return self.content.status if self.content.status in STATUSES else "draft"

    @property
    def is_published(self) -> bool:
        """Return whether readers can reach it."""
        return is_public(self.status) and bool(self.save_as)

    @cached_property
    def save_as(self) -> str:
        """The file it is written to; "" when it gets none (Status: skip, a draft in a published
        site, or a title that makes no address)."""
        return self.content.save_as if self._slug else ""

    @cached_property
    def address(self) -> str:
        """Where readers find it, without a slash at either end; "" when it gets no address."""
        return normalize_url(self.content.url) if self._slug else ""

    def published_as(self, key: str) -> str:
        """Return its `url` or `save_as` once it is published, which a draft is not; "" for none."""
        content = self.content
        if not self._slug:
            return ""
        name = key if content.in_default_lang else f"lang_{key}"
        pattern = content.settings[f"{self.kind}_{name}".upper()]
        return content.metadata.get(key) or pattern.format(**content.url_format)

    @property
    def _slug(self) -> str:
        """Its slug; "" where that is only made of the placeholder for a missing title."""
        stated = {"title", "slug"} & {*self.given, *(entry.key for entry in self.source.entries)}
        return getattr(self.content, "slug", "") if stated else ""
