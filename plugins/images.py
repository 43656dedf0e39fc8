"""Pictures: what an author drops into the content folder, made ready for every screen.

In Markdown, `![What it shows]({static}/images/walk.jpg)` is a picture; alone in its paragraph it
is a figure, and a title in quotes becomes its caption. Each photograph or drawing is published in a
few widths as WebP, and once under its own name for whoever cannot read WebP: turned upright, in
sRGB, no larger than a page can show, and without its metadata, which may tell where it was taken.
The file itself is never published. SVG and animations pass as they are. WebP and not AVIF, which
phones of a few years ago cannot read.

The work is kept by content in a cache, so a build without new pictures does none. The bytes depend
on the file, on Pillow's version and on the numbers below, on nothing else.
"""

import hashlib
import io
import json
import os
import re
import struct
import warnings
from dataclasses import asdict, dataclass
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
from pelican.generators import StaticGenerator
from PIL import Image, ImageCms, ImageOps

from plugins.words import language_of, say
from tools.problems import Mistake, Problem, shown

CACHE = Path(__file__).resolve().parent.parent / ".cache" / "pictures"
# The text column is 38rem (608 px) at most; 480 px suits a phone, 1216 px a dense wide screen.
WIDTHS = (480, 800, 1216)
LARGEST = 1600
SIZES = "(min-width: 48rem) 38rem, calc(100vw - 36px)"
RECIPE = f"1 {PIL.__version__}"

_SUFFIXES = {".jpg": "JPEG", ".jpeg": "JPEG", ".png": "PNG", ".webp": "WEBP", ".gif": "GIF"}
_UNSHOWN = {".heic", ".heif", ".tif", ".tiff", ".bmp", ".psd", ".raw", ".dng", ".jp2", ".avif"}
_BROKEN = (OSError, SyntaxError, ValueError, EOFError, struct.error)
_SRGB = ImageCms.createProfile("sRGB")
_LENGTH = re.compile(r"\s*([0-9.]+)\s*(?:px)?\s*\Z")
_IMG = re.compile(r"""<img\b(?:[^>"']|"[^"]*"|'[^']*')*>""", re.IGNORECASE)


class PictureError(Mistake):
    """A picture that cannot be published."""

    def __init__(self, path: Path, what: str, fix: str):
        super().__init__(Problem(shown(path), 0, 0, what, fix))


@dataclass(frozen=True)
class Picture:
    """A picture as it is published.

    `width` and `height` are what a page reserves. `key` names its content; `widths` are the widths
    it has as WebP and `clean` the name of its cleaned copy in the cache: nothing for a picture that
    passes as it is.
    """

    width: int
    height: int
    key: str = ""
    widths: tuple[int, ...] = ()
    clean: str = ""

    def published(self, name: str, width: int) -> str:
        """Return the address of one width of this picture, whose file is called `name`."""
        return f"pictures/{Path(name).stem}-{self.key[:8]}-{width}.webp"


# -- From a file to a Picture ----------------------------------------------------------------------


def is_picture(path) -> bool:
    """Tell by its name whether a file is a picture, or would be one in another format."""
    return Path(path).suffix.lower() in {*_SUFFIXES, *_UNSHOWN, ".svg"}


def prepare(path: Path, cache: Path = CACHE) -> Picture:
    """Return the picture in the file `path`, with its sizes ready in `cache`.

    Raises PictureError for a file that is broken, too large, or in a format browsers do not show.
    """
    suffix = path.suffix.lower()
    if suffix in _UNSHOWN:
        raise PictureError(
            path, f"browsers do not show {suffix} pictures", "save it as JPEG or PNG"
        )
    data = path.read_bytes()
    if suffix == ".svg":
        return _measure_svg(path, data)
    key = hashlib.sha256(f"{RECIPE} {suffix} ".encode() + data).hexdigest()[:24]
    note = cache / f"{key}.json"
    try:
        known = json.loads(note.read_text("utf-8"))
        return Picture(**{**known, "widths": tuple(known["widths"])})
    except (OSError, ValueError):
        pass  # not made yet, or a file of a build that was cut off
    picture, files = _make(path, data, key, _SUFFIXES[suffix])
    files[note.name] = json.dumps(asdict(picture)).encode()  # last, once the rest is there
    cache.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        write(cache / name, content)
    return picture


def faults(paths, cache=CACHE) -> list[Problem]:
    """Return what is wrong with the picture files among `paths`."""
    found = []
    for path in filter(is_picture, paths):
        try:
            prepare(Path(path), Path(cache))
        except PictureError as error:
            found.append(error.problem)
    return found


def _make(path: Path, data: bytes, key: str, expected: str) -> tuple[Picture, dict[str, bytes]]:
    try:
        with warnings.catch_warnings():
            # Pillow warns above 89 million points and refuses above twice as many.
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            image = Image.open(io.BytesIO(data))
        actual = "JPEG" if image.format == "MPO" else image.format
        if actual != expected:
            raise PictureError(
                path,
                f"this file is {actual}, not what its name says",
                "save it again as JPEG or PNG, or give it the right ending",
            )
        if actual != "JPEG" and getattr(image, "is_animated", False):
            for frame in range(image.n_frames):
                image.seek(frame)
                image.load()
            return Picture(*image.size), {}
        image.draft("RGB", (LARGEST, LARGEST))
        image = upright(image)
    except PictureError:
        raise
    except (Image.DecompressionBombWarning, Image.DecompressionBombError):
        raise PictureError(
            path,
            "this picture is too large to work with",
            f"make it smaller: {LARGEST} pixels on its longer side are enough",
        ) from None
    except _BROKEN as error:
        raise PictureError(
            path, f"this picture is damaged: {error}", "save it again, or replace it"
        ) from error
    image.thumbnail((LARGEST, LARGEST), Image.Resampling.LANCZOS)
    drawn = actual != "JPEG"
    widths = sorted({min(width, image.width) for width in WIDTHS})
    files = {f"{key}-{width}.webp": _webp(_narrow(image, width), drawn) for width in widths}
    clean = "" if actual == "GIF" else f"{key}{path.suffix.lower()}"
    if clean:
        files[clean] = _encode(image, actual)
    return Picture(*image.size, key, tuple(widths), clean), files


def upright(image: Image.Image) -> Image.Image:
    """Return an image turned as it is meant to be seen, in sRGB, without metadata."""
    profile = image.info.get("icc_profile")
    image = ImageOps.exif_transpose(image)
    if image.mode.startswith("I;16") or image.mode == "I":
        image = image.convert("I").point(lambda value: value / 256).convert("L")
    plain = "RGBA" if image.has_transparency_data else "RGB"
    if profile:
        image = image if image.mode in {"RGB", "RGBA", "L", "CMYK"} else image.convert(plain)
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            image = ImageCms.profileToProfile(image, source, _SRGB, outputMode=plain)
        except (ImageCms.PyCMSError, OSError, ValueError):
            pass  # a profile that does not fit its picture is left out of account, as browsers do
    image = image.convert(plain) if image.mode != plain else image.copy()
    image.info = {}
    return image


def _narrow(image: Image.Image, width: int) -> Image.Image:
    if width == image.width:
        return image
    height = max(1, round(image.height * width / image.width))
    return image.resize((width, height), Image.Resampling.LANCZOS, reducing_gap=3)


def _webp(image: Image.Image, drawn: bool) -> bytes:
    """Return WebP: drawings without loss, unless that makes them larger than with some."""
    lossy = _encode(image, "WEBP")
    if not drawn:
        return lossy
    exact = _encode(image, "WEBP", lossless=True, quality=80)
    return min(exact, lossy, key=len)


def _encode(image: Image.Image, kind: str, **options) -> bytes:
    defaults = {
        "JPEG": {"quality": 82, "optimize": True, "progressive": True},
        "PNG": {"optimize": True},
        "WEBP": {"quality": 80, "method": 5},
    }
    buffer = io.BytesIO()
    image.save(buffer, kind, **{**defaults[kind], **options})
    return buffer.getvalue()


def _measure_svg(path: Path, data: bytes) -> Picture:
    parser = lxml.etree.XMLParser(resolve_entities=False, no_network=True)
    try:
        root = lxml.etree.fromstring(data, parser)
    except lxml.etree.XMLSyntaxError as error:
        raise PictureError(
            path, f"this picture is damaged: {error}", "save it again, or replace it"
        ) from error
    sides = [_LENGTH.match(root.get(name, "")) for name in ("width", "height")]
    if all(sides):
        width, height = (float(side[1]) for side in sides)
    else:
        try:
            _, _, width, height = map(float, root.get("viewBox", "").replace(",", " ").split())
        except ValueError:
            width = height = 0
    if not width or not height:
        raise PictureError(
            path, "this drawing does not say how large it is", "give its <svg> a viewBox"
        )
    return Picture(max(1, round(width)), max(1, round(height)))


def write(path: Path, content: bytes):
    """Write a file whole or not at all."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    temporary.write_bytes(content)
    temporary.replace(path)


# -- In Markdown -----------------------------------------------------------------------------------


class FigureExtension(Extension):
    """Makes a figure of a picture that stands alone, with its title as the caption."""

    def extendMarkdown(self, md):  # Markdown's own name
        # After `inline` (20) and `attr_list` (8) have made the pictures and their attributes.
        md.treeprocessors.register(_Figures(md), "figures", 7)


class _Figures(Treeprocessor):
    def run(self, root):
        number, lang = 0, language_of(self.md)
        for image in root.iter("img"):
            if _is_decorative(image):
                # `place` writes it; until then Pelican would take an empty one for a mistake.
                image.attrib.pop("alt", None)
        for paragraph in root.iter("p"):
            image = _only_image(paragraph)
            if image is None:
                continue
            paragraph.tag = "figure"
            paragraph.text = None
            caption = image.attrib.pop("title", None)
            if caption:
                number += 1
                holder = ElementTree.SubElement(paragraph, "figcaption")
                label = ElementTree.SubElement(holder, "b")
                label.text = say("Figure {n}.", lang, n=number)
                label.tail = f" {caption}"


def _is_decorative(image) -> bool:
    """Tell whether an author says, by `{.decorative}`, that a picture has nothing to say."""
    return "decorative" in image.get("class", "").split()


def _only_image(paragraph):
    """Return the image of a paragraph that holds nothing else, not counting a link around it."""
    holder = paragraph
    for _ in range(2):
        if len(holder) != 1 or (holder.text or "").strip() or (holder[0].tail or "").strip():
            return None
        if holder[0].tag == "img":
            return holder[0]
        if holder[0].tag != "a":
            return None
        holder = holder[0]
    return None


# -- In finished HTML ------------------------------------------------------------------------------


def place(html: str, find) -> str:
    """Return finished `html` whose pictures say how large they are and which sizes they have.

    `find` takes an image's address and returns its Picture, its path in the site and the address of
    the site as seen from the page; or None for an image that is not one of ours.
    """
    first_part = html.find("<h2")
    first_part = len(html) if first_part < 0 else first_part

    def replace(match: re.Match) -> str:
        attributes = dict(lxml.html.fragment_fromstring(match[0]).attrib)
        known = find(attributes.get("src", ""))
        if not known:
            return match[0]
        picture, name, site = known
        attributes["src"] = f"{site}/{quote(name)}"  # Pelican leaves spaces as they are
        if _is_decorative(attributes):
            attributes["alt"] = ""
        width = _wanted(attributes.get("width", ""), picture)
        attributes["width"] = str(width)
        attributes["height"] = str(max(1, round(picture.height * width / picture.width)))
        leading = match.start() < first_part and not _IMG.search(html, 0, match.start())
        if not leading:
            attributes |= {"loading": "lazy", "decoding": "async"}
        image = _tag("img", attributes)
        if not picture.widths:
            return image
        addresses = [f"{site}/{quote(picture.published(name, w))}" for w in picture.widths]
        source = {"type": "image/webp", "srcset": addresses[0]}
        if len(addresses) > 1:
            pairs = zip(addresses, picture.widths, strict=True)
            source["srcset"] = ", ".join(f"{address} {w}w" for address, w in pairs)
            source["sizes"] = SIZES if width == picture.width else f"{width}px"
        return f"<picture>{_tag('source', source)}{image}</picture>"

    return _IMG.sub(replace, html)


def _wanted(stated: str, picture: Picture) -> int:
    """Return the width an author has set on a picture (`{width=300}`), else its own."""
    return int(stated) if stated.isdigit() and int(stated) else picture.width


def _tag(name: str, attributes: dict[str, str]) -> str:
    return f"<{name} " + " ".join(f'{k}="{escape(v)}"' for k, v in attributes.items()) + ">"


# -- In a build ------------------------------------------------------------------------------------


def register():
    """Make the pictures once all content is read, and offer `pictures` to templates."""
    signals.generator_init.connect(_offer)
    signals.all_generators_finalized.connect(_publish)


def _offer(generator):
    generator.env.filters["pictures"] = _filter


@pass_context
def _filter(context, html):
    site, known = context["SITEURL"], context["pictures"]
    published = {static.save_as: static for static in known}

    def find(address: str):
        name = unquote(address.removeprefix(f"{site}/"))
        static = published.get(name)
        return (known[static], name, site) if static else None

    return Markup(place(str(html), find))


def _publish(generators):
    cache = Path(generators[0].settings.get("PICTURES_CACHE", CACHE))
    output = Path(generators[0].output_path)
    pictures = generators[0].context["pictures"] = {}
    static = next(one for one in generators if isinstance(one, StaticGenerator))
    for file in static.staticfiles:
        if not is_picture(file.source_path):
            continue
        picture = pictures[file] = prepare(Path(static.path, file.source_path), cache)
        for width in picture.widths:
            target = output / picture.published(file.save_as, width)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes((cache / f"{picture.key}-{width}.webp").read_bytes())
        if picture.clean:
            file.override_save_as, file.override_url = file.save_as, file.url
            file.source_path = str(cache / picture.clean)
