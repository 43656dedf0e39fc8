"""The command behind `make serve`."""

import os
import signal
import socket
import sys
import tempfile
import textwrap
import time
from contextlib import suppress
from pathlib import Path
from queue import Empty, SimpleQueue

from plugins import ROOT
from plugins.problems import Problem, as_started, command, display_path
from tools.serve.builder import Builder, Preview
from tools.serve.watch import Watch
from tools.terminal import argument_parser, make_console, missing_settings, print_problem

try:
    from tools.serve import web
except ModuleNotFoundError as missing:
    fix = "type `make serve`, which installs it from requirements-comments.txt"
    sys.exit(f"{missing.name} is not installed — {fix}")

MOST_SHOWN = 20


def main(arguments: list[str] | None = None) -> int:
    """Serve until told to stop; return the exit code."""
    parser = argument_parser(
        "serve",
        "Shows the site on this machine while you write. Open the address it prints: whenever you "
        "save an article, a page, an image, a template, the style sheet, the settings or a plugin, "
        "the page in the browser changes automatically. An error is shown over the page until it "
        "is fixed. Drafts and scheduled articles are shown, and marked. Replies can be tried: they "
        "go to a comment server on this machine. Ctrl-C stops.",
        "Nothing is published, and output/ is left as it is.",
    )
    port, host = os.environ.get("PORT") or "8000", os.environ.get("HOST") or "localhost"
    about = "port to serve at, 0 for a free one (PORT in the environment, else 8000)"
    parser.add_argument("-p", "--port", type=int, default=port, help=about)
    about = "address to serve at; 0.0.0.0 shows the site, drafts included, to everybody on your "
    about += "network (HOST in the environment, else this machine only)"
    parser.add_argument("--host", default=host, help=about)
    options = parser.parse_args(arguments)
    host, port = options.host, options.port
    if not Path(options.settings).is_file():
        show(missing_settings(options.settings))
        return 2
    try:
        listening = web.listen(host, port)
    except (OSError, OverflowError) as error:
        show(f"Cannot serve at {host}, port {port}: {error}", "red")
        return 1
    if not listening:
        show(f"Port {port} is taken: another program answers there.", "red")
        again = as_started("make serve PORT=0", "python -m tools.serve --port 0")
        show(f"Stop it, or take any free port:  {again}")
        return 1
    with tempfile.TemporaryDirectory(prefix="site-", ignore_cleanup_errors=True) as folder:
        PreviewServer(options, listening, Path(folder)).run()
    show("Stopped.")
    return 0


class PreviewServer:
    """A site being served: `run` builds and serves until a signal says to stop."""

    def __init__(self, options, listening: socket.socket, folder: Path):
        port = listening.getsockname()[1]
        is_local = web.is_loopback(options.host)
        shown = "localhost" if options.host in ("0.0.0.0", "::") else options.host
        self._address = f"http://{f'[{shown}]' if ':' in shown else shown}:{port}"
        self._saved: SimpleQueue[set[Path] | None] = SimpleQueue()
        self._is_stopping = False
        names = ("localhost", "127.0.0.1", "[::1]")
        sites = {self._address, *(f"http://{name}:{port}" for name in names)}
        self._replies = web.LocalReplies(sorted(sites), lambda line: show(line, "yellow"))
        self._state = web.PreviewState()
        application = web.PreviewApplication(self._state, self._replies, is_local)
        self._server = web.serve(listening, application)
        self._builder = Builder(folder, options.settings, options.content, self._address)
        self._watch = Watch(self._saved.put)
        # Until a build reports more.
        code = (ROOT, ROOT / "plugins", ROOT / "tools", Path(options.settings).resolve().parent)
        self._watch.add((ROOT / (options.content or "content"), ROOT / "theme"), code)
        if not is_local:
            show("Everybody on your network can see this preview, drafts included.", "yellow")

    def run(self):
        """Serve until a signal says to stop, and leave nothing behind."""
        for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK"):
            number = getattr(signal, name, None)
            if number and signal.getsignal(number) != signal.SIG_IGN:
                signal.signal(number, self._stop)
        try:
            show("Building the site …")
            self._build(set())
            while not self._is_stopping:
                if saved := self._wait():
                    self._build(saved)
        finally:
            self._state.publish(None, is_last=True)
            self._server.shutdown()
            self._watch.stop()
            self._builder.close()
            self._replies.close()

    def _stop(self, *_):
        # Signals come in the middle of anything, of this too: nothing here may wait for a lock.
        self._is_stopping = True
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
        if self._is_stopping:
            return
        self._watch.add(map(Path, built.watch), map(Path, built.code))
        before = self._state.preview
        names = sorted(map(display_path, saved))
        names = [f"{len(names)} files"] if len(names) > 3 else names
        what = f"{time.strftime('%H:%M:%S')} {', '.join(names)}{': ' * bool(names)}"
        if built.folder:
            self._state.publish(built)
            show(f"{what}built in {time.monotonic() - started:.2f} s", "green")
            self._report_site(built, before)
            return
        errors = [{**each, "text": excerpt(each)} for each in built.errors[:MOST_SHOWN]]
        self._state.publish(None, errors)
        kept = ". The browser shows the last good site." if before else "."
        show(f"{what}{len(built.errors)} error{'s' * (len(built.errors) > 1)}{kept}", "red")
        for error, shown in zip(built.errors, errors, strict=False):
            show(Problem(**error))
            if shown["text"]:
                show(textwrap.indent(shown["text"], "    "), "dim")
        if len(built.errors) > MOST_SHOWN:
            show(f"and {len(built.errors) - MOST_SHOWN} more")
        if not before:
            show(f"Fix and save: {self._address}/ then shows the site.")

    def _report_site(self, built: Preview, before: Preview | None):
        for page in built.unpublished:
            if not before or page not in before.unpublished:
                show(f"  {page['kind']}: {self._address}{page['address']}")
        for line in built.notes:
            if not before or line not in before.notes:
                show(f"  {line}")
        if before:
            return
        if self._replies.problem:
            show(self._replies.problem, "yellow")
        else:
            show(f"To approve replies:  {command('comments.owner')} pending")
        show(f"Open {self._address}/ and write. Ctrl-C stops.", "bold")


def show(what: str | Problem, style: str = ""):
    """Print a line or a problem. A terminal that was closed is no reason to stop half-way."""
    console = make_console(sys.stdout)
    with suppress(OSError):
        if isinstance(what, Problem):
            print_problem(console, what)
        else:
            console.print(what, style=style)


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


if __name__ == "__main__":
    sys.exit(main())
