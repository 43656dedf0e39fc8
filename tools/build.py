"""Build the site beside the last good one, and swap it in only when nothing is wrong.

    python -m tools.build [content] [-o output] [-s pelicanconf.py] [-e KEY=VALUE …]

The arguments are Pelican's own. Pelican writes into a folder beside the output; plugins/check.py
stops it before that if there is a mistake in the content, and every warning of Pelican's counts as
one. With any mistake, each is printed on a line of its own, the exit code is 1 and the output stays
as it was.
"""

import gc
import logging
import sys
import time
import traceback
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import jinja2
import pelican
from pelican.log import LimitFilter
from pelican.settings import read_settings

from plugins import ROOT, comments, schedule
from plugins.check import CheckFinishedError, ContentReport, content_checked
from plugins.problems import ContentError, Problem, display_path
from tools.staging import staging, swap
from tools.terminal import progress


class BuildError(ContentError):
    """The site was not built."""


@dataclass(frozen=True)
class Built:
    """A site that was built: the settings used, and the report on its content."""

    settings: dict
    report: ContentReport


def build(content, output, settings_path, overrides=None, finish=None) -> Built:
    """Build `content` into the folder `output`.

    `overrides` are Pelican settings that win over the settings file. `finish` is called with the
    finished folder and what was Built, before the swap; it may raise BuildError. Raises
    ContentError, with `output` untouched, when anything is wrong.
    """
    if not Path(content).is_dir():
        what, fix = "there is no such folder", "name the folder of the content"
        raise BuildError(Problem(display_path(content), 0, 0, what, fix))
    schedule.build_time(content)  # raises ContentError
    settings = load_settings(settings_path, {**(overrides or {}), "PATH": str(content)})
    output = Path(output).resolve()
    _refuse_to_replace(output, Path(content))
    with ExitStack() as stack:
        with _named(output.parent, "no folder can be made here", "name another with OUTPUTDIR=…"):
            stage = stack.enter_context(staging(output))
        settings["OUTPUT_PATH"] = str(stage)
        stack.enter_context(closed_cache(settings))
        report = run_pelican(settings)
        if report.errors:
            raise BuildError(*report.errors)
        built = Built(settings, report)
        if finish:
            finish(stage, built)
        fix = "close what has its files open, and try again"
        with _named(output, "this folder cannot be replaced", fix):
            swap(stage, output)
    return built


def load_settings(path, overrides=None) -> dict:
    """Return Pelican's settings from the file at `path`. Raises BuildError for a broken file."""
    if not Path(path).is_file():
        raise BuildError(Problem(str(path), 0, 0, "no such settings file", "name another: -s"))
    try:
        return read_settings(str(path), override=overrides or {})
    except Exception as error:
        raise BuildError(*locate(error, default=str(path))) from error


@contextmanager
def closed_cache(settings):
    """Write and close the cache that Pelican opens for `settings`, whatever happens."""
    try:
        yield
    finally:
        if "CACHE" in settings:
            settings["CACHE"].close()


def run_pelican(settings) -> ContentReport:
    """Run Pelican with `settings`; return what was found wrong, every exception and warning too."""
    found = ContentReport()

    def keep(_context, report: ContentReport):
        nonlocal found
        found = report
        # What was read stays to the end: not to look for garbage in it saves a tenth of the time.
        gc.freeze()

    with _gathered_warnings() as problems, content_checked.connected_to(keep):
        try:
            pelican.Pelican(settings).run()
        except CheckFinishedError:
            pass  # as CHECK_ONLY asks
        # Whatever a template or a plugin raises is named by its place, not shown as a traceback.
        except Exception as error:
            problems += locate(error)
        finally:
            gc.unfreeze()
    # What Pelican says about a mistake of ours is the same again, without its place.
    found.errors = found.errors or sorted(set(problems))
    return found


def _refuse_to_replace(output: Path, content: Path):
    """Raise BuildError where `output` holds anything but a built site: all in it would be lost."""
    inside = (path for path in (ROOT, Path.cwd(), content.resolve()) if path.is_relative_to(output))
    if held := next(inside, None):
        what = f"this folder holds {held.name}, and a build replaces all that is in it"
    elif output.exists() and not output.is_dir():
        what = "this is a file"
    elif output.is_dir() and any(output.iterdir()) and not (output / "index.html").is_file():
        what = "this folder holds other things than a site, and a build replaces all that is in it"
    else:
        return
    raise BuildError(
        Problem(display_path(output), 0, 0, what, "name a new folder: OUTPUTDIR=output")
    )


@contextmanager
def _named(path: Path, what: str, fix: str):
    """Raise BuildError for what the system does not let happen."""
    try:
        yield
    except OSError as error:
        problem = Problem(display_path(path), 0, 0, f"{what} ({error.strerror})", fix)
        raise BuildError(problem) from error


@contextmanager
def _gathered_warnings():
    """Gather Pelican's warnings as problems instead of printing them."""
    problems: list[Problem] = []

    class Gather(logging.Handler):
        def emit(self, record):
            # What else runs in the process (a browser of the tests, say) warns of its own affairs.
            if record.name != "asyncio":
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
    return Problem(display_path(path) if path else "content", 0, 0, what, "")


def _args(record) -> tuple:
    return record.args if isinstance(record.args, tuple) else ()


def locate(error: Exception, default: str = "build") -> list[Problem]:
    """Return where in the project's own files an exception came from, and what it says."""
    return error.problems if isinstance(error, ContentError) else [_locate(error, default)]


def _locate(error: Exception, default: str) -> Problem:
    what = str(error) or type(error).__name__
    if isinstance(error, jinja2.TemplateSyntaxError) and error.filename:
        return Problem(display_path(error.filename), error.lineno, 0, what, "mend the template")
    if isinstance(error, SyntaxError) and error.filename:
        line, col = error.lineno or 0, error.offset or 0
        return Problem(display_path(error.filename), line, col, error.msg, "mend the Python code")
    if isinstance(error, jinja2.TemplateNotFound):
        return Problem("theme/templates", 0, 0, f"no template {what}", "add it or name another")
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        path = Path(frame.filename)
        own = path.is_relative_to(ROOT) and "site-packages" not in path.parts
        if (own or path.suffix == ".html") and path != Path(__file__).resolve():
            kind = type(error).__name__
            return Problem(display_path(path), frame.lineno or 0, 0, f"{kind}: {what}", "")
    return Problem(default, 0, 0, f"{type(error).__name__}: {what}", "")


def warn_of_time(settings, found=()):
    """Print what is to know of the moment a site is built for. `found` is not published then."""
    if doubt := schedule.build_time(settings["PATH"]).doubt:
        print(f"warning: {doubt}: the current time is used", file=sys.stderr)
    for note in schedule.commit_note(found, settings):
        print(note, file=sys.stderr)


def report_failure(what: str, failure: ContentError, output: Path) -> int:
    """Print why there is no new site, and that the last one is untouched; return the exit code."""
    for problem in failure.problems:
        print(problem, file=sys.stderr)
    count = len(failure.problems)
    kept = " The last good site is untouched." if output.exists() else ""
    print(f"{what}: {count} mistake{'s' * (count != 1)}.{kept}", file=sys.stderr)
    return 1


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
    output = arguments.output or "output"
    try:
        overrides = pelican.get_config(arguments)
        content = arguments.path or load_settings(settings_path, overrides)["PATH"]
        with progress():
            built = build(content, output, settings_path, overrides)
    except ContentError as failure:
        return report_failure("Not built", failure, Path(output))
    for advice in comments.advice(built.settings):
        print(f"advice: {display_path(settings_path)}: {advice}", file=sys.stderr)
    warn_of_time(built.settings)
    for note in schedule.left_out(built.report.documents.values(), built.settings):
        print(note)
    print(f"Built {display_path(output)} in {time.monotonic() - started:.1f} s.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
