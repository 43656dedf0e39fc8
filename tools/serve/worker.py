"""The process that builds: reads a request from each line of its input, answers each with a line.

It ends when its input does, so it cannot outlive the server, however that ends.
"""

import gc
import json
import os
import sys
import traceback
from pathlib import Path


def main() -> int:
    """Take the arguments of Rebuilder as JSON, then requests: the arguments of its `build`."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # What plugins print must not be taken for an answer.
    broken = None
    try:
        from tools.serve.rebuild import Rebuilder

        rebuilder = Rebuilder(**json.loads(sys.argv[1]))
        rebuilder.warm_up()
    except Exception as error:
        broken = {"problems": [place(error)], "spent": True}
    for line in sys.stdin:
        answer = broken or rebuilder.build(**json.loads(line))
        answer["code"] = loaded()
        print(json.dumps(answer), file=answers, flush=True)
        gc.collect()
    return 0


def loaded() -> list[str]:
    """Return the folders that this project's own Python code was loaded from."""
    here = Path.cwd()
    files = [Path(module.__file__) for module in [*sys.modules.values()] if _has_file(module)]
    own = [
        file for file in files if file.is_relative_to(here) and "site-packages" not in file.parts
    ]
    return sorted({str(file.parent) for file in own})


def _has_file(module) -> bool:
    return isinstance(getattr(module, "__file__", None), str)


def place(error: Exception) -> dict:
    """Return where in this project's Python code an error is, as a Problem's fields.

    `tools.build.locate` does more, but code that cannot be imported may be what it needs.
    """
    if isinstance(error, SyntaxError) and error.filename:
        file, line, col, what = error.filename, error.lineno, error.offset, error.msg
    else:
        here = [
            frame
            for frame in traceback.extract_tb(error.__traceback__)
            if Path(frame.filename).is_relative_to(Path.cwd())
            and "site-packages" not in frame.filename
        ]
        file, line, col = (here[-1].filename, here[-1].lineno, 0) if here else ("tools", 0, 0)
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
    sys.exit(main())
