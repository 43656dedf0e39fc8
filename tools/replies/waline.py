"""Taking the replies to Waline: all of them in the form that its admin page imports (version 1).

https://github.com/walinejs/waline, packages/server/src/controller/db.js
"""

from datetime import UTC, datetime
from pathlib import Path

from comments.rows import SITE

from . import store


def bundle(path: Path) -> dict:
    """The replies of a database as Waline's own export would hold them, Markdown as it is.

    Empty places of deleted replies stay behind; what answered them stands on its own.
    """
    replies = [
        reply
        for reply in store.find(path, "ORDER BY c.parent IS NOT NULL, c.created")
        if reply.state in ("published", "waiting")
    ]
    known = {reply.number for reply in replies}
    return {
        "type": "waline",
        "version": 1,
        "time": int(datetime.now(UTC).timestamp() * 1000),
        "tables": ["Comment", "Counter", "Users"],
        "data": {
            "Comment": [_comment(reply, known) for reply in replies],
            "Counter": [],
            "Users": [],
        },
    }


def _comment(reply: store.Stored, known: set[int]) -> dict:
    when = datetime.fromtimestamp(reply.created, UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    root = str(reply.parent) if reply.parent in known else None
    return {
        "objectId": str(reply.number),
        "pid": root,
        "rid": root,
        "url": reply.page,
        "nick": reply.author,
        "mail": reply.email,
        "link": reply.website,
        "comment": reply.text,
        "ip": "" if reply.network == SITE else reply.network,
        "ua": "",
        "status": "approved" if reply.state == "published" else "waiting",
        "insertedAt": when,
        "createdAt": when,
        "updatedAt": when,
    }
