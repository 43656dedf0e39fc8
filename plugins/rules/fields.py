"""Every field of front matter: what it is for and what it looks like. `make new` prints these."""

from dataclasses import dataclass

ARTICLE, PAGE = "article", "page"


@dataclass(frozen=True)
class Field:
    """A field of front matter. `needed` names the kinds of content that must have it."""

    name: str
    about: str
    example: str = ""
    needed: frozenset[str] = frozenset()
    new: bool = True  # whether `make new` explains it

    @property
    def key(self) -> str:
        return self.name.lower()


_ARTICLE, _BOTH = frozenset({ARTICLE}), frozenset({ARTICLE, PAGE})

_FIELDS = [
    Field("Title", "the heading of the page", "Walking with back pain", _BOTH),
    Field("Date", "first published, YYYY-MM-DD, with HH:MM if you like", "2026-01-31", _ARTICLE),
    Field("Modified", "last changed in substance, YYYY-MM-DD", "2026-02-28"),
    Field("Category", "one subject; it gets a page that lists its articles", "Back pain", _ARTICLE),
    Field("Tags", "more subjects, with commas between them", "walking, exercise"),
    Field(
        "Slug", "the last part of the address; made from the title if you leave it out", "walking"
    ),
    Field(
        "Summary",
        "120 to 155 characters: under the title, in lists and in search results",
        "Why a short walk a day can ease low back pain, how to begin when each step hurts, "
        "how fast to do more, and the signs that mean you should stop.",
        _BOTH,
    ),
    Field("Lang", "language of the article, if it is not the language of the site", "fr"),
    Field("Dir", "rtl where the language is written from right to left", "rtl"),
    Field("Status", "draft, published, hidden (no list shows it) or skip (not built)", "draft"),
    Field("Author", "who wrote it, if not the site's publisher", "The editors"),
    Field("Authors", "several people, with commas between them", "A. Writer, B. Writer", new=False),
    Field(
        "Emergency",
        "one line under the summary about when to call for help at once",
        "Numb between the legs? Call 911. [See all emergency signs](#emergency).",
    ),
    Field(
        "Reviewed_by", "the clinician who checked the article; a real one, or nobody", "Name, MD"
    ),
    Field("Reviewed", "when that was, YYYY-MM-DD", "2026-02-01"),
    Field("Review_due", "when to check the facts again, YYYY-MM-DD", "2028-02-01"),
    Field("Comments", "on, closed (shown, no new ones) or off", "on"),
    Field(
        "Comment_id", "keeps the replies when you change the slug: the first address", "/walking/"
    ),
    Field("Aliases", "earlier addresses that lead here, with commas between them", "/old-address/"),
    Field("Image", "picture for links shared elsewhere, a file in images/", "images/walking.jpg"),
    Field("Image_alt", "what that picture shows", "Two people walking in a park"),
    Field("Template", "another template of the theme", "article", new=False),
    Field("Save_as", "file to write, in place of the address made from the slug", new=False),
    Field("URL", "address that goes with Save_as", new=False),
    Field("Translation", "true where another language is the original", "true", new=False),
]

FIELDS = {field.name: field for field in _FIELDS}
BY_KEY = {field.key: field for field in _FIELDS}

# What other generators call it.
ELSEWHERE = {
    "categories": "Category",
    "keywords": "Tags",
    "tag": "Tags",
    "topics": "Tags",
    "description": "Summary",
    "excerpt": "Summary",
    "subtitle": "Summary",
    "language": "Lang",
    "updated": "Modified",
    "lastmod": "Modified",
    "published": "Date",
    "pubdate": "Date",
    "permalink": "Slug",
    "path": "Slug",
    "layout": "Template",
    "draft": "Status: draft",
    "alias": "Aliases",
    "redirect_from": "Aliases",
    "cover": "Image",
    "headline": "Title",
}

# What `make new` writes; a published article must say something of its own.
PLACEHOLDER_SUMMARY = (
    "Say in one or two plain sentences what the reader will learn from this article; "
    "120 to 155 characters, which search results show in full."
)

NEW_COMMENT = "<!-- The lines above, down to the first empty one, are the fields of this article:"
NEW_BODY = """\
Begin with two or three sentences that say what this is about and for whom.[^source]

## A first section

Write short sentences in plain words. Explain a medical word where it first stands.

!!! not-urgent "See a clinician if:"

    - the pain lasts for weeks
    - you are not sure what a sign means.

## FAQs

### What do people ask about this?

Answer in a sentence or two. Add a `###` heading for each further question.

## Sources

[^source]: Author A. Title of the study. *Journal*. 2026. <https://example.org/>
"""

STATUSES = ("published", "draft", "hidden", "skip")
COMMENTS = ("on", "off", "closed")
SUMMARY_LENGTH = range(120, 156)
