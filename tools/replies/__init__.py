"""Looking after the replies: `python -m tools.replies --help`.

`store` reads and changes them, `erasure` removes a person, `safekeeping` backs up and restores,
`wordpress` brings old replies along, `snapshot` fetches the approved ones for the build.
"""
