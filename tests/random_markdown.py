"""Random texts over all of Markdown, as people write it. Every word of a text is another one."""

import random
import re
from itertools import pairwise
from textwrap import indent

from tests import ROOT

SUMMARY = (
    "What a short walk each day can do for a sore back, how to begin when each step hurts, and "
)
HEAD = f"Title: Walking\nSummary: {SUMMARY}which signs should stop you at once.\n\n"
KINDS = ("emergency", "urgent", "not-urgent", "key-points", "term")
# What Python-Markdown lets a backslash escape, and what CommonMark does besides.
ESCAPED, ALSO_ESCAPED = "\\`*_{}[]()>#+-.!|", "\"$%&',/:;<=?@^~"


def read_pieces() -> dict[str, list[str]]:
    """Return the pieces of random_markdown.txt, by their name and style."""
    text = (ROOT / "tests" / "random_markdown.txt").read_text("utf-8")
    parts = re.findall(r"^([A-Z]+ (?:good|odd))\n((?:¦.*\n)+)", text, re.MULTILINE)
    return {
        name: found.replace("\n", "").replace("⏎", "\n").split("¦")[1:] for name, found in parts
    }


PIECES = read_pieces()


def is_list(text: str) -> bool:
    """Return whether a block begins as an item of a list does."""
    return bool(re.match(r" {0,3}([-*+]|\d+[.)])\s", text))


class Document:
    """The text of a seed. `is_honest`: it is written as docs/writing.md has it."""

    def __init__(self, seed: int, is_honest: bool = False):
        self.random, self.is_honest = random.Random(seed), is_honest
        # How often something is written in an odd way.
        self.odd = 0 if is_honest else self.random.choice((0.04, 0.15, 0.5))
        self.words, self.level, self.notes = 0, 1, 0
        self.has_faq = self.has_reference = False
        self.text = self.join([self.block(0) for _ in range(self.random.randint(2, 9))])
        if self.has_reference:
            gaps = [gap.start() for gap in re.finditer("\n\n", self.text)] if self.is_odd() else ()
            at = self.random.choice(gaps or [len(self.text)])
            definition = self.fill(self.piece("REFERENCES"))
            self.text = f"{self.text[:at]}\n\n{definition}{self.text[at:]}"
        for number in range(1, self.notes + 1):
            self.text += self.fill(f"\n\n[^n{number}]: W W.{self.piece('NOTES')}")

    def is_odd(self, factor: float = 1) -> bool:
        return self.random.random() < self.odd * factor

    def pick(self, good: tuple, odd: tuple):
        return self.random.choice(odd if self.is_odd() else good)

    def piece(self, name: str) -> str:
        return self.random.choice(PIECES[f"{name} {'odd' if self.is_odd() else 'good'}"])

    def some(self, most: int) -> range:
        return range(self.random.randint(1, most))

    def fill(self, pattern: str) -> str:
        """Return a pattern with what stands for its letters."""
        return re.sub(r"(?<![A-Z])[WARNPIL](?![A-Z])", lambda found: self.made(found[0]), pattern)

    def made(self, letter: str) -> str:
        if letter == "L":
            return self.fill("W" + " I" * self.random.randint(0, 3) + ".")
        if letter == "I":
            return self.fill(self.piece("INLINES"))
        self.has_reference |= letter == "R"
        self.notes += letter == "N"
        self.words += letter in "WAP"
        if letter == "A":
            return f"https://example.org/w{self.words}"
        escape = f"\\{self.random.choice(self.pick((ESCAPED,), (ALSO_ESCAPED,)))}x"
        made = {"R": "ref", "N": f"n{self.notes}", "P": f"w{self.words}{escape}"}
        return made.get(letter, f"w{self.words}")

    def block(self, depth: int) -> str:
        kinds = [self.paragraph] * 6 + [self.items] * 5 * (depth < 3)
        kinds += [self.quote, self.code, self.table] * 2 + [self.box, self.definitions, self.raw]
        if not depth or self.is_odd():
            kinds += [self.heading] * 3 + [self.rule, self.faq, self.abbreviation]
        return self.random.choice(kinds if depth < 3 else kinds[:6])(depth)

    def join(self, blocks: list[str], gap: str = "") -> str:
        made = blocks[0]
        for before, block in pairwise(blocks):
            is_open = is_list(before) or before[:3] == "!!!" or block[:1] == " "
            if self.is_honest and not gap and is_open:
                made += self.fill("\n\nL")  # or what follows would be taken into it
            made += (gap or self.pick(("\n\n",), ("\n", "\n", "\n\n\n", "\n  \n"))) + block
        return made

    def paragraph(self, depth: int) -> str:
        lines = [self.fill("L") for _ in self.some(3)]
        return self.fill(self.piece("STARTS")) + self.piece("ENDS").join(lines)

    def heading(self, depth: int) -> str:
        self.level = self.random.randint(2, min(self.level + 1, 4))
        is_underlined = self.level == 2 and self.random.random() < 0.2
        form = self.piece("UNDERLINES" if is_underlined else "HEADINGS")
        form = form.replace("T", self.piece("TITLES")).replace("M", "#" * self.level)
        return self.fill(form).replace("{#O}", f"{{#own-{self.words}}}")

    def items(self, depth: int) -> str:
        is_loose, is_numbered = (self.random.random() < 0.4 for _ in range(2))
        first, before = self.pick((1,), (7, 0, 10, 2026)), self.pick(("",), (" ", "  ", "   "))
        mark = self.pick("-*+", "-*") if not is_numbered else self.pick(".", ")")
        space = self.pick((" ",), ("  ", "   ", "    ", "\t"))
        inner = self.pick((4,), (2, 2, 2, 3, 3, 3, 5, 6, 8, 0))
        made = []
        for number in range(first, first + len(self.some(4))):
            parts = [self.fill(self.piece("ITEMS"))]
            if self.random.random() < 0.4:
                parts += [self.block(depth + 1) for _ in self.some(2)]
            is_tight = not is_loose and len(parts) == 2 and is_list(parts[1])
            inside = "\t" if self.is_odd(0.2) else " " * inner
            within = indent(self.join(parts, "\n" * is_tight), inside)[len(inside) :]
            own = (
                self.random.choice("*-+") if self.is_odd(0.1) else f"{number}" * is_numbered + mark
            )
            made.append(self.lazy(f"{before}{own}{space}{within}"))
        is_apart = is_loose or any("\n\n" in one for one in made) and not self.is_odd()
        return ("\n\n" if is_apart else "\n").join(made)

    def quote(self, depth: int) -> str:
        mark = self.pick(("> ",), (">", " > ", ">  "))
        within = self.join([self.block(depth + 1) for _ in self.some(2)])
        return self.lazy(indent(within, mark, lambda line: True).replace("> \n", ">\n"))

    def lazy(self, text: str) -> str:
        """Return a text with some of its lines further to the left."""
        return re.sub(r"(?<=\S)\n[ \t>]+", lambda end: "\n" if self.is_odd(0.2) else end[0], text)

    def code(self, depth: int) -> str:
        lines = [self.random.choice(PIECES["CODE good"]) for _ in self.some(4)]
        code = self.fill("\n".join(["W", *lines, "W"]))
        if self.is_honest and depth:
            return self.fill("L")
        if self.random.random() < 0.3:
            return indent(code, self.pick(("    ",), ("\t", "     ", "      ")))
        mark = self.pick(("```", "~~~", "````"), ("~~~~~", "``````", "``"))
        end = self.pick((mark,), (mark + mark[0], mark[1:], f"  {mark}", f"{mark} ", ""))
        text = f"{mark}{self.fill(self.piece('INFOS'))}\n{code}\n{end}"
        return indent(text, self.pick(("",), (" ", "  ", "   ", "    ")))

    def table(self, depth: int) -> str:
        columns = range(self.random.randint(2, 4))
        rule = [self.random.choice(("---", ":--", "--:", ":-:", "-")) for _ in columns]
        rows = [[self.fill("W W") for _ in columns], rule]
        rows += [[self.fill(self.piece("CELLS")) for _ in columns] for _ in self.some(3)]
        if self.is_odd():
            self.random.choice(rows).pop()
        outer = self.pick(("| ",), ("", "|"))
        lines = "\n".join(f"{outer}{' | '.join(row)}{outer[::-1]}" for row in rows)
        return self.fill(self.piece("CAPTIONS")) + lines + self.fill(self.piece("BELOW"))

    def box(self, depth: int) -> str:
        within = self.join([self.block(depth + 1) for _ in self.some(2)])
        gap, inside = self.pick(("\n\n",), ("\n",)), self.pick(("    ",), ("  ", "   ", "     "))
        title = self.fill(self.piece("BOXES"))
        return f'!!! {self.random.choice(KINDS)} "{title}"{gap}{indent(within, inside)}'

    def definitions(self, depth: int) -> str:
        return self.fill("L" if depth and self.is_honest else self.piece("DEFINITIONS"))

    def raw(self, depth: int) -> str:
        return self.fill("L" if depth and self.is_honest else self.piece("RAW"))

    def rule(self, depth: int) -> str:
        return self.fill(self.piece("RULES"))

    def abbreviation(self, depth: int) -> str:
        return self.fill("*[HTML]: Hypertext\n\nW HTML W.")

    def faq(self, depth: int) -> str:
        if self.has_faq or depth:
            return self.paragraph(depth)
        self.has_faq, self.level = True, 1
        return self.fill(f"## FAQs\n{self.piece('FAQ')}\n\n## W")
