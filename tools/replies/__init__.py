"""Looking after the replies: `python -m tools.replies --help`.

`store` reads and changes them, `erasure` removes a person, `safekeeping` backs up and restores,
`wordpress` brings old replies along, `waline` takes them elsewhere, `snapshot` fetches the approved
ones for the build, for the articles that `site` finds.
"""
