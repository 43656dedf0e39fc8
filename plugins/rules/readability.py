"""Warnings: is the text easy to read, and are its facts due for another look?"""

import functools
import re
from datetime import datetime

from plugins.dates import parse_date
from plugins.documents import Document
from plugins.rules.fields import TITLE_LENGTH
from plugins.rules.source import Findings, Source
from plugins.rules.text import Text
from plugins.schedule import is_scheduled

# Plain-language targets for health texts: grade 8, sentences of 15 words on average, none over 28.
GRADE, MEAN_WORDS, MOST_WORDS = 8, 15, 28

_SENTENCE_END = re.compile(r"(?<=[.!?…])[\"'”’)\]]*\s+(?=[\"'“‘(\[]?[^\sa-z])")
_ABBREVIATION = re.compile(r"\b(?:e\.g|i\.e|etc|vs|Dr|Mr|Mrs|Ms|Prof|St|No|approx|al|cf|Fig)\.$")


def about_time(document: Document, now: datetime) -> Findings:
    """Yield a review that is due and a date in the future."""
    source = document.source
    if (due := parse_date(source.value("review_due"))[0]) and due.date() < now.date():
        fix = "check the facts, then set Reviewed and Review_due"
        yield source.value_at("review_due"), f"the review was due on {due:%Y-%m-%d}", fix
    is_dated = source.first("date") or "date" in document.given
    if is_dated and is_scheduled(document.content, now):
        what = f"scheduled for {document.content.date:%Y-%m-%d}, which is in the future"
        yield source.value_at("date"), what, "it is not published until then"


def title(source: Source) -> Findings:
    """Yield a title that search results cut."""
    if (length := len(source.value("title"))) > TITLE_LENGTH:
        fix = f"shorten it: search results show about {TITLE_LENGTH}"
        yield source.value_at("title"), f"the title has {length} characters", fix


def readability(text: Text) -> Findings:
    """Yield long sentences and a text that is hard to read. It is for English."""
    counts, syllables = [], 0
    for sentence in (part for block in text.page.prose for part in sentences(block)):
        if not (words := re.findall(r"[^\W_]+(?:['’-][^\W_]+)*", sentence)):
            continue
        counts.append(len(words))
        syllables += sum(_syllables(word) for word in words)
        if len(words) > MOST_WORDS:
            # Markup may be between the words.
            pattern = r"[\W_]+(?:\[\^[^\]]*\]\W*)?".join(map(re.escape, words[:6]))
            match = re.compile(pattern).search(text.source.text, text.source.body_at)
            at = match.start() if match else text.scan.start
            fix = f"split it: more than {MOST_WORDS} are hard to follow"
            yield at, f"a sentence of {len(words)} words", fix
    total = sum(counts)
    if total < 100:
        return
    mean = total / len(counts)
    grade = 0.39 * mean + 11.8 * syllables / total - 15.59  # Flesch-Kincaid (1975)
    if grade > GRADE + 0.5 or mean > MEAN_WORDS:
        fix = f"aim at grade {GRADE} and {MEAN_WORDS} words, with shorter words and sentences"
        what = f"the text is at reading grade {grade:.1f}, with {mean:.1f} words a sentence"
        yield text.scan.start, what, fix


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
