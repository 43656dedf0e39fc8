"""What Pillow does with a picture: the sizes for every screen, and a copy without its metadata."""

import io
import re
import struct
import warnings
from pathlib import Path

from PIL import Image, ImageCms, ImageOps, ImageSequence

from plugins.images import Picture
from plugins.problems import PictureError

# The text column is 38rem (608 px) at most; 480 px suits a phone, 1216 px a dense wide screen.
WIDTHS = (480, 800, 1216)
LARGEST = 1600

_BROKEN = (OSError, SyntaxError, ValueError, EOFError, struct.error)
_SRGB = ImageCms.createProfile("sRGB")


def make(path: Path, data: bytes, key: str, expected: str) -> tuple[Picture, dict[str, bytes]]:
    """Return the picture at `path`, which has this `data`, and its files by name; an animation has
    none, and passes as it is. Raises PictureError unless the data is of the `expected` format (in
    Pillow's words) and sound."""
    try:
        with warnings.catch_warnings():
            # Pillow warns above 89 million points and refuses above twice as many.
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            image = Image.open(io.BytesIO(data))
        actual = "JPEG" if image.format == "MPO" else image.format
        if actual != expected:
            fix = "export it as JPEG or PNG, or correct the ending of its name"
            raise PictureError(path, f"this file is {actual}, not {expected}", fix)
        if actual != "JPEG" and getattr(image, "is_animated", False):
            for frame in ImageSequence.Iterator(image):
                frame.load()
            return Picture(*image.size), {}
        image.draft("RGB", (LARGEST, LARGEST))
        image = upright(image)
    except PictureError:
        raise
    except (Image.DecompressionBombWarning, Image.DecompressionBombError):
        fix = f"scale it to {LARGEST} pixels on its longer side"
        raise PictureError(path, "this image is too large to process", fix) from None
    except _BROKEN as error:
        is_heic = re.match(rb".{4}ftyp(hei|hev|mif|msf)", data, re.DOTALL)  # as phones save them
        what = f"is HEIC, not {expected}" if is_heic else "is not an image, or is damaged"
        raise PictureError(path, f"this file {what}", "export it as JPEG or PNG") from error
    image.thumbnail((LARGEST, LARGEST), Image.Resampling.LANCZOS)
    drawn = actual != "JPEG"
    widths = sorted({min(width, image.width) for width in WIDTHS})
    files = {f"{key}-{width}.webp": _webp(image, width, drawn) for width in widths}
    clean = "" if actual == "GIF" else f"{key}{path.suffix.lower()}"
    if clean:
        files[clean] = encode(image, actual)
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


def _webp(image: Image.Image, width: int, drawn: bool) -> bytes:
    """Return WebP of a width; of a drawing without loss, where that is smaller."""
    if width != image.width:
        height = max(1, round(image.height * width / image.width))
        image = image.resize((width, height), Image.Resampling.LANCZOS, reducing_gap=3)
    exact = [encode(image, "WEBP", lossless=True, quality=80)] if drawn else []
    return min([*exact, encode(image, "WEBP")], key=len)


def encode(image: Image.Image, kind: str, **options) -> bytes:
    """Return the bytes of an image in a format, with the project's defaults for its `options`."""
    defaults = {
        "JPEG": {"quality": 82, "optimize": True, "progressive": True},
        "PNG": {"optimize": True},
        "WEBP": {"quality": 80, "method": 5},
    }
    buffer = io.BytesIO()
    image.save(buffer, kind, **{**defaults[kind], **options})
    return buffer.getvalue()
