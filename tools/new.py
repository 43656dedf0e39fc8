"""The command behind `make new`: a draft whose fields explain themselves."""

import os
import re
import shlex
import sys
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pelican.utils import slugify

from plugins.problems import ContentError, as_started, display_path
from plugins.rules.fields import FIELDS, NEW_BODY, NEW_COMMENT, PLACEHOLDER_SUMMARY
from tools.build import load_settings
from tools.terminal import argument_parser


def draft(title: str, settings: dict, today: date, slug: str = "") -> tuple[str, str]:
    """Return slug and text of a new draft. Raises ContentError where it has no address."""
    title = " ".join(title.split())
    if not title:
        raise ContentError.at("TITLE", "the title is empty", _to_type("Walking with back pain"))
    rules, use_unicode = settings["SLUG_REGEX_SUBSTITUTIONS"], settings["SLUGIFY_USE_UNICODE"]
    made = slugify(title, regex_subs=rules, use_unicode=use_unicode)
    letters = r"\w" if use_unicode else "A-Za-z0-9_"
    if not re.fullmatch(rf"[{letters}~-]([{letters}.~-]{{,199}}[{letters}~-])?", slug or made):
        what = f'the slug "{slug}" is not an address: write up to 200 letters, digits and hyphens'
        if not slug:
            what = f'no address can be made of the title "{title}"'
            what += ": it is too long" * (len(made) > 200)
        raise ContentError.at("SLUG", what, _to_type(title, "my-article"))
    slug = slug or made
    values = {"Title": title, "Date": today.isoformat(), "Category": settings["DEFAULT_CATEGORY"]}
    values |= {"Slug": slug, "Summary": PLACEHOLDER_SUMMARY, "Status": "draft"}
    front = [f"{name}: {value}" for name, value in values.items()]
    # A comment, which readers never see, explains every field.
    given = [f"{field.name}: {field.about}" for field in FIELDS.values() if field.name in values]
    others = [field for field in FIELDS.values() if field.new and field.name not in values]
    more = [f"{field.name}: {field.example}\n    {field.about}" for field in others]
    add = "You may add these, each on its own line, with a value like this one:"
    end = 'When it is ready, write "Status: published" and delete this comment. -->'
    lines = [*front, "", NEW_COMMENT, "", *given, "", add, "", *more, "", end, "", NEW_BODY]
    return slug, "\n".join(lines)


def _to_type(title: str, slug: str = "") -> str:
    title = shlex.quote(title)
    with_make = f"make new TITLE={title}{f' SLUG={slug}' if slug else ''}"
    plain = f"python -m tools.new {title}{f' --slug {slug}' if slug else ''}"
    return f"type {as_started(with_make, plain)}"


def create(title: str, settings: dict, today: date, slug: str = "") -> Path:
    """Write a new draft into the folder of articles; return its path. Raises ContentError."""
    slug, text = draft(title, settings, today, slug)
    folder = Path(settings["PATH"]) / (settings["ARTICLE_PATHS"] or [""])[0]
    path = folder / f"{slug}.md"
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with open(path, "x", encoding="utf-8", newline="\n") as file:
            file.write(text)
    except OSError as error:
        what, fix = f"cannot be written ({error.strerror})", "make its folder writable"
        if isinstance(error, FileExistsError):
            what, fix = "already exists", "choose another title, or open that file"
        raise ContentError.at(path, what, fix) from None
    return path


def main(arguments: list[str] | None = None) -> int:
    """Make a new draft as the command line asks; return 1 where there is none."""
    parser = argument_parser(
        "new",
        "Starts a new article: a draft with every field explained, an FAQ and a list of sources. "
        "It is not published until you change its Status in the file.",
        takes_content=False,
    )
    parser.add_argument("title", nargs="*", help='its title, such as "Walking with back pain"')
    about, slug = "the end of its address (as a rule: the title)", os.environ.get("SLUG", "")
    parser.add_argument("--slug", default=slug, help=about)
    options = parser.parse_args(arguments)
    title = " ".join(options.title) or os.environ.get("TITLE", "")
    try:
        settings = load_settings(options.settings)
        today = datetime.now(ZoneInfo(settings.get("TIMEZONE", "UTC"))).date()
        path = create(title, settings, today, options.slug)
    except (ContentError, ZoneInfoNotFoundError) as reason:
        print(reason, file=sys.stderr)
        return 1
    serve = as_started("make serve", "python -m tools.serve")
    print(f"{display_path(path)} is a new draft. Open it, write, and look at it with {serve}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
