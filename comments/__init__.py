"""The comment server: Isso, unmodified, behind a front door of our own.

Run it with `python -m comments FILE`, FILE being the owner's settings (see deploy/comments.cfg).
What a visitor sends is judged in `app` and handed on as a fresh request, so that Isso, in `engine`,
never sees a header, a cookie or a field that the front door does not know.
"""
