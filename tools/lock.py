"""Renew the locks: `python -m tools.lock` turns pyproject.toml's groups into requirements files.

A lock names every package with its version and hashes, holds on Linux, macOS and Windows from
Python 3.11 on, and says nothing of where packages come from. Arguments go to `uv pip compile`:
`--upgrade` takes newer versions, without it only what changed in pyproject.toml changes.
"""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from itertools import product
from pathlib import Path
from shutil import copy
from tempfile import TemporaryDirectory

GROUPS = {
    "runtime": "requirements.txt",
    "test": "requirements-test.txt",
    "comments": "requirements-comments.txt",
}
PYTHONS = ("3.11", "3.14")
SYSTEMS = (
    "x86_64-manylinux_2_28",
    "aarch64-manylinux_2_28",
    "x86_64-apple-darwin",
    "aarch64-apple-darwin",
    "x86_64-pc-windows-msvc",
)
# Pure Python, published as source only: building it takes no compiler.
FROM_SOURCE = "isso"


def compile_lock(*arguments: str | Path) -> str:
    """Run `uv pip compile`, refusing what would need a compiler, and return its complaints."""
    command = [sys.executable, "-m", "uv", "pip", "compile", "--quiet", *arguments]
    wheels = ["--only-binary", ":all:", "--no-binary", FROM_SOURCE]
    return subprocess.run([*command, *wheels], capture_output=True, text=True).stderr.strip()


def renew(folder: Path, options: list[str]) -> list[str]:
    """Write the locks into `folder`, which may hold the present ones, and return what failed."""
    locks: list[Path] = []
    for group, name in GROUPS.items():
        lock = folder / name
        said = compile_lock(
            *("--group", group, "--output-file", lock, "--python-version", PYTHONS[0]),
            *("--universal", "--generate-hashes", "--no-annotate"),
            *("--custom-compile-command", "make lock", *options),
            *(part for earlier in locks for part in ("--constraint", earlier)),
        )
        if said:
            return [f"{name}: {said}"]
        source = f"--no-binary {FROM_SOURCE}\n" if f"\n{FROM_SOURCE}==" in lock.read_text() else ""
        lock.write_text(f"{lock.read_text()}--only-binary :all:\n{source}")
        locks.append(lock)

    def missing(place: tuple[str, str]) -> str:
        system, python = place
        target = ("--python-platform", system, "--python-version", python)
        said = compile_lock(*locks, "--no-deps", *target, "-o", folder / "-".join(place))
        return said and f"{system}, Python {python}: {said}"

    with ThreadPoolExecutor() as pool:
        return list(filter(None, pool.map(missing, product(SYSTEMS, PYTHONS))))


def main() -> int:
    """Renew the locks, all or none; return the exit code."""
    with TemporaryDirectory() as temporary:
        folder = Path(temporary)
        for name in GROUPS.values():
            if Path(name).exists():
                copy(name, folder)
        faults = renew(folder, sys.argv[1:])
        if faults:
            print(*faults, "The locks are as they were.", sep="\n", file=sys.stderr)
            return 1
        for name in GROUPS.values():
            copy(folder / name, name)
    return 0


if __name__ == "__main__":
    sys.exit(main())
