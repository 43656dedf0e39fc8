"""Nothing in the output asks another party for anything, watches readers or gives away secrets."""

import re
from collections.abc import Iterator
from pathlib import Path

from plugins.comments import settle
from plugins.security import digest
from tools.build import ROOT
from tools.problems import Problem
from tools.verify.site import Page, Site

ANALYTICS = re.compile(
    r"google-analytics|googletagmanager|\bgtag\(|\bfbq\(|connect\.facebook|\b_paq\b|matomo\."
    r"|plausible\.io|hotjar|clarity\.ms|mixpanel|cdn\.segment|umami\.|goatcounter|sendBeacon"
)
SECRETS = {
    "a private key": re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----"),
    "an access key of AWS": re.compile(r"\bAKIA[0-9A-Z]{16}\b"),
    "a token of GitHub": re.compile(r"\b(gh[pousr]_\w{36}|github_pat_\w{60})"),
    "a key of Google": re.compile(r"\bAIza[\w-]{35}\b"),
    "a token of Slack": re.compile(r"\bxox[abprs]-[\w-]{10}"),
    "a secret key": re.compile(r"\bsk[-_](live[-_])?[A-Za-z0-9]{24}"),
    "a signed token": re.compile(r"\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\."),
}
_HOMES = re.compile(r"(?<![\w./-])/(?:home|Users|root)/\w|\b[A-Z]:\\\\?Users\\|\bfile://")
_PREVIEW = re.compile(r"https?://(?:localhost|127\.0\.0\.1|\[::1\])(?![\w.])")
_LEFTOVERS = re.compile(
    r"(^|/)(\.DS_Store|Thumbs\.db|\.git|[^/]*(~|\.orig|\.swp|\.bak|\.md|\.py))$"
)
_DANGEROUS = re.compile(r"^\s*(javascript|vbscript|file):", re.IGNORECASE)


def third_parties(site: Site) -> Iterator[Problem]:
    """Showing a page asks no other host for anything; forms send to the comment server only."""
    server = tuple(f"{origin}/" for origin in settle(site.settings)["opens"].get("form-action", ()))
    for page in site.pages.values():
        asked = list(page.fetched())
        asked += [
            (form, form.get("action"))
            for form in page.all("//form[@action]")
            if not form.get("action").startswith(server)
        ]
        asked += [(link, link.get("ping")) for link in page.all("//a[@ping]")]
        for element, address in asked:
            if re.match(r"(https?:)?//", address) and not site.is_own(
                address if address.startswith("http") else f"https:{address}"
            ):
                what = f"<{element.tag}> asks {address}"
                yield page.problem(what, "serve the file from this site, or only link", element)


def links(site: Site) -> Iterator[Problem]:
    """No link runs a script or opens a file of the reader's machine."""
    for page in site.pages.values():
        for link in page.all("//a[@href]"):
            if _DANGEROUS.match(link.get("href")):
                yield page.problem(f"the link {link.get('href')[:40]}", "take it out", link)


def policies(site: Site) -> Iterator[Problem]:
    """Each page's policy lets in its own files, one sheet and the comment server, and no more."""
    opens = settle(site.settings)["opens"].values()
    allowed = {"'none'", "'self'"}.union(*opens)
    for page in site.pages.values():
        stated = page.meta("Content-Security-Policy")
        if len(stated) != 1:
            what = f"the page has {len(stated)} content security policies"
            yield page.problem(what, "print one, by `policy` of plugins/security.py")
            continue
        rules = directives(stated[0])
        if rules.get("default-src") != {"'none'"}:
            yield page.problem("the policy allows by default", "begin with default-src 'none'")
        inline = {digest(text) for text in page.all("//style/text()|//script/text()")}
        for name, sources in rules.items():
            for source in sorted(sources - allowed - inline):
                what = f"the policy allows {source} in {name}"
                yield page.problem(what, "leave it out, or name what the page really loads")
        yield from _inline_code(page, rules)


def _inline_code(page: Page, rules: dict[str, set[str]]) -> Iterator[Problem]:
    for style in page.all("//style"):
        if digest(style.text or "") not in rules.get("style-src", ()):
            yield page.problem("a style that the policy blocks", "print its hash there", style)
    for script in page.all("//script[not(@src)]"):
        if script.get("type") != "application/ld+json":
            yield page.problem("a script in the page", "put it into a file of the theme", script)
        elif digest(script.text or "") not in rules.get("script-src", ()):
            yield page.problem("the policy lacks the data's hash", "print it there", script)
    for element in page.all("//*[@style or @*[starts-with(name(), 'on')]]"):
        what = f"<{element.tag}> has a style or script of its own, which the policy blocks"
        yield page.problem(what, "use a class, or a file of the theme", element)


def directives(policy: str) -> dict[str, set[str]]:
    """Return the sources of each directive of a content security policy."""
    parts = (part.split() for part in policy.split(";") if part.strip())
    return {name: set(sources) for name, *sources in parts}


def analytics(site: Site) -> Iterator[Problem]:
    """Nobody counts or follows readers."""
    for path, text in site.texts():
        page = site.pages.get(path)
        if page:
            text = "\n".join(page.all("//script[not(@type='application/ld+json')]/text()|//@src"))
        elif not path.endswith(".js"):
            continue
        found = ANALYTICS.search(text)
        if found:
            what = f"{found[0]!r} looks like analytics"
            yield Problem(path, 0, 0, what, "this site promises to have none: take it out")


def secrets(site: Site) -> Iterator[Problem]:
    """No key, token or password."""
    for path, text in site.texts():
        for name, pattern in SECRETS.items():
            found = pattern.search(text)
            if found:
                line = text.count("\n", 0, found.start()) + 1
                yield Problem(path, line, 0, f"this looks like {name}", "take it out and renew it")


def local_paths(site: Site) -> Iterator[Problem]:
    """No path or address of the machine that built the site."""
    # The home of a user without one is "/".
    own = "|".join(re.escape(str(path)) for path in (ROOT, Path.home()) if path.name)
    here = re.compile(rf"(?<![\w./-])(?:{own})(?=[/\\\"'<\s]|$)")
    loopback = _PREVIEW.match(site.address)
    for path, text in site.texts():
        for pattern in (here, _HOMES, *([] if loopback else [_PREVIEW])):
            found = pattern.search(text)
            if found:
                line = text.count("\n", 0, found.start()) + 1
                what = f"{found[0]!r} is of the machine that built the site"
                yield Problem(path, line, 0, what, "link with {filename} or {static}")


def leftovers(site: Site) -> Iterator[Problem]:
    """No file that an editor or a system left behind."""
    for path in site.files:
        if _LEFTOVERS.search(path):
            yield Problem(
                path, 0, 0, "a leftover is published", "delete it from content/ or theme/"
            )
