"""What `make audit` does without its checkers, and the server that it and the tests share."""

import gzip
import urllib.request
from urllib.error import HTTPError

import pytest

from tests import chromium
from tests.audit import __main__ as audit
from tests.audit import checkers
from tests.static_server import serving


def test_a_checker_that_is_missing_is_reported_with_what_to_install(monkeypatch, capsys):
    def not_found():
        raise chromium.BrowserNotFoundError("no Chromium — type: this")

    monkeypatch.setattr(audit.shutil, "which", lambda _name: None)
    monkeypatch.setattr(chromium, "executable", not_found)
    assert audit.main([]) == 2
    reported = capsys.readouterr().err.splitlines()
    assert [line.split(" — ")[0] for line in reported] == [
        "Java is missing",
        "no Chromium",
        "Node.js is missing",
    ]


def test_a_page_above_its_budgets_is_reported_with_each_of_them(capsys):
    perfect = dict.fromkeys(checkers.CATEGORIES, 100)
    good = checkers.Findings(bytes=900, own=800, requests=1, scores=perfect, cls=0)
    assert audit.print_report({"home": ""}, {"": good}) == 0
    bad = checkers.Findings(
        own=999_999, requests=2, scores={**perfect, "seo": 99}, cls=0.2, axe=["320 light: rule"]
    )
    assert audit.print_report({"home": ""}, {"": bad}) == 1
    reported = capsys.readouterr().out.partition("Above the budgets:\n")[2].splitlines()
    assert [line.split(", more")[0].strip() for line in reported] == [
        "home: 999,999 bytes without headers",
        "home: 2 requests",
        "home: Lighthouse below 100",
        "home: the layout shifts by 0.2",
        "home: axe: 320 light: rule",
    ]


def test_one_page_of_each_kind_is_checked_the_heaviest(site):
    pages = audit.select_pages(site.folder, every=False)
    assert {"home", "article", "page", "category", "tag", "topics", "archive", "404"} <= set(pages)
    assert pages["home"] == ""
    categories = (site.folder / "category").glob("*/index.html")
    heaviest = max(categories, key=lambda file: file.stat().st_size)
    assert site.folder / pages["category"] / "index.html" == heaviest
    assert set(audit.select_pages(site.folder, every=True).values()) == set(site.paths())


@pytest.mark.parametrize(("path", "status", "body"), [("", 200, b"home"), ("x/", 404, b"none")])
def test_the_server_answers_as_a_static_host(tmp_path, path, status, body):
    (tmp_path / "index.html").write_bytes(b"home")
    (tmp_path / "404.html").write_bytes(b"none")
    with serving(tmp_path) as server:
        request = urllib.request.Request(
            f"{server.address}/{path}", headers={"Accept-Encoding": "gzip"}
        )
        try:
            answer = urllib.request.urlopen(request)
        except HTTPError as error:
            answer = error
        with answer:
            assert answer.status == status
            assert answer.headers["Content-Encoding"] == "gzip"
            assert gzip.decompress(answer.read()) == body
