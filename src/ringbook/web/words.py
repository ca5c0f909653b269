"""What the scripts of the pages say, translated on the server."""

from __future__ import annotations

from django.utils.translation import gettext


def script_words() -> dict[str, str]:
    """The texts that static/js needs, by the keys it asks with."""
    return {
        "undo": gettext("Undo"),
        "undone": gettext("Undone."),
        "close": gettext("Close"),
        "cancel": gettext("Cancel"),
        "go-on": gettext("Continue"),
        "sure": gettext("Are you sure?"),
        "type": gettext("Type %s to confirm"),
        "copied": gettext("Copied."),
        "copy-failed": gettext("The browser did not allow copying. Select the text and copy it yourself."),
        "failed": gettext("That did not work. What you typed is still here; try again."),
        "offline": gettext("Ringbook cannot be reached. What you typed is still here; try again."),
        "signed-out": gettext("Your session has ended. Sign in in another tab, then try again."),
        "forbidden": gettext("You may not do that."),
        "too-large": gettext("That is larger than Ringbook takes."),
        "draft": gettext("What you typed before was restored."),
        "discard": gettext("Discard"),
        "keyboard": gettext("Keyboard"),
        "general": gettext("Everywhere"),
        "go": gettext("Go to"),
        "list": gettext("In lists"),
        "page": gettext("On this page"),
        "key-help": gettext("Show this card"),
        "key-next": gettext("Next"),
        "key-previous": gettext("Previous"),
        "key-open": gettext("Open"),
        "key-choose": gettext("Choose"),
        "key-close": gettext("Close, or leave the field"),
        "new-one": gettext("1 new"),
        "new-many": gettext("%d new"),
        "chosen-one": gettext("1 chosen"),
        "chosen-many": gettext("%d chosen"),
        "results-one": gettext("1 suggestion"),
        "results-many": gettext("%d suggestions"),
        "results-none": gettext("No suggestions"),
        "up": gettext("Move up"),
        "down": gettext("Move down"),
        "moved": gettext("%s moved to place %d"),
        "time-now": gettext("now"),
        "time-minutes": _placed(gettext("%(n)d min")),
        "time-hours": _placed(gettext("%(n)d h")),
        "time-days": _placed(gettext("%(n)d d")),
        "time-months": _placed(gettext("%(n)d mo")),
        "time-years": _placed(gettext("%(n)d y")),
        "time-ago": _placed(gettext("%(span)s ago")),
        "time-ahead": _placed(gettext("in %(span)s")),
        "show": gettext("Show"),
        "hide": gettext("Hide"),
    }


def _placed(text: str) -> str:
    """A text whose named place the scripts fill by order."""
    return text.replace("%(n)d", "%d").replace("%(span)s", "%s")
