"""Articles that have moved: at each address in `Aliases: /old/, /older/` is a small page that
forwards the reader; tools/hosts makes real redirects of these pages. Replies stay: `Comment_id`."""

from pathlib import Path
from urllib.parse import quote

from pelican import signals
from pelican.readers import ensure_metadata_list

from plugins.addresses import save_as_of
from plugins.schedule import is_public


def alias_files(content) -> list[str]:
    """Return the files to write for the earlier addresses of an article or page."""
    aliases = ensure_metadata_list(getattr(content, "aliases", []))
    return list(dict.fromkeys(map(save_as_of, aliases)))


class MovedPages:
    """Remembers a generator of a build, and writes the pages when all others are there."""

    def remember(self, generators):
        """Remember a generator, which knows the templates and every article and page."""
        self.generator = generators[0]

    def write(self, pelican):
        """Write a page for every earlier address. Raises FileExistsError where one is in use."""
        context, template = self.generator.context, self.generator.get_template("moved")
        for content in filter(None, context["generated_content"].values()):
            for name in alias_files(content) if is_public(content.status) else ():
                onward = ("../" * name.count("/") or "./") + quote(content.url)
                path = Path(pelican.output_path, name)
                path.parent.mkdir(parents=True, exist_ok=True)
                with path.open("x", encoding="utf-8", newline="\n") as file:
                    file.write(template.render(context, moved=content, onward=onward))


_moved_pages = MovedPages()


def register():
    """Write the pages last, when it is known which addresses are in use."""
    signals.all_generators_finalized.connect(_moved_pages.remember)
    signals.finalized.connect(_moved_pages.write)
