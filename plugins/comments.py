"""Leave a Reply: which provider the site uses, and whether an article takes replies. The setting
COMMENTS names a provider and its options; what it needs and what a page must allow for it are in
comments/providers/<name>.html, the loading in static/js/<name>.js of the theme."""

import re
from collections import defaultdict
from pathlib import Path
from urllib.parse import urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined

import contract
from plugins.cache.digests import pure
from plugins.problems import ContentError

# What an option of each kind may look like, and how to correct one that does not.
KINDS = {
    "address": (
        lambda text: re.fullmatch(r"(/[\w.~-]+)+", text, re.A) or not contract.address_error(text),
        "give the comment server's address such as https://comments.example.org, "
        f"or a path of this site such as {contract.LOCAL_ENDPOINT}",
    ),
    "path": (
        re.compile(r"/(?!/)[\w./-]+").fullmatch,
        "give the path of a file of this site such as /extra/client.js",
    ),
    "word": (re.compile(r"[a-z0-9][a-z0-9-]*").fullmatch, "write small letters, digits and -"),
}


def settle(settings) -> dict:
    """Return COMMENTS with `provider`, `open` (whether replies can be sent) and `opens` (what a
    page's policy must allow for it, by directive). Isso without an endpoint is the local one in a
    preview, and not open in a published site. Raises ContentError for what cannot be right."""
    options = {"endpoint": "", **settings.get("COMMENTS", {"provider": "none"})}
    folder = Path(settings["THEME"]) / "templates" / "comments" / "providers"
    known = sorted(path.stem for path in folder.glob("*.html"))
    if (provider := options.get("provider")) not in known:
        what, fix = f'COMMENTS has no provider "{provider}"', f"use one of {', '.join(known)}"
        raise ContentError.at("pelicanconf.py", what, fix)
    options["endpoint"] = str(options["endpoint"] or "").rstrip("/")
    if provider == "isso" and not (options["endpoint"] or settings.get("PUBLISHING")):
        options["endpoint"] = contract.LOCAL_ENDPOINT
    loader = FileSystemLoader(folder)
    environment = Environment(loader=loader, undefined=StrictUndefined, autoescape=True)
    template = environment.get_template(f"{provider}.html")
    needs = template.make_module({"comments": defaultdict(str), "origin": origin}).needs
    for key, kind in needs.items():
        value, (is_right, fix) = options.setdefault(key, ""), KINDS[kind]
        what = ""
        if value and not (isinstance(value, str) and is_right(value)):
            what = f'COMMENTS: the {key} "{value}" is not valid'
        elif not value and provider != "isso":  # which may wait for its server: the articles say so
            what = f"COMMENTS has no {key}, which {provider} needs"
        if what:
            raise ContentError.at("pelicanconf.py", what, fix)
    options["open"] = provider != "none" and all(options[key] for key in needs)
    opens = template.make_module({"comments": options, "origin": origin}).opens
    options["opens"] = opens if options["open"] else {}
    return options


def warnings(settings) -> list[str]:
    """Return what the owner should know about the replies of a site that builds all the same."""
    options = settle(settings)
    if options["provider"] == "none" or options["open"]:
        return []
    return [
        "Replies are not open: COMMENTS has no endpoint, so the articles say that they are not "
        'open yet. Give the comment server\'s address, or set the provider to "none".'
    ]


def status(article, comments: dict) -> str:
    """Return whether an article takes replies: "open", "closed", "off" or "unready"."""
    stated = str(getattr(article, "comments", "on")).strip().lower()
    if stated == "off" or comments["provider"] == "none":
        return "off"
    return stated if stated == "closed" else "open" if comments["open"] else "unready"


@pure
def thread(article) -> str:
    """Return the id of an article's thread."""
    return contract.thread_id(article.url, str(getattr(article, "comment_id", "")))


@pure
def origin(endpoint: str) -> list[str]:
    """Return the origin that a page must be allowed to ask, if it is another than its own."""
    return [contract.origin(endpoint)] if urlsplit(endpoint).scheme else []
