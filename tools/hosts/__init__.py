"""What hosts are told, from one source: security headers, what may be cached, what has moved.

GitHub Pages reads none of it: there each page's own policy and the pages at earlier addresses have
to do. Where `pages` are asked for, it is their facts (tools/verify/site.py).
"""

import gzip
import zlib
from pathlib import Path
from urllib.parse import urlsplit

import brotli
import jinja2

from plugins.addresses import base_path
from plugins.cache.digests import digest
from plugins.cache.store import NOTHING, Cache
from plugins.comments import settle
from plugins.progress import track
from plugins.security import policy

FOREVER = ("pictures", "theme")  # folders in which a file's name changes with its content
CACHED_FOREVER = "public, max-age=31536000, immutable"
COMPRESSED = {".css", ".html", ".js", ".svg", ".txt", ".xml"}
COMPRESSIONS = {".gz": lambda content: gzip.compress(content, 9, mtime=0), ".br": brotli.compress}


def security_headers(settings, pages) -> dict[str, str]:
    """Return the headers of every response. The policy is the pages' own, with the sheets of all,
    without the hashes of their data, which is never run; it adds who may frame them."""
    opens = settle(settings)["opens"]
    sheets = dict.fromkeys(sheet for page in pages for sheet in page.sheets)
    opens = {**opens, "style-src": [*sheets, *opens.get("style-src", [])], "media-src": ["'self'"]}
    return {
        "Content-Security-Policy": f"{policy(opens=opens)};frame-ancestors 'none'",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
        "Referrer-Policy": "strict-origin-when-cross-origin",
        "Strict-Transport-Security": "max-age=31536000",
        "X-Content-Type-Options": "nosniff",
    }


def redirects(pages) -> list[tuple[str, str]]:
    """Return (earlier path, new path) of all that has moved."""
    moved = [page for page in pages if page.leads_to]
    return [(urlsplit(page.address).path, urlsplit(page.leads_to).path) for page in moved]


def hosted(site: Path, settings, pages):
    """Write _headers and _redirects, which Cloudflare Pages and Netlify read, into a folder."""
    folder = base_path(settings["SITEURL"])
    headers = security_headers(settings, pages).items()
    lines = ["# Whatever has no Cache-Control here is revalidated: both hosts do so by themselves."]
    lines += [f"{folder}/*", *(f"  {name}: {value}" for name, value in headers)]
    for name in FOREVER:
        lines += [f"{folder}/{name}/*", f"  Cache-Control: {CACHED_FOREVER}"]
    _write(site / "_headers", lines)
    lines = ["# Netlify obeys 301!, Cloudflare passes it over and obeys the line below it."]
    lines += [f"{old} {new} {code}" for old, new in redirects(pages) for code in ("301!", "301")]
    if len(lines) > 1:
        _write(site / "_redirects", lines)


def caddy(site: Path, settings, pages):
    """Write the Caddyfile of an own server into a folder, and a compressed copy of every text."""
    options = {"trim_blocks": True, "lstrip_blocks": True, "undefined": jinja2.StrictUndefined}
    source = Path(__file__).with_name("Caddyfile.jinja").read_text("utf-8")
    address, comments = urlsplit(settings["SITEURL"]), settle(settings)
    endpoint = urlsplit(comments["endpoint"] if comments["open"] else "")
    text = jinja2.Template(source, **options).render(
        host=address.netloc if address.scheme == "https" else f"http://{address.netloc}",
        name=address.hostname,
        folder=base_path(settings["SITEURL"]),
        comments=endpoint.path if endpoint.netloc in ("", address.netloc) else "",
        security=security_headers(settings, pages),
        forever=FOREVER,
        cached_forever=CACHED_FOREVER,
        moved=redirects(pages),
    )
    _write(site / "Caddyfile", [text])
    store_compressed(site, settings.get("CACHE"))


def store_compressed(site: Path, cache: Cache | None):
    """Put a .gz and a .br beside every text of the folder that they make smaller."""
    files = sorted(path for path in site.rglob("*") if path.suffix in COMPRESSED)
    for file in track("Compressing", files):
        content = file.read_bytes()
        for ending, compress in COMPRESSIONS.items():
            key = digest(zlib.ZLIB_RUNTIME_VERSION, brotli.__version__, ending, content)
            small = cache.get(key) if cache else None
            if small is None:
                small = compress(content)
                if cache:
                    path = file.relative_to(site).as_posix()
                    cache.put(key, small, cache.files.get(path, NOTHING))
            if len(small) < len(content):
                file.with_name(file.name + ending).write_bytes(small)


def _write(path: Path, lines: list[str]):
    path.write_text("\n".join(lines) + "\n", "utf-8", newline="\n")
