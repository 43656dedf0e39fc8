"""Every metadata field of an article or page, what it is for and what it may hold: `make new`
explains them, and the rules in metadata.py judge them, by this table."""

from dataclasses import dataclass
from pathlib import Path

ARTICLE, PAGE = "article", "page"

# In characters: what search results show of a page.
TITLE_LENGTH = 60
SUMMARY_LENGTH = range(120, 156)
SUMMARY_LIMITS = f"{SUMMARY_LENGTH[0]} to {SUMMARY_LENGTH[-1]} characters"

TEXT, DATE, LIST = "text", "date", "list"


@dataclass(frozen=True)
class Field:
    """A metadata field. `holds` is TEXT, DATE, LIST (names with commas between them) or the words
    that it may be, `required` names the kinds of content that must have it."""

    name: str
    holds: str | tuple[str, ...]
    about: str
    example: str = ""
    required: frozenset[str] = frozenset()
    new: bool = True  # whether `make new` explains it


_ARTICLE, _BOTH = frozenset({ARTICLE}), frozenset({ARTICLE, PAGE})

_FIELDS = [
    Field("Title", TEXT, f"the heading, about {TITLE_LENGTH} characters", "Walking", _BOTH),
    Field("Date", DATE, "first published, YYYY-MM-DD, HH:MM if you like", "2026-01-31", _ARTICLE),
    Field("Modified", DATE, "last changed in substance, YYYY-MM-DD", "2026-02-28"),
    Field("Category", TEXT, "one subject, whose page lists the article", "Back pain", _ARTICLE),
    Field("Tags", LIST, "more subjects, with commas between them", "walking, exercise"),
    Field("Slug", TEXT, "the last part of the address; by default made of the title", "walking"),
    Field(
        *("Summary", TEXT, f"{SUMMARY_LIMITS}: under the title, in lists and in search results"),
        "Why a short walk a day can ease low back pain, how to begin when each step hurts, "
        "how fast to do more, and the signs that mean you should stop.",
        _BOTH,
    ),
    Field("Lang", TEXT, "language of the article, if it is not the language of the site", "fr"),
    Field("Dir", ("ltr", "rtl"), "rtl or ltr, if the page should not go by its language", "rtl"),
    Field(
        *("Status", ("published", "draft", "hidden", "skip")),
        *("draft, published, hidden (no list shows it) or skip (not built)", "draft"),
    ),
    Field("Author", TEXT, "who wrote it, if not the site's publisher", "The editors"),
    Field("Authors", LIST, "several people, with commas between them", "A, B", new=False),
    Field(
        *("Emergency", TEXT, "one line under the summary about when to call for help immediately"),
        "Numb between the legs? Call 911. [See all emergency signs](#emergency).",
    ),
    Field("Reviewed_by", TEXT, "the clinician who checked the article, if one really did", "A, MD"),
    Field("Reviewed", DATE, "when that was, YYYY-MM-DD", "2026-02-01"),
    Field("Review_due", DATE, "when to check the facts again, YYYY-MM-DD", "2028-02-01"),
    Field("Comments", ("on", "closed", "off"), "on, closed (shown, no new ones) or off", "on"),
    Field("Comment_id", TEXT, "keeps the replies when the slug changes: the first address", "/a/"),
    Field("Aliases", LIST, "earlier addresses that lead here, with commas between them", "/old/"),
    Field("Image", TEXT, "picture for links shared elsewhere, a file in images/", "images/a.jpg"),
    Field("Image_alt", TEXT, "what that picture shows", "Two people walking in a park"),
    Field("Template", TEXT, "another template of the theme", "article", new=False),
    Field("Save_as", TEXT, "file to write, in place of the one made of the slug", new=False),
    Field("URL", TEXT, "address that goes with Save_as", new=False),
    Field("Translation", TEXT, "true where another language is the original", "true", new=False),
]

FIELDS = {field.name: field for field in _FIELDS}
BY_KEY = {field.name.lower(): field for field in _FIELDS}
STATUSES = BY_KEY["status"].holds

# A field, another that has to be given with it, and what to do if that is not.
TOGETHER = [
    ("Reviewed", "Reviewed_by", "write who reviewed it, or delete the date"),
    ("Reviewed_by", "Reviewed", "write when, as 2026-01-31, or delete the name"),
    ("Image", "Image_alt", "describe in words what the picture shows"),
    ("Image_alt", "Image", "name the picture, or delete the line"),
    ("Save_as", "URL", "name the address that goes with the file"),
    ("URL", "Save_as", "name the file that goes with the address"),
]

# What other generators call it.
ELSEWHERE = {
    **{"headline": "Title", "published": "Date", "pubdate": "Date", "draft": "Status: draft"},
    **{"updated": "Modified", "lastmod": "Modified", "layout": "Template", "cover": "Image"},
    **{"keywords": "Tags", "tag": "Tags", "topics": "Tags", "permalink": "Slug", "path": "Slug"},
    **{"description": "Summary", "excerpt": "Summary", "subtitle": "Summary", "language": "Lang"},
    **{"alias": "Aliases", "redirect_from": "Aliases", "categories": "Category"},
}

# What `make new` writes; a published article must say something of its own.
PLACEHOLDER_SUMMARY = (
    "Say in one or two plain sentences what the reader will learn from this article; "
    f"{SUMMARY_LIMITS}, which search results show in full."
)

NEW_COMMENT = "<!-- The lines above, down to the first empty one, are the metadata of this article:"
NEW_BODY = Path(__file__).with_name("draft.txt").read_text("utf-8")
