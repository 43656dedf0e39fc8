"""The site on your own machine, shown anew whenever you save: `python -m tools.serve --help`.

`__main__` holds it together; `watch` tells what was saved; `worker` is the process that builds, so
that changed Python code needs no more than a new one; `rebuild` is what it does; `builder` is its
other end; `web` answers the browser, `reload.js` included, and
`replies` lends it a comment server. Builds lie in a temporary folder: `output/` is left alone.
"""
