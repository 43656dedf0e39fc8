"""Load the comment server until rare errors show: `python -m tests.soak`.

First many clients post at the same time, and every answer must belong to the client that asked.
Then the server is killed again and again while it writes, and every reply that it acknowledged must
be in the database. All on this machine; it ends after a number of posts and kills.
"""

import argparse
import http.client
import itertools
import json
import random
import re
import secrets
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import closing, contextmanager
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from tests import ROOT

SITE = "http://localhost:8000"
PAGES = 7
SETTINGS = """[general]
host = {site}
dbpath = {folder}/replies.db
[server]
listen = http://127.0.0.1:0
[hash]
salt = {salt}
[guard]
ratelimit = 100000000
direct-reply = 100000000
"""


def main(arguments: list[str] | None = None) -> int:
    """Run both tests and print the results; return 1 if a reply was lost or mixed up."""
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__)
    parser.add_argument("--posts", type=int, default=10_000, help="posts in all (10000)")
    parser.add_argument("--clients", type=int, default=20, help="clients at the same time (20)")
    parser.add_argument("--kills", type=int, default=12, help="rounds of kill -9 (12)")
    parser.add_argument("--writers", type=int, default=8, help="clients in those rounds (8)")
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        began = time.monotonic()
        wrong, failed = mixed_up(Path(folder), given.posts, given.clients)
        rate = given.posts / (time.monotonic() - began)
        print(
            f"{given.posts} posts from {given.clients} clients: {wrong} answers belonged to "
            f"another client, {failed} failed, {rate:.0f} a second"
        )
    with tempfile.TemporaryDirectory() as folder:
        sent, lost, state = killed(Path(folder), given.kills, given.writers)
        print(
            f"{given.kills} rounds of kill -9 under {given.writers} writers: {sent} replies "
            f"acknowledged, {lost} lost, database {state}"
        )
    return 0 if (wrong, failed, lost, state) == (0, 0, 0, "ok") else 1


def mixed_up(folder: Path, posts: int, clients: int) -> tuple[int, int]:
    """Return how many answers or rows belonged to another client, and how many posts failed."""
    numbers = iter(range(posts))
    lock = threading.Lock()
    answers: dict[int, str] = {}
    wrong: list[str] = []

    def client(post: Callable) -> None:
        while True:
            with lock:
                number = next(numbers, None)
            if number is None:
                return
            mark = f"mark-{number}-{secrets.token_hex(8)}"
            status, answer = post(mark, number)
            if status != 202:
                continue
            if mark != answer["author"] or mark not in answer["text"] or answer["id"] in answers:
                wrong.append(mark)
            else:
                answers[answer["id"]] = mark

    with comment_server(folder) as server:
        _run(client, [server.address] * clients)
    failed = posts - len(answers) - len(wrong)  # refused, or cut off together with their client
    with closing(sqlite3.connect(folder / "replies.db")) as db:
        rows = dict(db.execute("SELECT id, author FROM comments"))
    wrong += [mark for number, mark in answers.items() if rows.get(number) != mark]
    return len(wrong), failed


def killed(folder: Path, rounds: int, writers: int) -> tuple[int, int, str]:
    """Kill the server while it writes; return replies acknowledged and lost, and the state."""
    acknowledged: list[str] = []
    numbers = itertools.count()

    def client(post: Callable) -> None:
        while True:
            mark = secrets.token_hex(8)
            try:
                status, _ = post(mark, next(numbers))
            except (OSError, http.client.HTTPException, ValueError):
                return
            if status == 202:
                acknowledged.append(mark)

    for _ in range(rounds):
        with comment_server(folder) as server:
            timer = threading.Timer(random.uniform(0.3, 1.2), server.process.kill)
            timer.start()
            _run(client, [server.address] * writers)
            timer.join()
    with comment_server(folder), closing(sqlite3.connect(folder / "replies.db")) as db:
        state = db.execute("PRAGMA integrity_check").fetchone()[0]
        kept = {row[0] for row in db.execute("SELECT author FROM comments")}
    return len(acknowledged), len(set(acknowledged) - kept), state


class ServerProcess(NamedTuple):
    """A comment server in a process of its own."""

    process: subprocess.Popen
    address: str


@contextmanager
def comment_server(folder: Path):
    """Run the server as an owner does, without the limits for each network."""
    path = folder / "comments.cfg"
    if not path.exists():
        salt = secrets.token_hex(32)
        path.write_text(SETTINGS.format(site=SITE, folder=folder, salt=salt), "utf-8")
    log = folder / "log"
    with log.open("w") as stderr:
        process = subprocess.Popen(
            [sys.executable, "-m", "comments", str(path)], cwd=ROOT, stderr=stderr
        )
    try:
        yield ServerProcess(process, _address(process, log))
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        process.wait(20)


def _address(process: subprocess.Popen, log: Path) -> str:
    for _ in range(400):
        if found := re.search(r"listening at (\S+)\n", log.read_text("utf-8")):
            return found[1]
        if process.poll() is not None:
            break
        time.sleep(0.05)
    raise RuntimeError(f"the comment server does not start: {log.read_text('utf-8')}")


def _run(client: Callable, addresses: list[str]) -> None:
    """Run a client for each address, each with a connection of its own."""

    def one(address: str) -> None:
        with closing(http.client.HTTPConnection(urlsplit(address).netloc, timeout=60)) as line:
            client(lambda mark, number: _post(line, mark, number))

    threads = [threading.Thread(target=one, args=(address,)) for address in addresses]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _post(line: http.client.HTTPConnection, mark: str, number: int) -> tuple[int, dict]:
    body = {"author": mark, "text": f"text of {mark}", "email": f"{mark}@example.org", "title": "T"}
    headers = {"Content-Type": "application/json", "Origin": SITE}
    line.request("POST", f"/new?uri=/page-{number % PAGES}/", json.dumps(body), headers)
    answer = line.getresponse()
    return answer.status, json.loads(answer.read())


if __name__ == "__main__":
    sys.exit(main())
