"""Build the site beside the last good one, and swap it in only when nothing is wrong.

    python -m tools.build [content] [-o output] [-s pelicanconf.py] [-e KEY=VALUE …]

The arguments are Pelican's own. Pelican writes into a folder beside the output; plugins/check.py
stops it before that if there is an error in the content, and every warning of Pelican's is one.
With any error, each is printed on its own line, the exit code is 1 and the output stays as it was.
"""

import gc
import logging
import sys
import time
import traceback
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pelican
import pelican.log
from pelican.settings import read_settings

from plugins import ROOT, comments, schedule, static_files
from plugins.check import CheckFinishedError, ContentReport, content_checked
from plugins.problems import ContentError, Problem, as_started, content_file, display_path, locate
from tools.staging import staging, swap
from tools.terminal import missing_settings, progress


class BuildError(ContentError):
    """The site was not built."""


@dataclass(kw_only=True)
class Built(ContentReport):
    """A site that was built: its folder, the settings used, and notes on what it excludes."""

    output: Path
    settings: dict
    notes: list[str]


def build(content, output, settings_path, overrides=None, finish=None) -> Built:
    """Build `content` into the folder `output`. Raises ContentError, with `output` untouched, when
    anything is wrong. `overrides` are settings that win over the file. `finish` is called before
    the swap with the finished folder and what was Built; it may raise BuildError."""
    doubt = moment_of(content).doubt
    settings = load_settings(settings_path, {**(overrides or {}), "PATH": str(content)})
    output = Path(output).resolve()
    another = f"name another folder: {as_started('OUTPUTDIR=output', '-o output')}"
    _refuse_to_replace(output, Path(content), another)
    with ExitStack() as stack:
        with _reported(output.parent, "no folder can be made here", another):
            stage = stack.enter_context(staging(output))
        settings["OUTPUT_PATH"] = str(stage)
        stack.callback(close_cache, settings)
        report = run_pelican(settings)
        if report.errors:
            raise BuildError(*report.errors)
        report.warnings = [doubt] if doubt else []
        unready = comments.warnings(settings)
        report.warnings += [Problem("pelicanconf.py", 0, 0, text, "") for text in unready]
        notes = schedule.exclusion_notes(report.documents.values(), settings)
        if settings.get("PUBLISHING"):
            names = static_files.unused(report.documents.values(), report.files, settings)
            notes += static_files.note(names)
        built = Built(**vars(report), output=output, settings=settings, notes=notes)
        if finish:
            finish(stage, built)
        fix = "close what has its files open, and try again"
        with _reported(output, "this folder cannot be replaced", fix):
            swap(stage, output)
    return built


def moment_of(content) -> schedule.BuildTime:
    """Return the moment that `content` is built for. Raises BuildError if there is no folder."""
    if not Path(content).is_dir():
        what = "this folder does not exist"
        fix = f"name the folder of the content: {as_started('INPUTDIR=content', 'content')}"
        raise BuildError.at(content, what, fix)
    return schedule.build_time(content)


def load_settings(path, overrides=None) -> dict:
    """Return Pelican's settings from the file at `path`. Raises BuildError for a broken file."""
    if not Path(path).is_file():
        raise BuildError(missing_settings(path))
    try:
        return read_settings(str(path), override=overrides or {})
    except Exception as error:
        raise BuildError(*locate(error, default=str(path))) from error


def close_cache(settings):
    """Write and close the cache that Pelican has opened for `settings`, if it came to that."""
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

    gatherer = _Gatherer(settings["PATH"])
    # Pelican drops a message it has given before: a second build in one process would look clean.
    pelican.log.init(handler=gatherer, logs_dedup_min_level=logging.DEBUG)
    logging.getLogger().addHandler(gatherer)
    with pelican.log.console.capture(), content_checked.connected_to(keep):
        try:
            pelican.Pelican(settings).run()
        except CheckFinishedError:
            pass  # as CHECK_ONLY asks
        # Whatever a template or a plugin raises is a line with its place; Pelican's -D shows more.
        except Exception as error:
            gatherer.problems += locate(error)
            if settings.get("DEBUG"):
                traceback.print_exc()
        finally:
            gc.unfreeze()
            logging.getLogger().removeHandler(gatherer)
    # What Pelican says about an error of ours is the same again, without its place.
    found.errors = found.errors or sorted(set(gatherer.problems))
    return found


class _Gatherer(logging.Handler):
    """Gathers Pelican's warnings as problems of the files in `content`."""

    def __init__(self, content):
        super().__init__(logging.WARNING)
        self.problems: list[Problem] = []
        self._content = content

    def emit(self, record):
        what = " ".join(record.getMessage().split())
        # What else runs in the process (a browser of the tests, say) warns of its own affairs. That
        # an image needs words is judged by plugins/rules/text.py.
        if record.name == "asyncio" or what.startswith("Empty alt attribute"):
            return
        stated = map(str, record.args if isinstance(record.args, tuple) else ())
        paths = (Path(self._content, each) for each in stated if each.endswith((".md", ".html")))
        path = next((display_path(each) for each in paths if each.is_file()), "")
        path = path or content_file(frame for frame, _ in traceback.walk_stack(None))
        path = path or ("pelicanconf.py" if "plugin" in what else display_path(self._content))
        # Pelican logs "Could not process" without the reason, from inside the except clause.
        error = sys.exc_info()[1]
        if error and what.startswith("Could not process"):
            self.problems += locate(error, path)
            return
        if error and str(error) not in what:
            what = f"{what} ({error})"
        self.problems.append(Problem(path, 0, 0, what, ""))


def _refuse_to_replace(output: Path, content: Path, fix: str):
    """Raise BuildError where `output` holds anything but a built site: all in it would be lost."""
    inside = (path for path in (ROOT, Path.cwd(), content.resolve()) if path.is_relative_to(output))
    if held := next(inside, None):
        what = f"this folder holds {held.name}, and a build replaces all that is in it"
    elif output.exists() and not output.is_dir():
        what = "this is a file, and the site needs a folder"
    elif output.is_dir() and any(output.iterdir()) and not (output / "index.html").is_file():
        what = "this folder holds other things than a site, and a build replaces all that is in it"
    else:
        return
    raise BuildError.at(output, what, fix)


@contextmanager
def _reported(path: Path, what: str, fix: str):
    """Raise BuildError for what the system does not let happen."""
    try:
        yield
    except OSError as error:
        raise BuildError.at(path, f"{what} ({error.strerror})", fix) from error


def run_command(argv, settings_path: str, make, failed: str) -> Built | None:
    """Have `make` build a site with Pelican's own arguments; print warnings and notes. Where there
    is no new site, print that it `failed`, and why, and return None."""
    try:
        arguments = pelican.parse_arguments(argv)
    except ValueError as error:
        print(f"{error}{as_started(' (see PELICANOPTS)', '')}", file=sys.stderr)
        sys.exit(2)
    settings_path, output = arguments.settings or settings_path, arguments.output or "output"
    try:
        overrides = pelican.get_config(arguments)
        content = arguments.path or load_settings(settings_path, overrides)["PATH"]
        with progress():
            built = make(content, output, settings_path, overrides)
    except ContentError as failure:
        print(failure, file=sys.stderr)
        count = len(failure.problems)
        kept = " The last good site is untouched." if Path(output).exists() else ""
        print(f"{failed}: {count} error{'s' * (count != 1)}.{kept}", file=sys.stderr)
        return None
    for warning in built.warnings:
        print(f"warning: {warning}", file=sys.stderr)
    for note in built.notes:
        print(note)
    return built


def main(argv=None) -> int:
    """Build once; return the exit code."""
    started = time.monotonic()
    built = run_command(argv, "pelicanconf.py", build, "Not built")
    if built:
        print(f"Built {display_path(built.output)} in {time.monotonic() - started:.1f} s.")
    return 0 if built else 1


if __name__ == "__main__":
    sys.exit(main())
