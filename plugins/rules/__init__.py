"""What must hold of the words of one file, asked by the reader, and across files, by plugins/check.
A rule yields the offset of each error, what is wrong, and how to fix it.

text.py judges the words of a text, structure.py and tables.py what became of them beside what
commonmark.py reads, dialects.py marks that are not ours; metadata.py and plain.py the fields that
fields.py lists; links.py and addresses.py who can be reached where; files.py the content folder;
readability.py warns.
"""
