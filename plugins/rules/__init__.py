"""What must hold of the words of one file, asked by the reader, and across files, by plugins/check.

frontmatter.py and values.py judge the fields that fields.py lists, body.py a text, links.py and
addresses.py who can be reached where, files.py what lies in the content folder; readability.py
gives advice. source.py and scan.py find places in a file. Rules are generators of `Problem`.
"""
