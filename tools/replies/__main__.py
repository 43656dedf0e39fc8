"""The commands: `python -m tools.replies COMMAND`."""

import argparse
import json
import os
import sqlite3
import sys
import textwrap
import unicodedata
from pathlib import Path
from urllib.parse import urljoin

from . import erasure, safekeeping, snapshot, store, waline, wordpress

CONFIG = "/etc/comments.cfg"
LOCAL = Path(".comments/replies.db")
WIDTH = 78


class Stop(Exception):
    """What to tell the user instead of going on."""


def main(arguments: list[str] | None = None) -> int:
    """Carry out one command; return the exit code."""
    given = _parser().parse_args(arguments)
    try:
        return given.run(given) or 0
    except (Stop, LookupError, OSError, safekeeping.Unusable, wordpress.Unreadable) as error:
        print(error, file=sys.stderr)
    except sqlite3.Error as error:
        print(
            f"the database cannot be used ({error}) — is it a database of replies?", file=sys.stderr
        )
    return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tools.replies",
        description="Look after the replies that visitors leave. Start with `pending`: it lists "
        "what waits for you, each reply with its number. Commands that delete show what they "
        "will do and ask first.",
    )
    where = parser.add_mutually_exclusive_group()
    where.add_argument(
        "--config", type=Path, metavar="FILE", help=f"the comment server's settings ({CONFIG})"
    )
    where.add_argument("--database", type=Path, metavar="FILE", help="the file with the replies")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)

    def command(name, run, help, ask=False):
        made = commands.add_parser(name, help=help, description=help[0].upper() + help[1:] + ".")
        made.set_defaults(run=run)
        if ask:
            made.add_argument("--yes", action="store_true", help="do not ask, for scripts")
        return made

    command("pending", _pending, "list the replies that wait for approval")
    made = command("list", _list, "list the newest replies, of all pages or of one")
    made.add_argument("page", nargs="?", help="the page's path, such as /back-pain/")
    made.add_argument("--most", type=int, default=20, help="how many (20)")
    made = command("show", _show, "show one reply in full")
    made.add_argument("number", type=int)
    made = command("approve", _approve, "publish waiting replies")
    made.add_argument("numbers", type=int, nargs="+", metavar="number")
    made = command("delete", _delete, "delete replies for good", ask=True)
    made.add_argument("numbers", type=int, nargs="+", metavar="number")
    made = command("answer", _answer, "answer a reply in the site's name, published at once")
    made.add_argument("number", type=int)
    made.add_argument("text", help="the answer in Markdown; - reads it from standard input")
    made.add_argument("--name", required=True, help="the name to show, such as 'The editors'")
    made = command("export", _export, "print all that is held about a person, as JSON")
    made.add_argument("email")
    made = command("erase", _erase, "erase a person everywhere, by e-mail address", ask=True)
    made.add_argument("email")
    made = command("backup", _backup, "copy all replies to a file, while the server runs", ask=True)
    made.add_argument("file", type=Path)
    made = command("restore", _restore, "put a backup back, and keep what was there", ask=True)
    made.add_argument("file", type=Path)
    made = command("import", _import, "bring replies along from a WordPress export", ask=True)
    made.add_argument("file", type=Path, help="the .xml file of WordPress's Tools, Export")
    made.add_argument(
        "--keep-paths",
        action="store_true",
        help="replies belong to the old addresses' paths instead of /name-of-the-post/",
    )
    made = command("move", _move, "write all replies to a file that Waline imports", ask=True)
    made.add_argument("file", type=Path)
    made = command("snapshot", _snapshot, "fetch the approved replies for the next build")
    made.add_argument("--endpoint", help="the comment server's address (from the site's settings)")
    made.add_argument("--settings", default="publishconf.py", help="the site's settings file")
    made.add_argument("--threads", type=Path, help="a file that lists the pages, one a line")
    made.add_argument("-o", "--output", type=Path, default=Path("replies.json"))
    made.add_argument("--strict", action="store_true", help="fail if the server cannot be reached")
    return parser


# Reading.


def _pending(given) -> None:
    found = store.waiting(_database(given))
    for reply in found:
        _print_short(reply)
    if found:
        print("\nShow one in full: show NUMBER. Publish: approve NUMBER. Delete: delete NUMBER.")
    else:
        print("No reply waits for approval.")


def _list(given) -> None:
    for reply in store.latest(_database(given), given.page, given.most):
        _print_short(reply)


def _show(given) -> None:
    reply = store.get(_database(given), given.number)
    for label, value in (
        ("Number", reply.number),
        ("State", reply.state),
        ("Page", reply.page),
        ("Answers", reply.parent or "the page"),
        ("Sent", reply.when),
        ("Name", reply.author),
        ("E-mail", reply.email),
        ("Website", reply.website),
        ("Network", reply.network),
    ):
        print(f"{label + ':':9}{_plain(str(value))}")
    print("\n" + textwrap.indent(_plain(reply.text), "    "))


def _export(given) -> None:
    database = _database(given)
    held = {
        "email": given.email,
        "replies": [vars(reply) for reply in erasure.written_by(database, given.email)],
        "mentioned_in": [
            {"number": reply.number, "page": reply.page}
            for reply in erasure.mentioning(database, given.email)
        ],
    }
    print(json.dumps(held, ensure_ascii=False, indent=2))


# Changing.


def _approve(given) -> int:
    database, failed = _database(given), 0
    for number in given.numbers:
        before = store.get(database, number)
        if before.state == "waiting":
            store.approve(database, number)
            print(f"Reply {number} by {_plain(before.author)} is published on {before.page}.")
        else:
            print(f"Reply {number} is {before.state}, not waiting; nothing is changed.")
            failed = 1
    return failed


def _delete(given) -> None:
    database = _database(given)
    for reply in [store.get(database, number) for number in given.numbers]:
        _print_short(reply)
    _ask(given, "Delete for good?")
    for number in given.numbers:
        store.delete(database, number)
    print(
        "Deleted. Published pages show it until the next build: run `make replies`, then publish."
    )


def _answer(given) -> None:
    from comments import fields

    text = sys.stdin.read() if given.text == "-" else given.text
    try:
        text, name = fields.text(text), fields.name({"author": given.name})
    except fields.Refused as wrong:
        raise Stop(wrong.message) from None
    number = store.answer(_database(given), given.number, name, text)
    print(f"Your answer is reply {number}, published.")


def _erase(given) -> int:
    database = _database(given)
    own = erasure.written_by(database, given.email)
    mentions = erasure.mentioning(database, given.email)
    if not own and not mentions and not erasure.traces(database, given.email):
        print(f"Nothing is held about {given.email}.")
        return 0
    for reply in own:
        _print_short(reply)
    print(f"\nReplies sent with {given.email}, to be erased for good: {len(own)}.")
    if mentions:
        numbers = ", ".join(str(reply.number) for reply in mentions)
        print(f"Replies by others that the address will be cut out of: {numbers}.")
    _ask(given, "Erase?")
    left = erasure.erase(database, given.email)
    size = database.stat().st_size
    print(f"{left} places with {given.email} are left in {database} ({size:,} bytes searched).")
    _refresh(database)
    print(
        "Backups made until now still hold this person: delete them. `restore` erases again "
        "by itself.\nPublished pages show the replies until the next build: run `make replies`, "
        "then publish."
    )
    return 1 if left else 0


def _refresh(database: Path) -> None:
    """Bring a snapshot that lies here up to date."""
    path = Path("replies.json")
    if path.exists():
        threads = json.loads(path.read_text(encoding="utf-8"))["threads"]
        with snapshot.from_database(database) as ask:
            snapshot.write(snapshot.fetch(ask, list(threads)), path)
        print(f"{path} is refreshed.")


# Keeping.


def _backup(given) -> None:
    database = _database(given)
    if given.file.exists():
        print(f"{given.file} exists: {safekeeping.inspect(given.file)}.")
        _ask(given, "Write over it?")
    held = safekeeping.copy(database, given.file)
    print(f"Backed up to {given.file}: {held}. The copy is sound. Keep it as safe as the server.")


def _restore(given) -> None:
    database = _database(given, must_exist=False)
    print(f"Backup: {safekeeping.inspect(given.file)}.")
    if database.exists():
        print(f"Now:    {safekeeping.inspect(database)}.")
    _ask(given, f"Replace the replies in {database} by the backup?")
    held, kept, again = safekeeping.restore(given.file, database)
    print(f"Restored: {held}.")
    if again:
        print(f"Erased again, because they had been erased before: {again}.")
    if kept:
        print(f"The replies of until now are in {kept}; delete it when you no longer need it.")


def _import(given) -> None:
    database = _database(given)
    export = wordpress.read(given.file, given.keep_paths)
    replies = [each for each in export.replies if not erasure.was_erased(database, each.email)]
    pages: dict[str, int] = {}
    for reply in replies:
        pages[reply.page] = pages.get(reply.page, 0) + 1
    for page, count in sorted(pages.items()):
        print(f"{count:6} for {page}")
    for reason, count in sorted(export.left_out.items()):
        print(f"{count:6} left out: {reason}")
    if erased := len(export.replies) - len(replies):
        print(f"{erased:6} left out: by people who have been erased")
    if not replies:
        raise Stop("There is nothing to import.")
    _ask(given, f"Import {len(replies)} replies?")
    new, there = wordpress.add(database, replies)
    waiting = sum(not reply.approved for reply in replies)
    print(f"Imported {new} replies; {there} were there already; {waiting} wait for approval.")


def _move(given) -> None:
    if given.file.exists():
        print(f"{given.file} exists.")
        _ask(given, "Write over it?")
    bundle = waline.bundle(_database(given))
    given.file.touch(mode=0o600)
    given.file.write_text(json.dumps(bundle, ensure_ascii=False), encoding="utf-8")
    print(
        f"{given.file}: {len(bundle['data']['Comment'])} replies with their e-mail addresses. "
        "Delete the file once Waline has them."
    )


def _snapshot(given) -> int:
    endpoint = ""
    try:
        if given.database:
            with snapshot.from_database(given.database) as ask:
                taken = snapshot.fetch(ask, _threads(given)[1])
        else:
            endpoint, threads = _threads(given)
            if not endpoint:
                print("The site has no comment server yet; there is nothing to fetch.")
                return 0
            taken = snapshot.fetch(snapshot.over_http(endpoint), threads)
    except ValueError as error:
        raise Stop(f"{error} — correct the endpoint in COMMENTS, or give --endpoint") from None
    except snapshot.Down as error:
        kept = f"{given.output} stays as it was" if given.output.exists() else "none is kept"
        server = f"the comment server at {endpoint}" if endpoint else "the comment server"
        print(f"warning: {server} cannot be reached ({error}); {kept}", file=sys.stderr)
        return 1 if given.strict else 0
    except snapshot.Malformed as error:
        raise Stop(
            f"the comment server's answer cannot be used: {error} — nothing is changed; is the "
            "endpoint right, and the server as new as this site?"
        ) from None
    snapshot.write(taken, given.output)
    count, pages = sum(map(len, taken["threads"].values())), len(taken["threads"])
    print(
        f"{given.output}: {count} approved repl{'y' if count == 1 else 'ies'} "
        f"on {pages} page{'s' * (pages != 1)}."
    )
    return 0


def _threads(given) -> tuple[str, list[str]]:
    """The comment server's address, and the threads of the site's articles."""
    endpoint = given.endpoint or os.environ.get("COMMENTS_ENDPOINT", "")
    if given.threads:
        return endpoint, given.threads.read_text(encoding="utf-8").split()
    from . import site

    found = site.read(given.settings)
    endpoint = endpoint or found.endpoint
    return endpoint and urljoin(found.address, endpoint), found.threads


# Shared.


def _database(given, must_exist: bool = True) -> Path:
    if given.database:
        path = given.database
    elif given.config or os.environ.get("COMMENTS_CONFIG") or Path(CONFIG).exists():
        from comments import settings

        try:
            path = settings.load(given.config or os.environ.get("COMMENTS_CONFIG", CONFIG)).database
        except settings.Refusal as refusal:
            raise Stop(str(refusal)) from None
    else:
        path = LOCAL
    if must_exist and not path.is_file():
        raise Stop(
            f"there is no database {path} — name the server's settings with --config, or the "
            "file itself with --database (before the command)"
        )
    return path.absolute()


def _ask(given, question: str) -> None:
    if given.yes:
        return
    if not sys.stdin.isatty():
        raise Stop("Nothing is changed: add --yes to do this without being asked.")
    if input(f"{question} Type yes: ").strip().lower() != "yes":
        raise Stop("Nothing is changed.")


def _print_short(reply: store.Stored) -> None:
    head = f"{reply.number:6}  {reply.when}  {reply.state:9}  {reply.page}"
    words = textwrap.shorten(_plain(reply.text), WIDTH - 8, placeholder=" …")
    print(f"{head}\n        {_plain(reply.author)}: {words}")


def _plain(text: str) -> str:
    """Text without the characters that steer a terminal."""
    return "".join(c for c in text if c == "\n" or unicodedata.category(c) not in ("Cc", "Cs"))


if __name__ == "__main__":
    sys.exit(main())
