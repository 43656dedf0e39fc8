"""The content folder: what lies in it, and what is left out without a word."""

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
    """What lies in a content folder. Names are relative to it, with forward slashes.

    `loops` are links to folders around them, into which nobody must walk.
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
        reason = (error.strerror or "it cannot be read").lower()
        found.problems.append(
            _problem(folder, f"the folder cannot be read: {reason}", "check its permissions")
        )
        return
    for entry in entries:
        path, name = Path(entry.path), prefix + entry.name
        if entry.name.startswith(".") or entry.name == "__pycache__":
            continue
        if not os.path.exists(path):  # a link that leads to itself included
            target = os.readlink(path) if path.is_symlink() else "nothing"
            what = f"a symbolic link to {target}, which is not there"
            found.problems.append(_problem(path, what, "let it point to a file, or delete it"))
        elif path.is_dir():
            real = os.path.realpath(path)
            if any(upper == real or upper.startswith(real + os.sep) for upper in above):
                found.loops.append(name)
                what = "a symbolic link to a folder around it, so that there is no end"
                found.problems.append(_problem(path, what, "delete it"))
            else:
                _walk(path, f"{name}/", (*above, real), found)
        else:
            found.names.add(name)


def unread(found: Inventory, context: dict) -> Iterator[Problem]:
    """Yield files that look like an article or a page, and that Pelican took for nothing."""
    ignored = (*context["IGNORE_FILES"], *_LEFTOVERS)
    for name in found.names - context["sources"] - context["static_content"].keys():
        path = found.content / name
        suffix = path.suffix
        if path.stem.upper() in ("README", "LICENSE") or any(
            fnmatch(path.name, pattern) for pattern in ignored
        ):
            continue
        if _is_content(name, context) and suffix.lower() in _WRITING:
            fix = f"rename it to {path.stem}.md"
            if suffix.lower() not in (*_SUFFIXES, ".txt", ".text", ""):
                fix = f"write it in Markdown, in a file called {path.stem}.md"
            ending = f'a file that ends in "{suffix}"' if suffix else "a file without an ending"
            yield _problem(path, f"{ending} is not read as an article", fix)
        elif suffix.lower() in _SUFFIXES:
            folders = [*context["ARTICLE_PATHS"], *context["PAGE_PATHS"]]
            folders = " or ".join(f"{folder}/" for folder in folders if folder)
            yield _problem(
                path, "no article or page is read from this folder", f"move it to {folders}"
            )


def _is_content(name: str, context: dict) -> bool:
    """Tell whether a file lies in the folders of articles or of pages."""
    return any(
        _lies_in(name, context[f"{kind}_PATHS"]) and not _lies_in(name, context[f"{kind}_EXCLUDES"])
        for kind in ("ARTICLE", "PAGE")
    )


def _lies_in(name: str, folders: list[str]) -> bool:
    plain = [str(folder).replace("\\", "/").strip("/") for folder in folders]
    return any(not folder or name == folder or name.startswith(f"{folder}/") for folder in plain)


def _problem(path: Path, what: str, fix: str) -> Problem:
    return Problem(display_path(path), 1, 1, what, fix)
