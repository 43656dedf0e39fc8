"""Nothing in the output asks another party for anything, watches readers or gives away secrets."""

import functools
import re
from collections.abc import Iterator
from pathlib import Path

from plugins.problems import Problem
from plugins.security import digest
from tools.verify.page import Page, Text

ANALYTICS = re.compile(
    r"google-analytics|googletagmanager|\bgtag\(|\bfbq\(|connect\.facebook|\b_paq\b|matomo\."
    r"|plausible\.io|hotjar|clarity\.ms|mixpanel|cdn\.segment|umami\.|goatcounter|sendBeacon"
)


class Pattern:
    """A regular expression with literals, one of which is in whatever it matches.

    Looking for a literal is a hundred times quicker than a regular expression that begins with
    `\\b` or a look-behind, which is tried at every character.
    """

    def __init__(self, regex: str, *literals: str):
        self.regex, self.literals = re.compile(regex), literals

    def search(self, text: str) -> re.Match | None:
        """Return the first match in a text, as the regular expression alone would find it."""
        is_possible = any(literal in text for literal in self.literals)
        return self.regex.search(text) if is_possible else None


SECRETS = {
    "a private key": Pattern(r"-----BEGIN [A-Z ]*PRIVATE KEY-----", "PRIVATE KEY-----"),
    "an access key of AWS": Pattern(r"\bAKIA[0-9A-Z]{16}\b", "AKIA"),
    "a token of GitHub": Pattern(
        r"\b(gh[pousr]_\w{36}|github_pat_\w{60})",
        *("ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_"),
    ),
    "a key of Google": Pattern(r"\bAIza[\w-]{35}\b", "AIza"),
    "a token of Slack": Pattern(r"\bxox[abprs]-[\w-]{10}", "xox"),
    "a secret key": Pattern(r"\bsk[-_](live[-_])?[A-Za-z0-9]{24}", "sk-", "sk_"),
    "a signed token": Pattern(r"\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.", ".eyJ"),
}
HOMES = Pattern(
    r"(?<![\w./-])/(?:home|Users|root)/\w|\b[A-Z]:\\\\?Users\\|\bfile://",
    *("/home/", "/Users/", "/root/", "Users\\", "file://"),
)
PREVIEW = Pattern(
    r"https?://(?:localhost|127\.0\.0\.1|\[::1\])(?![\w.])",
    *("://localhost", "://127.0.0.1", "://[::1]"),
)
_DANGEROUS = re.compile(r"^\s*(javascript|vbscript|file):", re.IGNORECASE)


def third_parties(page: Page) -> Iterator[Problem]:
    """Showing a page asks no other host for anything; forms send to the comment server only."""
    server = tuple(f"{origin}/" for origin in page.context.opens.get("form-action", ()))
    forms = [(form, form.get("action")) for form in page.all("//form[@action]")]
    asked = [*page.fetched, *(form for form in forms if not form[1].startswith(server))]
    asked += [(link, link.get("ping")) for link in page.all("//a[@ping]")]
    for element, address in asked:
        if re.match(r"(https?:)?//", address) and not page.context.is_own(
            address if address.startswith("http") else f"https:{address}"
        ):
            what = f"<{element.tag}> asks {address}"
            yield _at(page, element, what, "serve the file from this site, or only link")


def links(page: Page) -> Iterator[Problem]:
    """No link runs a script or opens a file of the reader's machine."""
    for link in page.all("//a[@href]"):
        if _DANGEROUS.match(link.get("href")):
            yield _at(page, link, f"the link {link.get('href')[:40]}", "take it out")


def policies(page: Page) -> Iterator[Problem]:
    """Each page's policy lets in its own files, one sheet and the comment server, and no more."""
    stated = page.meta("Content-Security-Policy")
    if len(stated) != 1:
        what = f"the page has {len(stated)} content security policies"
        yield page.problem(what, "print one, by `policy` of plugins/security.py")
        return
    rules = directives(stated[0])
    if rules.get("default-src") != {"'none'"}:
        yield page.problem("the policy allows by default", "begin with default-src 'none'")
    allowed = {"'none'", "'self'"}.union(*page.context.opens.values())
    allowed |= {digest(text) for text in page.all("//style/text()|//script/text()")}
    for name, sources in rules.items():
        for source in sorted(sources - allowed):
            what = f"the policy allows {source} in {name}"
            yield page.problem(what, "leave it out, or name what the page really loads")
    yield from _inline_code(page, rules)


def _inline_code(page: Page, rules: dict[str, set[str]]) -> Iterator[Problem]:
    for style in page.all("//style"):
        if digest(style.text or "") not in rules.get("style-src", ()):
            yield _at(page, style, "a style that the policy blocks", "print its hash there")
    for script in page.all("//script[not(@src)]"):
        if script.get("type") != "application/ld+json":
            yield _at(page, script, "a script in the page", "put it into a file of the theme")
        elif digest(script.text or "") not in rules.get("script-src", ()):
            yield _at(page, script, "the policy lacks the data's hash", "print it there")
    for element in page.all("//*[@style or @*[starts-with(name(), 'on')]]"):
        what = f"<{element.tag}> has a style or script of its own, which the policy blocks"
        yield _at(page, element, what, "use a class, or a file of the theme")


def directives(policy: str) -> dict[str, set[str]]:
    """Return the sources of each directive of a content security policy."""
    parts = (part.split() for part in policy.split(";") if part.strip())
    return {name: set(sources) for name, *sources in parts}


def analytics(file: Text) -> Iterator[Problem]:
    """Nobody counts or follows readers."""
    text = file.text if file.path.endswith(".js") else ""
    if isinstance(file, Page):
        text = "\n".join(file.all("//script[not(@type='application/ld+json')]/text()|//@src"))
    if found := ANALYTICS.search(text):
        what = f"{found[0]!r} looks like analytics"
        yield file.problem(what, "this site promises to have none: take it out")


def secrets(file: Text) -> Iterator[Problem]:
    """No key, token or password."""
    for name, pattern in SECRETS.items():
        if found := pattern.search(file.text):
            what = f"this looks like {name}"
            yield file.problem(what, "take it out and renew it", file.line_of(found))


def local_paths(file: Text) -> Iterator[Problem]:
    """No path or address of the machine that built the site."""
    own = own_paths(*file.context.folders)
    is_preview = bool(PREVIEW.search(file.context.address))
    for pattern in (own, HOMES, *([] if is_preview else [PREVIEW])):
        if found := pattern.search(file.text):
            what = f"{found[0]!r} is of the machine that built the site"
            yield file.problem(what, "link with {filename} or {static}", file.line_of(found))


@functools.cache
def own_paths(*folders: Path) -> Pattern:
    """Return a pattern of these folders of this machine."""
    # The home of a user without one is "/".
    own = [str(folder) for folder in folders if folder.name]
    return Pattern(rf"(?<![\w./-])(?:{'|'.join(map(re.escape, own))})(?=[/\\\"'<\s]|$)", *own)


def _at(page: Page, element, what: str, fix: str) -> Problem:
    return page.problem(what, fix, element.sourceline or 0)
