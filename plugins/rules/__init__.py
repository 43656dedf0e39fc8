"""What must hold of the words of one file, asked by the reader, and across files, by plugins/check.
A rule yields the offset of each error, what is wrong, and how to fix it.

text.py judges the words of a text, metadata.py the fields that fields.py lists, links.py and
addresses.py who can be reached where, files.py what is in the content folder; readability.py warns.
"""
