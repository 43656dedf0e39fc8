"""What hosts are told: header files, redirects, and the site under a real Caddy."""

import gzip
import http.client
import os
import re
import socket
import subprocess
import time
from contextlib import closing, contextmanager
from urllib.parse import urlsplit

import brotli
import pytest

from plugins.cache.store import Cache
from tests import caddy
from tests.publish_fixtures import ROOT, publish_site
from tools import hosts
from tools.build import load_settings
from tools.verify import files
from tools.verify.page import directives

FOREVER = "public, max-age=31536000, immutable"


@pytest.fixture(scope="module")
def hosted(tmp_path_factory):
    return publish_site(tmp_path_factory.mktemp("hosted"), "https://example.org")


@pytest.fixture(scope="module")
def below(tmp_path_factory):
    return publish_site(tmp_path_factory.mktemp("below"), "https://example.org/site")


def rules(site):
    """Return the headers of _headers by path."""
    found = {}
    for line in (site / "_headers").read_text("utf-8").splitlines():
        if line.startswith("/"):
            path = line
        elif line.startswith("  "):
            name, _, value = line.strip().partition(": ")
            found.setdefault(path, {})[name] = value
    return found


def redirects(site):
    lines = (site / "_redirects").read_text("utf-8").splitlines()
    return [tuple(line.split()) for line in lines if not line.startswith("#")]


# -- _headers and _redirects -----------------------------------------------------------------------


def test_every_answer_has_the_security_headers(hosted):
    headers = rules(hosted)["/*"]
    policy = directives(headers["Content-Security-Policy"])
    assert policy["default-src"] == {"'none'"}
    assert policy["frame-ancestors"] == {"'none'"}
    assert policy["script-src"] == {"'self'"}
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "strict-origin-when-cross-origin"
    assert headers["Strict-Transport-Security"].startswith("max-age=")
    assert "camera=()" in headers["Permissions-Policy"]


def test_only_files_named_by_their_content_are_kept_for_ever(hosted):
    kept = {path for path, headers in rules(hosted).items() if "Cache-Control" in headers}
    assert kept == {"/pictures/*", "/theme/*"}
    assert all(rules(hosted)[path]["Cache-Control"] == FOREVER for path in kept)


def test_no_answer_gets_a_header_from_two_rules(hosted):
    """Cloudflare and Netlify would join the values with a comma."""
    all_names = set(rules(hosted)["/*"])
    others = [set(headers) for path, headers in rules(hosted).items() if path != "/*"]
    assert all(not all_names & names for names in others)


def test_the_host_files_keep_within_the_limits_of_the_hosts(hosted):
    headers = (hosted / "_headers").read_text("utf-8").splitlines()
    most_rules, longest = files.LIMITS["_headers"]
    assert len(rules(hosted)) <= most_rules
    assert max(map(len, headers)) <= longest


def test_an_earlier_address_redirects_for_good_on_both_hosts(hosted):
    assert ("/before/", "/first/", "301!") in redirects(hosted)
    assert ("/before/", "/first/", "301") in redirects(hosted)
    assert ("/long/ago.html", "/first/", "301") in redirects(hosted)
    assert ("/na%C3%AFve/", "/first/", "301") in redirects(hosted)


def test_below_a_folder_rules_begin_with_it(below):
    assert {"/site/*", "/site/theme/*"} <= rules(below).keys()
    assert ("/site/before/", "/site/first/", "301") in redirects(below)


def test_compressed_copies_of_pages_with_replies_are_kept_apart(tmp_path):
    site = tmp_path / "site"
    site.mkdir()
    (site / "a.html").write_text("Yes. " * 99)
    with closing(Cache({"CACHE_PATH": str(tmp_path / "cache")})) as cache:
        cache.files["a.html"] = frozenset([b"a reply"])
        hosts.store_compressed(site, cache)
    copies = [(site / f"a.html{ending}").read_bytes() for ending in hosts.COMPRESSIONS]
    kept = {
        name: (tmp_path / "cache" / f"{name}.db").read_bytes() for name in ("private", "public")
    }
    assert all(copy in kept["private"] and copy not in kept["public"] for copy in copies)


def test_without_a_caddy_the_tests_say_what_to_type(monkeypatch, tmp_path):
    monkeypatch.delenv("CADDY", raising=False)
    monkeypatch.setattr(caddy, "FETCHED", tmp_path / "caddy")
    monkeypatch.setattr(caddy.shutil, "which", lambda name: None)
    with pytest.raises(caddy.CaddyNotFoundError, match=r"type:\n    \S"):
        caddy.find_or_fetch()


# -- Under Caddy -----------------------------------------------------------------------------------


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def running(site, folder, port):
    """Run the site's own Caddyfile, which is for this port of this machine."""
    config = folder / "Caddyfile"
    # What the owner of the server has: global options, and an import of the site's file.
    config.write_text(f"{{\n\tadmin off\n}}\nimport {site}/Caddyfile\n")
    own = {name: str(folder) for name in ("HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME")}
    command = [caddy.find_or_fetch(), "run", "--adapter", "caddyfile", "--config", str(config)]
    with (folder / "log").open("w") as log:
        server = subprocess.Popen(
            command, env={**os.environ, **own, "SITE_ROOT": str(site)}, stdout=log, stderr=log
        )
    try:
        for _ in range(200):
            if server.poll() is not None:
                break
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    yield f"http://127.0.0.1:{port}"
                    return
            time.sleep(0.05)
        pytest.fail((folder / "log").read_text())
    finally:
        server.terminate()
        server.wait(10)


@pytest.fixture(scope="module")
def port():
    return free_port()


@pytest.fixture(scope="module")
def for_caddy(port, tmp_path_factory):
    return publish_site(tmp_path_factory.mktemp("caddy"), f"http://127.0.0.1:{port}", "caddy")


@pytest.fixture(scope="module")
def server(for_caddy, port, tmp_path_factory):
    with running(for_caddy, tmp_path_factory.mktemp("server"), port) as address:
        yield address


def ask(server, path, method="GET", **headers):
    """Return the answer and its body as sent."""
    connection = http.client.HTTPConnection(urlsplit(server).netloc, timeout=10)
    try:
        connection.request(method, path, headers=headers)
        answer = connection.getresponse()
        return answer, answer.read()
    finally:
        connection.close()


def test_a_page_comes_with_the_headers_of_the_header_file(server, hosted):
    answer, _ = ask(server, "/first/")
    assert answer.status == 200
    for name, value in rules(hosted)["/*"].items():
        assert answer.headers.get_all(name) == [value]
    assert answer.headers.get_all("Cache-Control") == ["public, max-age=0, must-revalidate"]


def test_a_file_named_by_its_content_may_be_kept_for_ever(server, for_caddy):
    script = next((for_caddy / "theme").rglob("*.js")).relative_to(for_caddy)
    answer, _ = ask(server, f"/{script}")
    assert answer.headers.get_all("Cache-Control") == [FOREVER]
    answer, _ = ask(server, "/theme/js/gone.0123456789.js")
    assert answer.status == 404
    assert answer.headers.get_all("Cache-Control") == ["public, max-age=0, must-revalidate"]


@pytest.mark.parametrize(
    "accepted, coding, unpack",
    [
        ("br, gzip", "br", brotli.decompress),
        ("gzip", "gzip", gzip.decompress),
        ("identity", None, bytes),
    ],
)
def test_a_page_comes_as_compressed_as_the_browser_can_read(
    server, for_caddy, accepted, coding, unpack
):
    answer, body = ask(server, "/first/", **{"Accept-Encoding": accepted})
    assert answer.headers["Content-Encoding"] == coding
    assert answer.headers.get_all("Vary") == ["Accept-Encoding"]
    assert answer.headers["Content-Type"].startswith("text/html")
    assert unpack(body) == (for_caddy / "first" / "index.html").read_bytes()


def test_a_missing_page_is_a_404_that_helps(server, for_caddy):
    answer, body = ask(server, "/no/such/page/")
    assert answer.status == 404
    assert body == (for_caddy / "404.html").read_bytes()
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    "old", ["/before/", "/before", "/long/ago.html", "/na%C3%AFve/", "/na%C3%AFve"]
)
def test_an_earlier_address_redirects_for_good(server, old):
    answer, _ = ask(server, old)
    assert (answer.status, answer.headers["Location"]) == (301, "/first/")


def test_an_address_without_its_slash_finds_the_page(server):
    answer, _ = ask(server, "/first")
    assert answer.status in (301, 308)
    assert answer.headers["Location"].endswith("/first/")


def test_a_part_of_a_file_can_be_asked_for(server, for_caddy):
    content = (for_caddy / "images" / "box.png").read_bytes()
    answer, body = ask(server, "/images/box.png", Range="bytes=0-9")
    assert (answer.status, body) == (206, content[:10])
    assert answer.headers["Content-Range"] == f"bytes 0-9/{len(content)}"


def test_head_tells_the_same_as_get_without_the_body(server):
    got, _ = ask(server, "/first/", **{"Accept-Encoding": "br"})
    answer, body = ask(server, "/first/", "HEAD", **{"Accept-Encoding": "br"})
    assert (answer.status, body) == (200, b"")
    for name in ("Content-Length", "Content-Encoding", "Content-Type", "ETag", "Cache-Control"):
        assert answer.headers[name] == got.headers[name]


def test_an_unchanged_page_is_not_sent_again(server):
    first, _ = ask(server, "/first/")
    answer, body = ask(server, "/first/", **{"If-None-Match": first.headers["ETag"]})
    assert (answer.status, body) == (304, b"")


@pytest.mark.parametrize("path", ["/Caddyfile", "/index.html.br", "/first/index.html.gz"])
def test_files_for_the_server_are_not_shown(server, path):
    assert ask(server, path)[0].status == 404


def test_pages_obey_both_policies_in_a_browser(server, new_page):
    """The header lacks the hash of a page's data, and nothing complains."""
    page = new_page()
    for path in ("/", "/first/", "/about/", "/topics/", "/before/"):
        page.goto(server + path, wait_until="load")
        assert page.locator("h1").count() == 1
    assert page.url == f"{server}/first/"
    assert page.complaints == []


def test_no_other_site_can_put_a_page_into_a_frame(server, new_page):
    page = new_page()
    page.set_content(f'<iframe src="{server}/first/"></iframe>')
    page.wait_for_timeout(300)
    assert any("frame-ancestors" in complaint for complaint in page.complaints)


def test_below_a_folder_the_same_holds(tmp_path):
    port = free_port()
    site = publish_site(tmp_path, f"http://127.0.0.1:{port}/site", "caddy")
    with running(site, tmp_path, port) as server:
        answer, body = ask(server, "/site/first/")
        assert (answer.status, body) == (200, (site / "first" / "index.html").read_bytes())
        assert ask(server, "/site")[0].headers["Location"] == "/site/"
        assert ask(server, "/site/before/")[0].headers["Location"] == "/site/first/"
        assert ask(server, "/site/first")[0].headers["Location"] == "/site/first/"
        script = next((site / "theme").rglob("*.js")).relative_to(site)
        assert ask(server, f"/site/{script}")[0].headers["Cache-Control"] == FOREVER
        answer, body = ask(server, "/site/nothing/")
        assert (answer.status, body) == (404, (site / "404.html").read_bytes())


def test_the_file_for_a_public_name_is_one_that_caddy_takes(tmp_path):
    """With that name, Caddy gets a certificate and forwards http to https."""
    settings = load_settings(ROOT / "publishconf.py", {"SITEURL": "https://www.example.org"})
    hosts.caddy(tmp_path, settings, [])
    config = str(tmp_path / "Caddyfile")
    command = [caddy.find_or_fetch(), "adapt", "--adapter", "caddyfile", "--config", config]
    adapted = subprocess.run(command, capture_output=True, text=True, check=True)
    assert '"host":["www.example.org"]' in adapted.stdout
    assert '"/srv/www.example.org"' in adapted.stdout
    assert "warn" not in adapted.stderr.lower()


@pytest.mark.parametrize("endpoint", ["/isso", "https://example.org/isso"])
def test_replies_below_the_site_go_to_the_comment_server(tmp_path, endpoint):
    settings = load_settings(
        ROOT / "publishconf.py",
        {"SITEURL": "https://example.org", "COMMENTS": {"provider": "isso", "endpoint": endpoint}},
    )
    hosts.caddy(tmp_path, settings, [])
    text = (tmp_path / "Caddyfile").read_text("utf-8")
    assert re.search(r"handle /isso/\* \{\s+reverse_proxy", text)


def test_a_comment_server_elsewhere_is_let_in_by_the_policy_and_not_proxied(tmp_path):
    settings = load_settings(
        ROOT / "publishconf.py",
        {
            "SITEURL": "https://example.org",
            "COMMENTS": {"provider": "isso", "endpoint": "https://comments.example.org"},
        },
    )
    policy = directives(hosts.security_headers(settings, [])["Content-Security-Policy"])
    assert "https://comments.example.org" in policy["connect-src"]
    hosts.caddy(tmp_path, settings, [])
    assert "reverse_proxy" not in (tmp_path / "Caddyfile").read_text("utf-8")
