"""The theme's files minified, and named by their content, so that browsers may keep them for ever:
in a published site theme/js/reply.js becomes theme/js/reply.1f0c2a9b4d.js. *.min.js keeps its
content. Templates write `{{ asset("js/reply.js") }}`; a file of the theme must not name another:
give it the address in the page, as a `data-` attribute."""

import hashlib
import re
import shutil
from pathlib import Path, PurePosixPath

import lightningcss
from jinja2 import pass_context
from pelican import signals

from plugins.cache.digests import pure
from plugins.problems import ContentError, Problem, display_path

DIGITS = 10
# Comments of whole lines and indents; what is in a template literal stays as it is.
_OMITTED = re.compile(rb"^\s*//[^\n]*\n|^\s+|(?P<template>`(?:[^`\\]|\\.)*`)", re.M | re.S)


def fingerprinted_name(path: str, content: bytes) -> str:
    """Return `path` with the start of the content's SHA-256 before its ending."""
    digest = hashlib.sha256(content).hexdigest()[:DIGITS]
    file = PurePosixPath(path)
    return str(file.with_name(f"{file.stem}.{digest}{file.suffix}"))


def minify(path: Path) -> bytes:
    """Return what is published of a file of the theme. Raises ContentError for wrong CSS."""
    content = path.read_bytes()
    if path.suffix == ".css":
        try:
            return lightningcss.process_stylesheet(content.decode(), "", minify=True).encode()
        except ValueError as error:
            what, line, col = re.fullmatch(r"(.*?)(?: at :(\d+):(\d+))?", str(error)).groups()
            line = int(line) + 1 if line else 0  # its lines count from 0
            problem = Problem(display_path(path), line, int(col or 0), what, "fix the style sheet")
            raise ContentError(problem) from error
    if path.suffix == ".js" and not path.name.endswith(".min.js"):
        return _OMITTED.sub(lambda match: match["template"] or b"", content)
    return content


@pure
@pass_context
def asset(context, path: str) -> str:
    """Return the address of a file of theme/static, given as "js/reply.js"."""
    if context.get("PUBLISHING"):
        path = fingerprinted_name(path, minify(Path(context["THEME"], "static", path)))
    return f"{context['SITEURL']}/{context['THEME_STATIC_DIR']}/{path}"


def register():
    """Publish the icon, and name the files when all is written."""
    signals.finalized.connect(_publish)


def _publish(pelican):
    settings, output = pelican.settings, Path(pelican.output_path)
    shutil.copyfile(Path(settings["THEME"], "mark.svg"), output / "favicon.svg")
    folder = output / settings["THEME_STATIC_DIR"]
    for file in sorted(path for path in folder.rglob("*") if path.is_file()):
        content = minify(file)
        file.write_bytes(content)
        if settings.get("PUBLISHING"):
            file.rename(fingerprinted_name(str(file), content))
