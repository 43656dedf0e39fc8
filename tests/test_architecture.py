"""What imports what, and other rules of the code's architecture, read from the source files."""

import ast
import builtins
import importlib
import re
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from graphlib import CycleError, TopologicalSorter
from importlib.metadata import packages_distributions
from typing import NamedTuple

import pytest

from tests import ROOT

CONTRACT = "contract"
# Folder → what its modules may import of ours; importing a module is importing all inside it too.
ALLOWED = {
    CONTRACT: (),
    "comments": ("comments", CONTRACT),
    "plugins": ("plugins", CONTRACT),
    "tools": ("tools", "plugins", "comments", CONTRACT),
    "pelicanconf": ("plugins", CONTRACT),
    "publishconf": ("plugins", CONTRACT, "pelicanconf"),
}
# Folder → the locks that hold the libraries it may import.
LOCKS = {
    CONTRACT: (),
    "comments": ("requirements-comments.txt",),
    "plugins": ("requirements.txt",),
    "tools": ("requirements.txt", "requirements-comments.txt"),
    "pelicanconf": ("requirements.txt",),
    "publishconf": ("requirements.txt",),
}
MOST_LINES = 12_570
# Documented, in spite of the underscore.
PUBLIC = {"os._exit", "typing.NamedTuple._asdict", "typing.NamedTuple._replace"}


class Import(NamedTuple):
    """An import: its line, the module as far as it is named, the name taken from it ("" where the
    module itself is), and whether it runs when the importing module is loaded."""

    line: int
    module: str
    name: str
    is_immediate: bool


@dataclass(frozen=True)
class Module:
    """A Python file: its dotted name, its path below the root, and its source text."""

    name: str
    path: str
    source: str

    @property
    def folder(self) -> str:
        """The package that the module is in, or its own name at the root."""
        return self.name.partition(".")[0]

    @cached_property
    def tree(self) -> ast.Module:
        """The syntax tree."""
        return ast.parse(self.source, self.path)

    @cached_property
    def imports(self) -> list[Import]:
        """All imports, also inside functions, relative, and modules of ours named in a string."""
        return list(self._imports(self.tree, True))

    def _imports(self, parent: ast.AST, is_immediate: bool) -> Iterator[Import]:
        for node in ast.iter_child_nodes(parent):
            is_late = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) or (
                isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)
            )
            inside = is_immediate and not is_late
            if isinstance(node, ast.Import):
                for alias in node.names:
                    yield Import(node.lineno, alias.name, "", inside)
            elif isinstance(node, ast.ImportFrom):
                for alias in node.names:
                    yield Import(node.lineno, self._absolute(node), alias.name, inside)
            elif isinstance(node, ast.Constant) and node.value in MODULES_BY_NAME:
                yield Import(node.lineno, node.value, "", False)
            yield from self._imports(node, inside)

    def _absolute(self, node: ast.ImportFrom) -> str:
        """Return the full name of the module that is imported from."""
        package = self.name.split(".")
        if not self.path.endswith("__init__.py"):
            package.pop()
        above = package[: len(package) - node.level + 1] if node.level else []
        return ".".join([*above, *filter(None, [node.module])])


def read_modules() -> dict[str, Module]:
    """Return the project's Python files by their dotted names."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "*.py"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    modules = {}
    for path in sorted(filter(None, listed.stdout.split("\0"))):
        if (ROOT / path).is_file():
            name = path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
            modules[name] = Module(name, path, (ROOT / path).read_text("utf-8"))
    return modules


MODULES = read_modules()
# "plugins" in a string may be anything; "plugins.reader" is the module.
MODULES_BY_NAME = {name for name in MODULES if "." in name}
SHIPPED = [module for module in MODULES.values() if module.folder != "tests"]


def target(found: Import) -> str:
    """Return the module that is imported, or the one that a name is taken from."""
    whole = f"{found.module}.{found.name}"
    return whole if whole in MODULES else found.module


def is_ours(name: str) -> bool:
    """Return whether a dotted name is inside the project."""
    return name.partition(".")[0] in {module.folder for module in MODULES.values()}


def is_within(name: str, parents: tuple[str, ...]) -> bool:
    """Return whether a dotted name is one of the others or inside one."""
    return any(f"{name}.".startswith(f"{parent}.") for parent in parents)


def is_private(name: str) -> bool:
    """Return whether a name begins with an underscore and is none of Python's own."""
    return name.startswith("_") and not (name.startswith("__") and name.endswith("__"))


def fail_if(found: list[str]):
    """Fail with all that was found, a line each."""
    if found:
        pytest.fail("\n".join(found), pytrace=False)


# -- Imports ---------------------------------------------------------------------------------------


def test_imports_are_read_wherever_and_however_they_are_written():
    source = """
import os, a.b as c
from . import d
from .e import f
from ..g import h
def function():
    from tools import publish
    importlib.import_module("tools.check")
if TYPE_CHECKING:
    import later
class Inside:
    import inside
"""
    found = Module("package.folder.module", "package/folder/module.py", source).imports
    assert [(each.module, each.name, each.is_immediate) for each in found] == [
        ("os", "", True),
        ("a.b", "", True),
        ("package.folder", "d", True),
        ("package.folder.e", "f", True),
        ("package.g", "h", True),
        ("tools", "publish", False),
        ("tools.check", "", False),
        ("later", "", False),
        ("inside", "", True),
    ]
    package = Module("package.folder", "package/folder/__init__.py", "from .e import f")
    assert package.imports[0].module == "package.folder.e"


@pytest.mark.parametrize("folder", ALLOWED)
def test_a_folder_imports_only_what_it_may(folder):
    fail_if([
        f"{module.path}:{found.line}: {folder} must not import {target(found)}"
        for module in SHIPPED
        for found in module.imports
        if module.folder == folder
        and is_ours(target(found))
        and not is_within(target(found), ALLOWED[folder])
    ])  # fmt: skip


def test_every_folder_has_its_rules():
    assert {module.folder for module in SHIPPED} == ALLOWED.keys() == LOCKS.keys()


@pytest.mark.parametrize("folder", LOCKS)
def test_a_folder_imports_only_libraries_of_its_locks(folder):
    locks = "\n".join((ROOT / name).read_text("utf-8") for name in LOCKS[folder])
    locked = set(re.findall(r"^([a-z0-9-]+)==", locks, re.M))
    providers = packages_distributions()
    found = []
    for module in SHIPPED:
        for each in module.imports if module.folder == folder else ():
            library = each.module.partition(".")[0]
            packages = {re.sub("[-_.]+", "-", name).lower() for name in providers.get(library, ())}
            if not (is_ours(library) or library in sys.stdlib_module_names or packages & locked):
                where = " or ".join(LOCKS[folder])
                found.append(f"{module.path}:{each.line}: {library} is not locked in {where}")
    fail_if(found)


def test_the_contract_of_site_and_comment_server_imports_only_the_standard_library():
    # Python loads comments/__init__.py before it.
    fail_if([f"there is no module {CONTRACT}"] if CONTRACT not in MODULES else [])
    fail_if([
        f"{module.path}:{found.line}: {found.module} is not of the standard library"
        for module in (MODULES["comments"], MODULES[CONTRACT])
        for found in module.imports
        if found.module.partition(".")[0] not in sys.stdlib_module_names
    ])  # fmt: skip


def test_no_module_imports_itself_through_others():
    graph = {
        module.name: {
            target(found)
            for found in module.imports
            if found.is_immediate and target(found) in MODULES
        }
        for module in MODULES.values()
    }
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        # graphlib names each before the one that imports it.
        pytest.fail(f"modules import each other: {' imports '.join(reversed(error.args[1]))}")


# -- Names -----------------------------------------------------------------------------------------


def classes(modules) -> Iterator[tuple[Module, ast.ClassDef]]:
    """Yield every class, also those inside functions and classes."""
    for module in modules:
        for node in ast.walk(module.tree):
            if isinstance(node, ast.ClassDef):
                yield module, node


def base_names(node: ast.ClassDef) -> list[str]:
    """Return the last parts of the names of a class's bases."""
    return [ast.unparse(base).partition("[")[0].rpartition(".")[2] for base in node.bases]


def test_no_two_classes_have_one_name():
    places = defaultdict(list)
    for module, node in classes(SHIPPED):
        places[node.name].append(f"{module.path}:{node.lineno}: class {node.name}")
    fail_if([place for found in places.values() if len(found) > 1 for place in found])


def is_exception(name: str, bases: dict[str, set[str]], seen: frozenset[str] = frozenset()) -> bool:
    """Return whether a class is an exception: of Python, by its bases, or by a library's name."""
    of_python = getattr(builtins, name, None)
    if isinstance(of_python, type) and issubclass(of_python, BaseException):
        return True
    if name in bases:
        above = bases[name] - seen
        return any(is_exception(base, bases, seen | {name}) for base in above)
    return name.endswith(("Error", "Exception"))


def test_the_name_of_every_exception_ends_in_error():
    bases = defaultdict(set)
    for _, node in classes(MODULES.values()):
        bases[node.name].update(base_names(node))
    fail_if([
        f"{module.path}:{node.lineno}: exception {node.name}"
        for module, node in classes(MODULES.values())
        if not node.name.endswith("Error")
        and any(is_exception(base, bases) for base in base_names(node))
    ])  # fmt: skip


def test_exceptions_are_known_through_the_classes_between():
    bases = {"A": {"B"}, "B": {"ValueError"}, "C": {"D"}, "D": {"C"}, "E": {"HTTPException"}}
    assert [name for name in bases if is_exception(name, bases)] == ["A", "B", "E"]


def library_names(module: Module) -> dict[str, str]:
    """Return what each name stands for that a module takes from a library: local → full name."""
    names = {}
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                local = alias.asname or alias.name.partition(".")[0]
                names[local] = alias.name if alias.asname else local
        elif isinstance(node, ast.ImportFrom) and not node.level:
            for alias in node.names:
                names[alias.asname or alias.name] = f"{node.module}.{alias.name}"
    return {local: full for local, full in names.items() if not is_ours(full)}


def private_names(module: Module) -> Iterator[tuple[int, str]]:
    """Yield the line and the name of every private name of a library, as far as can be seen."""
    names = library_names(module)
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            for found in module.imports:
                full = f"{found.module}.{found.name}".rstrip(".")
                if found.line == node.lineno and not is_ours(full):
                    yield from ((node.lineno, full) for p in full.split(".") if is_private(p))
        elif isinstance(node, ast.Attribute) and is_private(node.attr):
            root = ast.unparse(node).partition(".")[0]
            if root in names:
                yield node.lineno, names[root] + ast.unparse(node).removeprefix(root)
        elif isinstance(node, ast.Call) and ast.unparse(node.func) in ("getattr", "setattr"):
            owner, name, *_ = [*node.args, None, None]
            root = ast.unparse(owner).partition(".")[0]
            if root in names and isinstance(name, ast.Constant) and is_private(name.value):
                yield node.lineno, f"{names[root]}.{name.value}"
        elif isinstance(node, ast.ClassDef):
            for base in map(ast.unparse, node.bases):
                root = base.partition(".")[0]
                if root in names:
                    full = names[root] + base.removeprefix(root)
                    yield from private_members(node, full)


def private_members(node: ast.ClassDef, base: str) -> Iterator[tuple[int, str]]:
    """Yield the private names that a class takes from a library's class, or replaces in it."""
    own = {each.name: each.lineno for each in node.body if isinstance(each, ast.FunctionDef)}
    assigned, used = set(own), {}
    for each in ast.walk(node):
        if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store):
            assigned.add(each.id)
        is_of_self = isinstance(each, ast.Attribute) and ast.unparse(each.value) in ("self", "cls")
        if is_of_self and isinstance(each.ctx, ast.Store):
            assigned.add(each.attr)
        elif is_of_self:
            used.setdefault(each.attr, each.lineno)
    inherited = dir(resolve(base))
    for name, line in own.items():
        if is_private(name) and name in inherited:
            yield line, f"{base}.{name}"
    for name, line in used.items():
        if is_private(name) and name not in assigned:
            yield line, f"{base}.{name}"


def resolve(full: str) -> object:
    """Return what a full name of a library stands for."""
    parts = full.partition("[")[0].split(".")
    for end in range(len(parts), 0, -1):
        try:
            found = importlib.import_module(".".join(parts[:end]))
        except ImportError:
            continue
        for part in parts[end:]:
            found = getattr(found, part)
        return found
    raise LookupError(full)


def test_private_names_of_libraries_are_seen():
    source = """
import os
import http.client as client
from logging import Handler, _levelToName
from plugins.cache import _own
client._MAXLINE
os._exit(1)
setattr(os, "_name", 1)
class Ours(Handler):
    def __init__(self):
        self._mine = self._name
    def __repr__(self):
        return self._mine
    def _at_fork_reinit(self):
        pass
"""
    found = {name for _, name in private_names(Module("tools.x", "tools/x.py", source))}
    assert found == {
        "logging._levelToName",
        "http.client._MAXLINE",
        "os._exit",
        "os._name",
        "logging.Handler._name",
        "logging.Handler._at_fork_reinit",
    }


def test_no_private_name_of_a_library_is_used():
    fail_if([
        f"{module.path}:{line}: {name} is private"
        for module in SHIPPED
        for line, name in private_names(module)
        if name not in PUBLIC
    ])  # fmt: skip


# -- Files -----------------------------------------------------------------------------------------


def test_every_module_has_a_docstring():
    fail_if([
        f"{module.path}:1: no docstring"
        for module in MODULES.values()
        if not ast.get_docstring(module.tree)
    ])  # fmt: skip


def test_python_outside_the_tests_keeps_within_its_budget_of_lines():
    lines = Counter()
    for module in SHIPPED:
        lines[module.folder] += module.source.count("\n")
    total = lines.total()
    assert total <= MOST_LINES, f"{total:,} lines, {total - MOST_LINES:,} too many: {dict(lines)}"
