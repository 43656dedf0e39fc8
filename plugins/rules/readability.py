"""Advice that fails nothing: is the text easy to read, and are its facts due for another look?"""

import functools
import re
from collections.abc import Iterator
from datetime import datetime

from plugins.documents import Document
from plugins.problems import Problem
from plugins.rules.dates import read_dates
from plugins.schedule import is_scheduled

# Plain-language targets for health texts: grade 8, sentences of 15 words on average, none over 28.
GRADE, MEAN_WORDS, MOST_WORDS, TITLE_LENGTH = 8, 15, 28, 60

_SENTENCE_END = re.compile(r"(?<=[.!?…])[\"'”’)\]]*\s+(?=[\"'“‘(\[]?[^\sa-z])")
_ABBREVIATION = re.compile(r"\b(?:e\.g|i\.e|etc|vs|Dr|Mr|Mrs|Ms|Prof|St|No|approx|al|cf|Fig)\.$")


def about_time(document: Document, now: datetime) -> Iterator[Problem]:
    """Yield advice on a review that is due and on a date to come."""
    source = document.source
    due = read_dates(source).get("review_due")
    if due and due.date() < now.date():
        yield source.problem(
            source.first("review_due").value_at,
            f"the review was due on {due:%Y-%m-%d}",
            "check the facts, then set Reviewed and Review_due",
        )
    stated = source.first("date")
    if (stated or "date" in document.given) and is_scheduled(document.content, now):
        yield source.problem(
            stated.value_at if stated else 0,
            f"dated {document.content.date:%Y-%m-%d}, which is still to come",
            "the published site leaves it out until then",
        )


def title(document: Document) -> Iterator[Problem]:
    """Yield advice on a title that search results cut."""
    entry = document.source.first("title")
    if entry and len(entry.value) > TITLE_LENGTH:
        yield document.problem(
            entry.value_at,
            f"the title has {len(entry.value)} characters",
            f"search results show about {TITLE_LENGTH}",
        )


def readability(document: Document) -> Iterator[Problem]:
    """Yield advice on long sentences and on a text that is hard to read. It is for English."""
    counts, syllables = [], 0
    for block in document.page.prose:
        for sentence in sentences(block):
            words = re.findall(r"[^\W_]+(?:['’-][^\W_]+)*", sentence)
            if not words:
                continue
            counts.append(len(words))
            syllables += sum(_syllables(word) for word in words)
            if len(words) > MOST_WORDS:
                yield document.problem(
                    _sentence_place(document, words),
                    f"a sentence of {len(words)} words",
                    f"split it: more than {MOST_WORDS} are hard to follow",
                )
    total = sum(counts)
    if total < 100:
        return
    mean = total / len(counts)
    grade = 0.39 * mean + 11.8 * syllables / total - 15.59  # Flesch-Kincaid (1975)
    if grade > GRADE + 0.5 or mean > MEAN_WORDS:
        yield document.problem(
            document.scan.start,
            f"reading grade {grade:.1f}, {mean:.1f} words a sentence",
            f"aim at grade {GRADE} and {MEAN_WORDS} words, with shorter words and sentences",
        )


def sentences(text: str) -> list[str]:
    """Split a paragraph into sentences."""
    found: list[str] = []
    for part in _SENTENCE_END.split(text):
        if found and _ABBREVIATION.search(found[-1]):
            found[-1] += f" {part}"
        else:
            found.append(part)
    return found


@functools.lru_cache(100_000)
def _syllables(word: str) -> int:
    """Count the syllables of an English word, well enough for an average."""
    plain = word.lower().strip("'’")
    plain = re.sub(r"(?<=[^aeiouyl])e$|(?<=[aeiouy]l)e$|(?<=[^aeiouytd])ed$|'s$", "", plain)
    return max(1, len(re.findall(r"[aeiouy]+", plain)))


def _sentence_place(document: Document, words: list[str]) -> int:
    """Find a sentence in the source by its first words, with markup between them."""
    pattern = r"[\W_]+(?:\[\^[^\]]*\]\W*)?".join(re.escape(word) for word in words[:6])
    match = re.compile(pattern).search(document.source.text, document.source.body_at)
    return match.start() if match else document.scan.start
