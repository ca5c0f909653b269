"""The translations of the pages: ``python -m tests.web.messages`` brings ``web/locale`` up to date with the texts in the code.

Texts are taken from the templates and modules; new ones stand in the ``.po`` files without a translation until somebody writes
one. Babel does it, without gettext's own programs.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_python
from babel.messages.mofile import read_mo, write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

from ringbook.analyse.door.views import texts as columns
from ringbook.analyse.texts import texts as figures

SOURCE = Path(__file__).parents[2] / "src" / "ringbook"
LOCALE = SOURCE / "web" / "locale"
LANGUAGES = ("de",)
HEADER = (
    "# Translations of Ringbook's pages. Made by python -m tests.web.messages; write the translations here."
)
FUNCTIONS = {
    **dict.fromkeys(("gettext", "gettext_lazy", "gettext_noop", "_"), None),
    **dict.fromkeys(("ngettext", "ngettext_lazy"), (1, 2)),
    **dict.fromkeys(("pgettext", "pgettext_lazy"), ((1, "c"), 2)),
    **dict.fromkeys(("npgettext", "npgettext_lazy"), ((1, "c"), 2, 3)),
}


def texts() -> Catalog:
    """All texts of the pages that can be translated."""
    catalog = Catalog(project="Ringbook", fuzzy=False)
    for path, lines in _sources():
        for line, function, message, comments in extract_python(lines, FUNCTIONS, ["Translators:"], {}):
            context, told = _told(function, message)
            if told:
                catalog.add(told, locations=[(path, line)], auto_comments=comments, context=context)
    for text in (*figures(), *columns()):  # no extractor finds those
        catalog.add(text, locations=[("analyse", 1)])
    return catalog


def _told(function: str, message: object) -> tuple[str | None, object]:
    """The context, and the text or texts, of a call of a function."""
    parts = list(message) if isinstance(message, tuple) else [message]
    context = str(parts.pop(0)) if "pgettext" in function else None
    texts = parts[: 2 if function.startswith("n") else 1]
    if not all(isinstance(text, str) and text for text in texts):
        return None, ""
    return context, tuple(texts) if len(texts) == 2 else texts[0]


def _sources() -> Iterator[tuple[str, BytesIO]]:
    """Every module and template that may hold texts, as modules."""
    templates = SOURCE / "web" / "templates"
    for file in sorted([*SOURCE.rglob("*.py"), *templates.rglob("*.html"), *templates.rglob("*.txt")]):
        place = file.relative_to(SOURCE).as_posix()
        if "/migrations/" in place:
            continue
        text = file.read_text(encoding="utf-8")
        if file.suffix != ".py":
            # What is not a text is blanked out with letters; what is left of the indentation would not be Python.
            text = "\n".join(line.lstrip() for line in templatize(text, origin=place).splitlines())
        elif (
            "gettext" not in text and "\ndef _(" not in text
        ):  # a module below the pages marks its texts itself
            continue
        yield place, BytesIO(text.encode())


def kept(language: str) -> Catalog:
    """The translations into a language as they are kept."""
    file = LOCALE / language / "LC_MESSAGES" / "django.po"
    blank = Catalog(
        locale=language,
        project="Ringbook",
        fuzzy=False,
        charset="utf-8",
        header_comment=HEADER,
        msgid_bugs_address="",
        last_translator="",
        language_team="",
        version="1",
    )
    if file.exists():
        with file.open("rb") as lines:
            for message in read_po(lines, locale=language):
                if message.id:
                    blank.add(message.id, message.string, context=message.context)
    return blank


def compiled(language: str) -> Catalog:
    """The translations into a language as the pages read them."""
    with (LOCALE / language / "LC_MESSAGES" / "django.mo").open("rb") as file:
        return read_mo(file)


def update() -> None:
    """Bring the files of all languages up to date."""
    there = texts()
    for language in LANGUAGES:
        catalog = kept(language)
        catalog.update(there, no_fuzzy_matching=True)
        catalog.obsolete.clear()
        catalog.revision_date = datetime(
            2026, 1, 1, tzinfo=UTC
        )  # the files change when texts do, not with the day
        catalog.creation_date = catalog.revision_date
        folder = LOCALE / language / "LC_MESSAGES"
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / "django.po").open("wb") as file:
            write_po(file, catalog, width=120, sort_output=True, no_location=True, omit_header=False)
        with (folder / "django.mo").open("wb") as file:
            write_mo(file, catalog)
        missing = [message.id for message in catalog if message.id and not _translated(message)]
        print(f"{language}: {len(catalog)} texts, {len(missing)} without a translation")


def _translated(message: Message) -> bool:
    return bool(message.string) and all(message.string)


if __name__ == "__main__":
    update()
