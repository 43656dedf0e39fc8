"""What a page may load: its style sheet, inlined so that all comes in one request, and a content
security policy that allows it and no other, by its SHA-256. It is in a `<meta>` element, because
some static hosts send no headers of ours. https://www.w3.org/TR/CSP3/"""

import base64
import hashlib
import re

from plugins.cache.digests import pure


def csp_hash(text: str) -> str:
    """Return the CSP hash source of an inline element's text."""
    value = hashlib.sha256(text.encode()).digest()
    return f"'sha256-{base64.b64encode(value).decode()}'"


@pure
def policy(styles=(), data: str = "", opens: dict[str, list[str]] | None = None, text="") -> str:
    """Return the policy of a page with these inline sheets, this inline JSON `data` and the HTML of
    this text, which may have video and audio. `opens` has further sources by directive, such as
    {"connect-src": ["https://example.org"]}."""
    rules = {
        "default-src": ["'none'"],
        "script-src": ["'self'", *([csp_hash(data)] if data else [])],
        "style-src": ["'self'", *map(csp_hash, styles)],
        "img-src": ["'self'"],
        "connect-src": ["'self'"],
        "base-uri": ["'none'"],
        "form-action": ["'self'"],
    }
    if re.search("<(?:video|audio)[\\s>]", text):
        rules["media-src"] = ["'self'"]
    for name, sources in (opens or {}).items():
        rules[name] = [*rules.get(name, []), *sources]
    return ";".join(" ".join([name, *sources]) for name, sources in rules.items())
