"""Nothing in the output asks another party for anything, watches readers or gives away secrets."""

import functools
import re
from collections.abc import Iterator
from pathlib import Path

from contract import is_loopback
from plugins.addresses import is_same_origin
from plugins.security import csp_hash
from tools.verify.page import DATA, Page, TextFile, directives

ANALYTICS = re.compile(
    r"google-analytics|googletagmanager|\bgtag\(|\bfbq\(|connect\.facebook|\b_paq\b|matomo\."
    r"|plausible\.io|hotjar|clarity\.ms|mixpanel|cdn\.segment|umami\.|goatcounter|sendBeacon"
)

# A pattern that begins with a literal is found a hundred times quicker than one that begins with
# `\b` or a look-behind, which would be tried at every character; so what is before comes after it.
SECRETS = {
    "a private key": re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----"),
    "an access key of AWS": re.compile(r"AKIA(?<=\bAKIA)[0-9A-Z]{16}\b"),
    "a token of GitHub": re.compile(r"g(?<=\bg)(?:h[pousr]_\w{36}|ithub_pat_\w{60})"),
    "a key of Google": re.compile(r"AIza(?<=\bAIza)[\w-]{35}\b"),
    "a token of Slack": re.compile(r"xox(?<=\bxox)[abprs]-[\w-]{10}"),
    "a secret key": re.compile(r"sk[-_](?<=\bsk.)(?:live[-_])?[A-Za-z0-9]{24}"),
    "a signed token": re.compile(r"eyJ(?<=\beyJ)[\w-]{10,}\.eyJ[\w-]{10,}\."),
}
HOMES = re.compile(
    r"/(?<![\w./-]/)(?:home|Users|root)/\w|:\\(?<=\b[A-Z]:\\)\\?Users\\|file://(?<=\bfile://)"
)
_HOST = re.compile(r"https?://(\[[\da-fA-F:.]+\]|[\w.-]+)")
_is_loopback = functools.cache(is_loopback)  # the same few hosts are on every page


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
    """No key, token or password."""
    for name, pattern in SECRETS.items():
        if found := pattern.search(file.text):
            yield f"this looks like {name}", "remove it and renew it", file.line_of(found)


def local_paths(file: TextFile) -> Iterator[tuple]:
    """No path or address of the machine that built the site."""
    own = own_paths(*file.context.folders)
    is_preview = find_loopback(file.context.address)
    for find in (own.search, HOMES.search, *([] if is_preview else [find_loopback])):
        if found := find(file.text):
            what = f"{found[0]!r} is of the machine that built the site"
            yield what, "link with {filename} or {static}", file.line_of(found)


def find_loopback(text: str) -> re.Match | None:
    """Return the first web address in a text that means the very machine it is read on."""
    return next((found for found in _HOST.finditer(text) if _is_loopback(found[1])), None)


@functools.cache
def own_paths(*folders: Path) -> re.Pattern:
    """Return a pattern of these folders of this machine, but for "/", the home of a user without
    one."""
    own = [str(folder) for folder in folders if folder.name]
    before = "".join(rf"(?<![\w./-]{path})" for path in map(re.escape, own))
    return re.compile(rf"(?:{'|'.join(map(re.escape, own))}){before}(?=[/\\\"'<\s]|$)")
