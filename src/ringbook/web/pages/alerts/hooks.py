"""Webhooks: the addresses of programs that alerts are posted to."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime

from django import forms
from django.conf import settings
from django.db.models import Count, OuterRef, Q, Subquery
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from ringbook.desk.delivery import edit, posting, signing, watching
from ringbook.desk.delivery.addresses import checked_url
from ringbook.desk.delivery.models import Delivery, Sent, Webhook
from ringbook.desk.governance.audit import record
from ringbook.desk.people.roles import Right
from ringbook.model.errors import AskError
from ringbook.web.guard import needs
from ringbook.web.pages.reports.words import SENT
from ringbook.web.toasts import toast
from ringbook.web.viewer import Asking

SENT_SHOWN = 30


class WebhookForm(forms.Form):
    """A webhook."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=120)
    url = forms.CharField(
        label=gettext_lazy("Address"),
        max_length=500,
        widget=forms.URLInput(attrs={"placeholder": "https://example.com/hooks/ringbook"}),
        help_text=gettext_lazy(
            "Of the Internet, over HTTPS; or in a network that desk.webhook_networks names."
        ),
    )

    def clean_url(self) -> str:
        """An address that could be one."""
        try:
            return checked_url(self.cleaned_data["url"])
        except AskError as error:
            raise forms.ValidationError(str(error)) from None


def webhook_or_404(request: Asking, webhook_id: uuid.UUID) -> Webhook:
    """The webhook, if there is one."""
    found = Webhook.objects.within(request.viewer.scope).filter(pk=webhook_id, removed_at=None).first()
    if found is None:
        raise Http404("There is no such webhook.")
    return found  # type: ignore[no-any-return]


@require_GET
@needs(Right.SEE_REPORTS)
def webhooks(request: Asking) -> HttpResponse:
    """The webhooks there are, with how the last message fared."""
    there = Webhook.objects.within(request.viewer.scope).filter(removed_at=None)
    there = there.annotate(watching=Count("alerts", filter=Q(alerts__removed_at=None)))
    newest = Subquery(Delivery.objects.filter(webhook=OuterRef("webhook")).values("pk")[:1])
    sent = Delivery.objects.filter(webhook__in=[one.pk for one in there], pk=newest).defer("body")
    lately = {one.webhook_id: one for one in sent}
    rows = []
    for one in there:
        last = lately.get(one.pk)
        word, tone = SENT[last.state] if last else ("", "")
        rows.append({"webhook": one, "last": last, "word": word, "tone": tone, "alerts": one.watching})
    told = {"rows": rows, "networks": settings.WEBHOOK_NETWORKS}
    return render(request, "alerts/webhooks.html", told)


@require_http_methods(["GET", "POST"])
@needs(Right.MANAGE_SETTINGS)
def new(request: Asking) -> HttpResponseBase:
    """The form of a new webhook; or the webhook, kept."""
    form = WebhookForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        made = edit.add_webhook(request.viewer.actor, form.cleaned_data["name"], form.cleaned_data["url"])
        return toast(request, _back(made), _("Webhook added. Try it with a test."))
    status = 422 if request.method == "POST" else 200
    return render(request, "alerts/webhook_new.html", {"form": form}, status=status)


@require_GET
@needs(Right.MANAGE_SETTINGS)
def webhook(request: Asking, webhook_id: uuid.UUID) -> HttpResponse:
    """One webhook: its secret, how to check a signature, and what was posted."""
    found = webhook_or_404(request, webhook_id)
    sent = Delivery.objects.filter(webhook=found)[:SENT_SHOWN]
    told = {
        "webhook": found,
        "secret": signing.secret_of(found),
        "sent": [{"delivery": one, "word": SENT[one.state][0], "tone": SENT[one.state][1]} for one in sent],
        "alerts": list(found.alerts.filter(removed_at=None)),
    }
    response = render(request, "alerts/webhook.html", told)
    response.headers["Cache-Control"] = "no-store"
    return response


@require_POST
@needs(Right.MANAGE_SETTINGS)
def secret(request: Asking, webhook_id: uuid.UUID) -> HttpResponseBase:
    """Give a webhook a new secret."""
    found = edit.new_secret(request.viewer.actor, webhook_or_404(request, webhook_id))
    return toast(request, _back(found), _("It has a new secret. The one before proves nothing any more."))


@require_POST
@needs(Right.MANAGE_SETTINGS)
def test(request: Asking, webhook_id: uuid.UUID) -> HttpResponseBase:
    """Post a test, and say what became of it."""
    found = webhook_or_404(request, webhook_id)
    now = datetime.now(UTC)
    delivery = watching.test_webhook(found, now)
    record(request.viewer.actor, "webhook:tested", f"webhook:{found.pk}")
    if posting.attempt(delivery, now):
        return toast(request, _back(found), _("The test arrived."))
    Delivery.objects.filter(pk=delivery.pk).update(state=Sent.FAILED, next_at=None)
    return toast(request, _back(found), delivery.problem, tone="bad")


@require_POST
@needs(Right.MANAGE_SETTINGS)
def remove(request: Asking, webhook_id: uuid.UUID) -> HttpResponseBase:
    """Take a webhook away."""
    found = webhook_or_404(request, webhook_id)
    edit.remove_webhook(request.viewer.actor, found)
    text = _("%(name)s was removed.") % {"name": found.name}
    return toast(request, HttpResponseRedirect(reverse("webhooks")), text)


def _back(webhook: Webhook) -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse("webhook", args=[webhook.pk]))
