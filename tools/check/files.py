"""The content folder: which files are articles and pages, and which are left out without a word."""

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from fnmatch import fnmatch
from pathlib import Path

from pelican.readers import MarkdownReader

from tools.check.fields import ARTICLE, PAGE
from tools.problems import Problem, shown

_SUFFIXES = tuple(f".{suffix}" for suffix in MarkdownReader.file_extensions)
_WRITING = {
    *_SUFFIXES,
    *(".txt", ".text", ".mdx", ".mdwn", ".mdtext", ".mkdn", ".rmd", ".qmd", ".rst", ".rest"),
    *(".adoc", ".asciidoc", ".org", ".tex", ".htm", ".html", ".xhtml", ".doc", ".docx", ".odt"),
    *(".rtf", ".pages", ".pdf", ".json", ".yaml", ".yml", ".toml", ".ipynb", ""),
}


@dataclass
class Inventory:
    """What lies in a content folder. Names are relative to it, with forward slashes."""

    documents: list[tuple[Path, str, str]] = field(default_factory=list)  # path, name, kind
    files: set[str] = field(default_factory=set)  # everything
    problems: list[Problem] = field(default_factory=list)


def inventory(content: Path, settings: dict) -> Inventory:
    """Walk the content folder, symbolic links included, as Pelican does, but through no loop."""
    found = Inventory()
    if not content.is_dir():
        found.problems.append(
            Problem(
                shown(content), 1, 1, "there is no such folder", "name the folder of the content"
            )
        )
        return found
    for path, name in _walk(content, "", (os.path.realpath(content),), found.problems):
        found.files.add(name)
        if not _ignored(path.name, settings):
            _sort(path, name, settings, found)
    found.documents.sort(key=lambda document: document[1])
    return found


def _walk(
    folder: Path, prefix: str, above: tuple[str, ...], problems: list[Problem]
) -> Iterator[tuple[Path, str]]:
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError as error:
        reason = (error.strerror or "it cannot be read").lower()
        problems.append(
            Problem(
                shown(folder), 1, 1, f"the folder cannot be read: {reason}", "check its permissions"
            )
        )
        return
    for entry in entries:
        path, name = Path(entry.path), prefix + entry.name
        if entry.name.startswith(".") or entry.name == "__pycache__":
            continue
        try:
            is_folder, exists = entry.is_dir(), path.exists()
        except OSError:  # a link that leads to itself
            is_folder, exists = False, False
        if not exists:
            target = os.readlink(path) if path.is_symlink() else "nothing"
            problems.append(
                Problem(
                    shown(path),
                    1,
                    1,
                    f"a symbolic link to {target}, which is not there",
                    "let it point to a file, or delete it",
                )
            )
        elif is_folder:
            real = os.path.realpath(path)
            if any(upper == real or upper.startswith(real + os.sep) for upper in above):
                problems.append(
                    Problem(
                        shown(path),
                        1,
                        1,
                        "a symbolic link to a folder around it, so that there is no end",
                        "delete it",
                    )
                )
            else:
                yield from _walk(path, f"{name}/", (*above, real), problems)
        else:
            yield path, name


def _ignored(basename: str, settings: dict) -> bool:
    leftovers = ("*~", "#*#", "*.swp", "*.bak", "*.orig", "Thumbs.db", "desktop.ini")
    return any(fnmatch(basename, pattern) for pattern in (*settings["IGNORE_FILES"], *leftovers))


def within(name: str, folders: list[str]) -> bool:
    """Tell whether a file lies in one of the folders, or is one of them."""
    plain = [str(folder).replace("\\", "/").strip("/") for folder in folders]
    return any(not folder or name == folder or name.startswith(f"{folder}/") for folder in plain)


def _sort(path: Path, name: str, settings: dict, found: Inventory):
    kind = ""
    if within(name, settings["ARTICLE_PATHS"]) and not within(
        name, settings["ARTICLE_EXCLUDES"] or ["\0"]
    ):
        kind = ARTICLE
    elif within(name, settings["PAGE_PATHS"]) and not within(
        name, settings["PAGE_EXCLUDES"] or ["\0"]
    ):
        kind = PAGE
    static = within(name, settings["STATIC_PATHS"] or ["\0"])
    suffix = path.suffix
    if kind and suffix in _SUFFIXES:
        found.documents.append((path, name, kind))
    elif static or path.stem.upper() in ("README", "LICENSE"):
        return
    elif kind and suffix.lower() in _WRITING:
        found.problems.append(_unread(path, suffix))
    elif suffix.lower() in _SUFFIXES:
        folders = " or ".join(
            f"{folder}/"
            for folder in (*settings["ARTICLE_PATHS"], *settings["PAGE_PATHS"])
            if folder
        )
        found.problems.append(
            Problem(
                shown(path),
                1,
                1,
                "no article or page is read from this folder",
                f"move it to {folders}",
            )
        )


def _unread(path: Path, suffix: str) -> Problem:
    fix = f"rename it to {path.stem}.md"
    if suffix.lower() not in (*_SUFFIXES, ".txt", ".text", ""):
        fix = f"write it in Markdown, in a file called {path.stem}.md"
    ending = f'a file that ends in "{suffix}"' if suffix else "a file without an ending"
    return Problem(shown(path), 1, 1, f"{ending} is not read as an article", fix)
