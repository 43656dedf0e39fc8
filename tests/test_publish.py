"""Publishing: what goes out, what never goes out, and the same bytes every time."""

import json
import os
import re
import stat
import subprocess
import sys
import time
from pathlib import Path

import lxml.html
import pytest

from plugins.aliases import alias_files
from plugins.security import csp_hash
from tests.publish_fixtures import EPOCH, OPEN, ROOT, publish_site, write_article, write_content
from tools import hosts, publish
from tools.build import BuildError

SITEURL = "https://example.org/site"
SETTINGS = ("-e", *(f"{name}={json.dumps(value)}" for name, value in OPEN.items()))


@pytest.fixture(scope="module")
def shelf(tmp_path_factory):
    """A folder with the tests' content, and the site published from it."""
    folder = tmp_path_factory.mktemp("shelf")
    publish_site(folder, SITEURL)
    return folder


@pytest.fixture(scope="module")
def site(shelf):
    return shelf / "output"


def page(site: Path, path: str):
    return lxml.html.document_fromstring((site / path).read_text("utf-8"))


def tree(folder: Path) -> dict[str, tuple[bytes, int]]:
    """Return the bytes and the mode of every file."""
    return {
        file.relative_to(folder).as_posix(): (file.read_bytes(), stat.S_IMODE(file.stat().st_mode))
        for file in folder.rglob("*")
        if file.is_file()
    }


def run(*arguments, cwd=ROOT, **environment):
    """Run the command as a process of its own."""
    command = [sys.executable, *environment.pop("options", ()), "-m", "tools.publish", *arguments]
    environment = {"PYTHONPATH": str(ROOT), "SOURCE_DATE_EPOCH": EPOCH, **environment}
    return subprocess.run(
        command, cwd=cwd, env={**os.environ, **environment}, capture_output=True, text=True
    )


# -- What goes out ---------------------------------------------------------------------------------


def test_drafts_and_articles_of_the_future_stay_at_home(site):
    text = b"".join(content for content, _ in tree(site).values())
    assert b"DRAFTED" not in text
    assert b"FORETOLD" not in text


def test_an_article_comes_out_on_its_day(shelf, tmp_path, monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "4922000000")  # in 2125, and then in 2126
    settings = ROOT / "publishconf.py"
    publish.publish(SITEURL, shelf / "content", tmp_path / "a", settings, OPEN)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "4923000000")
    publish.publish(SITEURL, shelf / "content", tmp_path / "b", settings, OPEN)
    assert not (tmp_path / "a" / "tomorrow").exists()
    assert (tmp_path / "b" / "tomorrow" / "index.html").exists()


def test_a_file_of_the_owner_in_another_encoding_goes_out_as_it_is(tmp_path):
    words = "naïve".encode("latin-1")
    (write_content(tmp_path) / "extra" / "words.txt").write_bytes(words)
    site = publish_site(tmp_path, SITEURL)
    assert (site / "extra" / "words.txt").read_bytes() == words


def test_a_hidden_article_goes_out_and_hides_from_search_engines(tmp_path):
    content = write_content(tmp_path)
    write_article(content, "secret", "2026-01-02", "Words.", Status="hidden")
    site = publish_site(tmp_path, SITEURL)
    assert page(site, "secret/index.html").xpath('//meta[@name="robots"]/@content') == ["noindex"]
    assert "secret" not in (site / "sitemap.xml").read_text("utf-8")


@pytest.mark.parametrize("host", ["hosted", "caddy"])
def test_replies_go_out_in_their_page_and_no_header_takes_their_looks_away(tmp_path, host):
    reply = {"id": 1, "parent": None, "author": "Anna", "created": "2026-01-06T09:00:00Z"}
    threads = {"/second/": [{**reply, "website": None, "text": "<p>Yes.</p>", "by_site": False}]}
    snapshot = tmp_path / "replies.json"
    snapshot.write_text(json.dumps({"as_of": "2026-01-07T09:00:00Z", "threads": threads}), "utf-8")
    server = {"provider": "isso", "endpoint": "https://comments.example.org"}
    settings = {**OPEN, "COMMENTS": server, "REPLIES_SNAPSHOT": str(snapshot)}
    settings["CACHE_PATH"] = str(tmp_path / "cache")
    content, site = write_content(tmp_path), tmp_path / "output"
    publish.publish(SITEURL, content, site, ROOT / "publishconf.py", settings, host)
    # A page, its verdict and its compressed copies are kept apart from what may be carried on.
    assert b"isso-1" in (tmp_path / "cache" / "private.db").read_bytes()
    assert b"isso-1" not in (tmp_path / "cache" / "public.db").read_bytes()
    second = page(site, "second/index.html")
    assert "Anna" in second.xpath('string(//*[@id="isso-1"])')
    sent = (site / ("Caddyfile" if host == "caddy" else "_headers")).read_text("utf-8")
    sheets = second.xpath("//style/text()")
    assert len(sheets) == 2
    assert all(csp_hash(sheet) in sent for sheet in sheets)


@pytest.mark.parametrize("host", ["hosted", "caddy"])
def test_published_again_a_site_is_the_same_and_nothing_in_it_is_judged_or_compressed_again(
    tmp_path, monkeypatch, host
):
    content, site = write_content(tmp_path), tmp_path / "output"
    settings = {**OPEN, "CACHE_PATH": str(tmp_path / "cache")}
    publish.publish(SITEURL, content, site, ROOT / "publishconf.py", settings, host)
    before = tree(site)
    monkeypatch.setattr("tools.verify.gather", None)
    monkeypatch.setattr("tools.hosts.COMPRESSIONS", dict.fromkeys(hosts.COMPRESSIONS))
    publish.publish(SITEURL, content, site, ROOT / "publishconf.py", settings, host)
    assert tree(site) == before


def test_a_site_in_another_language_has_its_dates_and_addresses_in_it(tmp_path):
    content, site = write_content(tmp_path), tmp_path / "output"
    write_article(content, "rücken", "2026-01-06", "Words.")
    settings = {**OPEN, "DEFAULT_LANG": "de", "SLUGIFY_USE_UNICODE": True}
    publish.publish(SITEURL, content, site, ROOT / "publishconf.py", settings)
    canonical = page(site, "rücken/index.html").xpath('//link[@rel="canonical"]/@href')
    assert canonical == [f"{SITEURL}/r%C3%BCcken/"]
    assert canonical[0] in (site / "sitemap.xml").read_text("utf-8")
    assert "6. Januar 2026" in page(site, "index.html").xpath("//time/text()")


def test_an_article_and_its_translation_go_out(tmp_path):
    content = write_content(tmp_path)
    second = (content / "articles" / "second.md").read_text("utf-8")
    second = second.replace("The second", "Die zweite").replace("about second", "on the second")
    german = second.replace("Slug: second", "Slug: second\nLang: de")
    (content / "articles" / "second-de.md").write_text(german, "utf-8")
    site = publish_site(tmp_path, SITEURL)
    groups = [
        {
            link.get("hreflang"): link.get("href")
            for link in page(site, path).xpath("//link[@hreflang]")
        }
        for path in ("second/index.html", "de/second/index.html")
    ]
    assert groups[0] == groups[1]
    assert groups[0].keys() >= {"de", "x-default"}


def test_the_theme_is_named_by_its_content_and_pages_know_the_names(site):
    (script,) = page(site, "first/index.html").xpath("//script/@src")
    name = script.removeprefix(f"{SITEURL}/")
    assert name.startswith("theme/js/replies.")
    assert (site / name).is_file()
    assert not (site / "theme" / "js" / "replies.js").exists()


def test_a_changed_file_of_the_theme_gets_a_new_name():
    from plugins.assets import fingerprinted_name

    assert fingerprinted_name("js/a.b.js", b"one") != fingerprinted_name("js/a.b.js", b"two")
    assert fingerprinted_name("js/a.b.js", b"one").startswith("js/a.b.")


def test_files_are_readable_for_the_server_whatever_the_umask(site):
    assert {mode for _, mode in tree(site).values()} == {0o644}


# -- Moved articles --------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["before/index.html", "long/ago.html", "naïve/index.html"])
def test_at_an_earlier_address_a_plain_page_leads_on(site, path):
    moved = page(site, path)
    (refresh,) = moved.xpath('//meta[@http-equiv="refresh"]/@content')
    (link,) = moved.xpath("//a/@href")
    assert refresh == f"0; url={link}"
    assert (site / path).parent.joinpath(link).resolve() == site / "first"
    assert moved.xpath('//link[@rel="canonical"]/@href') == [f"{SITEURL}/first/"]
    assert moved.xpath('//meta[@name="robots"]/@content') == ["noindex"]


def test_search_engines_and_feeds_hear_of_the_new_address_only(site):
    for name in ("sitemap.xml", "feed.xml"):
        assert "before/" not in (site / name).read_text("utf-8")


def test_the_thread_of_replies_stays_with_a_moved_article(site):
    assert page(site, "first/index.html").xpath("//@data-thread") == ["/before/"]


class Stated:
    def __init__(self, aliases):
        self.aliases = aliases


@pytest.mark.parametrize(
    "stated, files",
    [
        ("/a/, /b/", ["a/index.html", "b/index.html"]),
        ("/a", ["a/index.html"]),
        ("/a, /a/", ["a/index.html"]),
        ("/a/; /b/", ["a/index.html", "b/index.html"]),
        ("a/b.html,", ["a/b.html"]),
        ("/../../etc/", ["etc/index.html"]),
        (["/a/"], ["a/index.html"]),
        ("", []),
    ],
)
def test_an_earlier_address_may_be_written_in_several_ways(stated, files):
    assert alias_files(Stated(stated)) == files


@pytest.mark.parametrize("alias", ["/second/", "/about/", "/feed.xml", "/first/"])
def test_an_earlier_address_that_is_in_use_is_a_mistake(tmp_path, alias):
    content = write_content(tmp_path)
    write_article(content, "first", "2026-01-05", "Words.", Aliases=alias)
    with pytest.raises(BuildError) as failure:
        publish_site(tmp_path, SITEURL)
    assert any("first.md" in problem.path for problem in failure.value.problems)


# -- Where the site will be ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text, address",
    [
        ("https://www.example.org", "https://www.example.org"),
        ("https://www.example.org/", "https://www.example.org"),
        ("https://user.github.io/site/", "https://user.github.io/site"),
        ("https://example.org:8443", "https://example.org:8443"),
        ("http://localhost:8000", "http://localhost:8000"),
        ("http://127.0.0.1:8000/", "http://127.0.0.1:8000"),
    ],
)
def test_an_address_is_taken_with_or_without_its_last_slash(text, address):
    assert publish.site_address(text) == address


@pytest.mark.parametrize(
    "text",
    [
        "example.org",
        "http://example.org",
        "ftp://example.org",
        "https://",
        "https://example.org?x",
        "https://example.org/#x",
        "https://ann@example.org",
        "https://example.org:port",
        "https://exa mple.org",
        'https://example.org/"><script>',
        "//example.org",
    ],
)
def test_another_address_is_refused_with_advice(text):
    with pytest.raises(BuildError) as failure:
        publish.site_address(text)
    (problem,) = failure.value.problems
    assert problem.path == "SITEURL"
    assert problem.fix


def test_without_an_address_the_command_says_what_to_type(tmp_path):
    done = run("content", "-o", str(tmp_path / "output"), SITEURL="")
    assert done.returncode == 2
    command = r"SITEURL=https://www\.example\.org( \S+ -m tools\.publish)?$"
    assert re.search(command, done.stderr.strip())
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("siteurl", ["https://example.org", "https://example.org/site"])
def test_own_links_begin_with_the_address(shelf, tmp_path, siteurl, monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", EPOCH)
    publish.publish(siteurl, shelf / "content", tmp_path / "o", ROOT / "publishconf.py", OPEN)
    assert f"{siteurl}/second/" in page(tmp_path / "o", "index.html").xpath("//a/@href")
    assert f"{siteurl.removeprefix('https://example.org')}/topics/" in page(
        tmp_path / "o", "404.html"
    ).xpath("//a/@href")


def test_the_site_s_own_content_is_fit_to_publish(tmp_path, monkeypatch):
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", str(int(time.time())))
    settings = {"COMMENTS": {"provider": "isso", "endpoint": ""}}
    site = publish.publish(SITEURL, "content", tmp_path / "output", "publishconf.py", settings)
    assert (tmp_path / "output" / "index.html").is_file()
    assert any("Replies are not open" in problem.what for problem in site.warnings)


# -- A broken site never goes out ------------------------------------------------------------------


def test_a_mistake_in_the_words_leaves_the_last_site_as_it_was(shelf, tmp_path):
    content = write_content(tmp_path)
    publish_site(tmp_path, SITEURL)
    before = tree(tmp_path / "output")
    write_article(content, "second", "2026-01-04", "[x]({filename}gone.md)")
    done = run(str(content), "-o", str(tmp_path / "output"), SITEURL=SITEURL)
    assert done.returncode == 1
    assert "second.md:" in done.stderr
    assert "The last good site is untouched." in done.stderr
    assert tree(tmp_path / "output") == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["content", "output"]


def test_a_fault_found_in_the_built_site_names_the_file_to_fix(tmp_path, monkeypatch):
    content = write_content(tmp_path)
    from tools.verify import links

    def find(site):
        yield "first/index.html", "something is wrong", "fix it"

    monkeypatch.setattr("tools.verify.RULES", (links.orphans, find))
    with pytest.raises(BuildError) as failure:
        publish_site(tmp_path, SITEURL)
    (problem,) = failure.value.problems
    assert Path(problem.path) == content / "articles" / "first.md"
    assert "first/index.html" in problem.what
    assert not (tmp_path / "output").exists()


def test_the_command_prints_the_address_and_a_digest(shelf, tmp_path):
    output = tmp_path / "my output"
    done = run(str(shelf / "content"), "-o", str(output), *SETTINGS, SITEURL=SITEURL)
    assert done.returncode == 0, done.stderr
    assert SITEURL in done.stdout
    assert publish.digest(output) in done.stdout
    assert tree(output) == tree(shelf / "output")


# -- The same bytes --------------------------------------------------------------------------------

# Python runs this first: a clock that is five years late, for whoever asks one.
OTHER_CLOCK = """
import datetime, time
real, gmtime, localtime = time.time, time.gmtime, time.localtime
time.time = lambda: real() + 5 * 365 * 86400
time.time_ns = lambda: int(time.time() * 1e9)
time.gmtime = lambda seconds=None: gmtime(time.time() if seconds is None else seconds)
time.localtime = lambda seconds=None: localtime(time.time() if seconds is None else seconds)
def late(kind):
    class Kind(type):
        __instancecheck__ = lambda self, value: isinstance(value, kind)
        __subclasscheck__ = lambda self, other: issubclass(other, kind)
    class Late(kind, metaclass=Kind):
        now = classmethod(lambda self, tz=None: kind.fromtimestamp(time.time(), tz))
        utcnow = classmethod(lambda self: kind.utcfromtimestamp(time.time()))
        today = classmethod(lambda self: kind.fromtimestamp(time.time()))
    return Late
datetime.date, datetime.datetime = late(datetime.date), late(datetime.datetime)
"""


def test_the_other_clock_is_another(tmp_path):
    """Or the next test would show nothing."""
    (tmp_path / "sitecustomize.py").write_text(OTHER_CLOCK, "utf-8")
    ask = "import datetime, time; print(datetime.datetime.now().year, time.gmtime().tm_year)"
    told = [
        subprocess.check_output(
            [sys.executable, "-c", ask], env={**os.environ, "PYTHONPATH": path}, text=True
        )
        for path in ("", str(tmp_path))
    ]
    now, later = ([int(year) for year in years.split()] for years in told)
    assert all(late - year in (4, 5) for year, late in zip(now, later, strict=True))


def test_the_same_content_gives_the_same_bytes_on_every_machine(shelf, tmp_path):
    elsewhere = tmp_path / "another place"
    write_content(elsewhere)
    clock = tmp_path / "clock"
    clock.mkdir()
    (clock / "sitecustomize.py").write_text(OTHER_CLOCK, "utf-8")
    for number, file in enumerate(sorted(elsewhere.rglob("*"))):
        os.utime(file, (number, number))
    done = run(
        str(elsewhere / "content"),
        "-o",
        str(elsewhere / "output"),
        *SETTINGS,
        SITEURL=f"{SITEURL}/",
        PYTHONPATH=os.pathsep.join([str(clock), str(ROOT)]),
        PYTHONHASHSEED="4711",
        TZ="Asia/Kathmandu",
        LC_ALL="C",
        LANG="C",
    )
    assert done.returncode == 0, done.stderr
    assert tree(elsewhere / "output") == tree(shelf / "output")


def test_articles_of_one_day_and_translations_have_one_order_everywhere(tmp_path):
    content = write_content(tmp_path)
    for slug in ("one", "two", "three"):
        write_article(content, slug, "2026-01-04", f"Words of {slug}.")
    second = (content / "articles" / "second.md").read_text("utf-8")
    for lang in ("de", "fr", "it"):
        text = second.replace("The second", f"In {lang}").replace(
            "about second", f"in {lang} of it"
        )
        text = text.replace("Slug: second", f"Slug: second\nLang: {lang}")
        (content / "articles" / f"second-{lang}.md").write_text(text, "utf-8")
    told = set()
    for seed in ("1", "2", "3"):
        output = ("-o", str(tmp_path / seed))
        done = run(str(content), *output, *SETTINGS, SITEURL=SITEURL, PYTHONHASHSEED=seed)
        assert done.returncode == 0, done.stderr
        told.add(done.stdout.splitlines()[-1])
    assert len(told) == 1


# -- What GitHub runs ------------------------------------------------------------------------------


def test_workflows_run_what_people_type():
    """A broken site cannot go out by this road either: no shell line but make's, and the date."""
    for file in sorted((ROOT / ".github" / "workflows").glob("*.yml")):
        for line in re.findall(r"^\s*(?:- )?run: (.*)", file.read_text("utf-8"), re.MULTILINE):
            assert line.startswith(("make ", 'echo "SOURCE_DATE_EPOCH='))


def test_nothing_is_deployed_before_the_checks_and_the_build():
    text = (ROOT / ".github" / "workflows" / "publish.yml").read_text("utf-8")
    jobs = dict(re.findall(r"(?m)^  (\w+):\n((?:    .*\n|\n)+)", text.partition("jobs:\n")[2]))
    assert "needs: check" in jobs["build"]
    assert "needs: build" in jobs["deploy"]
    assert "make publish" in jobs["build"]
    assert [name for name, job in jobs.items() if "pages: write" in job] == ["deploy"]
    assert "if: always()" not in text
