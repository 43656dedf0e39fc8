"""The owner's settings: what may be set, what is fixed, and what the server refuses to start with.
The file has Isso's own form. Keys that would make the server unsafe are fixed (settings.toml).
"""

import ipaddress
import logging
import re
import secrets
import tomllib
from collections.abc import Iterable
from configparser import Error as ConfigError
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import contract

# Isso sends everything, names included, to the root logger's output as it is imported.
_root, _silence = logging.getLogger(), logging.NullHandler()
_root.addHandler(_silence)
from isso import config  # noqa: E402

_root.removeHandler(_silence)
logging.getLogger("isso").setLevel(logging.ERROR)

STOCK_SALT = config.load(config.default_file()).get("hash", "salt")

DEFAULT_FILE = "/etc/comments.cfg"
NEW_SALT = 'make one with python3 -c "import secrets; print(secrets.token_hex(32))"'
_table = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
OWN, FIXED = _table["own"], _table["fixed"]


class SettingsError(Exception):
    """A `setting`, "section.key", that cannot be used. `place` is its "file:line:col: "."""

    def __init__(self, setting: str, what: str, fix: str, place: str = ""):
        section, _, key = setting.rpartition(".")
        label = f"[{section}] {key}: " if setting else ""
        super().__init__(f"{place}{label}{what} — {fix}")
        self.setting, self.what, self.fix = setting, what, fix


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
    # The origins whose pages may write.
    origins = property(lambda settings: tuple(map(contract.origin, settings.sites)))


def load(path: Path | str) -> Settings:
    """Return the settings in the owner's file. Raises SettingsError, which names the line."""
    path, example = Path(path), "comments/deploy/comments.cfg"
    try:
        text = path.read_text(encoding="utf-8")
        given = config.new()
        given.read_string(text)
    except OSError as error:
        what, fix = f"cannot be read ({error.strerror})", f"copy {example} there and fill it in"
        raise SettingsError("", what, fix, f"{path}:1:1: ") from None
    except (ConfigError, UnicodeDecodeError) as error:
        fix = f"write `[section]` lines and `key = value` lines, as in {example}"
        raise SettingsError("", str(error).replace("\n", " "), fix, f"{path}:1:1: ") from None
    try:
        sections = ((name, given.items(name)) for name in given.sections())
        return make({name: {key: value or "" for key, value in keys} for name, keys in sections})
    except SettingsError as error:
        place = f"{path}:{_line(text, error.setting)}:1: "
        raise SettingsError(error.setting, error.what, error.fix, place) from None


def make(given: dict[str, dict[str, str]]) -> Settings:
    """Return settings from `{section: {key: value}}`. Raises SettingsError."""
    parser = config.load(config.default_file())
    parser.read_dict(OWN)
    for section, keys in FIXED.items():
        parser.read_dict({section: {key: value for key, (value, _) in keys.items()}})
    for section, keys in given.items():
        known = parser[section] if section == "smtp" else OWN.get(section, ())
        for key, value in keys.items():
            if key not in known:
                _require_fixed(section, key, value)
    parser.read_dict(given)

    setting, salt = "hash.salt", parser.get("hash", "salt").strip()
    _require(salt, setting, "there is no secret", NEW_SALT)
    stock = "is Isso's published default, which is no secret"
    _require(salt != STOCK_SALT, setting, stock, NEW_SALT)
    unset = f"the environment variable {salt} is not set"
    _require(not salt.startswith("$"), setting, unset, "set it")
    weak = "is too easy to guess (32 characters at least)"
    _require(len(salt) >= 32 and len(set(salt)) >= 8, setting, weak, NEW_SALT)
    sites = tuple(dict.fromkeys(site.rstrip("/") for site in parser.getiter("general", "host")))
    fix = "give the address of the site, such as https://www.example.org"
    _require(sites, "general.host", "there is no site", fix)
    parser.set("general", "host", "\n".join(sites))
    endpoint = parser.get("server", "public-endpoint").rstrip("/")
    for address in (*sites, endpoint):
        setting = "general.host" if address in sites else "server.public-endpoint"
        if address and (error := contract.address_error(address)):
            raise SettingsError(setting, *error)
    is_local = all(contract.is_loopback(urlsplit(site).hostname) for site in sites)
    what = "the server does not know its own address"
    fix = "give the address that visitors use, such as https://comments.example.org"
    _require(endpoint or is_local, "server.public-endpoint", what, fix)
    parser.set("server", "public-endpoint", endpoint)
    path = parser.get("general", "dbpath")
    fix = "give the file that keeps the replies, such as /var/lib/comments/replies.db"
    _require(path, "general.dbpath", "there is no database file", fix)
    database = Path(path).expanduser().absolute()
    what = f"there is no folder {database.parent}"
    _require(database.parent.is_dir(), "general.dbpath", what, "make it, or correct it")
    parser.set("general", "dbpath", str(database))
    others = set(parser.getlist("general", "notify")) - {"smtp", ""}
    what = f"cannot be `{', '.join(sorted(others))}`"
    fix = "write `smtp` for e-mail, or nothing; the log stays free of personal data"
    _require(not others, "general.notify", what, fix)
    for key in ("ratelimit", "direct-reply"):
        _number(parser, "guard", key, "a whole number of at least 1")
    return Settings(
        name=parser.get("general", "name") or urlsplit(sites[0]).netloc,
        sites=sites,
        endpoint=endpoint,
        database=database,
        listen=parser.get("server", "listen"),
        proxies=tuple(map(_network, parser.getiter("server", "trusted-proxies"))),
        keep_pending=_number(parser, "moderation", "purge-after", "a time such as 30d"),
        isso=parser,
    )


def local(sites: Iterable[str], folder: Path, endpoint: str = "", **guard: int) -> Settings:
    """Return settings for development and tests, which keep all in `folder`; `guard` raises the
    limits of a network: ratelimit, direct_reply."""
    folder.mkdir(parents=True, exist_ok=True)
    secret = folder / "salt"
    if not secret.exists():
        secret.touch(mode=0o600)
        secret.write_text(secrets.token_hex(32), encoding="ascii")
    limits = {"ratelimit": 60, "direct_reply": 1000} | guard
    return make(
        {
            "general": {"host": "\n".join(sites), "dbpath": str(folder / "replies.db")},
            "server": {"public-endpoint": endpoint},
            "hash": {"salt": secret.read_text(encoding="ascii").strip()},
            "guard": {key.replace("_", "-"): str(value) for key, value in limits.items()},
        }
    )


def _require(condition: object, setting: str, what: str, fix: str) -> None:
    if not condition:
        raise SettingsError(setting, what, fix)


def _require_fixed(section: str, key: str, value: str) -> None:
    setting, (fixed, reason) = f"{section}.{key}", FIXED.get(section, {}).get(key, (None, None))
    fix = "take the line out; comments/deploy/comments.cfg lists the settings"
    _require(reason, setting, "is not a setting of this server", fix)
    words = config.IssoParser.BOOLEAN_STATES
    given, wanted = (words.get(word, word) for word in (value.strip().lower(), fixed.lower()))
    _require(given == wanted, setting, f"cannot be `{value}`: {reason}", "take the line out")


def _network(address: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network:
    try:
        return ipaddress.ip_network(address, strict=False)
    except ValueError:
        what = f"`{address}` is not an IP address"
        fix = "give the proxy's address, such as 127.0.0.1, one to a line"
        raise SettingsError("server.trusted-proxies", what, fix) from None


def _number(parser, section: str, key: str, form: str) -> int:
    try:
        value = parser.getint(section, key)
    except ValueError:
        value = 0
    what = f"cannot be `{parser.get(section, key)}`"
    _require(value >= 1, f"{section}.{key}", what, f"write {form}")
    return value


def _line(text: str, setting: str) -> int:
    """Return the line that a key is on, else that of its section, else the first."""
    section, _, key = setting.rpartition(".")
    here, best = "", 1
    for number, line in enumerate(text.splitlines(), 1):
        if found := re.match(r"\[(.+?)\]", line):
            here = found[1]
            best = number if here == section else best
        elif here == section and re.match(rf"{re.escape(key)}\s*[=:]", line, re.IGNORECASE):
            return number
    return best
