"""Pictures: from a file in the content folder to sizes, figures and words on a page."""

import io
from pathlib import Path

import lxml.html
import pytest
from markdown import Markdown
from PIL import Image, ImageCms, ImageDraw

from plugins import images, pixels
from plugins.cache.store import Cache
from tests.site_fixtures import ROOT, build_site
from tools.build import BuildError

GPS = 0x8825
SITE = "https://example.org/sub"
FRONT_MATTER = """\
Title: A walk
Date: 2026-01-01
Category: Walking
Summary: An article of the tests about a walk that shows a picture or two, so that their sizes and \
words can be looked for in the finished page.
"""


def photo(width=1800, height=1200, mode="RGB") -> Image.Image:
    """Return a picture with enough in it to be compressed like a photograph."""
    image = Image.effect_mandelbrot((width, height), (-2, -1.2, 1, 1.2), 60).convert(mode)
    ImageDraw.Draw(image).rectangle((0, 0, width // 2, height // 8), fill="red")
    return image


def save(path: Path, image: Image.Image, **options) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    image.save(path, **options)
    return path


def exif(orientation=1) -> Image.Exif:
    data = Image.Exif()
    data[0x0112] = orientation
    data[0x010F] = "Camera of Example"
    data.get_ifd(GPS)[1] = "N"
    data.get_ifd(GPS)[2] = (48.0, 51.0, 29.0)
    return data


@pytest.fixture
def build(tmp_path, monkeypatch):
    """Give a function that builds a site of one article and returns its folder."""
    monkeypatch.chdir(ROOT)
    (tmp_path / "content" / "articles").mkdir(parents=True)

    def run(markdown: str, **settings) -> Path:
        text = f"{FRONT_MATTER}\n{markdown}\n"
        (tmp_path / "content" / "articles" / "walk.md").write_text(text, "utf-8")
        settings = {"CACHE_PATH": str(tmp_path / "cache"), **settings}
        return build_site(tmp_path / "content", tmp_path / "output", **settings).folder

    return run


@pytest.fixture
def cache(tmp_path) -> Cache:
    return Cache({"CACHE_PATH": tmp_path / "cache"})


def made_file(path: Path, picture: images.Picture, cache: Cache) -> bytes:
    """Return the smallest WebP of a picture."""
    return images.read(path, picture, f"{picture.key}-{picture.widths[0]}.webp", cache)


def page(output: Path) -> lxml.html.HtmlElement:
    return lxml.html.parse(str(output / "a-walk" / "index.html")).getroot()


def figure(markdown: str) -> lxml.html.HtmlElement:
    extensions = ["markdown.extensions.attr_list", "plugins.images:FigureExtension"]
    html = Markdown(extensions=extensions).convert(markdown)
    return lxml.html.fragment_fromstring(html, create_parent="div")


def test_a_picture_alone_in_its_paragraph_becomes_a_figure_without_a_caption():
    assert [child.tag for child in figure("![A path](a.png)")[0]] == ["img"]
    assert figure("![A path](a.png)")[0].tag == "figure"


def test_a_title_becomes_the_caption_and_figures_with_captions_are_numbered():
    made = figure('![One](a.png "The path")\n\n![Two](b.png)\n\n![Three](c.png "The hill & more")')
    captions = [caption.text_content() for caption in made.iter("figcaption")]
    assert captions == ["Figure 1. The path", "Figure 2. The hill & more"]
    assert made.cssselect("figcaption b")[0].text == "Figure 1."
    assert not made.cssselect("img[title]")


CAPTION = r"A *fine* [walk](/a/), [b][b] `<i>` <b> \*x\*"


@pytest.mark.parametrize("picture", ["![A]({0})", "[![A]({0})](/b/)", "![A]({0}){{width=30}}"])
@pytest.mark.parametrize("quote", "\"'")
def test_a_caption_is_read_as_markdown_but_not_as_html(picture, quote):
    text = picture.format(f"a.png {quote}{CAPTION}{quote}") + "\n\n[b]: /b/"
    made = figure(text).cssselect("figcaption")[0]
    assert made.text_content() == "Figure 1. A fine walk, b <i> <b> *x*"
    assert [part.tag for part in made.iter()][2:] == ["em", "a", "a", "code"]


@pytest.mark.parametrize("after", [" words", ' ![B](b.png "C *d*")', "](/b/)", ")"])
def test_a_picture_among_words_keeps_its_title(after):
    assert "fine" in figure(f'![A](a.png "A *fine* walk"){after}').cssselect("img")[0].get("title")


def test_a_linked_picture_is_a_figure_and_a_picture_among_words_is_not():
    assert figure("[![A path](a.png)](b.html)").cssselect("figure > a > img")
    assert not figure("See ![A path](a.png) here").cssselect("figure")
    assert not figure("![A](a.png) ![B](b.png)").cssselect("figure")


def test_a_photograph_comes_in_several_widths_with_its_size_stated(build, tmp_path):
    save(tmp_path / "content/images/my walk.jpg", photo())
    markdown = "## First\n\n![A path]({static}/images/my%20walk.jpg)"
    output = build(markdown, settings="publishconf.py", SITEURL=SITE)
    root = page(output)
    image, source = root.cssselect("figure > picture img")[0], root.cssselect("source")[0]
    assert image.attrib == {
        "src": "https://example.org/sub/images/my%20walk.jpg",
        "alt": "A path",
        "width": "1600",
        "height": "1067",
        "loading": "lazy",
        "decoding": "async",
    }
    assert (source.get("type"), source.get("sizes")) == ("image/webp", images.SIZES)
    for entry, width in zip(source.get("srcset").split(", "), (480, 800, 1216), strict=True):
        address, descriptor = entry.split(" ")
        assert descriptor == f"{width}w"
        name = address.removeprefix("https://example.org/sub/").replace("%20", " ")
        with Image.open(output / name) as made:
            assert (made.format, made.width) == ("WEBP", width)


def test_addresses_are_relative_in_a_preview(build, tmp_path):
    save(tmp_path / "content/images/walk.png", photo(300, 200))
    output = build("![A path]({static}/images/walk.png)")
    source = page(output).cssselect("source")[0]
    assert (output / "a-walk" / source.get("srcset")).resolve().is_file()
    assert source.get("srcset").startswith("../pictures/walk-")


def test_a_picture_that_opens_the_article_is_not_lazy_and_the_next_one_is(build, tmp_path):
    save(tmp_path / "content/images/walk.png", photo(300, 200))
    picture = "![A path]({static}/images/walk.png)"
    lazy = [i.get("loading") for i in page(build(f"{picture}\n\n{picture}\n\n## H")).iter("img")]
    assert lazy == [None, "lazy"]
    lazy = [i.get("loading") for i in page(build(f"## H\n\n{picture}")).iter("img")]
    assert lazy == ["lazy"]


def test_an_author_can_set_a_width(build, tmp_path):
    save(tmp_path / "content/images/walk.png", photo(600, 400))
    output = build("![A path]({static}/images/walk.png){width=150}")
    root = page(output)
    image = root.cssselect("img")[0]
    assert (image.get("width"), image.get("height")) == ("150", "100")
    assert root.cssselect("source")[0].get("sizes") == "150px"


def test_a_photograph_is_turned_upright_and_loses_its_metadata(build, tmp_path):
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    source = tmp_path / "content/images/walk.jpg"
    save(source, photo(900, 600), exif=exif(6), icc_profile=profile, comment="taken at home")
    output = build("![A path]({static}/images/walk.jpg)")
    assert page(output).cssselect("img")[0].get("width") == "600"
    published = [*output.rglob("*.jpg"), *output.rglob("*.webp")]
    assert len(published) == 3
    for path in published:
        with Image.open(path) as made:
            assert made.height > made.width
            assert not made.getexif()
            assert not {"exif", "icc_profile", "comment", "xmp"} & made.info.keys()
        assert b"Camera of Example" not in path.read_bytes()
    with Image.open(source) as kept:
        assert GPS in kept.getexif(), "the author's own file stays as it is"


def test_colors_of_another_profile_are_brought_to_srgb():
    image = Image.new("RGB", (8, 8), (128, 128, 128))
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    image.info["icc_profile"] = lab
    assert pixels.upright(image).getpixel((0, 0)) == pytest.approx((128, 128, 128), abs=2)
    image.info["icc_profile"] = b"no profile at all"
    assert pixels.upright(image).getpixel((0, 0)) == (128, 128, 128)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "I;16", "CMYK"])
def test_every_kind_of_color_is_published(mode, tmp_path, cache):
    source = Image.new("L", (40, 20), 128)
    source = source.convert("I").point(lambda v: v * 257).convert("I;16") if mode == "I;16" else (
        source.convert(mode)
    )  # fmt: skip
    ending, kind = (".jpg", "JPEG") if mode == "CMYK" else (".png", "PNG")
    path = save(tmp_path / f"a{ending}", source, format=kind)
    picture = images.prepare(path, cache)
    with Image.open(io.BytesIO(made_file(path, picture, cache))) as made:
        level = made.convert("L").getpixel((5, 5))
    assert mode == "1" or level == pytest.approx(128, abs=6)


def test_transparency_is_kept(tmp_path, cache):
    path = save(tmp_path / "a.png", Image.new("RGBA", (40, 20), (255, 0, 0, 0)))
    picture = images.prepare(path, cache)
    with Image.open(io.BytesIO(made_file(path, picture, cache))) as made:
        assert made.convert("RGBA").getpixel((1, 1))[3] == 0


def test_drawings_and_animations_pass_as_they_are_with_their_size_stated(build, tmp_path):
    svg = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 320 200"><path d="M0 0"/></svg>'
    folder = tmp_path / "content/images"
    folder.mkdir(parents=True)
    (folder / "a.svg").write_text(svg)
    frames = [Image.new("RGB", (30, 20), color) for color in ("red", "green", "blue")]
    frames[0].save(folder / "b.gif", save_all=True, append_images=frames[1:])
    output = build("![A]({static}/images/a.svg)\n\n![B]({static}/images/b.gif)")
    sizes = [(i.get("width"), i.get("height")) for i in page(output).iter("img")]
    assert sizes == [("320", "200"), ("30", "20")]
    assert not page(output).cssselect("picture")
    for name in ("a.svg", "b.gif"):
        assert (output / "images" / name).read_bytes() == (folder / name).read_bytes()


def test_pictures_from_elsewhere_and_in_code_are_left_alone():
    html = '<p><img src="https://other.example/a.png" alt="A"></p><code>&lt;img src="a"&gt;</code>'
    assert images.add_sources(html, lambda address: None) == html


def test_words_with_quotes_and_signs_survive():
    known = (images.Picture(10, 10, "k" * 24, (10,), "k.png"), 'a "b".png', "..")
    html = images.add_sources(
        '<img src="../x" alt="5 &gt; 4 &amp; &quot;so&quot;">', lambda _: known
    )
    image = lxml.html.fromstring(html).cssselect("img")[0]
    assert image.get("alt") == '5 > 4 & "so"'


def test_the_same_file_gives_the_same_bytes(tmp_path):
    path = save(tmp_path / "a.jpg", photo(), exif=exif())
    made = []
    for name in ("one", "two"):
        cache = Cache({"CACHE_PATH": tmp_path / name})
        picture = images.prepare(path, cache)
        names = [picture.clean, *(f"{picture.key}-{width}.webp" for width in picture.widths)]
        made.append([images.read(path, picture, name, cache) for name in names])
    assert made[0] == made[1]


def test_a_picture_already_made_is_taken_from_the_cache(tmp_path, cache, monkeypatch):
    path = save(tmp_path / "a.png", photo(600, 400))
    first = images.prepare(path, cache)
    monkeypatch.setattr(pixels, "make", None)
    assert images.prepare(path, cache) == first


def test_a_picture_whose_files_left_the_cache_is_made_again(tmp_path, cache):
    path = save(tmp_path / "a.png", photo(600, 400))
    picture = images.prepare(path, cache)
    other = Cache({"CACHE_PATH": tmp_path / "empty"})
    name = f"{picture.key}-480.webp"
    assert images.read(path, picture, name, other) == images.read(path, picture, name, cache)


def damaged(path: Path) -> Path:
    buffer = io.BytesIO()
    photo(400, 300).save(buffer, "JPEG")
    path.write_bytes(buffer.getvalue()[: len(buffer.getvalue()) // 2])
    return path


def test_each_broken_picture_is_named_with_a_cure(tmp_path, cache, monkeypatch):
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 100 * 100)
    save(tmp_path / "huge.png", Image.new("L", (300, 300)))
    save(tmp_path / "warned.png", Image.new("L", (120, 120)))
    save(tmp_path / "wrong.jpg", Image.new("L", (9, 9)), format="PNG")
    (tmp_path / "phone.heic").write_bytes(b"x")
    (tmp_path / "text.png").write_text("not a picture")
    (tmp_path / "empty.png").write_bytes(b"")
    (tmp_path / "phone.jpg").write_bytes(b"\0\0\0\x24ftypheic\0\0\0\0mif1heic")
    (tmp_path / "a.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'>")
    (tmp_path / "b.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    (tmp_path / "notes.txt").write_text("no picture, no fault")
    _, problems = images.prepare_all(sorted(tmp_path.iterdir()), cache)
    found = {Path(problem.path).name: problem for problem in problems}
    broken = ("huge.png", "warned.png", "wrong.jpg", "phone.heic", "text.png", "empty.png")
    broken += ("phone.jpg",)
    assert found.keys() == {*broken, "a.svg", "b.svg"}
    assert all(problem.what and problem.fix for problem in found.values())
    assert "too large" in found["huge.png"].what
    assert "too large" in found["warned.png"].what
    assert "PNG" in found["wrong.jpg"].what
    assert "HEIC" in found["phone.jpg"].what
    assert not [problem.what for problem in problems if "<_io" in problem.what]


def test_a_picture_that_may_not_be_read_is_named(tmp_path, cache, monkeypatch):
    save(tmp_path / "walk.png", Image.new("L", (9, 9)))

    def refuse(_path):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", refuse)
    _, (problem,) = images.prepare_all([tmp_path / "walk.png"], cache)
    assert problem.what == "the file cannot be read: permission denied"


def test_a_truncated_photograph_is_named(tmp_path, cache):
    _, (problem,) = images.prepare_all([damaged(tmp_path / "cut.jpg")], cache)
    assert "damaged" in problem.what


def test_a_broken_picture_stops_the_build(build, tmp_path):
    (tmp_path / "content/images").mkdir(parents=True)
    damaged(tmp_path / "content/images/walk.jpg")
    with pytest.raises(BuildError) as raised:
        build("![A path]({static}/images/walk.jpg)")
    (problem,) = raised.value.problems
    assert problem.path.endswith("images/walk.jpg")
    assert "damaged" in problem.what
    assert problem.fix
    assert not (tmp_path / "output").exists()


def test_every_broken_picture_is_told_at_once(build, tmp_path):
    (tmp_path / "content/images").mkdir(parents=True)
    damaged(tmp_path / "content/images/one.jpg")
    damaged(tmp_path / "content/images/two.jpg")
    with pytest.raises(BuildError) as raised:
        build("Words.")
    names = [Path(problem.path).name for problem in raised.value.problems]
    assert names == ["one.jpg", "two.jpg"]


def test_a_picture_needs_words_unless_it_is_marked_as_decorative(build, tmp_path):
    save(tmp_path / "content/images/line.png", photo(300, 20))
    with pytest.raises(BuildError, match="no alternative text"):
        build("![]({static}/images/line.png)")
    output = build("![]({static}/images/line.png){.decorative}")
    assert page(output).cssselect("img")[0].get("alt") == ""
