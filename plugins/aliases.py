"""Articles that have moved: `Aliases: /old/, /older/` keeps their earlier addresses alive.

At each of them stands a small page that leads on, for hosts that know no redirects; tools/hosts
makes real redirects of the same pages. The thread of replies does not move: see `Comment_id`.
"""

import posixpath
from pathlib import Path
from urllib.parse import quote

from pelican import signals
from pelican.readers import ensure_metadata_list

from plugins.schedule import is_public


def places(content) -> list[str]:
    """Return the files to write for the earlier addresses of an article or page.

    "/old/" and "/old" are the file old/index.html, "/old.html" is old.html.
    """
    return list(dict.fromkeys(map(_place, ensure_metadata_list(getattr(content, "aliases", [])))))


def _place(alias: str) -> str:
    path = posixpath.normpath("/" + alias).lstrip("/")
    return path if path.endswith(".html") else posixpath.join(path, "index.html")


class MovedPages:
    """Remembers the context of a build, and writes the pages when all others are there."""

    def __init__(self):
        self._generator = None

    def remember(self, generators):
        """Remember a generator, which knows the templates and every article and page."""
        self._generator = generators[0]

    def write(self, pelican):
        """Write a page for every earlier address. Raises FileExistsError where one is in use."""
        output, context = Path(pelican.output_path), self._generator.context
        template = self._generator.get_template("moved")
        for content in filter(None, context["generated_content"].values()):
            for place in places(content) if is_public(content.status) else ():
                up = "../" * place.count("/") or "./"
                page = template.render(context, moved=content, onward=up + quote(content.url))
                path = output / place
                path.parent.mkdir(parents=True, exist_ok=True)
                with path.open("x", encoding="utf-8", newline="\n") as file:
                    file.write(page)


_moved_pages = MovedPages()


def register():
    """Write the pages last, when it is known which addresses are in use."""
    signals.all_generators_finalized.connect(_moved_pages.remember)
    signals.finalized.connect(_moved_pages.write)
