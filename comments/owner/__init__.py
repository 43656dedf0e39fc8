"""The owner's commands for the replies: `python -m comments.owner --help`."""


class CommandError(Exception):
    """A command cannot be carried out; the text says why and what to do."""
