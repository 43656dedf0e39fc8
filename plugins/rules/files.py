"""The content folder: what is in it, and which files of it nothing would be made of."""

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from fnmatch import fnmatch
from pathlib import Path

from pelican.readers import MarkdownReader

from plugins.problems import Problem, display_path

_SUFFIXES = tuple(f".{suffix}" for suffix in MarkdownReader.file_extensions)
_WRITING = {
    *_SUFFIXES,
    *(".txt", ".text", ".mdx", ".mdwn", ".mdtext", ".mkdn", ".rmd", ".qmd", ".rst", ".rest"),
    *(".adoc", ".asciidoc", ".org", ".tex", ".htm", ".html", ".xhtml", ".doc", ".docx", ".odt"),
    *(".rtf", ".pages", ".pdf", ".json", ".yaml", ".yml", ".toml", ".ipynb", ""),
}
_LEFTOVERS = ("*~", "#*#", "*.swp", "*.bak", "*.orig", "Thumbs.db", "desktop.ini")


@dataclass
class Inventory:
    """What is in a content folder. Names are relative to it, with forward slashes.

    `loops` are links to folders that contain them, which must not be followed.
    """

    content: Path
    names: set[str] = field(default_factory=set)
    loops: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def inventory(content: Path) -> Inventory:
    """Walk the content folder, symbolic links included, as Pelican does, but through no loop."""
    found = Inventory(content)
    _walk(content, "", (os.path.realpath(content),), found)
    return found


def _walk(folder: Path, prefix: str, above: tuple[str, ...], found: Inventory):
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError as error:
        what = f"the folder cannot be read: {(error.strerror or 'it cannot be read').lower()}"
        found.problems.append(_problem(folder, what, "check its permissions"))
        return
    for entry in entries:
        path, name = Path(entry.path), prefix + entry.name
        if entry.name.startswith(".") or entry.name == "__pycache__":
            continue
        if not os.path.exists(path):  # a link to itself included
            target = os.readlink(path) if path.is_symlink() else "nothing"
            what = f'a symbolic link to "{target}", which does not exist'
            found.problems.append(_problem(path, what, "let it point to a file, or delete it"))
        elif path.is_dir():
            real = os.path.realpath(path)
            if any(upper == real or upper.startswith(real + os.sep) for upper in above):
                found.loops.append(name)
                what = "a symbolic link to a folder that contains it, so that there is no end"
                found.problems.append(_problem(path, what, "delete it"))
            else:
                _walk(path, f"{name}/", (*above, real), found)
        else:
            found.names.add(name)


def unread(found: Inventory, context: dict) -> Iterator[Problem]:
    """Yield files that look like an article or a page, and that Pelican makes nothing of."""
    ignored = (*context["IGNORE_FILES"], *_LEFTOVERS)
    articles, pages = context["ARTICLE_PATHS"], context["PAGE_PATHS"]
    for name in found.names - context["sources"] - context["static_content"].keys():
        path = found.content / name
        ending = path.suffix.lower()
        is_ignored = any(fnmatch(path.name, pattern) for pattern in ignored)
        if is_ignored or path.stem.upper() in ("README", "LICENSE"):
            continue
        is_content = any(
            _is_in(name, context[f"{kind}_PATHS"]) and not _is_in(name, context[f"{kind}_EXCLUDES"])
            for kind in ("ARTICLE", "PAGE")
        )
        if is_content and ending in _WRITING:
            fix = f"rename it to {path.stem}.md"
            if ending not in (*_SUFFIXES, ".txt", ".text", ""):
                fix = f"write it in Markdown, in a file called {path.stem}.md"
            kind = f'a file that ends in "{path.suffix}"' if ending else "a file without an ending"
            yield _problem(path, f"{kind} is not read as an article", fix)
        elif ending in _SUFFIXES:
            folders = " or ".join(f"{folder}/" for folder in (*articles, *pages) if folder)
            what = "no article or page is read from this folder"
            yield _problem(path, what, f"move it to {folders}")


def _is_in(name: str, folders: list[str]) -> bool:
    plain = [str(folder).replace("\\", "/").strip("/") for folder in folders]
    return any(not folder or name == folder or name.startswith(f"{folder}/") for folder in plain)


def _problem(path: Path, what: str, fix: str) -> Problem:
    return Problem(display_path(path), 1, 1, what, fix)
