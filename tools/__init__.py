"""The commands behind `make`, one a file or folder."""
