"""Leave a Reply: which provider the site uses, and how it stands with each article.

The one setting COMMENTS names a provider and its options. What a provider needs and what a page
must allow for it stand in its template, comments/providers/<name>.html, and the loading in its
adapter, static/js/<name>.js: a new provider is two new files.
"""

import re
from collections import defaultdict
from pathlib import Path
from urllib.parse import urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from pelican import signals

from comments import contract
from plugins.cache.digests import pure
from plugins.problems import ContentError, Problem


def providers(theme: str) -> list[str]:
    """Return the names of the providers that the theme has a template for."""
    folder = Path(theme) / "templates" / "comments" / "providers"
    return sorted(path.stem for path in folder.glob("*.html"))


def settle(settings) -> dict:
    """Return COMMENTS with `provider`, `open` and `opens` filled in.

    `open` tells whether replies can be sent, `opens` what a page's policy must allow for it, by
    directive. A preview of Isso without an endpoint uses the local one; a published site says that
    replies are not open yet. Raises ContentError for what cannot be right.
    """
    options = {"endpoint": "", **settings.get("COMMENTS", {"provider": "none"})}
    known = providers(settings["THEME"])
    if options.get("provider") not in known:
        _refuse(
            f"COMMENTS names the provider {options.get('provider')!r}, which does not exist",
            f"choose one of: {', '.join(known)}",
        )
    options["endpoint"] = str(options["endpoint"] or "").rstrip("/")
    if options["provider"] == "isso" and not (options["endpoint"] or settings.get("PUBLISHING")):
        options["endpoint"] = contract.LOCAL_ENDPOINT
    template = _template(settings["THEME"], options["provider"])
    kinds = template.make_module({"comments": defaultdict(str), "origin": origin}).needs
    for key, kind in kinds.items():
        _judge(options, key, kind)
    options["open"] = all(options[key] for key in kinds) and options["provider"] != "none"
    opens = template.make_module({"comments": options, "origin": origin}).opens
    options["opens"] = opens if options["open"] else {}
    return options


def advice(settings) -> list[str]:
    """Return what the owner should know about the replies of a site that builds all the same."""
    options = settle(settings)
    if options["provider"] == "none" or options["open"]:
        return []
    return [
        "Replies are not open: COMMENTS has no endpoint, so the articles say that they are not "
        'open yet. Give the comment server\'s address, or set the provider to "none".'
    ]


def _template(theme: str, provider: str):
    folder = Path(theme) / "templates" / "comments" / "providers"
    loader = FileSystemLoader(folder)
    environment = Environment(loader=loader, undefined=StrictUndefined, autoescape=True)
    return environment.get_template(f"{provider}.html")


# What an option may look like, and what to tell the owner.
KINDS = {
    "address": (
        lambda value: _is_endpoint(value),
        "give the comment server's address such as https://comments.example.org, "
        f"or a path of this site such as {contract.LOCAL_ENDPOINT}",
    ),
    "path": (
        re.compile(r"/(?!/)[\w./-]+").fullmatch,
        "give the path of a file of this site such as /extra/client.js",
    ),
    "word": (re.compile(r"[a-z0-9][a-z0-9-]*").fullmatch, "write small letters, digits and -"),
}


def _judge(options: dict, key: str, kind: str):
    value = options.setdefault(key, "")
    is_right, fix = KINDS[kind]
    if value and not (isinstance(value, str) and is_right(value)):
        _refuse(f"COMMENTS has the {key} {value!r}, which cannot be right", fix)
    # Isso alone may wait for its server: the articles say so.
    if not value and options["provider"] != "isso":
        _refuse(f"COMMENTS has no {key}, which {options['provider']} needs", fix)


def _refuse(what: str, fix: str):
    raise ContentError(Problem("pelicanconf.py", 0, 0, what, fix))


def _is_endpoint(endpoint: str) -> bool:
    is_path = re.fullmatch(r"(/[\w.~-]+)+", endpoint, re.ASCII)
    return bool(is_path) or contract.address_error(endpoint) is None


def status(article, comments: dict) -> str:
    """Return how replies stand at an article: "open", "closed", "off" or "unready"."""
    stated = str(getattr(article, "comments", "on")).strip().lower()
    if stated == "off" or comments["provider"] == "none":
        return "off"
    if stated == "closed":
        return stated
    return "open" if comments["open"] else "unready"


@pure
def thread(article) -> str:
    """Return the id of an article's thread: its path, or what `Comment_id` has frozen."""
    return contract.thread_id(article.url, str(getattr(article, "comment_id", "")))


@pure
def origin(endpoint: str) -> list[str]:
    """Return the origin that a page must be allowed to ask, if it is another than its own."""
    return [contract.origin(endpoint)] if urlsplit(endpoint).scheme else []


def register():
    """Check COMMENTS at the start, and offer it to templates."""
    signals.initialized.connect(_check)
    signals.generator_init.connect(_offer)


def _check(pelican):
    settle(pelican.settings)


def _offer(generator):
    generator.env.globals["comments"] = settle(generator.settings)
    generator.env.globals["origin"] = origin
    generator.env.globals["contract"] = {
        "anchor": contract.ANCHOR,
        "limits": contract.LIMITS,
        "page_size": contract.PAGE_SIZE,
        "patterns": contract.PATTERNS,
    }
    comments = generator.env.globals["comments"]
    generator.env.filters["comments_status"] = pure(lambda article: status(article, comments))
    generator.env.filters["thread"] = thread
