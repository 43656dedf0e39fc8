"""The snapshot: the approved replies as a file that `make replies` fetches and a build reads.

`replies.json` is {"as_of": time, "threads": {"/page/": [reply, …]}}, a reply being {"id", "parent",
"author", "website", "created", "text", "by_site"}: `parent` a reply's number or null, `website` an
address or null, `created` an ISO time, `text` harmless HTML; a deleted reply that has answers also
has "deleted": true, and neither author nor text. No e-mail address, no hash.
"""

import json
import os
import re
from pathlib import Path

from . import CommandError
from .store import StoredReply

TIME = "%Y-%m-%dT%H:%M:%SZ"
DELETED = {"author": None, "website": None, "text": "", "deleted": True}


def write(snapshot: dict, path: Path) -> None:
    """Replace the snapshot in a file, completely or not at all."""
    temporary = path.with_name(f".{path.name}-{os.getpid()}")
    try:
        text = json.dumps(snapshot, ensure_ascii=False, indent=1)
        temporary.write_text(f"{text}\n", encoding="utf-8")
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def erase(path: Path, erased: list[StoredReply], address: re.Pattern) -> None:
    """Take erased replies out of the snapshot in a file, and the address out of the others."""
    gone = {(reply.page, reply.number, reply.time(TIME)) for reply in erased}
    try:
        snapshot = json.loads(path.read_text(encoding="utf-8"))
        for page, replies in snapshot["threads"].items():
            for reply in replies:
                if (page, reply["id"], reply["created"]) in gone:
                    reply.update(DELETED)
                for key in ("author", "website", "text"):
                    reply[key] = reply[key] and address.sub("[removed]", reply[key])
            answered = {reply["parent"] for reply in replies if not reply.get("deleted")}
            replies[:] = [one for one in replies if not one.get("deleted") or one["id"] in answered]
    except (ValueError, LookupError, TypeError, AttributeError):
        what = "is not a snapshot of replies, and may still hold this person"
        raise CommandError(f"{path} {what} — delete it") from None
    write(snapshot, path)
