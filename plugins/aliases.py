"""Articles that have moved: `Aliases: /old/, /older/` keeps their earlier addresses alive.

At each of them stands a small page that leads on, for hosts that know no redirects; tools/hosts
makes real redirects of the same pages. The thread of replies does not move: see `Comment_id`.
"""

import posixpath
from pathlib import Path
from urllib.parse import quote

from pelican import signals
from pelican.readers import ensure_metadata_list


def places(content) -> list[str]:
    """Return the files to write for the earlier addresses of an article or page.

    "/old/" and "/old" are the file old/index.html, "/old.html" is old.html.
    """
    return list(dict.fromkeys(map(_place, ensure_metadata_list(getattr(content, "aliases", [])))))


def _place(alias: str) -> str:
    path = posixpath.normpath("/" + alias).lstrip("/")
    return path if path.endswith(".html") else posixpath.join(path, "index.html")


class Signposts:
    """Remembers the generators of a build, and writes the pages when all others are there."""

    def __init__(self):
        self.generators = []

    def start(self, pelican):
        """Forget an earlier build of the same process."""
        self.generators = []

    def add(self, generator):
        """Remember a generator of articles or pages."""
        self.generators.append(generator)

    def write(self, pelican):
        """Write a page for every earlier address. Raises FileExistsError where one is in use."""
        output = Path(pelican.output_path)
        for generator in self.generators:
            template = generator.get_template("moved")
            for content in _out(generator):
                for place in places(content):
                    up = "../" * place.count("/") or "./"
                    page = template.render(
                        generator.context, moved=content, onward=up + quote(content.url)
                    )
                    path = output / place
                    path.parent.mkdir(parents=True, exist_ok=True)
                    with path.open("x", encoding="utf-8", newline="\n") as file:
                        file.write(page)


def _out(generator):
    kind = "articles" if hasattr(generator, "articles") else "pages"
    for name in (kind, "translations", f"hidden_{kind}", "hidden_translations"):
        yield from getattr(generator, name)


_signposts = Signposts()


def register():
    """Write the pages last, when it is known which addresses are in use."""
    signals.initialized.connect(_signposts.start)
    signals.article_generator_finalized.connect(_signposts.add)
    signals.page_generator_finalized.connect(_signposts.add)
    signals.finalized.connect(_signposts.write)
