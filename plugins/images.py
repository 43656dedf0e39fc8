"""Pictures: what an author drops into the content folder, made ready for every screen.

A picture alone in its paragraph is a figure, and its title the caption. It is published in a few
widths as WebP (phones of a few years ago cannot read AVIF), and once under its own name, without
its metadata, which may tell where it was taken. SVG and animations pass as they are.
"""

import hashlib
import marshal
import re
from contextlib import suppress
from dataclasses import astuple, dataclass
from pathlib import Path
from urllib.parse import quote, unquote
from xml.etree import ElementTree

import lxml.etree
import lxml.html
import PIL
from jinja2 import pass_context
from markdown.extensions import Extension
from markdown.treeprocessors import Treeprocessor
from markupsafe import Markup, escape
from pelican import signals

from plugins.cache.digests import digest, of_files, pure
from plugins.cache.store import Cache
from plugins.markup import prefix
from plugins.problems import PictureError, Problem
from plugins.progress import track
from plugins.words import language_of, translate

CARD_SIZE = (1200, 630)  # what sites show of a shared link
SIZES = "(min-width: 48rem) 38rem, calc(100vw - 36px)"
_RECIPE = digest(of_files([Path(__file__).with_name("pixels.py")]), PIL.__version__).hex()

_SUFFIXES = {".jpg": "JPEG", ".jpeg": "JPEG", ".png": "PNG", ".webp": "WEBP", ".gif": "GIF"}
_UNSHOWN = {".heic", ".heif", ".tif", ".tiff", ".bmp", ".psd", ".raw", ".dng", ".jp2", ".avif"}
# A picture alone in its paragraph or in a link, its caption, and what may follow.
_CAPTIONED = re.compile(
    r"(?P<image>\s*(?P<link>\[)?!\[[^\[\]]*\]\([^\s\"()]+)\s+"
    r"(?P<quote>[\"'])(?P<caption>(?:(?!(?P=quote)\s*\)).)*)(?P=quote)"
    r"(?P<rest>\s*\)(?(link)\]\([^\s()]*\))(?:\{[^{}\n]*\})?\s*)\Z",
    re.DOTALL,
)
_AS_WRITTEN = re.compile(r"((`+).+?\2)|<")
_LENGTH = re.compile(r"\s*([0-9.]+)\s*(?:px)?\s*\Z")
_IMG = re.compile(r"""<img\b(?:[^>"']|"[^"]*"|'[^']*')*>""", re.IGNORECASE)


@dataclass(frozen=True)
class Picture:
    """A picture as it is published. `width` and `height` are what a page reserves, `key` names its
    content, `widths` are those it has as WebP, and `clean` is the name of its cleaned copy: nothing
    for a picture that passes as it is."""

    width: int
    height: int
    key: str = ""
    widths: tuple[int, ...] = ()
    clean: str = ""

    def published(self, name: str, width: int) -> str:
        """Return the address of one width of this picture, whose file is called `name`."""
        return f"pictures/{Path(name).stem}-{self.key[:8]}-{width}.webp"


def is_picture(path) -> bool:
    """Return whether, by its name, a file is a picture, or would be one in another format."""
    return Path(path).suffix.lower() in {*_SUFFIXES, *_UNSHOWN, ".svg"}


def prepare(path: Path, cache: Cache, is_private: bool = False) -> Picture:
    """Return the picture in the file `path`, with its files in `cache`; `is_private` says that no
    published text uses it. Raises PictureError for a file that browsers would not show."""
    suffix = path.suffix.lower()
    if suffix in _UNSHOWN:
        raise PictureError(path, f"browsers do not show {suffix} images", "save it as JPEG or PNG")
    try:
        data = path.read_bytes()
    except OSError as error:
        what = f"the file cannot be read: {(error.strerror or str(error)).lower()}"
        raise PictureError(path, what, "check its permissions") from error
    if suffix == ".svg":
        return Picture(*measure_svg(path, parse_svg(path, data)))
    key = hashlib.sha256(f"{_RECIPE} {suffix} ".encode() + data).hexdigest()[:24]
    entry = digest("picture", key)
    origins = [entry] if is_private else []
    cache.current.update(origins)
    if kept := cache.get(entry):
        return Picture(*marshal.loads(kept))
    return _make(path, data, key, cache, origins)[0]


def _make(path, data: bytes, key, cache: Cache, origins=()) -> tuple[Picture, dict[str, bytes]]:
    from plugins import pixels  # Pillow takes a while to import, and few builds have new pictures

    picture, files = pixels.make(path, data, key, _SUFFIXES[path.suffix.lower()])
    for name, content in {**files, key: marshal.dumps(astuple(picture))}.items():
        cache.put(digest("picture", name), content, origins)
    return picture, files


def read(path: Path, picture: Picture, name: str, cache: Cache) -> bytes:
    """Return one of the files of a picture, which is in the file `path`."""
    kept = cache.get(digest("picture", name))
    return _make(path, path.read_bytes(), picture.key, cache)[1][name] if kept is None else kept


def prepare_all(paths, cache: Cache, private=()) -> tuple[dict[Path, Picture], list[Problem]]:
    """Return the pictures among the files `paths`, and what is wrong with those that are broken.
    No published text uses those that are `private`."""
    pictures, problems = {}, []
    found = [path for path in paths if is_picture(path) and path.exists()]
    for path in track("Pictures", found):
        try:
            pictures[path] = prepare(path, cache, path in private)
        except PictureError as error:
            problems += error.problems
    return pictures, problems


def parse_svg(path: Path, data: bytes):
    """Return the root element of the SVG in the file `path`, without comments."""
    parser = lxml.etree.XMLParser(resolve_entities=False, no_network=True, remove_comments=True)
    try:
        return lxml.etree.fromstring(data, parser)
    except lxml.etree.XMLSyntaxError as error:
        what = f"line {error.lineno} of this SVG image is not well-formed XML"
        raise PictureError(path, what, "export it again") from error


def measure_svg(path: Path, root) -> tuple[int, int]:
    """Return the width and height of an SVG."""
    sides = [_LENGTH.match(root.get(name, "")) for name in ("width", "height")]
    stated = [0, 0, *(side[1] for side in sides if side)]
    width = height = 0.0
    with suppress(ValueError):
        box = root.get("viewBox", "").replace(",", " ").split()
        _, _, width, height = map(float, stated if all(sides) else box)
    if not width or not height:
        raise PictureError(path, "this SVG image has no size", "add a viewBox to its <svg>")
    return max(1, round(width)), max(1, round(height))


class FigureExtension(Extension):
    """Makes a figure of a picture that stands alone, with its title as the caption."""

    def extendMarkdown(self, md):  # Markdown's own name
        # Before `inline` (20) reads a caption as Markdown; after it and `attr_list` (8) have made
        # the pictures and their attributes, and their words plain (6.5).
        md.treeprocessors.register(_Captions(md), "captions", 28)
        md.treeprocessors.register(_Figures(md), "figures", 6.2)


class _Captions(Treeprocessor):
    """Keeps a caption that has marks apart from its picture, so that they are read."""

    def run(self, root):
        for paragraph in root.iter("p"):
            found = _CAPTIONED.match(paragraph.text or "")
            if found and re.search(r"[*_`\[]", found["caption"]):
                paragraph.text = found["image"] + found["rest"]
                # In a title, what looks like HTML is text; code is none.
                holder = ElementTree.SubElement(paragraph, "figcaption")
                holder.text = _AS_WRITTEN.sub(lambda part: part[1] or "&lt;", found["caption"])


class _Figures(Treeprocessor):
    def run(self, root):
        number, lang = 0, language_of(self.md)
        for image in filter(_is_decorative, root.iter("img")):
            # `add_sources` writes it; until then Pelican would take an empty one for an error.
            image.attrib.pop("alt", None)
        for paragraph in root.iter("p"):
            holder = paragraph.find("figcaption")
            if holder is not None:
                paragraph.remove(holder)
            image = paragraph
            while len(image) == 1 and not f"{image.text or ''}{image[0].tail or ''}".strip():
                image = image[0]
                if image.tag != "a":  # a link around it does not count
                    break
            if image.tag != "img":
                continue
            paragraph.tag, paragraph.text = "figure", None
            if caption := image.attrib.pop("title", None):
                holder = ElementTree.Element("figcaption")
                holder.text = caption
            if holder is not None:
                number += 1
                prefix(holder, "b", translate("Figure {n}.", lang, n=number))
                paragraph.append(holder)


def _is_decorative(image) -> bool:
    """Return whether an author marks a picture as `{.decorative}`: it needs no description."""
    return "decorative" in image.get("class", "").split()


def add_sources(html: str, find) -> str:
    """Return finished `html` whose pictures state their size and the widths they come in. `find`
    returns the Picture of an address, its path in the site and the site's address as seen from the
    page; or None for an image that is not one of ours."""
    first_part = len(html.partition("<h2")[0])

    def replace(match: re.Match) -> str:
        attributes = dict(lxml.html.fragment_fromstring(match[0]).attrib)
        if not (known := find(attributes.get("src", ""))):
            return match[0]
        picture, name, site = known
        attributes["src"] = f"{site}/{quote(name)}"  # Pelican leaves spaces as they are
        if _is_decorative(attributes):
            attributes["alt"] = ""
        stated = attributes.get("width", "")  # by the author, as `{width=300}`
        width = int(stated) if stated.isdigit() and int(stated) else picture.width
        attributes["width"] = str(width)
        attributes["height"] = str(max(1, round(picture.height * width / picture.width)))
        if match.start() >= first_part or _IMG.search(html, 0, match.start()):
            attributes |= {"loading": "lazy", "decoding": "async"}
        image = _tag("img", attributes)
        if not picture.widths:
            return image
        addresses = {w: f"{site}/{quote(picture.published(name, w))}" for w in picture.widths}
        source = {"type": "image/webp", "srcset": addresses[picture.widths[0]]}
        if len(addresses) > 1:
            source["srcset"] = ", ".join(f"{address} {w}w" for w, address in addresses.items())
            source["sizes"] = SIZES if width == picture.width else f"{width}px"
        return f"<picture>{_tag('source', source)}{image}</picture>"

    return _IMG.sub(replace, html)


def _tag(name: str, attributes: dict[str, str]) -> str:
    return f"<{name} " + " ".join(f'{k}="{escape(v)}"' for k, v in attributes.items()) + ">"


def register():
    """Make pictures once all content is read, and publish them."""
    signals.static_generator_finalized.connect(_prepare)
    signals.all_generators_finalized.connect(_publish)


@pure  # the pictures in an article are ingredients of it
@pass_context
def pictures(context, html) -> Markup:
    """Return the finished HTML of an article with the sources of its pictures."""
    site, known = context["SITEURL"], context["pictures"]

    def find(address: str):
        name = unquote(address.removeprefix(f"{site}/")).lstrip("./")  # relative to the page
        return (known[name], name, site) if name in known else None

    return Markup(add_sources(str(html), find))


def _prepare(generator):
    context, files = generator.context, {Path(f.source_path): f for f in generator.staticfiles}
    made, problems = prepare_all(files, context["CACHE"], context.get("private_files", ()))
    context["problems"] += problems
    context["pictures"] = {files[path]: picture for path, picture in made.items()}


def _publish(generators):
    context, output = generators[0].context, Path(generators[0].output_path)
    pictures, context["pictures"] = context["pictures"], {}
    for file, picture in pictures.items():
        source, cache, file.widths = Path(file.source_path), context["CACHE"], []
        for width in picture.widths:
            content = read(source, picture, f"{picture.key}-{width}.webp", cache)
            file.widths.append(picture.published(file.save_as, width))
            write(output / file.widths[-1], content)
        if picture.clean:
            write(output / file.save_as, read(source, picture, picture.clean, cache))
            context["staticfiles"].remove(file)  # Pelican would copy the file itself
        context["pictures"][file.save_as] = picture


def write(path: Path, content: bytes):
    """Write a file of the output."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
