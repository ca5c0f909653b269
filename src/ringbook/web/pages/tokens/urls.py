"""The addresses of the tokens."""

from __future__ import annotations

from django.urls import path

from ringbook.web.pages.tokens import views

urlpatterns = [
    path("settings/tokens/", views.tokens, name="settings-tokens"),
    path("settings/tokens/new/", views.create, name="token-new"),
    path("settings/tokens/<uuid:token_id>/revoke/", views.revoke, name="token-revoke"),
]
