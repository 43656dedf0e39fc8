"""The owner's settings: what may be set, what is fixed, and what the server refuses to start with.

The file has Isso's own form. Keys that would make the server unsafe are fixed here; setting one
to something else is an error that says why.
"""

import ipaddress
import logging
import re
from configparser import Error as ConfigError
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from . import contract

# Isso sends everything, names included, to the root logger's output as it is imported.
_root, _hush = logging.getLogger(), logging.NullHandler()
_root.addHandler(_hush)
from isso import config  # noqa: E402

_root.removeHandler(_hush)
logging.getLogger("isso").setLevel(logging.ERROR)

STOCK_SALT = config.load(config.default_file()).get("hash", "salt")

# Keys the owner may set, with our defaults.
OWN = {
    "general": {"name": "", "host": "", "dbpath": "", "notify": ""},
    "server": {"listen": "http://127.0.0.1:8080", "public-endpoint": "", "trusted-proxies": ""},
    "moderation": {"purge-after": "30d"},
    # Per network of 256 addresses: a clinic, a campus or a mobile operator is one network.
    "guard": {"ratelimit": "5", "direct-reply": "50"},
    "hash": {"salt": ""},
    "smtp": dict.fromkeys(
        ("username", "password", "host", "port", "security", "to", "from", "timeout")
    ),
}

# Keys that are fixed, and the reason an owner is told.
FIXED = {
    ("moderation", "enabled"): ("true", "every reply is read before it appears"),
    ("moderation", "approve-if-email-previously-approved"): (
        "false",
        "nobody checks that an e-mail address belongs to whoever typed it",
    ),
    ("general", "max-age"): ("1s", "an approved reply could be rewritten without being read again"),
    ("general", "gravatar"): (
        "false",
        "it sends a hash of every e-mail address to another company",
    ),
    ("general", "reply-notifications"): ("false", "anybody could have e-mail sent to anybody"),
    ("general", "latest-enabled"): ("false", "it lists the replies of pages not yet published"),
    ("general", "log-file"): ("", "the server logs to standard error, without personal data"),
    ("admin", "enabled"): ("false", "its password can be guessed without end; use comments.owner"),
    ("guard", "enabled"): ("true", "raise ratelimit and direct-reply instead"),
    ("guard", "reply-to-self"): ("true", "it has no use where replies cannot be edited"),
    ("guard", "require-author"): ("true", "the form says that a name is required"),
    ("guard", "require-email"): ("true", "the form says that an e-mail address is required"),
    ("markup", "renderer"): ("mistune", "the other renderer is no longer maintained"),
    ("rss", "base"): ("", "feeds of replies are closed"),
    ("server", "samesite"): ("Lax", "the server sets no cookies"),
    ("server", "profile"): ("false", "it writes requests to the log"),
}

NEW_SALT = 'python3 -c "import secrets; print(secrets.token_hex(32))"'


class Refusal(Exception):
    """The settings cannot be used; its text says what is wrong and how to mend it."""


@dataclass(frozen=True)
class Settings:
    """What the front door needs to know, and `isso`, the settings handed on to Isso."""

    name: str
    sites: tuple[str, ...]
    endpoint: str
    database: Path
    listen: str
    proxies: tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]
    keep_pending: int
    isso: config.IssoParser

    @property
    def origins(self) -> tuple[str, ...]:
        """The origins whose pages may write."""
        return tuple(contract.origin(site) for site in self.sites)


def load(path: Path | str) -> Settings:
    """Read the owner's file. Raises Refusal: `path:line:col: what is wrong — how to mend it`."""
    path = Path(path)
    try:
        text = path.read_text(encoding="utf-8")
        given = config.new()
        given.read_string(text)
    except OSError as error:
        raise Refusal(
            f"{path}:1:1: cannot be read ({error.strerror}) — copy "
            "comments/deploy/comments.cfg there and fill it in"
        ) from None
    except (ConfigError, UnicodeDecodeError) as error:
        said = str(error).replace("\n", " ")
        raise Refusal(
            f"{path}:1:1: {said} — write `[section]` lines and `key = value` lines, "
            "as in comments/deploy/comments.cfg"
        ) from None
    try:
        return make({name: dict(given.items(name)) for name in given.sections()})
    except Fault as fault:
        raise Refusal(f"{path}:{_line(text, fault.section, fault.key)}:1: {fault}") from None


class Fault(Exception):
    """One unusable value: where it stands, what is wrong with it, how to mend it."""

    def __init__(self, section: str, key: str, what: str, fix: str):
        super().__init__(f"[{section}] {key}: {what} — {fix}")
        self.section, self.key = section, key


def make(given: dict[str, dict[str, str | None]]) -> Settings:
    """Settings from `{section: {key: value}}`. Raises Fault."""
    parser = config.load(config.default_file())
    for (section, key), (value, _) in FIXED.items():
        parser.set(section, key, value)
    for section, keys in OWN.items():
        for key, value in keys.items():
            if value is not None:
                parser.set(section, key, value)
    for section, keys in given.items():
        for key, value in keys.items():
            _known(section, key, value)
            parser.set(section, key, value or "")

    _salt(parser)
    sites = _sites(parser)
    endpoint = _endpoint(parser, sites)
    database = parser.get("general", "dbpath")
    if not database:
        raise Fault(
            "general",
            "dbpath",
            "there is no database file",
            "give the file that keeps the replies, such as /var/lib/comments/replies.db",
        )
    folder = Path(database).expanduser().absolute().parent
    if not folder.is_dir():
        raise Fault("general", "dbpath", f"there is no folder {folder}", "make it, or correct it")
    notify = {word for word in parser.getlist("general", "notify") if word}
    if notify - {"smtp"}:
        raise Fault(
            "general",
            "notify",
            f"cannot be `{', '.join(sorted(notify))}`",
            "write `smtp` for e-mail, or nothing; the log stays free of personal data",
        )
    keep = _number(parser, "moderation", "purge-after", "a time such as 30d")
    for key in ("ratelimit", "direct-reply"):
        _number(parser, "guard", key, "a whole number of at least 1")
    parser.set("general", "host", "\n".join(sites))
    return Settings(
        name=parser.get("general", "name") or urlsplit(sites[0]).netloc,
        sites=sites,
        endpoint=endpoint,
        database=folder / Path(database).name,
        listen=parser.get("server", "listen"),
        proxies=_proxies(parser),
        keep_pending=keep,
        isso=parser,
    )


def _known(section: str, key: str, value: str | None) -> None:
    if key in OWN.get(section, {}):
        return
    if (section, key) not in FIXED:
        raise Fault(
            section,
            key,
            "is not a setting of this server",
            "take the line out; comments/deploy/comments.cfg lists the settings",
        )
    fixed, why = FIXED[section, key]
    if (value or "").strip().lower() not in _same(fixed):
        raise Fault(section, key, f"cannot be `{value}`: {why}", "take the line out")


def _same(fixed: str) -> set[str]:
    return next(
        (
            words
            for words in ({"true", "yes", "on", "1"}, {"false", "no", "off", "0"})
            if fixed in words
        ),
        {fixed.lower()},
    )


def _salt(parser) -> None:
    salt = parser.get("hash", "salt").strip()
    fix = f"make one with {NEW_SALT}"
    if not salt:
        raise Fault("hash", "salt", "there is no secret", fix)
    if salt == STOCK_SALT:
        raise Fault("hash", "salt", "is Isso's published default, which is no secret", fix)
    if salt.startswith("$"):
        raise Fault("hash", "salt", f"the environment variable {salt} is not set", "set it")
    if len(salt) < 32 or len(set(salt)) < 8:
        raise Fault("hash", "salt", "is too easy to guess (32 characters at least)", fix)


def _sites(parser) -> tuple[str, ...]:
    sites = tuple(dict.fromkeys(site.rstrip("/") for site in parser.getiter("general", "host")))
    if not sites:
        raise Fault(
            "general",
            "host",
            "there is no site",
            "give the address of the site, such as https://www.example.org",
        )
    for site in sites:
        check_address("general", "host", site)
    return sites


def _endpoint(parser, sites: tuple[str, ...]) -> str:
    endpoint = parser.get("server", "public-endpoint").rstrip("/")
    if not endpoint:
        if all(contract.is_loopback(urlsplit(site).hostname) for site in sites):
            return ""
        raise Fault(
            "server",
            "public-endpoint",
            "the server does not know its own address",
            "give the address that visitors use, such as https://comments.example.org",
        )
    check_address("server", "public-endpoint", endpoint)
    parser.set("server", "public-endpoint", endpoint)
    return endpoint


def check_address(section: str, key: str, address: str) -> None:
    """Pass the address of a site or a server. Raises Fault, which names the setting it is for."""
    if error := contract.address_error(address):
        raise Fault(section, key, *error)


def _proxies(parser):
    found = []
    for item in parser.getiter("server", "trusted-proxies"):
        try:
            found.append(ipaddress.ip_network(item, strict=False))
        except ValueError:
            raise Fault(
                "server",
                "trusted-proxies",
                f"`{item}` is not an IP address",
                "give the proxy's address, such as 127.0.0.1, one to a line",
            ) from None
    return tuple(found)


def _number(parser, section: str, key: str, form: str) -> int:
    try:
        value = parser.getint(section, key)
    except ValueError:
        value = 0
    if value < 1:
        raise Fault(section, key, f"cannot be `{parser.get(section, key)}`", f"write {form}")
    return value


def _line(text: str, section: str, key: str) -> int:
    """The line a key stands on, else that of its section, else the first."""
    here, best = "", 1
    for number, line in enumerate(text.splitlines(), 1):
        if found := re.match(r"\[(.+?)\]", line):
            here = found[1]
            best = number if here == section else best
        elif here == section and re.match(rf"{re.escape(key)}\s*[=:]", line, re.IGNORECASE):
            return number
    return best
