"""One build, in a process of its own: asked for with JSON on its input, answered with JSON.

The process is started ahead of the save that it is for, and imports the libraries meanwhile. The
project's own code is imported only when a build is asked for, so that it is what was saved.
"""

import json
import os
import sys
import time
import traceback
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path

# Not used here: to import them while a save is waited for saves a third of its time.
import lxml.html  # noqa: F401
import markdown  # noqa: F401
import pelican  # noqa: F401


def main():
    """Answer what is asked. Without a question, the server has ended."""
    # Bytecode of code that is saved twice in a second would be taken for current.
    sys.dont_write_bytecode = True
    with suppress(OSError), os.fdopen(os.dup(1), "w", encoding="utf-8") as answers:
        os.dup2(2, 1)  # What plugins print must not be taken for the answer.
        sys.stdout.reconfigure(line_buffering=True)
        if asked := sys.stdin.read():
            json.dump(preview(**json.loads(asked)), answers)
    os._exit(0)  # To clear the memory would take a tenth of the time.


def preview(settings: str, content: str | None, address: str, output: str) -> dict:
    """Build `content` (None: what the settings name) for a preview at `address` into a folder;
    return the fields of a Built, without its folder."""
    answer = {"problems": [], "unlisted": [], "left_out": [], "watch": []}
    os.environ.setdefault("SOURCE_DATE_EPOCH", str(int(time.time())))
    try:
        from comments.contract import LOCAL_ENDPOINT
        from plugins import schedule
        from tools.build import build, load_settings
        from tools.terminal import progress

        own = load_settings(settings)
        content = content or own["PATH"]
        folders = [content, own["THEME"], *own["THEME_TEMPLATES_OVERRIDES"]]
        answer["watch"] = [str(Path(folder).resolve()) for folder in folders]
        overrides = {"SITEURL": address, "RELATIVE_URLS": True, "PUBLISHING": False}
        if own.get("COMMENTS", {}).get("provider") == "isso":
            # A preview must not write to the owner's real comment server.
            overrides["COMMENTS"] = {**own["COMMENTS"], "endpoint": LOCAL_ENDPOINT}
        with progress():
            built = build(content, output, settings, overrides)
        documents = built.report.documents
        for one in schedule.unpublished(documents.values(), built.settings):
            if page := documents[one.name].content:
                answer["unlisted"].append(_unlisted(one, page))
        answer["left_out"] = schedule.left_out(documents.values(), built.settings)
    except (Exception, SystemExit) as error:
        found = getattr(error, "problems", [])  # of a ContentError
        answer["problems"] = [asdict(problem) for problem in found] or [_place(error)]
    return {**answer, "code": _code()}


def _unlisted(one, page) -> dict:
    scheduled = one.why == "scheduled"
    return {
        "file": page.save_as,
        "address": f"/{page.url}",
        "title": page.title,
        "kind": f"Not out before {one.date:%Y-%m-%d %H:%M}" if scheduled else "Draft",
    }


def _code() -> list[str]:
    """Return the folders that this project's own Python code was loaded from."""
    files = [getattr(module, "__file__", None) for module in [*sys.modules.values()]]
    return sorted({str(Path(file).parent) for file in files if _is_own(file)})


def _is_own(file) -> bool:
    path = Path(file) if isinstance(file, str) else Path("/")
    return path.is_relative_to(Path.cwd()) and "site-packages" not in path.parts


def _place(error: BaseException) -> dict:
    """Return where in this project's Python code an error is, as a Problem's fields.

    `tools.build.locate` does more, but code that cannot be imported may be what it needs.
    """
    if isinstance(error, SyntaxError) and error.filename:
        file, line, col, what = error.filename, error.lineno, error.offset, error.msg
    else:
        frames = traceback.extract_tb(error.__traceback__)
        own = [(frame.filename, frame.lineno) for frame in frames if _is_own(frame.filename)]
        (file, line), col = own[-1], 0
        what = f"{type(error).__name__}: {error}"
    path = Path(file)
    shown = path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path
    return {
        "path": shown.as_posix(),
        "line": line or 0,
        "col": col or 0,
        "what": what,
        "fix": "mend the Python code",
    }


if __name__ == "__main__":
    main()
