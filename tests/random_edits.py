"""A project of its own that is edited at random, and built after each edit in two ways.

No module of the project is imported here: each build runs in a fresh process of a fork server that
has loaded libraries only, so that edited code counts.
"""

import contextlib
import io
import json
import multiprocessing
import os
import random
import shutil
import sys
from pathlib import Path

from PIL import Image

ROOT = Path(__file__).resolve().parent.parent
LIBRARIES = ["pelican", "markdown", "lxml.html", "nh3", "PIL.Image", "babel.dates", "lightningcss"]
START = 1_774_224_000  # 23 March 2026
DAY = 86_400
SUMMARY = (
    "Part {}: what this article says, in words enough that a search engine can show them as a "
    "description, and no more words than that."
)
ARTICLE = """Title: The {name} article of them all
Date: 2026-01-{day:02}
Category: Backs
Tags: walking, sleep
Slug: {name}
Summary: {summary}

Words of {name}, which are few.

## FAQs

### Is this the {name} one?

It is.
"""
SETTINGS = """
COMMENTS = {"provider": "isso", "endpoint": "https://comments.example.org"}
DEFAULT_PAGINATION = 3
BUDGETS = {"style": 9999}
"""
TOKENS = 'MARKDOWN["extension_configs"]["plugins.tokens:TokensExtension"]["values"]'
NAMES = ("first", "second", "third", "fourth", "fifth", "sixth")
MOST = 8  # articles


class Project:
    """A copy of the project in `folder`, with content of its own."""

    def __init__(self, folder: Path, seed: int):
        self.folder, self.random = folder, random.Random(seed)
        self.content, self.articles = folder / "content", folder / "content" / "articles"
        self.now, self.count = START, 0
        leave = shutil.ignore_patterns("__pycache__")
        for name in ("comments", "plugins", "theme", "tools"):
            shutil.copytree(ROOT / name, folder / name, ignore=leave)
        for name in ("contract.py", "pelicanconf.py", "publishconf.py"):
            shutil.copy(ROOT / name, folder)
        for name in ("articles", "images"):
            (self.content / name).mkdir(parents=True)
        shutil.copytree(ROOT / "tests" / "site" / "content" / "pages", self.content / "pages")
        for number, name in enumerate(NAMES, 1):
            text = ARTICLE.format(name=name, day=number, summary=SUMMARY.format(number))
            (self.articles / f"{name}.md").write_text(text, "utf-8")
        self.draw_picture("walk")
        first = self.articles / "first.md"
        first.write_text(first.read_text() + "\n![A plain color]({static}/images/walk.png)\n")
        settings = folder / "pelicanconf.py"
        settings.write_text(settings.read_text() + SETTINGS, "utf-8")

    # -- Building ------------------------------------------------------------------------------

    def build(self, command: str, output: str, cache: str) -> tuple[int, str]:
        """Run "build" or "publish" into a folder beside the project, with a cache beside it too.
        Return the exit code and what was said."""
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(LIBRARIES)
        receiver, sender = context.Pipe(duplex=False)
        paths = [str(self.folder.parent / name) for name in (output, cache)]
        arguments = (str(self.folder), command, *paths, self.now, sender)
        process = context.Process(target=run, args=arguments)
        process.start()
        sender.close()
        try:
            return receiver.recv()
        finally:
            process.join()

    def files(self, output: str) -> dict[str, tuple[bytes, int]]:
        """Return the bytes and the modification time of each file that a build wrote."""
        folder = self.folder.parent / output
        return {
            path.relative_to(folder).as_posix(): (path.read_bytes(), path.stat().st_mtime_ns)
            for path in folder.rglob("*")
            if path.is_file()
        }

    # -- Editing -------------------------------------------------------------------------------

    def state(self) -> tuple[dict[Path, bytes], int]:
        """Return all that an edit can change."""
        files = [path for path in self.folder.rglob("*") if path.is_file()]
        return {
            file: file.read_bytes() for file in files if "__pycache__" not in file.parts
        }, self.now

    def restore(self, state: tuple[dict[Path, bytes], int]):
        """Undo an edit."""
        before, self.now = state
        after, _ = self.state()
        for file in after.keys() - before.keys():
            file.unlink()
        for file, content in before.items():
            if after.get(file) != content:
                file.write_bytes(content)

    def edit(self, kind: str):
        """Make one edit of a kind of `EDITS`."""
        self.count += 1
        EDITS[kind](self, self.random.choice(sorted(self.articles.glob("*.md"))))

    def field(self, article: Path, name: str, value: str):
        """Write a field of front matter, instead of the one that is there; "" for none."""
        head, _, text = article.read_text("utf-8").partition("\n\n")
        lines = [line for line in head.split("\n") if not line.startswith(f"{name}:")]
        article.write_text(
            "\n".join([*lines, *([f"{name}: {value}"] if value else [])]) + f"\n\n{text}"
        )

    def draw_picture(self, name: str):
        """Draw a picture, in the place of one of the same name."""
        color = tuple(self.random.randrange(256) for _ in range(3))
        Image.new("RGB", (60, 40), color).save(self.content / "images" / f"{name}.png")

    def append(self, name: str, text: str):
        """Write at the end of a file of the project."""
        with (self.folder / name).open("a", encoding="utf-8") as file:
            file.write(text)

    def replace(self, name: str, old: str, new: str):
        """Replace words in a file of the project."""
        file = self.folder / name
        text = file.read_text("utf-8")
        assert old in text, (name, old)
        file.write_text(text.replace(old, new, 1), "utf-8")

    def mark(self, template: str, before: str):
        """Write a comment into a template."""
        mark = f"<!-- {self.count} -->{before}"
        self.replace(f"theme/templates/{template}", before, mark)

    def reply(self, article: Path, *texts: str):
        """Give an article replies, instead of those that it has."""
        file = self.folder / "replies.json"
        data = json.loads(file.read_text()) if file.exists() else {"threads": {}}
        slug = next(line for line in article.read_text().split("\n") if line.startswith("Slug:"))
        replies = [
            {
                "id": number,
                "author": "Ann",
                "created": "2026-01-20T09:00:00Z",
                "text": f"<p>{text}</p>",
            }
            for number, text in enumerate(texts, 1)
        ]
        data["threads"][f"/{slug.removeprefix('Slug: ')}/"] = replies
        file.write_text(json.dumps({**data, "as_of": "2026-01-20T10:00:00Z"}))

    def add(self, article: Path):
        """Write an article like another."""
        self.copy(article, Slug=f"new-{self.count}")

    def translate(self, article: Path):
        """Write an article at the address of another, in another language."""
        if "\nLang:" not in article.read_text():
            self.copy(article, Lang=self.some("ar", "de"))

    def copy(self, article: Path, **fields: str):
        """Write an article like another, but for its words and some fields."""
        if len(list(self.articles.glob("*.md"))) >= MOST:
            return
        new = self.articles / f"new-{self.count}.md"
        new.write_text(article.read_text())
        own = {
            "Title": f"Article {self.count} of those that came later",
            "Summary": SUMMARY.format(f"2.{self.count}"),
        }
        for name, value in {**own, "Aliases": "", "Comment_id": "", **fields}.items():
            self.field(new, name, value)

    def remove(self, article: Path):
        """Delete an article, and the links to it."""
        if len(list(self.articles.glob("*.md"))) <= 3:
            return
        article.unlink()
        for other in self.articles.glob("*.md"):
            lines = [
                line for line in other.read_text().split("\n") if f"}}{article.name})" not in line
            ]
            other.write_text("\n".join(lines))

    def link(self, article: Path):
        """Link from one article to another."""
        others = sorted(set(self.articles.glob("*.md")) - {article})
        other = self.random.choice(others)
        article.write_text(article.read_text() + f"\nSee [another]({{filename}}{other.name}).\n")

    def rename(self, article: Path):
        """Give the file of an article another name."""
        name = f"renamed-{self.count}.md"
        for other in self.articles.glob("*.md"):
            other.write_text(other.read_text().replace(f"}}{article.name})", f"}}{name})"))
        article.rename(article.with_name(name))

    def some(self, *values):
        """Return one of some values."""
        return self.random.choice(values)


def _set(name: str, *values: str):
    def edit(project: Project, article: Path):
        value = project.some(*values).format(n=project.count, day=project.random.randrange(10, 28))
        project.field(article, name, value)

    return edit


def _write(name: str, text: str):
    return lambda project, article: project.append(name, text.format(n=project.count))


EDITS = {
    "title": _set("Title", "Another title with the number {n}", "A title & a <sign> number {n}"),
    "text": lambda project, article: article.write_text(
        article.read_text() + f"\nOne more sentence, of edit {project.count}.\n"
    ),
    "summary": _set("Summary", SUMMARY.replace("{}", "1.{n}")),
    "date": _set("Date", "2025-11-{day}", "2026-02-{day}", "2026-03-{day}", "2026-04-{day} 09:30"),
    "modified": _set("Modified", "2026-03-{day}", ""),
    "tags": _set("Tags", "walking", "walking, sleep", "sleep, water", "number {n}"),
    "category": _set("Category", "Backs", "Necks", "Category {n}"),
    "language": _set("Lang", "ar", "de", ""),
    "slug": _set("Slug", "slug-{n}"),
    "status": _set("Status", "draft", "hidden", "skip", ""),
    "add": Project.add,
    "translate": Project.translate,
    "delete": Project.remove,
    "rename": Project.rename,
    "link": Project.link,
    "alias": _set("Aliases", "/old-{n}/", "/old-{n}/, /older-{n}.html", ""),
    "emergency": _set("Emergency", "Call 911 if edit {n} hurts.", ""),
    "a date that passes": lambda project, article: setattr(
        project, "now", project.now + project.random.randrange(1, 9) * DAY
    ),
    "template": lambda project, article: project.mark(
        project.some("article.html", "partials/article_list.html", "base.html"), "</"
    ),
    "template of replies": lambda project, article: project.mark("comments/rendered.html", "<h3>"),
    "CSS": _write("theme/css/site.css", "\n.n{n} {{ color: red }}\n"),
    "JavaScript": _write("theme/static/js/replies.js", "\nexport const n{n} = {n};\n"),
    "words": lambda project, article: project.replace(
        "theme/words/ar.json", '": "', f'": "{project.count}'
    ),
    "name of the site": _write("pelicanconf.py", 'SITENAME = "Site {n}"\n'),
    "name of the publisher": _write("pelicanconf.py", f'{TOKENS}["PUBLISHER"] = "Owner {{n}}"\n'),
    "length of lists": lambda project, article: project.append(
        "pelicanconf.py", f"DEFAULT_PAGINATION = {project.some(2, 3, 4)}\n"
    ),
    "plugin": lambda project, article: project.replace(
        "plugins/structured_data.py", '"wordCount": ', f'"n{project.count}": 1, "wordCount": '
    ),
    "picture": lambda project, article: project.draw_picture("walk"),
    "approve": lambda project, article: project.reply(article, "One", f"Two, of {project.count}"),
    "erase": lambda project, article: project.reply(article),
}


def run(folder: str, command: str, output: str, cache: str, now: int, sender):
    """Build the project in `folder`, in a process of its own; send the exit code and the words."""
    os.chdir(folder)
    sys.path.insert(0, folder)
    sys.dont_write_bytecode = False  # each edit changes the size of a file
    os.environ |= {"SOURCE_DATE_EPOCH": str(now), "SITEURL": "https://example.org"}
    said = io.StringIO()
    try:
        with contextlib.redirect_stderr(said), contextlib.redirect_stdout(said):
            tool = __import__(f"tools.{command}", fromlist=["main"])
            code = tool.main(["content", "-o", output, "-e", f'CACHE_PATH="{cache}"'])
    except BaseException as error:
        code = 70
        said.write(repr(error))
    sender.send((code, said.getvalue()))
