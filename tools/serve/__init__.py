"""The site on your own machine, shown anew whenever you save: `python -m tools.serve --help`.

`__main__` holds it together; `watch` tells what was saved; `builder` has it built by `once`, an
ordinary build in a process of its own, so that changed Python code is seen like any other change;
`web` answers the browser, `reload.js` included, and `replies` lends it a comment server. Builds lie
in a temporary folder: `output/` is left alone.
"""
