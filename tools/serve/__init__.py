"""The site on your own machine, shown anew whenever you save: `python -m tools.serve --help`.

`__main__` holds it together: `watch` reports what was saved, `builder` has an ordinary build made
in a new process, so that changed Python code is seen like any other change, and `web` answers the
browser, with `reload.js` in every page. Builds are in a temporary folder: `output/` is left alone.
"""
