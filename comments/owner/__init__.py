"""The owner's commands for the replies: `python -m comments.owner --help`.

`store` reads and changes replies, `erasure` removes a person, `backup` backs up and restores,
`wordpress` imports, `waline` exports, and `snapshot` describes the file that a build reads.
"""


class CommandError(Exception):
    """A command cannot be carried out; the text says why and what to do."""
