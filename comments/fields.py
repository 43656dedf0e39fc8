"""What a reply may contain. Every field is judged here, for the embed and for the plain form."""

import re
import unicodedata
from dataclasses import dataclass

import contract
from contract import LIMITS

# Characters that turn the direction of the text around them, and those of the tags block.
_TURNING = re.compile("[\u202a-\u202e\u2066-\u2069\U000e0000-\U000e007f]")
_BLANK = "\u115f\u1160\u2800\u3164\uffa0"  # letters by category, yet blank to the eye


class RejectedError(ValueError):
    """Raised for a request that is not carried out. `field` is what the visitor can correct."""

    def __init__(self, status: int, error: str, message: str, field: str | None = None):
        super().__init__(message)
        self.status, self.error, self.message, self.field = status, error, message, field


@dataclass(frozen=True)
class Reply:
    """A reply fit to be handed to Isso."""

    uri: str
    title: str
    author: str
    email: str
    website: str | None
    text: str
    parent: int | None = None


def require(condition: object, error: str, message: str, field: str | None = None) -> None:
    """Raise RejectedError unless a condition holds."""
    if not condition:
        raise RejectedError(400, error, message, field)


def reply(given: dict) -> Reply:
    """Return the reply in `given`. Raises RejectedError, as all functions here do."""
    uri, parent = path(given.get("uri")), given.get("parent")
    is_number = parent is None or type(parent) is int and 1 <= parent < 2**53
    require(is_number, "malformed", "The number of the reply you answer is wrong.", "parent")
    # With a title Isso need not fetch the page to find one.
    title, words = _line(given, "title", "The page's title") or uri, text(given.get("text"))
    return Reply(uri, title, name(given), _email(given), _website(given), words, parent)


def text(value: object) -> str:
    """Return a reply's text: line ends of one kind, no control or direction-turning characters."""
    require(isinstance(value, str | None), "malformed", "The reply has to be text.", "text")
    value = _clean(re.sub(r"\r\n?|[\u2028\u2029]", "\n", value or "")).strip()
    limit = LIMITS["text"]
    is_there = len(value) >= limit.min and _is_visible(value)
    require(is_there, "too-short", "Please write your reply first.", "text")
    much = f"Your reply has {len(value):,} characters; please keep it under {limit.max:,}."
    require(len(value) <= limit.max, "too-long", much, "text")
    return value


def name(given: dict) -> str:
    """Return the name in `given`."""
    value = _line(given, "author", "Your name")
    message = "Please give a name. Any name will do."
    require(_is_visible(value), "name-missing", message, "author")
    return value


def _email(given: dict) -> str:
    value = _line(given, "email", "Your e-mail address")
    require(value, "email-missing", "Please give your e-mail address.", "email")
    message = "This is not an e-mail address. Please write it like name@example.com."
    require(contract.is_email(value), "bad-email", message, "email")
    return value


def _website(given: dict) -> str | None:
    value = _line(given, "website", "The website's address")
    if value and "://" not in value:
        value = "https://" + value
    is_right = not value or len(value) <= LIMITS["website"].max and contract.is_web_address(value)
    form = "Please write it like https://www.example.com, or leave it empty."
    require(is_right, "bad-website", f"This is not the address of a website. {form}", "website")
    return value or None


def path(value: object) -> str:
    """Return the path of a page of this site, which names its thread."""
    is_path = isinstance(value, str) and contract.is_thread(value)
    require(is_path, "bad-page", "This is not the path of a page of this site.", "uri")
    return value


def _line(given: dict, key: str, label: str) -> str:
    longest, value = LIMITS[key].max, given.get(key)
    require(isinstance(value, str | None), "malformed", f"{label} has to be text.", key)
    value = " ".join(_clean(value or "").split())
    message = f"{label} is too long: please keep it under {longest} characters."
    require(len(value) <= longest, "too-long", message, key)
    return value


def _clean(value: str) -> str:
    are_real = not any("\ud800" <= c <= "\udfff" for c in value)
    require(are_real, "malformed", "The request has characters that do not exist.")
    value = "".join(c for c in value if c in "\n\t" or unicodedata.category(c) != "Cc")
    return _TURNING.sub("", value)


def _is_visible(value: str) -> bool:
    return any(unicodedata.category(c)[0] in "LNPS" and c not in _BLANK for c in value)
