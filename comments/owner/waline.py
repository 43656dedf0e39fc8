"""Moving to Waline: all replies in the form that its admin page imports (version 1), as written by
https://github.com/walinejs/waline, packages/server/src/controller/db.js
"""

import time
from pathlib import Path

from comments.rows import SITE

from . import store

STATUS = {"published": "approved", "waiting": "waiting"}


def export(path: Path) -> dict:
    """Return the replies of a database as Waline's own export would hold them, in Markdown, without
    the empty places of deleted replies; what answered them becomes a reply to the page."""
    replies = [reply for reply in store.find(path) if reply.state in STATUS]
    replies.sort(key=lambda reply: reply.parent is not None)
    known = {reply.number for reply in replies}
    data = {"Comment": [_comment(one, known) for one in replies], "Counter": [], "Users": []}
    head = {"type": "waline", "version": 1, "time": int(time.time() * 1000)}
    return head | {"tables": list(data), "data": data}


def _comment(reply: store.StoredReply, known: set[int]) -> dict:
    parent = str(reply.parent) if reply.parent in known else None
    times = ("insertedAt", "createdAt", "updatedAt")
    return {
        **{"objectId": str(reply.number), "pid": parent, "rid": parent, "url": reply.page},
        **{"nick": reply.author, "mail": reply.email, "link": reply.website},
        **{"comment": reply.text, "status": STATUS[reply.state], "ua": ""},
        "ip": "" if reply.network == SITE else reply.network,
        **dict.fromkeys(times, reply.time("%Y-%m-%dT%H:%M:%S.000Z")),
    }
