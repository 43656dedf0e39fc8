"""Sites made at random of all that authors write: what is good, what may be either, what is wrong.

A site of the seed N is the same whenever it is made. Its documents are made of the pieces that are
in random_pieces.txt. Only a site that is not `is_good` has pieces that are not good, one or two of
them: several would hide each other.
"""

import io
import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import NamedTuple
from urllib.parse import quote, unquote

from PIL import Image

from tests import ROOT

NOW = 1_774_224_000  # 23 March 2026
GOOD, EITHER, WRONG = "good", "either", "wrong"
OPEN = ("published", "hidden")  # what readers can reach


class Piece(NamedTuple):
    """A part of a site: its name, its text, and whether it is good."""

    name: str
    text: str
    level: str


def _read_pieces() -> dict[str, list[Piece]]:
    """Return the pieces by group."""
    groups: dict[str, list[Piece]] = {}
    text = Path(__file__).with_name("random_pieces.txt").read_text("utf-8")
    for part in text.split("\n==== ")[1:]:
        head, _, pieces = part.rstrip("\n").partition("\n")
        group, level = head.split(": ")
        by = "\n----\n" if "\n----\n" in pieces else "\n"
        for piece in pieces.split(by):
            name = f"{group}: {' '.join(piece.split())}"
            groups.setdefault(group, []).append(Piece(name, piece.replace("⏎", "\n"), level))
    return groups


PIECES = _read_pieces()
# What a site as a whole does: see the functions of these names.
ARRANGEMENTS = {
    "a translation": GOOD,
    "a translation with its own category and tags": GOOD,
    "a translation of the same title": GOOD,
    "a translation of a draft": GOOD,
    "a draft as translation": GOOD,
    "an original to come": GOOD,
    "three languages": GOOD,
    "a hidden article alone in its category": GOOD,
    "a hidden translation": GOOD,
    "a static file that no text uses": GOOD,
    "a file of a system": GOOD,
    "a link to a hidden article": GOOD,
    "a page that an article links to": GOOD,
    "a draft that has a picture of a published one": GOOD,
    "a published twin of a draft": GOOD,
    "an original in another language": EITHER,
    "lines of Windows": GOOD,
    "fields between fences": GOOD,
    "a page that nothing links to": EITHER,
    "a page deleted": EITHER,
    "a page with fewer fields": EITHER,
    "one title for two": EITHER,
    "one summary for two": EITHER,
    "categories that differ in capitals": EITHER,
    "a category like a tag": EITHER,
    "a broken picture": EITHER,
    "a picture in another format": EITHER,
    "a photograph of a phone": EITHER,
    "a published folder of a host": EITHER,
    "a link from today to tomorrow": WRONG,
    "one slug for two": WRONG,
    "one alias for two": WRONG,
    "one Comment_id for two": WRONG,
    "an empty file": WRONG,
    "not in UTF-8": WRONG,
}
ALL = {piece.name: piece.level for group in PIECES.values() for piece in group} | ARRANGEMENTS


@dataclass
class Document:
    """An article or page: its file below the content folder, its metadata and its text."""

    file: str
    kind: str = "article"
    state: str = "published"  # or hidden, draft, scheduled, skip
    fields: dict[str, str] = field(default_factory=dict)
    blocks: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    pictures: list[str] = field(default_factory=list)  # and other files that only it names
    ends: str = "\n"
    fence: str = ""

    @property
    def is_open(self) -> bool:
        """Whether readers can reach it."""
        return self.state in OPEN

    def text(self) -> str:
        """Return what is in its file."""
        fields = [f"{name}: {value}" for name, value in self.fields.items()]
        fence = [self.fence] * bool(self.fence)
        head = "\n".join([*fence, *fields, *fence])
        sources = [f"[^{key}]: {words}" for key, words in self.notes]
        body = "\n\n".join([*self.blocks, *(["## Sources", "\n".join(sources)] if sources else [])])
        return f"{head}\n\n{body}\n".replace("\n", self.ends)


class Site:
    """The site of a seed: its documents, its files by name, and the names of the pieces used."""

    def __init__(self, seed: int):
        self.random = Random(seed)
        self.words: set[str] = set()
        self.pieces: set[str] = set()
        self.files: dict[str, bytes] = {}
        self.documents: list[Document] = []
        self.level = self.random.choices((GOOD, EITHER, WRONG), (6, 3, 1))[0]
        odd = [name for name, level in ALL.items() if level == self.level != GOOD]
        self._aims = self.random.sample(odd, self.random.choice((1, 1, 2))) if odd else []
        self.category = self.random.choice(("Backs", "Necks & more", "背痛", "Боль"))
        for name in ("about", "privacy", "accessibility"):
            page = ROOT / "tests" / "site" / "content" / "pages" / f"{name}.md"
            self.files[f"pages/{name}.md"] = page.read_bytes()
        self._plan()
        for document in self.documents:
            self._write(document)
        for page in self.documents:
            if page.kind == "page":
                self._link_to(page, self.documents[0])
        for name in self.random.sample([*ARRANGEMENTS], len(ARRANGEMENTS)):
            if name in self._aims or ARRANGEMENTS[name] == GOOD and self.chance(0.06):
                self._arrange(name)
        for document in self.documents:
            self.files.setdefault(document.file, document.text().encode())

    @property
    def is_good(self) -> bool:
        """Whether all its pieces are good, so that nothing keeps it from being published."""
        return all(ALL[name] == GOOD for name in self.pieces)

    def write(self, folder: Path) -> Path:
        """Write the content into a folder, and return its path."""
        content = folder / "content"
        shutil.rmtree(content, ignore_errors=True)
        for name, data in self.files.items():
            path = content / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        return content

    # -- Choosing ------------------------------------------------------------------------------

    def some(self, *values):
        """Return one of some values."""
        return self.random.choice(values)

    def chance(self, probability: float) -> bool:
        """Return whether something of a probability happens."""
        return self.random.random() < probability

    def word(self) -> str:
        """Return a word that is not in the site yet."""
        while True:
            parts = [self.some(*"bdfgklmnprstvz") + self.some(*"aeiou") for _ in range(4)]
            word = "".join(parts)
            if word not in self.words:
                self.words.add(word)
                return word

    def _choose(self, group: str) -> str:
        """Return the text of a piece of a group: a good one, or one that the site is to have."""
        pieces = PIECES[group]
        aims = [piece for piece in pieces if piece.name in self._aims]
        if aims and self.chance(0.5):
            self._aims.remove(aims[0].name)
        else:
            aims = []
        # A title without a word of its own is that of one document only.
        is_free = group != "title"
        good = [
            piece
            for piece in pieces
            if piece.level == GOOD
            and (is_free or "«w»" in piece.text or piece.name not in self.pieces)
        ]
        piece = self.random.choice(aims or good)
        self.pieces.add(piece.name)
        return piece.text

    def _fill(self, text: str, document: Document) -> str:
        """Fill the places of a piece."""
        own = {"w": self.word()}

        def value(name: str) -> str:
            if name not in own:
                own[name] = _PLACES[name](self, document)
            return own[name]

        each = r"«(prose|note|picture|leaflet|sound|video)»"
        found = re.sub(each, lambda match: _PLACES[match[1]](self, document), text)
        found = re.sub(r"«U\+(\w+)»", lambda match: chr(int(match[1], 16)), found)
        return re.sub(r"«([\w -]+)»", lambda match: value(match[1]), found)

    # -- Documents -----------------------------------------------------------------------------

    def _plan(self):
        for number in range(self.random.randrange(3, 9)):
            state = self.random.choices(
                ("published", "hidden", "draft", "scheduled", "skip"), (60, 10, 12, 12, 6)
            )[0]
            kind = "page" if number > 1 and self.chance(0.12) else "article"
            state = "published" if number < 2 or kind == "page" else state
            self.documents.append(Document("", kind, state))
            document = self.documents[-1]
            name = self._fill(self._choose("file name"), document)
            folder = "pages" if kind == "page" else "articles"
            document.file = f"{folder}/{name}"

    def _write(self, document: Document):
        fields = document.fields
        fields["Title"] = self._fill(self._choose("title"), document)
        if document.kind == "article":
            dates = ("2025-12-05", "2026-01-31 09:30", "1999-12-31", "2026-03-22T23:59")
            later = ("2026-03-24", "2126-01-01 10:00", "2026-03-23 00:01")
            fields["Date"] = self.some(*(later if document.state == "scheduled" else dates))
            fields["Category"] = self.category
            if document.state not in OPEN or self.chance(0.15):
                fields["Category"] = f"Kind {self.word()}" if self.chance(0.5) else self.category
        if self.chance(0.6) or document.fields["Title"] in ("Main", "Contents", "Related articles"):
            fields["Slug"] = self._fill(self._choose("slug"), document)
        if self.chance(0.2):
            fields["Lang"] = self.some("de", "ar", "es", "zh", "pt-BR", "hi", "he")
        if document.state in ("hidden", "draft", "skip"):
            fields["Status"] = document.state
        fields["Summary"] = self._summary(document)
        for _ in range(self.random.randrange(4)):
            piece, _, body = self._fill(self._choose("field"), document).partition("|")
            parts = re.split(r"\n(?! )", piece)
            given = dict(part.split(": ", 1) for part in parts)
            if given.keys() & fields.keys() or not self._fits(document, given):
                continue
            fields.update(given)
            document.blocks += [body] * bool(body)
        if self.chance(0.3):
            point = f"    - {self._prose()}"
            document.blocks.insert(0, f'!!! key-points "Key points"\n\n{point}\n{point}')
        for _ in range(self.random.randrange(4)):
            document.blocks.append(self._fill(self._choose("block"), document))
        for _ in range(self.random.randrange(4)):
            document.blocks.append(self._fill(self._choose("heading"), document))
            for _ in range(self.random.randrange(1, 4)):
                document.blocks.append(self._fill(self._choose("block"), document))
        document.blocks.append(self._prose())
        if self.chance(0.3):
            document.blocks.append(self._fill(self._choose("faq"), document))

    @staticmethod
    def _fits(document: Document, given: dict[str, str]) -> bool:
        if document.kind == "page":
            return not given.keys() & {"Tags", "Comments", "Comment_id", "Modified", "Translation"}
        if "Modified" in given and document.fields["Date"] > "2026-02":
            return False
        if "Save_as" in given and "Lang" in document.fields:
            return False
        people = {"Author", "Authors"}
        return not (given.keys() & people and document.fields.keys() & people)

    def _summary(self, document: Document) -> str:
        text = self._fill(self._choose("summary"), document)
        read = len(re.sub(r"\]\([^()]*\)|\n +|[*`\[]", "", text))
        return text + "".join(f" {self.word()}" for _ in range((136 - read) // 9))

    def _prose(self, count: int = 12) -> str:
        return f"{' '.join(self.word() for _ in range(count))}.".capitalize()

    # -- Places --------------------------------------------------------------------------------

    def _other(self, document: Document, states=OPEN) -> str:
        """Return the path from one document to another, as an address."""
        found = [one for one in self.documents if one.state in states and one is not document]
        name = self.random.choice(found).file if found else "pages/about.md"
        return quote(_relative(name, document))

    def _address(self, document: Document) -> str:
        found = [
            one.fields["Slug"]
            for one in self.documents
            if one.is_open and "Slug" in one.fields and not one.fields.keys() & {"Lang", "Save_as"}
        ]
        return f"{quote(self.random.choice(found))}/" if found else "privacy/"

    def _note(self, document: Document) -> str:
        if document.notes and self.chance(0.3):
            return self.random.choice(document.notes)[0]
        key = self.some(
            self.word(), f"{self.word()}-2024", f"Ünï {self.word()}", f"背{self.word()}"
        )
        more = self.some(
            "", "\n\n    A second paragraph.", " `code`", " <https://example.com/?a=1&b=2>"
        )
        document.notes.append((key, f"{self.word()} & *{self.word()}*. 2024.{more}"))
        return key

    def _static(self, document: Document, folder: str, suffix: str, data: bytes) -> str:
        """Add a file that a document refers to; return its name as an address."""
        name = self._fill(self._choose("static name"), document) + suffix
        self.files[f"{folder}/{name}"] = data
        document.pictures.append(f"{folder}/{name}")
        return quote(name)

    def _picture(self, document: Document) -> str:
        suffix = self.some(".png", ".jpg", ".gif", ".webp", ".PNG", ".jpeg")
        kind = {"jpg": "JPEG", "jpeg": "JPEG"}.get(suffix.lower()[1:], suffix[1:].upper())
        color, image = self.random.randrange(256**3), io.BytesIO()
        size = self.some((60, 40), (30, 60), (1, 1), (700, 10))
        Image.new("RGB", size, f"#{color:06x}").save(image, kind)
        return self._static(document, "images", suffix, image.getvalue())

    def _animation(self, document: Document) -> str:
        frames, image = [Image.new("P", (4, 4), color) for color in (1, 2)], io.BytesIO()
        frames[0].save(image, "GIF", save_all=True, append_images=frames[1:], duration=100)
        return self._static(document, "images", ".gif", image.getvalue())

    def _drawing(self, document: Document) -> str:
        words = f"<title>{self.word()}</title>"
        svg = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 4 2">{words}</svg>'
        return self._static(document, "images", ".svg", svg.encode())

    # -- Arrangements --------------------------------------------------------------------------

    def _arrange(self, name: str):
        articles = [one for one in self.documents if one.kind == "article"]
        plain = [
            one for one in articles if one.state == "published" and "Save_as" not in one.fields
        ]
        if len(plain) > 1 and _ARRANGE[name](self, plain) is not False:
            self.pieces.add(name)

    def _new(self, state="published", **fields: str) -> Document:
        """Add an article of a few words."""
        document = Document(f"articles/{self.word()}.md", "article", state)
        self.documents.append(document)
        date = "2126-01-01" if state == "scheduled" else "2026-02-02"
        document.fields |= {
            "Title": f"About {self.word()}",
            "Date": date,
            "Category": self.category,
        }
        document.fields |= {"Status": state} if state in ("draft", "hidden", "skip") else {}
        document.fields |= {"Summary": self._summary(document), **fields}
        document.blocks.append(self._prose())
        return document

    def _translated(self, articles, state="published", of="published", count=1, **fields):
        first = self._new(of, Slug=f"both-{self.word()}")
        for lang in self.random.sample(("de", "ar", "es", "zh"), count):
            new = self._new(state, Slug=first.fields["Slug"], Lang=lang)
            if fields.get("Title") == "same":
                new.fields["Title"] = first.fields["Title"]
            elif fields:
                new.fields |= {"Category": f"Kind {self.word()}", "Tags": f"{self.word()}, walking"}

    def _hidden_alone(self, articles):
        self._new("hidden", Category=f"Alone {self.word()}", Tags=f"alone-{self.word()}")

    def _unused_file(self, articles):
        self.files[f"images/{self.word()}.png"] = _png()
        self.files[f"extra/{self.word()}.bin"] = bytes(range(256))

    def _system_file(self, articles):
        self.files |= {"articles/.DS_Store": b"\0", "images/.gitkeep": b"", "articles/x.md~": b"x"}

    def _link(self, articles, state="hidden"):
        self._link_to(self._new(state), articles[0])

    @staticmethod
    def _link_to(document: Document, start: Document):
        path = quote(_relative(document.file, start))
        start.blocks.insert(-1, f"See [it]({{filename}}{path}).")

    def _linked_page(self, articles, is_linked=True):
        page = self._new()
        page.kind, page.file = "page", f"pages/{self.word()}.md"
        for name in ("Date", "Category"):
            del page.fields[name]
        if is_linked:
            self._link_to(page, articles[0])

    def _shared_picture(self, articles):
        picture = self._picture(articles[0])
        for one in (articles[0], self._new("draft")):
            one.blocks.insert(-1, f"![A color]({{static}}/images/{picture})")

    def _twin(self, articles):
        draft = self._new("draft")
        twin = self._new()
        twin.blocks = [*draft.blocks]
        draft.blocks.append(self._prose())

    def _foreign_original(self, articles):
        slug = f"foreign-{self.word()}"
        for lang in ("de", "es"):
            self._new(Slug=slug, Lang=lang)

    def _same(self, articles, name: str):
        if "Lang" in articles[0].fields or "Lang" in articles[1].fields:
            return False
        value = articles[0].fields.get(name) or f"/same-{self.word()}/"
        if name == "Slug" and value.startswith("/"):
            value = value.strip("/")
        articles[0].fields[name] = articles[1].fields[name] = value
        if name == "Title":
            for one in articles[:2]:
                one.fields.setdefault("Slug", f"own-{self.word()}")
        return None

    def _categories(self, articles):
        articles[0].fields["Category"], articles[1].fields["Category"] = "Some Kind", "some kind"

    def _category_tag(self, articles):
        articles[0].fields["Category"], articles[1].fields["Tags"] = "Both", "both"

    def _file(self, articles, name: str, data: bytes):
        self.files[f"images/{name}"] = data
        articles[0].blocks.insert(-1, f"![A color]({{static}}/images/{name})")

    def _no_page(self, articles):
        del self.files["pages/accessibility.md"]

    def _plain_page(self, articles):
        self.files["pages/about.md"] = b"Title: About\n\nWords.\n"


def _png() -> bytes:
    image = io.BytesIO()
    Image.new("RGB", (3, 3), "teal").save(image, "PNG")
    return image.getvalue()


def _relative(name: str, document: Document) -> str:
    """Return the path from a document to a file of the content folder."""
    depth = document.file.count("/")
    return "../" * depth + name


_ARRANGE: dict[str, Callable] = {
    "a translation": Site._translated,
    "a translation with its own category and tags": lambda s, a: s._translated(a, Tags="own"),
    "a translation of the same title": lambda s, a: s._translated(a, Title="same"),
    "a translation of a draft": lambda s, a: s._translated(a, of="draft"),
    "a draft as translation": lambda s, a: s._translated(a, "draft", Tags="own"),
    "an original to come": lambda s, a: s._translated(a, of="scheduled"),
    "three languages": lambda s, a: s._translated(a, count=3, Tags="own"),
    "a hidden article alone in its category": Site._hidden_alone,
    "a hidden translation": lambda s, a: s._translated(a, "hidden", Tags="own"),
    "a static file that no text uses": Site._unused_file,
    "a file of a system": Site._system_file,
    "a link to a hidden article": Site._link,
    "a page that an article links to": Site._linked_page,
    "a draft that has a picture of a published one": Site._shared_picture,
    "a published twin of a draft": Site._twin,
    "an original in another language": Site._foreign_original,
    "lines of Windows": lambda s, a: setattr(a[0], "ends", "\r\n"),
    "fields between fences": lambda s, a: setattr(a[-1], "fence", "---"),
    "a page that nothing links to": lambda s, a: s._linked_page(a, False),
    "a page deleted": Site._no_page,
    "a page with fewer fields": Site._plain_page,
    "one title for two": lambda s, a: s._same(a, "Title"),
    "one summary for two": lambda s, a: s._same(a, "Summary"),
    "categories that differ in capitals": Site._categories,
    "a category like a tag": Site._category_tag,
    "a broken picture": lambda s, a: s._file(a, "broken.png", b"\x89PNG no"),
    "a picture in another format": lambda s, a: s._file(a, "other.jpg", _png()),
    "a photograph of a phone": lambda s, a: s._file(
        a, "photo.jpg", b"\0\0\0\x18ftypheic" + bytes(99)
    ),
    "a published folder of a host": lambda s, a: s.files.update(
        {"extra/_headers": b"/*\n  X: y\n"}
    ),
    "a link from today to tomorrow": lambda s, a: s._link(a, "scheduled"),
    "one slug for two": lambda s, a: s._same(a, "Slug"),
    "one alias for two": lambda s, a: s._same(a, "Aliases"),
    "one Comment_id for two": lambda s, a: s._same(a, "Comment_id"),
    "an empty file": lambda s, a: s.files.update({"articles/empty.md": b""}),
    "not in UTF-8": lambda s, a: s.files.update(
        {"articles/latin.md": "Title: é\n\né".encode("latin-1")}
    ),
}
_PLACES: dict[str, Callable] = {
    "prose": lambda site, document: site._prose(),
    "other-word": lambda site, document: site.word(),
    "note": Site._note,
    "picture": Site._picture,
    "picture-file": lambda site, document: unquote(site._picture(document)),
    "animation": Site._animation,
    "drawing": Site._drawing,
    "video": lambda s, d: s._static(d, "images", s.some(".mp4", ".webm"), bytes(64)),
    "sound": lambda s, d: s._static(d, "images", s.some(".mp3", ".ogg"), bytes(64)),
    "leaflet": lambda s, d: s._static(d, "extra", s.some(".pdf", ".txt", ".zip"), b"%PDF-1.4 "),
    "up": lambda site, document: "../" * document.file.count("/"),
    "other": Site._other,
    "draft": lambda site, document: site._other(document, ("draft", "scheduled", "skip")),
    "address": Site._address,
    "slug": lambda site, document: document.fields.get("Slug", "about"),
    "category": lambda site, document: quote(
        site.documents[0].fields.get("Category", site.category)
    ),
    "kind": lambda site, document: document.kind,
    "very long": lambda site, document: "very long " * 9,
    "endless": lambda site, document: "endless " * 60,
    "longest": lambda site, document: "longest" * 40,
    "long": lambda site, document: "long-" * 60 + site.word(),
}
