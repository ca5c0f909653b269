"""Addresses of coming in and going out. Those of allauth are named here one by one, so that each has its guard."""

from __future__ import annotations

from allauth.account import views as account
from django.urls import path

from ringbook.web.guard import needs, public_page
from ringbook.web.pages.entrance import views

person = needs()

urlpatterns = [
    path("", person(views.home), name="home"),
    path("sign-in/", public_page(account.login), name="account_login"),
    path("sign-in/off/", public_page(account.account_inactive), name="account_inactive"),
    path("sign-out/", public_page(account.logout), name="account_logout"),
    path("sign-up/", public_page(account.signup), name="account_signup"),
]
