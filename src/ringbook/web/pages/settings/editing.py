"""Adding, changing and removing one thing of the settings: one dialog for all kinds, with both texts when two people edit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Generic, TypeVar

from django import forms
from django.db import IntegrityError, models
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from ringbook.desk.annotations.acting import ConflictError
from ringbook.desk.base import OfTenant
from ringbook.desk.organisation.changes import StaleError, UndoError, add, change, put_back, remove
from ringbook.desk.people.roles import Right
from ringbook.model.errors import AskError
from ringbook.web.guard import needs
from ringbook.web.toasts import toast
from ringbook.web.viewer import Asking, Viewer

Record = TypeVar("Record", bound=OfTenant)
Text = str | Promise


class Kind(Generic[Record]):
    """A kind of thing on the settings pages: how it is shown in a form, kept and taken away."""

    slug: str
    page: str  # the name of the page on which it stands
    model: type[Record]
    form: type[forms.Form]
    title_new: Text
    title_change: Text
    told_saved: Text
    told_removed: Text

    def make_form(
        self,
        viewer: Viewer,  # noqa: ARG002
        data: Any = None,
        initial: Mapping[str, Any] | None = None,
    ) -> forms.Form:
        """The form of one."""
        return self.form(data, initial=dict(initial or {}))

    def find(self, viewer: Viewer, pk: object) -> Record:
        """The one with this id; 404 if the viewer's tenant has none."""
        found = self.model.objects.within(viewer.scope).filter(pk=pk).first()
        if found is None:
            raise Http404
        return found  # type: ignore[no-any-return]

    def initial(self, record: Record) -> dict[str, Any]:
        """What its form shows."""
        return {name: getattr(record, name) for name in self.form.base_fields if hasattr(record, name)}

    def add(self, viewer: Viewer, values: dict[str, Any]) -> None:
        """Keep a new one."""
        add(self.model(tenant=viewer.scope.tenant, **values), viewer.actor, f"{self.slug}:added")

    def change(self, viewer: Viewer, record: Record, version: int, values: dict[str, Any]) -> None:
        """Keep other values of one. Raises :class:`StaleError` unless it has that version."""
        change(record, version, viewer.actor, f"{self.slug}:changed", **values)

    def remove(self, viewer: Viewer, record: Record) -> str:
        """Take one away; the address that takes that back."""
        token = remove(record, viewer.actor, f"{self.slug}:removed")
        return reverse("settings-undo", args=[token])


def new(request: Asking, kind: Kind[Any]) -> HttpResponseBase:
    """The form of a new one, or the new one kept."""
    if request.method != "POST":
        form = kind.make_form(request.viewer, initial=request.GET.dict())
        return _show(request, kind, form, None)
    form = kind.make_form(request.viewer, request.POST)
    if form.is_valid():
        try:
            kind.add(request.viewer, form.cleaned_data)
        except IntegrityError:
            form.add_error(
                None, _("There is one of these already. Look for it in the list, and change it there.")
            )
        except AskError as error:
            form.add_error(None, str(error))
        else:
            return _saved(request, kind, str(kind.told_saved))
    return _show(request, kind, form, None, status=422)


def edit(request: Asking, kind: Kind[Any], pk: object) -> HttpResponseBase:
    """The form of one, or the changed one kept. What another changed meanwhile is shown beside what was typed."""
    record = kind.find(request.viewer, pk)
    if request.method != "POST":
        return _show(request, kind, kind.make_form(request.viewer, initial=kind.initial(record)), record)
    form = kind.make_form(request.viewer, request.POST, kind.initial(record))
    theirs: list[tuple[str, str]] = []
    if form.is_valid():
        try:
            kind.change(request.viewer, record, version_of(request), form.cleaned_data)
        except (StaleError, ConflictError):
            record.refresh_from_db()
            theirs = differences(form, kind.initial(record))
        except IntegrityError:
            form.add_error(None, _("Another one is called that already. Choose something else."))
        except AskError as error:
            form.add_error(None, str(error))
        else:
            return _saved(request, kind, str(kind.told_saved))
    return _show(request, kind, form, record, theirs=theirs, status=409 if theirs else 422)


@require_POST
def take_away(request: Asking, kind: Kind[Any], pk: object) -> HttpResponseBase:
    """One taken away, with a way back."""
    undo = kind.remove(request.viewer, kind.find(request.viewer, pk))
    return _saved(request, kind, str(kind.told_removed), undo)


@needs(Right.MANAGE_SETTINGS)
@require_POST
def undo(request: Asking, token: str) -> HttpResponseBase:
    """What was removed, there again."""
    try:
        put_back(token, request.viewer.actor)
    except UndoError as error:
        return toast(request, HttpResponse(status=204), str(error), tone="bad")
    return toast(request, HttpResponse(status=204), _("It is back."))


def differences(form: forms.Form, present: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The fields that somebody else has made otherwise than what was typed, with their values now."""
    found = []
    for name, field in form.fields.items():
        if name in present and present[name] != form.cleaned_data.get(name):
            found.append((str(field.label or name), _written(field, present[name])))
    return found or [(_("All of it"), _("is the same by now, but it was saved in between."))]


def _written(field: forms.Field, value: Any) -> str:
    choices = dict(getattr(field, "choices", ()) or ())
    if isinstance(value, (list, tuple)):
        return ", ".join(str(choices.get(one, one)) for one in value) or "–"
    return str(choices.get(value, value)) if value not in (None, "") else "–"


def version_of(request: HttpRequest) -> int:
    """The version that a form was made from; -1 if it does not say."""
    text = request.POST.get("version", "")
    return int(text) if text.isdecimal() and len(text) < 9 else -1


def _show(
    request: Asking,
    kind: Kind[Any],
    form: forms.Form,
    record: models.Model | None,
    *,
    theirs: list[tuple[str, str]] | None = None,
    status: int = 200,
) -> HttpResponse:
    told = {
        "kind": kind,
        "form": form,
        "record": record,
        "title": kind.title_change if record else kind.title_new,
        "theirs": theirs,
        "back": reverse(kind.page),
        "here": request.get_full_path(),
    }
    htmx = request.headers.get("HX-Request") == "true"
    template = "settings/_edit.html" if htmx else "settings/edit.html"
    return render(request, template, told, status=200 if request.method != "POST" else status)


def _saved(request: Asking, kind: Kind[Any], text: str, undo: str = "") -> HttpResponseBase:
    back = reverse(kind.page)
    if request.headers.get("HX-Request") == "true":
        response: HttpResponse = HttpResponse(status=204, headers={"HX-Redirect": back})
    else:
        response = HttpResponseRedirect(back)
    return toast(request, response, text, undo=undo)
