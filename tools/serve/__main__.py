"""The command behind `make serve`."""

import argparse
import os
import secrets
import signal
import sys
import tempfile
import threading
import time
from pathlib import Path
from queue import Empty, SimpleQueue

from rich.console import Console

from comments.contract import is_loopback
from plugins.problems import Problem
from tools.serve import web
from tools.serve.builder import Builder, Built
from tools.serve.replies import Replies, command
from tools.serve.watch import Watch

ROOT = Path.cwd()
MOST_SHOWN = 20


def main(arguments: list[str] | None = None) -> int:
    """Serve until told to stop; return the exit code."""
    options = _parser().parse_args(arguments)
    say = Terminal()
    if not Path(options.settings).is_file():
        say.line(f"{options.settings}: there is no such file. Name the settings with -s.", "red")
        return 2
    try:
        server = web.Server(options.host, options.port)
    except web.Taken:
        _tell_taken(say, options)
        return 1
    except (OSError, OverflowError) as error:
        say.line(f"Cannot serve at {options.host}, port {options.port}: {error}", "red")
        return 1
    with tempfile.TemporaryDirectory(prefix="site-", ignore_cleanup_errors=True) as folder:
        Serving(options, server, Path(folder), say).run()
    say.line("Stopped.")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tools.serve",
        description="Shows the site on this machine while you write. Open the address it prints: "
        "whenever you save an article, a page, an image, a template, the style sheet, the settings "
        "or a plugin, the page in the browser changes by itself. A mistake is shown over the page "
        "until it is mended. Drafts and articles of the future are shown, and marked. Replies can "
        "be tried: they go to a comment server on this machine. Ctrl-C stops.",
        epilog="Nothing is published, and output/ stays as it is.",
    )
    parser.add_argument("content", nargs="?", help="folder of the content (as the settings say)")
    parser.add_argument(
        "-s", "--settings", default="pelicanconf.py", help="the site's settings (%(default)s)"
    )
    parser.add_argument(
        "-p",
        "--port",
        type=int,
        default=os.environ.get("PORT") or "8000",
        help="port to serve at, 0 for a free one (PORT in the environment, else 8000)",
    )
    parser.add_argument(
        "--host",
        default=os.environ.get("HOST") or "127.0.0.1",
        help="address to serve at; 0.0.0.0 shows the site, drafts included, to everybody on your "
        "network (HOST in the environment, else this machine only)",
    )
    return parser


def _tell_taken(say: "Terminal", options):
    other = web.free_port(options.host, options.port)
    say.line(f"Port {options.port} is taken: another program answers there.", "red")
    if other:
        python = command("").split()[0]
        say.line(f"Stop it, or type:  make serve PORT={other}")
        say.line(f"  without make:    {python} -m tools.serve --port {other}")


class Serving:
    """A site being served: `run` builds and serves until a signal says to stop."""

    def __init__(self, options, server: web.Server, folder: Path, say: "Terminal"):
        self._server, self._say = server, say
        self._saved: SimpleQueue[set[Path] | None] = SimpleQueue()
        self._known: list[dict] = []
        self._left_out: list[str] = []
        self._stopping = False
        local = is_loopback(options.host)
        port = server.server_port
        sites = [server.address, f"http://127.0.0.1:{port}", f"http://[::1]:{port}"]
        self._replies = Replies(list(dict.fromkeys(sites)), lambda line: say.line(line, "yellow"))
        self._state = web.State(secrets.token_hex(4))
        server.set_app(web.Application(self._state, self._replies.application, local))
        self._builder = Builder(folder, options.settings, options.content, server.address)
        self._watch = Watch(self._saved.put)
        # Until a build tells more.
        self._folders = {ROOT / (options.content or "content"), ROOT / "theme"}
        self._code = {
            ROOT,
            ROOT / "plugins",
            ROOT / "tools",
            Path(options.settings).resolve().parent,
        }
        if not local:
            say.line("Everybody on your network can see this preview, drafts included.", "yellow")

    def run(self):
        """Serve until a signal says to stop, and leave nothing behind."""
        for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK"):
            number = getattr(signal, name, None)
            if number and signal.getsignal(number) != signal.SIG_IGN:
                signal.signal(number, self._stop)
        self._watch.folders(self._folders, self._code)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        try:
            self._say.line("Building the site …")
            self._build(set())
            while not self._stopping:
                if saved := self._wait():
                    self._build(saved)
        finally:
            self._state.end()
            self._server.shutdown()
            self._server.server_close()
            self._watch.stop()
            self._builder.close()
            self._replies.close()

    def _stop(self, *_):
        # Signals come in the middle of anything, of this too: nothing here may wait for a lock.
        self._stopping = True
        self._builder.interrupt()
        self._saved.put(None)

    def _wait(self) -> set[Path]:
        saved: set[Path] = set()
        try:
            # Windows sees Ctrl-C only between waits.
            saved |= self._saved.get(timeout=1) or set()
            while True:
                saved |= self._saved.get_nowait() or set()
        except Empty:
            return saved

    def _build(self, saved: set[Path]):
        started = time.monotonic()
        built = self._builder.build()
        if self._stopping:
            return
        self._folders |= {Path(folder) for folder in built.watch}
        self._code |= {Path(folder) for folder in built.code}
        self._watch.folders(self._folders, self._code)
        first = self._state.site is None
        if built.folder:
            self._state.good(built)
        else:
            problems = [{**each, "text": excerpt(each)} for each in built.problems[:MOST_SHOWN]]
            self._state.bad(problems)
        took = f"{time.monotonic() - started:.2f} s"
        what = f"{_names(saved)}: " if saved else ""
        if built.folder:
            self._say.dated(f"{what}built in {took}", "green")
            self._tell_unlisted(built)
            if first:
                self._welcome()
        else:
            count = f"{len(built.problems)} mistake{'s' * (len(built.problems) > 1)}"
            kept = "" if first else "; the last good site stays"
            self._say.dated(f"{what}{count}{kept}", "red")
            self._say.problems(built.problems)
            if first:
                self._say.line(f"Mend and save: {self._server.address}/ then shows the site.")

    def _tell_unlisted(self, built: Built):
        for page in built.unlisted:
            if page not in self._known:
                self._say.line(f"  {page['kind']}: {self._server.address}{page['address']}")
        for line in built.left_out:
            if line not in self._left_out:
                self._say.line(f"  {line}")
        self._known, self._left_out = built.unlisted, built.left_out

    def _welcome(self):
        if self._replies.application:
            self._say.line(f"Replies wait for your approval:  {command('pending')}")
        else:
            self._say.line(self._replies.why, "yellow")
        self._say.line(f"Open {self._server.address}/ and write. Ctrl-C stops.", "bold")


class Terminal:
    """Says what happens: in colour on a terminal only, and never where NO_COLOR is set."""

    def __init__(self):
        if hasattr(sys.stdout, "reconfigure"):
            sys.stdout.reconfigure(errors="replace")
        self._console = Console(highlight=False, markup=False, emoji=False, soft_wrap=True)

    def line(self, text: str, style: str = ""):
        """Print a line. A terminal that was closed is no reason to stop half-way."""
        try:
            self._console.print(text, style=style)
        except OSError:
            return

    def dated(self, text: str, style: str):
        """Print a line with the time of day."""
        self.line(f"{time.strftime('%H:%M:%S')} {text}", style)

    def problems(self, problems: list[dict]):
        """Print mistakes: the place, what is wrong, the line itself, the cure."""
        for problem in problems[:MOST_SHOWN]:
            self.line(str(Problem(**problem)))
            if text := excerpt(problem):
                self.line("    " + text.replace("\n", "\n    "), "dim")
        if len(problems) > MOST_SHOWN:
            self.line(f"and {len(problems) - MOST_SHOWN} more")


def excerpt(problem: dict) -> str:
    """Return the line that a problem is in, and below it a mark at its column if it has one."""
    try:
        lines = Path(problem["path"]).read_text("utf-8-sig", errors="replace").splitlines()
        line = lines[problem["line"] - 1] if problem["line"] else ""
    except (OSError, IndexError):
        return ""
    start = max(0, problem["col"] - 60)
    shown = line[start : start + 100].replace("\t", " ").rstrip()
    if not shown or not problem["col"]:
        return shown
    return f"{shown}\n{' ' * (problem['col'] - 1 - start)}^"


def _names(saved: set[Path]) -> str:
    if len(saved) > 3:
        return f"{len(saved)} files"
    here = (path.relative_to(ROOT) if path.is_relative_to(ROOT) else path for path in saved)
    return ", ".join(sorted(path.as_posix() for path in here))


if __name__ == "__main__":
    sys.exit(main())
