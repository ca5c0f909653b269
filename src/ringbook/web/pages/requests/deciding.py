"""The second person's word, and what it sets going."""

from __future__ import annotations

import uuid

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from ringbook.desk.people.models import Person
from ringbook.desk.people.roles import Right
from ringbook.desk.requests import flow
from ringbook.desk.requests.models import PersonRequest, RequestKind
from ringbook.model.errors import AskError
from ringbook.web.guard import needs
from ringbook.web.pages.requests import running
from ringbook.web.pages.requests.views import page, request_or_404
from ringbook.web.viewer import Asking


@require_POST
@needs(Right.HANDLE_REQUESTS)
def confirm(request: Asking, request_id: uuid.UUID) -> HttpResponse:
    """Yes, from a second person who typed the reference: it begins."""
    row = request_or_404(request, request_id)
    person = _decider(request, row)
    try:
        running.start(
            request.viewer, flow.confirm(request.viewer.actor, row, person, request.POST.get("typed", ""))
        )
    except AskError as error:
        return page(request, row, 422, problem=str(error))
    return _back(row)


@require_POST
@needs(Right.HANDLE_REQUESTS)
def decline(request: Asking, request_id: uuid.UUID) -> HttpResponse:
    """No, with the reason that the person is told."""
    row = request_or_404(request, request_id)
    try:
        flow.decline(request.viewer.actor, row, _decider(request, row), request.POST.get("reason", ""))
    except AskError as error:
        return page(request, row, 422, problem=str(error))
    return _back(row)


@require_POST
@needs(Right.HANDLE_REQUESTS)
def withdraw(request: Asking, request_id: uuid.UUID) -> HttpResponse:
    """The request as it was taken back."""
    row = request_or_404(request, request_id)
    try:
        flow.withdraw(request.viewer.actor, row)
    except AskError as error:
        return page(request, row, 409, problem=str(error))
    return _back(row)


@require_POST
@needs(Right.HANDLE_REQUESTS, Right.ERASE)
def again(request: Asking, request_id: uuid.UUID) -> HttpResponse:
    """The erasure goes on with what a hold kept, if the hold was released."""
    row = request_or_404(request, request_id)
    try:
        running.start(request.viewer, flow.again(request.viewer.actor, row))
    except AskError as error:
        return page(request, row, 409, problem=str(error))
    return _back(row)


def _decider(request: Asking, row: PersonRequest) -> Person:
    """The person who decides; a program cannot, nor somebody without the right."""
    viewer = request.viewer
    if viewer.person is None or (row.kind == RequestKind.ERASURE and not viewer.may(Right.ERASE)):
        raise PermissionDenied
    return viewer.person


def _back(row: PersonRequest) -> HttpResponse:
    return HttpResponseRedirect(reverse("request", args=[row.pk]))
