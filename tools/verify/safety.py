"""Nothing in the output asks another party for anything, watches readers or gives away secrets."""

import functools
import re
from collections.abc import Iterator
from pathlib import Path

from plugins.addresses import is_same_origin
from plugins.rules import private
from plugins.security import csp_hash
from tools.verify.page import DATA, Page, TextFile, directives

ANALYTICS = re.compile(
    r"google-analytics|googletagmanager|\bgtag\(|\bfbq\(|connect\.facebook|\b_paq\b|matomo\."
    r"|plausible\.io|hotjar|clarity\.ms|mixpanel|cdn\.segment|umami\.|goatcounter|sendBeacon"
)


def third_parties(page: Page) -> Iterator[tuple]:
    """Showing a page asks no other host for anything; forms send to the comment server only."""
    server = tuple(f"{origin}/" for origin in page.context.opens.get("form-action", ()))
    forms = [(form, form.get("action")) for form in page.all("//form[@action]")]
    pings = [(link, link.get("ping")) for link in page.all("//a[@ping]")]
    asked = [*page.fetched, *pings, *(form for form in forms if not form[1].startswith(server))]
    for element, address in asked:
        address = f"https:{address}" if address.startswith("//") else address
        is_absolute = address.startswith(("http://", "https://"))
        if is_absolute and not is_same_origin(address, page.context.address):
            what = f"<{element.tag}> asks {address}"
            yield what, "serve the file from this site, or only link", element


def policies(page: Page) -> Iterator[tuple]:
    """Each page's policy lets in its own files, one sheet and the comment server, and no more."""
    stated = page.meta("Content-Security-Policy")
    if len(stated) != 1:
        what = f"the page has {len(stated)} content security policies"
        yield what, "print one, by `policy` of plugins/security.py"
        return
    rules = directives(stated[0])
    if rules.get("default-src") != {"'none'"}:
        yield "the policy allows by default", "begin with default-src 'none'"
    allowed = {"'none'", "'self'"}.union(*page.context.opens.values())
    for kind, path, what in (
        ("style-src", "//style", "a style that the policy blocks"),
        ("script-src", DATA, "the policy lacks the data's hash"),
    ):
        for element in page.all(path):
            source = csp_hash(element.text or "")
            allowed.add(source)
            if source not in rules.get(kind, ()):
                yield what, f"print its hash in {kind}", element
    for name, sources in rules.items():
        for source in sorted(sources - allowed):
            yield f"the policy allows {source} in {name}", "leave it out, or name what it loads"


def analytics(file: TextFile) -> Iterator[tuple]:
    """No script counts or follows readers."""
    text = file.text if file.path.endswith(".js") else ""
    if isinstance(file, Page):
        text = "\n".join(file.all("//script[not(@type='application/ld+json')]/text() | //@src"))
    if found := ANALYTICS.search(text):
        yield f"{found[0]!r} looks like analytics", "this site promises to have none: remove it"


def secrets(file: TextFile) -> Iterator[tuple]:
    """No key, token or password, and no address or path of the machine that built the site."""
    is_preview = any(private.loopback(file.context.address))
    finders = [private.secrets] if is_preview else [private.secrets, private.loopback]
    found = [each for find in finders for each in find(file.text)]
    if path := own_paths(*file.context.folders).search(file.text):
        what = f"{path[0]!r} is of the machine that built the site"
        found.append((path.start(), what, "link with {filename} or {static}"))
    for at, what, fix in found:
        yield what, fix, file.text.count("\n", 0, at) + 1


@functools.cache
def own_paths(*folders: Path) -> re.Pattern:
    """Return a pattern of these folders, but for "/", the home of a user without one."""
    own = [str(folder) for folder in folders if folder.name] or ["\0"]
    before = "".join(rf"(?<![\w./-]{path})" for path in map(re.escape, own))
    return re.compile(rf"(?:{'|'.join(map(re.escape, own))}){before}(?=[/\\\"'<\s]|$)")
