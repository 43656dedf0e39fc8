"""Whatever is edited, a build from the cache is what a clean build makes, byte for byte.

STEPS and SEED in the environment change the number of edits and their choice; `make soak` makes a
thousand.
"""

import os
import shutil

import pytest

from tests.random_edits import EDITS, Project

STEPS = int(os.environ.get("STEPS", "60"))
SEED = int(os.environ.get("SEED", "1"))
PUBLISHED = 10  # every so many edits, the site is published too


def plan(project: Project) -> list[str]:
    """Return kinds of edits in a random order, each of them at least once."""
    kinds = list(EDITS)
    project.random.shuffle(kinds)
    return (kinds + project.random.choices(kinds, k=max(0, STEPS - len(kinds))))[:STEPS]


@pytest.fixture
def project(tmp_path) -> Project:
    (tmp_path / "project").mkdir()
    return Project(tmp_path / "project", SEED)


def compare(project: Project, command: str, told: str) -> bool:
    """Build from the cache and without. Return whether the edit was accepted; the same must be
    written in both ways, and what is as it was must keep its time."""
    before = project.files(command)
    code, said = project.build(command, command, "cache")
    shutil.rmtree(project.folder.parent / "no-cache", ignore_errors=True)
    clean, said_clean = project.build(command, "clean", "no-cache")
    assert code == clean, f"{told}: {said}{said_clean}"
    after = project.files(command)
    if code:
        assert after == before, told
        return False
    expected = project.files("clean")
    different = [name for name in sorted(expected) if after.get(name, b"")[0] != expected[name][0]]
    assert not different, f"{told}: {different}"
    assert after.keys() == expected.keys(), told
    moved = [
        name
        for name in before.keys() & after.keys()
        if before[name][0] == after[name][0] and before[name][1] != after[name][1]
    ]
    assert not moved, f"{told}: written though as it was: {moved}"
    return True


def test_after_every_edit_the_site_is_as_a_clean_build_makes_it(project):
    assert compare(project, "build", "the first build")
    refused, published, good = [], 0, project.state()
    for number, kind in enumerate(plan(project), 1):
        told, state = f"edit {number} of seed {SEED}, {kind}", project.state()
        project.edit(kind)
        if not compare(project, "build", told):
            refused.append(kind)
            project.restore(state)
        if number % PUBLISHED == 0:
            # What a preview may show, such as a link to a draft, a published site may not.
            if compare(project, "publish", f"published after {told}"):
                published, good = published + 1, project.state()
            else:
                project.restore(good)
    assert len(refused) < STEPS / 4, refused
    assert published > STEPS // PUBLISHED / 2
