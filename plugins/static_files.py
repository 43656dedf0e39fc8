"""Which files of the content folder a published site has: those that a published text uses; those
in AS_IS_PATHS, unless only unpublished texts use them; what a setting, the theme or one of these
calls by its path in the content folder, such as images/logo.png. A preview has all."""

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from operator import attrgetter
from pathlib import Path
from urllib.parse import quote

from pelican import signals
from pelican.contents import Static

from plugins.documents import Document
from plugins.rules import links
from plugins.schedule import build_time, is_published

MOST = 10  # names in a note
TEXTS = {".css", ".html", ".js", ".json", ".svg", ".txt", ".webmanifest", ".xml"}


def unused(
    documents: Iterable[Document],
    files: Mapping[str, Static],
    settings: dict,
    used_by: Callable[[Document], Iterable[str]] = attrgetter("files"),
) -> list[str]:
    """Return the names of the static `files` that a published site does not have."""
    now, used, others = build_time(settings["PATH"]).moment, set(), set()
    for document in documents if files else ():
        if document.facts is None:  # nothing was made of its text, so it may be any file in it
            text = document.source.text if document.key else ""  # without: it cannot be read
            others |= {name for name in files if name in text}
        else:
            (used if is_published(document.content, now) else others).update(used_by(document))
    left = files.keys() - used
    folders = settings.get("AS_IS_PATHS", ["extra"])
    as_is = {name for name in left - others for f in folders if Path(name).is_relative_to(f)}
    texts = owner_texts(settings, as_is) if left - as_is else []
    named = {name for name in left for text in texts if name in text or quote(name) in text}
    return sorted(left - as_is - named)


def note(names: list[str]) -> list[str]:
    """Return a line that says which files are not published, none where there are none."""
    be, it = (" is", "it") if len(names) == 1 else ("s are", "them")
    shown = ", ".join(names[:MOST] + ["…"] * (len(names) > MOST))
    what = f"{len(names)} file{be} not published, since no published text uses {it}: {shown}"
    return [what] if names else []


def owner_texts(settings: dict, names: Iterable[str]) -> list[str]:
    """Return what the owner says outside of articles and pages: the settings, the texts of the
    theme, and those of static files."""
    folders = [settings["THEME"], *settings["THEME_TEMPLATES_OVERRIDES"]]
    files = [path for folder in folders for path in Path(folder).rglob("*")]
    files += [Path(settings["PATH"], name) for name in (*settings["TEMPLATE_PAGES"], *names)]
    texts = [path.read_text("utf-8", "replace") for path in files if path.suffix in TEXTS]
    return [repr({name: value for name, value in settings.items() if name != "CACHE"}), *texts]


def register():
    """Leave out what is not used, where PUBLISHING is set."""
    signals.static_generator_finalized.connect(_foresee)
    signals.all_generators_finalized.connect(_withhold)


def _foresee(generator):
    """Name the files that a published site will not have, as far as is known so early."""
    context, files = generator.context, generator.context["static_content"]
    may_use = partial(links.files, names=files)
    names = unused(context["documents"].values(), files, generator.settings, may_use)
    context["private_files"] = {Path(files[name].source_path) for name in names}


def _withhold(generators):
    context, settings = generators[0].context, generators[0].settings
    if settings.get("PUBLISHING"):
        documents, files = context["documents"].values(), context["static_content"]
        held = {files[name] for name in unused(documents, files, settings)}
        context["staticfiles"] = [one for one in context["staticfiles"] if one not in held]
        for file in held:
            context["pictures"].pop(file, None)
