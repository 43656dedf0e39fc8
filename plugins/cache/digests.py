"""Digests: 32 bytes that are equal where all that something is made of is equal, in every process
and on every machine."""

import enum
import functools
import hashlib
import os
import re
import sys
import sysconfig
import types
from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields, is_dataclass
from datetime import date, datetime, tzinfo
from pathlib import Path, PurePath
from typing import TypeVar

from markupsafe import Markup

from plugins import ROOT

# Code that does not run while pages are made, or is in the digest already.
_ELSEWHERE = [ROOT / n for n in ("tools", "tests", "comments", "plugins", "contract.py", ".venv")]
_LIBRARIES = ("stdlib", "platstdlib", "purelib", "platlib")
_INSTALLED = {Path(sysconfig.get_path(name)).resolve() for name in _LIBRARIES}
_PLAIN = (str, bytes, int, float, bool, type(None), date, tzinfo, re.Pattern, PurePath)
Function = TypeVar("Function", bound=Callable)


class UnknownError(TypeError):
    """Raised for a value whose ingredients are not known."""


def digest(*parts: str | bytes) -> bytes:
    """Return the digest of some parts, each with its own length, so that none runs into another."""
    data = [p if isinstance(p, bytes) else p.encode("utf-8", "surrogatepass") for p in parts]
    return hashlib.sha256(b"%a" % [*map(len, data)] + b"".join(data)).digest()


def describe(value, special: Callable = lambda part: None) -> str:
    """Return a text that is equal for equal values: plain ones, collections and dataclasses of
    them, functions and classes by their code. `special` may return the text of a part that is not
    plain, or None. Raises UnknownError for any other."""
    kind = type(value)
    if kind in (str, int, bool, type(None), Markup):
        return repr(value)
    if (text := special(value)) is not None:
        return text
    if isinstance(value, datetime):
        return f"{value!r} {value.isoformat()}"  # with what its time zone means
    if isinstance(value, (enum.Enum, *_PLAIN)):
        return f"{kind.__qualname__}:{value!r}"
    if isinstance(value, functools.partial):
        return f"partial({describe([value.func, value.args, value.keywords], special)})"
    if isinstance(value, types.FunctionType | type | types.BuiltinFunctionType):
        return f"{value.__module__}.{value.__qualname__}@{_of_code(value)}"
    if is_dataclass(value):
        names = [one.name for one in fields(value)]
        parts = [f"{name}={describe(getattr(value, name), special)}" for name in names]
    elif isinstance(value, Mapping):
        parts = [f"{describe(k, special)}:{describe(v, special)}" for k, v in value.items()]
    elif isinstance(value, list | tuple | set | frozenset):
        parts = [describe(each, special) for each in value]
        parts = sorted(parts) if isinstance(value, set | frozenset) else parts
    else:
        raise UnknownError(f"the ingredients of {kind.__qualname__} are not known")
    return f"{kind.__qualname__}({','.join(parts)})"


def _of_code(value) -> str:
    code = getattr(value, "__code__", None)
    module = sys.modules.get(value.__module__)
    file = code.co_filename if code else getattr(module, "__file__", None)
    if file is None and not hasattr(module, "__spec__"):
        raise UnknownError(f"{value.__qualname__} has no file")
    is_installed = not file or _is_below(Path(file), _INSTALLED)
    return "installed" if is_installed else of_files([Path(file)]).hex()


def of_files(paths: Iterable[Path]) -> bytes:
    """Return the digest of some files, and of all files in folders among them, names included."""
    parts: list[str | bytes] = []
    for path in paths:
        for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
            if file.is_file() and file.suffix != ".pyc":
                name = file.relative_to(path).as_posix() if file != path else file.name
                parts += [name, file.read_bytes()]
    return digest(*parts)


def of_settings(settings: Mapping) -> bytes:
    """Return the digest of settings, or one that nothing else has where the ingredients of a value
    are not known."""
    try:
        return digest(describe(settings))
    except UnknownError:
        return os.urandom(32)


def of_code() -> bytes:
    """Return the digest of Python, of the libraries that are installed, and of the code that runs
    while pages are made: the plugins and what an owner has added to them."""
    loaded = {Path(module.__file__) for module in [*sys.modules.values()] if _is_code(module)}
    added = sorted(file for file in loaded if not _is_below(file, [*_INSTALLED, *_ELSEWHERE]))
    code = of_files([ROOT / "plugins", ROOT / "contract.py", *added])
    libraries = {path.name for folder in _INSTALLED for path in folder.glob("*.*-info")}
    return digest(sys.version, code, *sorted(libraries))


def _is_code(module) -> bool:
    file = getattr(module, "__file__", None)
    # Of a settings file the values count.
    return isinstance(file, str) and file.endswith(".py") and not hasattr(module, "SITENAME")


def _is_below(file: Path, folders: Iterable[Path]) -> bool:
    return any(file.is_relative_to(folder) for folder in folders)


def pure(function: Function) -> Function:
    """Mark a function or filter for templates whose result depends on its arguments, the settings
    and the theme alone. It must not follow an article to others, nor to what only some templates
    show of it, such as its replies."""
    function.is_pure = True
    return function
