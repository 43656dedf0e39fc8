"""The colors and the mark of the site, each known in one file of the theme: css/site.css, mark.svg.
The masthead and share cards have the mark, and browsers get it as favicon.svg."""

import re
from dataclasses import dataclass
from pathlib import Path

import lxml.etree
from markupsafe import Markup

from plugins.images import measure_svg, parse_svg
from plugins.problems import ContentError, PictureError

# Of `--name: light-dark(#rrggbb, #rrggbb)` the color for the light scheme.
_COLOR = re.compile(r"--([\w-]+):\s*(?:light-dark\(\s*)?(#[0-9a-fA-F]{3,8}|rgb\([^)]*\))")
_SIZE = "32"  # of the mark in the masthead, in pixels


@dataclass(frozen=True)
class Brand:
    """The `mark` of a `theme`, and the `colors` of its style sheet by their names."""

    theme: Path
    colors: tuple[tuple[str, str], ...]
    mark: str

    @classmethod
    def read(cls, theme: str | Path) -> "Brand":
        """Return the brand of a theme."""
        theme = Path(theme)
        css = (theme / "css" / "site.css").read_text("utf-8")
        return cls(theme, tuple(_COLOR.findall(css)), (theme / "mark.svg").read_text("utf-8"))

    def color(self, name: str) -> str:
        """Return the color of a custom property of the style sheet, such as "paper"."""
        colors = dict(reversed(self.colors))  # the first of a name counts
        if name not in colors:
            fix = f"define --{name} as #rrggbb or light-dark(#rrggbb, #rrggbb)"
            path, what = self.theme / "css" / "site.css", f"the style sheet has no color --{name}"
            raise ContentError.at(path, what, fix)
        return colors[name]

    @property
    def inline_mark(self) -> Markup:
        """The mark as a part of a page."""
        path = self.theme / "mark.svg"
        root = parse_svg(path, self.mark.encode())
        if root.xpath("//@style | //*[local-name() = 'style' or local-name() = 'script']"):
            what = "a style or script in the mark, which the content security policy blocks"
            raise PictureError(path, what, "use attributes such as fill instead")
        width, height = measure_svg(path, root)
        others = {name: root.get(name) for name in root.attrib if name not in ("width", "height")}
        others.setdefault("viewBox", f"0 0 {width} {height}")
        root.attrib.clear()
        root.attrib.update({"width": _SIZE, "height": _SIZE, **others, "aria-hidden": "true"})
        text = lxml.etree.tostring(root, encoding="unicode", with_tail=False).strip()
        return Markup(text.replace(f' xmlns="{root.nsmap.get(None)}"', "", 1))
