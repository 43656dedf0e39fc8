"""What an id is: the address of a heading or a question on its page, made of its words alone, so
that adding others changes none. The ids of the theme and of admonitions are never given to them."""

import html
import re
import unicodedata
from pathlib import Path

from markdown.extensions.toc import remove_fnrefs, render_inner_html, strip_tags, unique
from markdown.treeprocessors import Treeprocessor

HEADINGS = {"h1", "h2", "h3", "h4", "h5", "h6"}
_IN_TEMPLATE = re.compile(r"\bid=[\"']?([^\s\"'{}<>]+)[\"'\s>]")
_OF_ADMONITION = re.compile(r"(emergency|urgent|not-urgent|key-points)(-\d+)?")
_VARIANTS = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]")  # how an emoji is drawn
_MARKS = {"Mc", "Mn"}  # that belong to letters, which Python takes for no part of a word


def theme_ids(settings: dict) -> set[str]:
    """Return the ids that the templates of the theme write."""
    folders = [f"{settings['THEME']}/templates", *settings["THEME_TEMPLATES_OVERRIDES"]]
    files = [file for folder in folders for file in Path(folder).rglob("*.html")]
    texts = (file.read_text(encoding="utf-8", errors="replace") for file in files)
    return {name for text in texts for name in _IN_TEMPLATE.findall(text)}


def slugify(text: str) -> str:
    """Return the words of a text in any script, in lower case, with hyphens between them; Latin
    letters without their accents; the names of its symbols where it has no words."""
    if not text.isascii():
        text = "".join(
            unicodedata.normalize("NFKD", c).encode("ascii", "ignore").decode() or c
            for c in unicodedata.normalize("NFC", _VARIANTS.sub("", text))
        )
    if not re.search(r"[^\W_]", text):
        text = " ".join(unicodedata.name(c, "") for c in text if not c.isspace())
    text = re.sub(r"[^\w\s-]", lambda m: m[0] * (unicodedata.category(m[0]) in _MARKS), text)
    return re.sub(r"[-\s]+", "-", text.strip().lower()) or "section"


class Ids(Treeprocessor):
    """Gives every heading its id."""

    def run(self, root):
        taken = {part.get("id") for part in root.iter()} | getattr(self.md, "reserved", set())
        headings = [part for part in root.iter() if part.tag in HEADINGS and not part.get("id")]
        named = [(heading, self._slug(heading)) for heading in headings]
        taken.update(name for _, name in named if _OF_ADMONITION.fullmatch(name))
        equal = []
        for heading, name in named:
            if name in taken:
                equal.append((heading, name))
            else:
                heading.set("id", name)
                taken.add(name)
        # Last, so that none takes the id that is made of another's words.
        for heading, name in equal:
            heading.set("id", unique(name, taken))

    def _slug(self, heading) -> str:
        words = strip_tags(render_inner_html(remove_fnrefs(heading), self.md))
        return slugify(html.unescape(words))
