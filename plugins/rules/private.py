"""What must not be on a public page: keys, and addresses that mean the author's own machine."""

import functools
import re
from collections.abc import Iterator

from contract import is_loopback

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
_HOST = re.compile(r"//(\[[\da-fA-F:.]+\]|[\w.-]+)[^\s<>\"')\]]{0,40}")


@functools.cache  # the same few hosts are on every page
def is_own_machine(host: str) -> bool:
    """Return whether a host means the very machine that an address with it is read on."""
    return is_loopback(host) or host == "0.0.0.0"


def secrets(text: str) -> Iterator[tuple[int, str, str]]:
    """Yield where a text has a key or token, what is wrong and how to fix it."""
    for name, pattern in SECRETS.items():
        for found in pattern.finditer(text):
            yield found.start(), f"this looks like {name}", "delete it, and renew it"


def loopback(text: str) -> Iterator[tuple[int, str, str]]:
    """Yield where a text has a web address that means the very machine it is read on."""
    for found in _HOST.finditer(text):
        if is_own_machine(found[1]):
            at = found.start()
            scheme = next((one for one in ("https:", "http:") if text.endswith(one, 0, at)), "")
            what = f'"{scheme}{found[0]}" works on your own computer only'
            yield at - len(scheme), what, "link to the file, such as other-article.md"
