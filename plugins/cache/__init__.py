"""What a build has worked out is kept for the next, under the digest of all it was made from, so no
rule says when an entry is stale: store.py keeps the entries, digests.py makes the digests,
ingredients.py returns what a page is made of, as templates.py reads it from its template, and
writer.py renders only what the cache lacks."""
