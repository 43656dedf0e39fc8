"""The command behind `make new`: a draft whose fields explain themselves."""

import argparse
import os
import re
import sys
from datetime import date, datetime
from pathlib import Path

from pelican.utils import slugify

from plugins.problems import display_path
from plugins.rules.fields import FIELDS, NEW_BODY, NEW_COMMENT, PLACEHOLDER_SUMMARY
from tools.build import BuildError, load_settings


class Refused(Exception):
    """Why there is no new draft, and what to do."""


def draft(title: str, settings: dict, today: date, slug: str = "") -> tuple[str, str]:
    """Return the slug and the text of a new draft; raise Refused where no address can be made."""
    title = " ".join(title.split())
    if not title:
        raise Refused('the title is empty — type make new TITLE="Walking with back pain"')
    slug = slug or slugify(
        title,
        regex_subs=settings["SLUG_REGEX_SUBSTITUTIONS"],
        use_unicode=settings["SLUGIFY_USE_UNICODE"],
    )
    if not re.fullmatch(r"[\w~-][\w.~-]*", slug):
        raise Refused(
            f"no address can be made of the title {title} — "
            'name one: python -m tools.new "…" --slug my-article'
        )
    values = {
        "Title": title,
        "Date": today.isoformat(),
        "Category": settings["DEFAULT_CATEGORY"],
        "Slug": slug,
        "Summary": PLACEHOLDER_SUMMARY,
        "Status": "draft",
    }
    front = "\n".join(f"{name}: {value}" for name, value in values.items())
    return slug, f"{front}\n\n{_explanation(values)}\n\n{NEW_BODY}"


def _explanation(values: dict[str, str]) -> str:
    """Return a comment, which readers never see, that explains every field."""
    lines = [NEW_COMMENT, ""]
    lines += [f"{field.name}: {field.about}" for field in FIELDS.values() if field.name in values]
    lines += ["", "You may add these, each on a line of its own, with a value like this one:", ""]
    lines += [
        f"{field.name}: {field.example}\n    {field.about}"
        for field in FIELDS.values()
        if field.new and field.name not in values
    ]
    lines += ["", 'When it is ready, write "Status: published" and delete this comment. -->']
    return "\n".join(lines)


def create(title: str, settings: dict, today: date, slug: str = "") -> Path:
    """Write a new draft into the folder of articles and return its path.

    Raises Refused where a file of that name is there already, or where it cannot be written.
    """
    slug, text = draft(title, settings, today, slug)
    folder = Path(settings["PATH"]) / (settings["ARTICLE_PATHS"] or [""])[0]
    path = folder / f"{slug}.md"
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with open(path, "x", encoding="utf-8", newline="\n") as file:
            file.write(text)
    except FileExistsError:
        raise Refused(
            f"{display_path(path)} is there already — choose another title, or open that file"
        ) from None
    except OSError as error:
        raise Refused(f"{display_path(path)} cannot be written: {error.strerror}") from None
    return path


def main(arguments: list[str] | None = None) -> int:
    """Make a new draft as the command line asks; return 1 when that is refused."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.new",
        description="Starts a new article: a draft with every field explained, an FAQ and a list "
        "of sources. It stays out of the published site until you say otherwise in the file.",
    )
    parser.add_argument("title", nargs="*", help='its title, such as "Walking with back pain"')
    parser.add_argument("--slug", default="", help="the end of its address (as a rule: the title)")
    parser.add_argument(
        "-s", "--settings", default="pelicanconf.py", help="the site's settings (%(default)s)"
    )
    options = parser.parse_args(arguments)
    title = " ".join(options.title) or os.environ.get("TITLE", "")
    try:
        settings = load_settings(options.settings)
        path = create(title, settings, datetime.now().astimezone().date(), options.slug)
    except (Refused, BuildError) as reason:
        print(reason, file=sys.stderr)
        return 1
    print(
        f"{display_path(path)} is there: a draft. Open it, write, and look at it with make serve."
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
