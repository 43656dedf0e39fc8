"""The snapshot: the approved replies as a file that `make replies` fetches and a build reads.

`replies.json` is {"as_of": time, "threads": {"/page/": [reply, …]}}, a reply being {"id", "parent",
"author", "website", "created", "text", "by_site"}: `parent` a reply's number or null, `website` an
address or null, `created` an ISO time, `text` harmless HTML; a deleted reply that has answers also
has "deleted": true, and neither author nor text. No e-mail address, no hash.
"""

import json
import os
import re
import tempfile
from pathlib import Path

from . import CommandError
from .store import StoredReply

TIME = "%Y-%m-%dT%H:%M:%SZ"
DELETED = {"author": None, "website": None, "text": "", "deleted": True}


def write(snapshot: dict, path: Path) -> None:
    """Replace the snapshot in a file, completely or not at all."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    try:
        with open(handle, "w", encoding="utf-8") as file:
            json.dump(snapshot, file, ensure_ascii=False, indent=1)
            file.write("\n")
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


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
        raise CommandError(
            f"{path} is not a snapshot of replies, and may still hold this person — delete it"
        ) from None
    write(snapshot, path)
