"""The comment server runs on its own lock, without the site: no other package, no other folder."""

import json
import os
import re
import shutil
import subprocess
import sys
import urllib.request
from importlib.metadata import packages_distributions

import pytest

from tests.site_fixtures import ROOT

LOCK = (ROOT / "requirements-comments.txt").read_text("utf-8")
# Loaded by Python as it starts: any other import fails as it would if nothing else was installed.
REFUSE = """
import sys

class Refuse:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {refused}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)

sys.meta_path.insert(0, Refuse())
"""


@pytest.fixture(scope="module")
def machine(tmp_path_factory):
    """A folder with the comment server alone; the environment that its lock makes."""
    folder = tmp_path_factory.mktemp("server")
    shutil.copytree(ROOT / "comments", folder / "comments")
    shutil.copy(ROOT / "contract.py", folder)
    locked = {name.replace("_", "-").lower() for name in re.findall(r"^([\w.-]+)==", LOCK, re.M)}
    refused = {
        module
        for module, owners in packages_distributions().items()
        if not locked & {owner.replace("_", "-").lower() for owner in owners}
    }
    assert {"pelican", "nh3", "lxml"} <= refused and not {"isso", "waitress"} & refused
    text = REFUSE.format(refused=sorted(refused | {"plugins", "tools", "tests"}))
    (folder / "sitecustomize.py").write_text(text, "utf-8")
    return folder, {**os.environ, "PYTHONPATH": str(folder)}


def test_settings_are_made_and_a_reply_is_taken_on_the_lock_alone(machine):
    folder, environment = machine
    run = [sys.executable, "-m", "comments"]
    more = {"cwd": folder, "env": environment, "text": True}
    made = subprocess.run([*run, "--new", "https://www.example.org"], capture_output=True, **more)
    assert (made.returncode, made.stderr) == (0, "")
    text = made.stdout.replace("/var/lib/comments", str(folder)).replace(":8080", ":0")
    (folder / "comments.cfg").write_text(text, "utf-8")
    with subprocess.Popen([*run, "comments.cfg"], stderr=subprocess.PIPE, **more) as server:
        try:
            address = re.search(r"http://127\.0\.0\.1:\d+", server.stderr.readline())[0]
            reply = {"text": "It *helped*.", "author": "Anna", "email": "anna@example.org"}
            headers = {"Content-Type": "application/json", "Origin": "https://www.example.org"}
            sent = urllib.request.Request(
                f"{address}/new?uri=/a/", json.dumps(reply).encode(), headers
            )
            with urllib.request.urlopen(sent, timeout=10) as answer:
                assert answer.status == 202
        finally:
            server.terminate()
    owner = [sys.executable, "-m", "comments.owner", "--config", "comments.cfg", "pending"]
    shown = subprocess.run(owner, capture_output=True, check=True, **more).stdout
    assert "It *helped*." in shown
