"""What the comment server refuses to start with, and how it starts, logs and stops."""

import json
import logging
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from email import message_from_bytes
from pathlib import Path

import pytest
from werkzeug.test import Client

from comments import log, settings
from comments.__main__ import main, new
from comments.app import Application

ROOT = Path(__file__).resolve().parent.parent
SALT = "5f1d9c3ab27e4480a6d2c90b71e8f354"


def write(folder, **change):
    """An owner's settings file; `change` maps section__key to a value, None leaves the key out."""
    keys = {
        "general__host": "https://www.example.org",
        "general__dbpath": str(folder / "replies.db"),
        "server__public-endpoint": "https://comments.example.org",
        "hash__salt": SALT,
    } | {key.replace("_x_", "-"): value for key, value in change.items()}
    sections: dict[str, list[str]] = {}
    for key, value in keys.items():
        section, _, name = key.partition("__")
        if value is not None:
            sections.setdefault(section, []).append(f"{name} = {value}")
    path = folder / "comments.cfg"
    path.write_text("\n".join(f"[{name}]\n" + "\n".join(lines) for name, lines in sections.items()))
    return path


def test_sound_settings_are_read_with_limits_that_suit_a_clinic(tmp_path):
    found = settings.load(write(tmp_path, server__trusted_x_proxies="127.0.0.1"))
    assert found.origins == ("https://www.example.org",)
    assert [str(network) for network in found.proxies] == ["127.0.0.1/32"]
    assert found.isso.getint("guard", "direct-reply") == 50
    assert found.isso.getint("guard", "ratelimit") == 5
    assert found.isso.getboolean("moderation", "enabled")
    assert found.keep_pending == 30 * 24 * 3600


REFUSED = {
    "no salt": ({"hash__salt": None}, "there is no secret"),
    "the published salt": ({"hash__salt": settings.STOCK_SALT}, "published default"),
    "a short salt": ({"hash__salt": "abc123"}, "too easy to guess"),
    "a dull salt": ({"hash__salt": "a" * 40}, "too easy to guess"),
    "a salt from nowhere": ({"hash__salt": "$NO_SUCH_VARIABLE"}, "is not set"),
    "gravatar": ({"general__gravatar": "on"}, "another company"),
    "an open site": ({"general__host": "http://www.example.org"}, "not encrypted"),
    "an open endpoint": ({"server__public_x_endpoint": "http://c.example.org"}, "not encrypted"),
    "no endpoint": ({"server__public_x_endpoint": None}, "its own address"),
    "no site": ({"general__host": None}, "there is no site"),
    "a site that is none": ({"general__host": "www.example.org"}, "not the address of a site"),
    "no database": ({"general__dbpath": None}, "no database file"),
    "a folder that is not there": ({"general__dbpath": "/nowhere/x.db"}, "no folder"),
    "no moderation": ({"moderation__enabled": "false"}, "every reply is read"),
    "editing": ({"general__max_x_age": "15m"}, "rewritten"),
    "names in the log": ({"general__notify": "stdout"}, "personal data"),
    "the admin page": ({"admin__enabled": "true"}, "guessed"),
    "no guard": ({"guard__enabled": "false"}, "ratelimit"),
    "a limit of nothing": ({"guard__ratelimit": "0"}, "at least 1"),
    "a key with a slip": ({"general__hots": "x"}, "not a setting"),
    "a proxy that is none": ({"server__trusted_x_proxies": "caddy"}, "not an IP address"),
}


@pytest.mark.parametrize(("change", "said"), REFUSED.values(), ids=REFUSED)
def test_unsafe_settings_are_refused_with_their_place_and_a_cure(tmp_path, change, said):
    path = write(tmp_path, **change)
    with pytest.raises(settings.SettingsError) as refusal:
        settings.load(path)
    text = str(refusal.value)
    assert re.match(rf"{re.escape(str(path))}:\d+:1: \[", text)
    assert said in text
    assert " — " in text


def test_the_line_of_a_wrong_key_is_named(tmp_path):
    path = write(tmp_path, general__gravatar="true")
    line = path.read_text().splitlines().index("gravatar = true") + 1
    with pytest.raises(settings.SettingsError, match=f":{line}:1:"):
        settings.load(path)


def test_development_may_do_without_encryption_on_this_machine_only(tmp_path):
    change = {"general__host": "http://localhost:8000", "server__public_x_endpoint": None}
    assert settings.load(write(tmp_path, **change)).endpoint == ""


def test_new_settings_are_complete_with_a_secret_of_their_own(tmp_path):
    texts = [new("https://www.back.example/") for _ in range(2)]
    assert texts[0] != texts[1]
    path = tmp_path / "comments.cfg"
    path.write_text(texts[0].replace("/var/lib/comments", str(tmp_path)))
    found = settings.load(path)
    assert found.sites == ("https://www.back.example",)
    assert found.endpoint == "https://comments.back.example"


@contextmanager
def running(path):
    """The server as its service file starts it; yields its process and address."""
    process = subprocess.Popen(
        [sys.executable, "-m", "comments", str(path)], cwd=ROOT, stderr=subprocess.PIPE, text=True
    )
    try:
        line = process.stderr.readline()
        yield process, re.search(r"http://127\.0\.0\.1:\d+", line)[0]
    finally:
        process.kill()
        process.wait()
        process.stderr.close()


def development(folder):
    return write(
        folder,
        general__host="http://localhost:8000",
        server__public_x_endpoint=None,
        server__listen="http://127.0.0.1:0",
    )


def send(address, data, origin="http://localhost:8000"):
    headers = {"Content-Type": "application/json", "Origin": origin, "User-Agent": "Private/1.0"}
    request = urllib.request.Request(address, json.dumps(data).encode(), headers)
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        with error:
            return error.code


@pytest.mark.skipif(os.name == "nt", reason="Windows has no TERM signal")
def test_it_starts_serves_and_stops_clean_and_its_log_names_nobody(tmp_path):
    reply = {"text": "My secret knee", "author": "Anna Berg", "email": "anna@example.org"}
    with running(development(tmp_path)) as (process, address):
        assert send(f"{address}/new?uri=/my-page/", reply) == 202
        assert send(f"{address}/new?uri=/my-page/", reply | {"email": "anna(at)example"}) == 400
        assert send(f"{address}/new?uri=/my-page/", reply, "https://evil.example") == 403
        (tmp_path / "replies.db").write_bytes(b"broken" * 1000)
        assert send(f"{address}/new?uri=/my-page/", reply) == 503
        process.send_signal(signal.SIGTERM)
        _, said = process.communicate(timeout=10)
    assert process.returncode == 0
    assert "POST /new 202" in said
    for word in ("secret", "Anna", "anna", "my-page", "127.0.0.1", "Private", "evil"):
        assert word not in said
    assert (tmp_path / "replies.db").stat().st_mode & 0o077 == 0


def test_a_second_server_on_the_same_replies_says_why_it_does_not_start(tmp_path):
    path = development(tmp_path)
    with running(path):
        second = subprocess.run(
            [sys.executable, "-m", "comments", str(path)],
            check=False,
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=20,
        )
    assert second.returncode == 1
    assert "another process already serves" in second.stderr
    assert "Traceback" not in second.stderr


def test_a_file_that_is_no_database_is_named(tmp_path):
    (tmp_path / "replies.db").write_text("These are not replies, they are only words.")
    with pytest.raises(RuntimeError, match=r"replies\.db cannot be used"):
        Application(settings.load(write(tmp_path)))


def test_no_settings_are_made_for_what_is_no_address(capsys):
    assert main(["--new", "www.example.org"]) == 1
    said = capsys.readouterr()
    assert "https://" in said.err
    assert not said.out


class Mailbox:
    """A mail server that keeps what it is given."""

    def __init__(self):
        self.mails: list[str] = []
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        while True:
            try:
                line, _ = self._socket.accept()
            except OSError:
                return
            with line, line.makefile("rwb") as talk:
                self._talk(talk)

    def _talk(self, talk):
        def say(text):
            talk.write(text + b"\r\n")
            talk.flush()

        say(b"220 here")
        for command in talk:
            word = command[:4].upper()
            if word == b"DATA":
                say(b"354 go on")
                mail = b"".join(iter(talk.readline, b".\r\n"))
                self.mails.append(message_from_bytes(mail).get_payload(decode=True).decode())
            if word == b"QUIT":
                return say(b"221 bye")
            say(b"250 fine")

    def wait(self):
        deadline = time.monotonic() + 10
        while not self.mails and time.monotonic() < deadline:
            time.sleep(0.02)
        return self.mails[0]

    def close(self):
        self._socket.close()


def test_the_owner_gets_an_e_mail_whose_links_lead_to_approval(tmp_path):
    box = Mailbox()
    path = write(
        tmp_path,
        general__notify="smtp",
        smtp__host="127.0.0.1",
        smtp__port=str(box.port),
        smtp__security="none",
        smtp__to="owner@example.org",
        smtp__from="Comments <comments@example.org>",
    )
    app = Application(settings.load(path))
    client = Client(app)
    headers = {"Content-Type": "application/json", "Origin": "https://www.example.org"}
    reply = {"text": "My words", "author": "Anna", "email": "anna@example.org"}
    client.post("/new?uri=/a/", data=json.dumps(reply), headers=headers)
    mail = box.wait()
    assert "My words" in mail
    link = re.search(r"https://comments\.example\.org(/id/1/activate/\S+)", mail)[1]
    assert "My words" in client.get(link).text
    own = {"Origin": "https://comments.example.org"}
    assert client.post(link, data={"action": "activate"}, headers=own).status_code == 200
    assert client.get("/?uri=/a/").json["total_replies"] == 1
    app.close()
    box.close()


def test_an_error_in_the_log_is_told_without_its_words():
    record = logging.LogRecord("comments", logging.ERROR, "", 0, "an answer failed", None, None)
    try:
        raise ValueError("anna@example.org wrote this")
    except ValueError:
        record.exc_info = sys.exc_info()
    said = log.Discreet("%(message)s").format(record)
    assert re.fullmatch(r"an answer failed\nValueError at \S+:\d+", said)
