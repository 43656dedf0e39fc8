"""The content folder: what is in it, and which files of it nothing would be made of."""

import os
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path

from pelican.readers import MarkdownReader

from plugins.problems import Problem, display_path

_SUFFIXES = tuple(f".{suffix}" for suffix in MarkdownReader.file_extensions)
_OTHERS = ".txt .text .mdx .mdwn .mdtext .mkdn .rmd .qmd .rst .rest .adoc .asciidoc .org .tex .htm "
_OTHERS += ".html .xhtml .doc .docx .odt .rtf .pages .pdf .json .yaml .yml .toml .ipynb"
_WRITING = {*_SUFFIXES, "", *_OTHERS.split()}
_LEFTOVERS = ("*~", "#*#", "*.swp", "*.bak", "*.orig", "Thumbs.db", "desktop.ini")


class Inventory:
    """What is in a content folder, by names relative to it, with forward slashes. It is walked as
    Pelican does, symbolic links included, but not through `loops`: links to folders that contain
    them."""

    def __init__(self, content: Path):
        self.content, self.names, self.loops, self.problems = content, set(), [], []
        for top, folders, files in os.walk(content, onerror=self._report, followlinks=True):
            for shown in (folders, files):
                shown[:] = [n for n in shown if not n.startswith(".") and n != "__pycache__"]
            for path in [Path(top, name) for name in folders + files]:
                name, what, fix = path.relative_to(content).as_posix(), "", "delete it"
                above = map(Path.resolve, path.parents)
                if not os.path.exists(path):  # a link to itself included
                    target = os.readlink(path) if path.is_symlink() else "nothing"
                    what = f'a symbolic link to "{target}", which does not exist'
                    fix = "let it point to a file, or delete it"
                elif not path.is_dir():
                    self.names.add(name)
                elif path.is_symlink() and any(p.is_relative_to(path.resolve()) for p in above):
                    folders.remove(path.name)
                    self.loops.append(name)
                    what = "a symbolic link to a folder that contains it"
                self.problems += [_problem(path, what, fix)] if what else []

    def _report(self, error: OSError):
        what = f"the folder cannot be read: {(error.strerror or 'it cannot be read').lower()}"
        self.problems.append(_problem(Path(error.filename), what, "check its permissions"))


def unread(found: Inventory, context: dict) -> Iterator[Problem]:
    """Yield files that look like an article or a page, and that Pelican makes nothing of."""
    ignored = (*context["IGNORE_FILES"], *_LEFTOVERS)
    for name in found.names - context["sources"] - context["static_content"].keys():
        path, ending = found.content / name, Path(name).suffix.lower()
        is_known = path.stem.upper() in ("README", "LICENSE")
        if is_known or any(fnmatch(path.name, pattern) for pattern in ignored):
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
            folders = filter(None, [*context["ARTICLE_PATHS"], *context["PAGE_PATHS"]])
            what = "articles and pages are not read from this folder"
            yield _problem(path, what, f"move it to {' or '.join(f'{one}/' for one in folders)}")


def _is_in(name: str, folders: list[str]) -> bool:
    plain = [str(folder).replace("\\", "/").strip("/") for folder in folders]
    return any(not folder or name == folder or name.startswith(f"{folder}/") for folder in plain)


def _problem(path: Path, what: str, fix: str) -> Problem:
    return Problem(display_path(path), 1, 1, what, fix)
