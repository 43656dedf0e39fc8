"""The owner's commands: `python -m comments.owner COMMAND`."""

import argparse
import json
import os
import sqlite3
import sys
import textwrap
import unicodedata
from collections import Counter
from pathlib import Path

from comments import fields, settings

from . import CommandError, backup, erasure, snapshot, store, waline, wordpress

CONFIG = Path(settings.DEFAULT_FILE)
LOCAL = Path(".comments/replies.db")
SNAPSHOT = Path("replies.json")
TIME = "%Y-%m-%d %H:%M UTC"
WIDTH = 78
NEXT_BUILD = (
    "Published pages show what is deleted until the next build: run `make replies` where the site "
    "is built, then publish."
)


def main(arguments: list[str] | None = None) -> int:
    """Carry out one command; return the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m comments.owner",
        description="Look after the replies that visitors leave. Start with `pending`, which lists "
        "those that wait, each with its number. Commands that delete show what they do and ask.",
    )
    where = parser.add_mutually_exclusive_group()
    server = f"the comment server's settings ({CONFIG})"
    where.add_argument("--config", type=Path, metavar="FILE", help=server)
    where.add_argument("--database", type=Path, metavar="FILE", help="the file with the replies")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for name, (run, names, help) in COMMANDS.items():
        command = commands.add_parser(name, help=help, description=f"{help[0].upper()}{help[1:]}.")
        command.set_defaults(run=run)
        for argument in names.split():
            command.add_argument(argument, **ARGUMENTS[argument])
    options = parser.parse_args(arguments)
    try:
        return options.run(_database(options), options) or 0
    except (CommandError, fields.RejectedError, settings.SettingsError, OSError) as error:
        print(error, file=sys.stderr)
    except sqlite3.Error as error:
        print(f"{error} — is this a database of replies?", file=sys.stderr)
    return 1


def _database(options) -> Path:
    config = options.config or os.environ.get("COMMENTS_CONFIG") or CONFIG.exists() and CONFIG
    path = options.database or (settings.load(config).database if config else LOCAL)
    if not path.is_file() and options.run is not _restore:
        fix = "name the server's settings with --config, or the file itself with --database"
        raise CommandError(f"there is no database {path} — {fix} (before the command)")
    return path.absolute()


def _pending(database: Path, _options) -> None:
    found = [reply for reply in store.find(database) if reply.state == "waiting"]
    _print_short(found)
    help = "\nShow one in full: show NUMBER. Publish: approve NUMBER. Delete: delete NUMBER."
    print(help if found else "No reply waits for approval.")


def _list(database: Path, options) -> None:
    found = [one for one in store.find(database) if options.page in (None, one.page)]
    _print_short(found[::-1][: options.most])


def _show(database: Path, options) -> None:
    reply = store.get(database, options.number)
    shown = vars(reply) | {"created": reply.time(TIME), "parent": reply.parent or "the page"}
    text = shown.pop("text")
    for name, value in shown.items():
        print(f"{name.capitalize() + ':':9}{_printable(str(value))}")
    print("\n" + textwrap.indent(_printable(text), "    "))


def _export(database: Path, options) -> None:
    own, mentions = erasure.find(database, options.email)
    held = {"email": options.email, "replies": [vars(reply) for reply in own]}
    held["mentioned_in"] = [{"number": one.number, "page": one.page} for one in mentions]
    print(json.dumps(held, ensure_ascii=False, indent=2))


def _approve(database: Path, options) -> int:
    failed = 0
    for number in options.numbers:
        reply = store.get(database, number)
        if reply.state == "waiting":
            store.approve(database, number)
            print(f"Reply {number} by {_printable(reply.author)} is published on {reply.page}.")
        else:
            print(f"Reply {number} is {reply.state}, not waiting; nothing is changed.")
            failed = 1
    return failed


def _delete(database: Path, options) -> None:
    _print_short([store.get(database, number) for number in options.numbers])
    _confirm(options, "Delete for good?")
    store.delete(database, options.numbers)
    print(f"Deleted. {NEXT_BUILD}")


def _answer(database: Path, options) -> None:
    text = sys.stdin.read() if options.text == "-" else options.text
    text, name = fields.text(text), fields.name({"author": options.name})
    number = store.answer(database, options.number, name, text)
    print(f"Your answer is reply {number}, published.")


def _erase(database: Path, options) -> int:
    email = options.email
    own, mentions = erasure.find(database, email)
    if not own and not mentions and not erasure.traces(database, email):
        print(f"Nothing is held about {email}.")
        return 0
    _print_short(own)
    print(f"\nReplies sent with {email}, to be erased for good: {len(own)}.")
    if mentions:
        numbers = ", ".join(str(reply.number) for reply in mentions)
        print(f"Replies by others that the address will be cut out of: {numbers}.")
    _confirm(options, "Erase?")
    left = erasure.erase(database, email)
    size = database.stat().st_size
    print(f"{left} places with {email} are left in {database} ({size:,} bytes searched).")
    print("Backups made until now still hold this person: delete them. `restore` erases again.")
    for file in sorted(database.parent.glob(backup.KEPT.format("*"))):
        print(f"    {file}")
    print(NEXT_BUILD)
    if SNAPSHOT.exists():
        snapshot.erase(SNAPSHOT, own, erasure.pattern(email))
        print(f"{SNAPSHOT} is refreshed.")
    return 1 if left else 0


def _backup(database: Path, options) -> None:
    if options.file.exists():
        print(f"{options.file} exists: {backup.inspect(options.file)}.")
        _confirm(options, "Write over it?")
    held = backup.copy(database, options.file)
    print(f"Backed up to {options.file}: {held}. The copy is sound. Keep it as safe as the server.")


def _restore(database: Path, options) -> None:
    print(f"Backup: {backup.inspect(options.file)}.")
    if database.exists():
        print(f"Now:    {backup.inspect(database)}.")
    _confirm(options, f"Replace the replies in {database} by the backup?")
    kept, again = backup.restore(options.file, database)
    print(f"Restored: {backup.inspect(database)}.")
    if again:
        print(f"Erased again, because they had been erased before: {again}.")
    if kept:
        print(f"The replies of until now are in {kept}; delete it when you no longer need it.")


def _import(database: Path, options) -> None:
    found, left_out = wordpress.read(options.export, options.keep_paths)
    was_erased = erasure.was_erased(database)
    replies = [one for one in found if not was_erased(one.email)]
    for page, count in sorted(Counter(one.page for one in replies).items()):
        print(f"{count:6} for {page}")
    for reason, numbers in sorted(left_out.items()):
        listed = textwrap.shorten(", ".join(numbers), WIDTH, placeholder=" …")
        print(f"{len(numbers):6} left out: {reason} (in the export: {listed})")
    if erased := len(found) - len(replies):
        print(f"{erased:6} left out: by people who have been erased")
    if not replies:
        raise CommandError("There is nothing to import.")
    _confirm(options, f"Import {len(replies)} replies?")
    new = wordpress.add(database, replies)
    waiting = sum(one.state == "waiting" for one in replies)
    known = len(replies) - new
    print(f"Imported {new} replies; {known} were there already; {waiting} wait for approval.")


def _move(database: Path, options) -> None:
    if options.file.exists():
        print(f"{options.file} exists.")
        _confirm(options, "Write over it?")
    moved = waline.export(database)
    options.file.touch(mode=0o600)
    options.file.write_text(json.dumps(moved, ensure_ascii=False), encoding="utf-8")
    held = f"{len(moved['data']['Comment'])} replies with their e-mail addresses"
    print(f"{options.file}: {held}. Delete the file once Waline has them.")


def _confirm(options, question: str) -> None:
    if options.yes:
        return
    if not sys.stdin.isatty():
        raise CommandError("Nothing is changed: add --yes to do this without being asked.")
    if input(f"{question} Type yes: ").strip().lower() != "yes":
        raise CommandError("Nothing is changed.")


def _print_short(replies: list[store.StoredReply]) -> None:
    for reply in replies:
        text = textwrap.shorten(_printable(reply.text), WIDTH - 8, placeholder=" …")
        print(f"{reply.number:6}  {reply.time(TIME)}  {reply.state:9}  {reply.page}")
        print(f"        {_printable(reply.author)}: {text}")


def _printable(text: str) -> str:
    """Return text without the characters that control a terminal."""
    return "".join(c for c in text if c == "\n" or unicodedata.category(c) not in ("Cc", "Cs"))


_FLAG = {"action": "store_true"}
ARGUMENTS = {
    "number": {"type": int},
    "numbers": {"type": int, "nargs": "+", "metavar": "number"},
    "page": {"nargs": "?", "help": "the page's path, such as /back-pain/"},
    "text": {"help": "the answer in Markdown; - reads it from standard input"},
    "email": {},
    "file": {"type": Path},
    "export": {"type": Path, "help": "the .xml file of WordPress's Tools, Export"},
    "--most": {"type": int, "default": 20, "help": "how many (%(default)s)"},
    "--name": {"required": True, "help": "the name to show, such as 'The editors'"},
    "--keep-paths": _FLAG | {"help": "replies belong to the old paths, not to /name-of-the-post/"},
    "--yes": _FLAG | {"help": "do not ask, for scripts"},
}
COMMANDS = {
    "pending": (_pending, "", "list the replies that wait for approval"),
    "list": (_list, "page --most", "list the newest replies, of all pages or of one"),
    "show": (_show, "number", "show one reply in full"),
    "approve": (_approve, "numbers", "publish waiting replies"),
    "delete": (_delete, "numbers --yes", "delete replies for good"),
    "answer": (_answer, "number text --name", "answer a reply in the site's name, and publish it"),
    "export": (_export, "email", "print all that is held about a person, as JSON"),
    "erase": (_erase, "email --yes", "erase a person everywhere, by e-mail address"),
    "backup": (_backup, "file --yes", "copy all replies to a file, while the server runs"),
    "restore": (_restore, "file --yes", "put a backup back, and keep what was there"),
    "import": (_import, "export --keep-paths --yes", "import replies from a WordPress export"),
    "move": (_move, "file --yes", "write all replies to a file that Waline imports"),
}

if __name__ == "__main__":
    sys.exit(main())
