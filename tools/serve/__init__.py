"""The site on your own machine, shown anew whenever you save: `python -m tools.serve --help`."""
