"""Build the site beside the last good one, and swap it in only when nothing is wrong.

    python -m tools.build [content] [-o output] [-s pelicanconf.py] [-e KEY=VALUE …]

The arguments are Pelican's own. First `tools.check` reads the content; then Pelican writes into a
folder beside the output, and every warning it gives counts as a mistake. With any mistake, each is
printed on a line of its own, the exit code is 1 and the output stays as it was.
"""

import logging
import shutil
import sys
import tempfile
import time
import traceback
from contextlib import contextmanager
from pathlib import Path

import jinja2
import pelican
from pelican.log import LimitFilter
from pelican.settings import read_settings

from plugins import comments
from tools.check import check
from tools.problems import Mistake, Problem, shown

ROOT = Path(__file__).resolve().parent.parent


class BuildFailed(Exception):
    """The site was not built. `problems` says why, sorted by place."""

    def __init__(self, problems: list[Problem]):
        super().__init__("\n".join(map(str, problems)))
        self.problems = sorted(set(problems))


def build(content, output, settings_path, overrides=None, steps=(), tell=None) -> dict:
    """Build `content` into the folder `output`, and return the settings used.

    `overrides` are Pelican settings that win over the settings file. `steps` are called in order
    with the finished folder and the settings, before it is swapped in; they may raise BuildFailed.
    `tell` is called with a line of text before work that takes more than a moment.
    Raises BuildFailed, with `output` untouched, when anything is wrong.
    """
    if not Path(content).is_dir():
        what, fix = "there is no such folder", "name the folder of the content"
        raise BuildFailed([Problem(shown(content), 0, 0, what, fix)])
    settings = load_settings(settings_path, {**(overrides or {}), "PATH": str(content)})
    try:
        mistakes = check(Path(content), settings, tell).mistakes
    except Mistake as mistake:
        mistakes = [mistake.problem]
    if mistakes:
        raise BuildFailed(mistakes)
    output = Path(output).resolve()
    _refuse_to_replace(output, Path(content))
    with _staging(output) as stage:
        settings["OUTPUT_PATH"] = str(stage)
        run_pelican(settings)
        for step in steps:
            step(stage, settings)
        swap(stage, output)
    return settings


def load_settings(path, overrides=None) -> dict:
    """Return Pelican's settings from the file at `path`. Raises BuildFailed for a broken file."""
    if not Path(path).is_file():
        raise BuildFailed([Problem(str(path), 0, 0, "no such settings file", "name another: -s")])
    try:
        return read_settings(str(path), override=overrides or {})
    except Exception as error:
        raise BuildFailed([locate(error, default=str(path))]) from error


def run_pelican(settings):
    """Run Pelican with `settings`. Raises BuildFailed for an exception and for any warning."""
    with _gathered_warnings() as problems:
        try:
            pelican.Pelican(settings).run()
        # Whatever a template or a plugin raises is named by its place, not shown as a traceback.
        except Exception as error:
            problems.append(locate(error))
    if problems:
        raise BuildFailed(problems)


def swap(stage: Path, output: Path):
    """Put the finished folder `stage` in the place of `output`. Raises BuildFailed where the system
    does not let it, as Windows while a program has one of the files open."""
    old = stage.with_name(f"{stage.name}-old")
    try:
        if output.exists():
            output.rename(old)
        stage.rename(output)
    except OSError as error:
        if old.exists():
            old.rename(output)
        what = f"this folder cannot be replaced ({error.strerror})"
        fix = "close what has its files open, and try again"
        raise BuildFailed([Problem(shown(output), 0, 0, what, fix)]) from error
    shutil.rmtree(old, ignore_errors=True)


def _refuse_to_replace(output: Path, content: Path):
    """Raise BuildFailed where `output` holds anything but a built site: all in it would be lost."""
    inside = (path for path in (ROOT, Path.cwd(), content.resolve()) if path.is_relative_to(output))
    if held := next(inside, None):
        what = f"this folder holds {held.name}, and a build replaces all that is in it"
    elif output.exists() and not output.is_dir():
        what = "this is a file"
    elif output.is_dir() and any(output.iterdir()) and not (output / "index.html").is_file():
        what = "this folder holds other things than a site, and a build replaces all that is in it"
    else:
        return
    raise BuildFailed([Problem(shown(output), 0, 0, what, "name a new folder: OUTPUTDIR=output")])


@contextmanager
def _staging(output: Path):
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        stage = Path(tempfile.mkdtemp(prefix=f".{output.name}-", dir=output.parent))
    except OSError as error:
        what = f"no folder can be made here ({error.strerror})"
        fix = "name another with OUTPUTDIR=…"
        raise BuildFailed([Problem(shown(output.parent), 0, 0, what, fix)]) from error
    stage.chmod(0o755)
    try:
        yield stage
    finally:
        shutil.rmtree(stage, ignore_errors=True)


@contextmanager
def _gathered_warnings():
    """Gather Pelican's warnings as problems instead of printing them."""
    problems: list[Problem] = []

    class Gather(logging.Handler):
        def emit(self, record):
            problems.append(_from_record(record))

    logger = logging.getLogger()
    handlers, level, quiet = logger.handlers[:], logger.level, pelican.console.quiet
    dedup = LimitFilter.LOGS_DEDUP_MIN_LEVEL
    logger.handlers[:] = [Gather(logging.WARNING)]
    logger.setLevel(logging.WARNING)
    # Pelican drops a message it has given before: a second build in one process would look clean.
    LimitFilter.LOGS_DEDUP_MIN_LEVEL = logging.NOTSET
    pelican.console.quiet = True
    try:
        yield problems
    finally:
        logger.handlers[:] = handlers
        logger.setLevel(level)
        LimitFilter.LOGS_DEDUP_MIN_LEVEL = dedup
        pelican.console.quiet = quiet


def _from_record(record: logging.LogRecord) -> Problem:
    # Pelican logs "Could not process" without the reason, from inside the except clause.
    error = sys.exc_info()[1]
    path = next((str(a) for a in _args(record) if str(a).endswith((".md", ".html"))), "")
    what = " ".join(record.getMessage().split())
    if error and str(error) not in what:
        what = f"{what} ({error})"
    return Problem(shown(path) if path else "content", 0, 0, what, "")


def _args(record) -> tuple:
    return record.args if isinstance(record.args, tuple) else ()


def locate(error: Exception, default: str = "build") -> Problem:
    """Return where in the project's own files an exception came from, and what it says."""
    if isinstance(getattr(error, "problem", None), Problem):
        return error.problem
    what = str(error) or type(error).__name__
    if isinstance(error, jinja2.TemplateSyntaxError) and error.filename:
        return Problem(shown(error.filename), error.lineno, 0, what, "mend the template")
    if isinstance(error, SyntaxError) and error.filename:
        line, col = error.lineno or 0, error.offset or 0
        return Problem(shown(error.filename), line, col, error.msg, "mend the Python code")
    if isinstance(error, jinja2.TemplateNotFound):
        return Problem("theme/templates", 0, 0, f"no template {what}", "add it or name another")
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        path = Path(frame.filename)
        own = path.is_relative_to(ROOT) and "site-packages" not in path.parts
        if (own or path.suffix == ".html") and path != Path(__file__).resolve():
            kind = type(error).__name__
            return Problem(shown(path), frame.lineno or 0, 0, f"{kind}: {what}", "")
    return Problem(default, 0, 0, f"{type(error).__name__}: {what}", "")


def tell(line: str):
    """Say at once what will take a while, beside the results."""
    print(line, file=sys.stderr, flush=True)


def parse_arguments(argv):
    """Return Pelican's own arguments, parsed. Exits with 2, saying why, for one that makes no
    sense."""
    try:
        return pelican.parse_arguments(argv)
    except ValueError as error:
        print(f"{error} (see PELICANOPTS)", file=sys.stderr)
        sys.exit(2)


def main(argv=None) -> int:
    """Build once; return the exit code."""
    started = time.monotonic()
    arguments = parse_arguments(argv)
    settings_path = arguments.settings or "pelicanconf.py"
    try:
        overrides = pelican.get_config(arguments)
        content = arguments.path or load_settings(settings_path, overrides)["PATH"]
        output = arguments.output or "output"
        settings = build(content, output, settings_path, overrides, tell=tell)
    except BuildFailed as failure:
        for problem in failure.problems:
            print(problem, file=sys.stderr)
        count = len(failure.problems)
        kept = (
            " The last good site is untouched."
            if Path(arguments.output or "output").exists()
            else ""
        )
        print(f"Not built: {count} mistake{'s' * (count != 1)}.{kept}", file=sys.stderr)
        return 1
    for advice in comments.advice(settings):
        print(f"advice: {shown(settings_path)}: {advice}", file=sys.stderr)
    print(f"Built {shown(output)} in {time.monotonic() - started:.1f} s.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
