"""What hosts are told, from one source: security headers, what may be cached, what has moved.

`hosted` writes _headers and _redirects, which Cloudflare Pages and Netlify read; `caddy` writes the
Caddyfile of an own server, and stores a compressed copy beside every text. GitHub Pages reads none
of these: there each page's own policy and the pages at earlier addresses have to do.
"""

import gzip
import re
from pathlib import Path
from urllib.parse import quote, urlsplit

import brotli
import jinja2
import lxml.html

from plugins.comments import settle
from plugins.progress import track
from plugins.security import policy

# Folders in which a file's name changes with its content.
FOREVER = ("pictures", "theme")
CACHED_FOREVER = "public, max-age=31536000, immutable"
REVALIDATED = "public, max-age=0, must-revalidate"
_SHEET = re.compile(r"<style>(.*?)</style>", re.DOTALL)
COMPRESSED = {".css", ".html", ".js", ".svg", ".txt", ".xml"}


def security(site: Path, settings) -> dict[str, str]:
    """Return the headers of every answer. The policy is the pages' own: it has the sheets of all of
    them, not the hashes of their data, which is never run, and adds what a page cannot say for
    itself, who may frame it."""
    pages = (file.read_text("utf-8", errors="replace") for file in sorted(site.rglob("*.html")))
    sheets = dict.fromkeys(sheet for page in pages for sheet in _SHEET.findall(page))
    rules = policy(sheets, opens=settle(settings)["opens"])
    return {
        "Content-Security-Policy": f"{rules};frame-ancestors 'none'",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
        "Referrer-Policy": "strict-origin-when-cross-origin",
        "Strict-Transport-Security": "max-age=31536000",
        "X-Content-Type-Options": "nosniff",
    }


def moves(site: Path, settings) -> list[tuple[str, str]]:
    """Return (earlier path, new path) of all that has moved, read from the pages that say so."""
    folder = urlsplit(settings["SITEURL"]).path.rstrip("/")
    found = []
    for file in sorted(site.rglob("*.html")):
        text = file.read_text("utf-8", errors="replace")
        if '<meta http-equiv="refresh"' not in text:
            continue
        new = lxml.html.document_fromstring(text).xpath('//link[@rel="canonical"]/@href')[0]
        old = file.relative_to(site).as_posix().removesuffix("index.html")
        found.append((f"{folder}/{quote(old)}", urlsplit(new).path))
    return found


def hosted(site: Path, settings):
    """Write _headers and _redirects into the folder `site`."""
    folder = urlsplit(settings["SITEURL"]).path.rstrip("/")
    rules = [(f"{folder}/*", security(site, settings))]
    rules += [(f"{folder}/{name}/*", {"Cache-Control": CACHED_FOREVER}) for name in FOREVER]
    lines = ["# Whatever has no Cache-Control here is revalidated: both hosts do so by themselves."]
    for path, headers in rules:
        lines += [path, *(f"  {name}: {value}" for name, value in headers.items())]
    _write(site / "_headers", lines)
    lines = ["# Netlify obeys 301!, Cloudflare passes it over and obeys the line below it."]
    moved = moves(site, settings)
    for old, new in moved:
        lines += [f"{old} {new} 301!", f"{old} {new} 301"]
    if moved:
        _write(site / "_redirects", lines)


def caddy(site: Path, settings):
    """Write a Caddyfile and the compressed copies into the folder `site`."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    address = urlsplit(settings["SITEURL"])
    comments = settle(settings)
    endpoint = urlsplit(comments["endpoint"] if comments["open"] else "")
    text = environment.get_template("Caddyfile.jinja").render(
        host=address.netloc if address.scheme == "https" else f"http://{address.netloc}",
        name=address.hostname,
        folder=address.path.rstrip("/"),
        comments=endpoint.path if endpoint.netloc in ("", address.netloc) else "",
        security=security(site, settings),
        forever=FOREVER,
        cached_forever=CACHED_FOREVER,
        revalidated=REVALIDATED,
        moved=moves(site, settings),
    )
    (site / "Caddyfile").write_text(text, "utf-8", newline="\n")
    store_compressed(site)


def store_compressed(site: Path):
    """Put a .gz and a .br beside every text of the folder that they make smaller."""
    files = sorted(path for path in site.rglob("*") if path.suffix in COMPRESSED)
    for file in track("Compressing", files):
        content = file.read_bytes()
        for ending, small in (
            (".gz", gzip.compress(content, 9, mtime=0)),
            (".br", brotli.compress(content)),
        ):
            if len(small) < len(content):
                file.with_name(file.name + ending).write_bytes(small)


def _write(path: Path, lines: list[str]):
    path.write_text("\n".join(lines) + "\n", "utf-8", newline="\n")
