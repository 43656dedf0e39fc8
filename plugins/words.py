"""The theme's own words in the language of each page, and the direction it is written in: English,
`_("Contents")`, unless theme/words/<language>.json says them in another language."""

import functools
import json

from babel.core import Locale, UnknownLocaleError
from jinja2 import pass_context
from markupsafe import Markup

from plugins import THEME
from plugins.cache.digests import pure

FOLDER = THEME / "words"


def translate(text: str, lang: str, **values) -> str:
    """Return the theme's words `text` in the language `lang`, with `values` in its {places}."""
    translated = table(lang.lower()).get(text, text)
    return translated.format(**values) if values else translated


@pure
def direction(lang: str) -> str:
    """Return "rtl" for a language written from right to left, else "ltr"."""
    return locale.text_direction if (locale := find_locale(lang)) else "ltr"


@pure
def bcp47(lang: str) -> str:
    """Return a language tag in its usual case, such as "en-US", which Pelican lowers (RFC 5646,
    section 2.1.1)."""
    first, *rest = lang.lower().split("-")
    return "-".join([first, *(p.upper() if len(p) == 2 else p.title() for p in rest)])


@pure
def own_name(lang: str) -> str:
    """Return the name that a language gives itself, such as "العربية"; its code if unknown."""
    locale = find_locale(lang)
    return locale.get_language_name(locale) or lang if locale else lang


def language_of(md) -> str:
    """Return the language of the article that a Markdown converter is working on."""
    return "".join(getattr(md, "Meta", {}).get("lang") or [getattr(md, "lang", "")])


@functools.cache
def table(lang: str) -> dict[str, str]:
    """Return the words of a language: of `ar-eg`, or else of `ar`."""
    for name in (lang, lang.partition("-")[0]):
        path = FOLDER / f"{name}.json"
        if name.replace("-", "").isalnum() and path.is_file():
            return json.loads(path.read_text("utf-8"))
    return {}


def find_locale(lang: str) -> Locale | None:
    """Return what Babel knows of a language, None where that is nothing."""
    try:
        return Locale.parse(lang, sep="-")
    except (UnknownLocaleError, ValueError, TypeError):
        return None


@pure
@pass_context
def gettext(context, text: str, **values) -> str:
    """Return `text` as `translate` does, in the language of the page."""
    return translate(text, _of_page(context), **values)


@pure
@pass_context
def in_language(context, other) -> Markup:
    """Return the attributes that tell the language of `other`, where it is not the page's."""
    here = _of_page(context)
    if other.lang.lower() == here.lower():
        return Markup("")
    turn = direction(other.lang)
    turned = Markup(' dir="{}"').format(turn) if turn != direction(here) else ""
    return Markup(' lang="{}"').format(other.lang) + turned


def _of_page(context) -> str:
    return context.get("lang", context["DEFAULT_LANG"])
