"""Addresses of coming in and going out. Those of allauth are named here one by one, so that each has its guard."""

from __future__ import annotations

from allauth.account import views as account
from allauth.mfa.base import views as second_factor
from allauth.mfa.webauthn import views as passkeys
from allauth.socialaccount import views as single
from allauth.socialaccount.providers.openid_connect import views as oidc
from django.urls import path

from ringbook.desk.people.roles import Right
from ringbook.web.guard import needs, public_page
from ringbook.web.pages.entrance import views

person = needs()

urlpatterns = [
    path("", person(views.home), name="home"),
    path("welcome/", needs(Right.MANAGE_SETTINGS, Right.MANAGE_PEOPLE)(views.welcome), name="welcome"),
    path("set-up/<str:secret>", public_page(views.set_up), name="set-up"),
    path("enter/<str:secret>", public_page(views.enter), name="entry-link"),
    path("sign-in/", public_page(views.sign_in), name="account_login"),
    path("sign-in/off/", public_page(account.account_inactive), name="account_inactive"),
    path("sign-in/forgotten/", public_page(views.forgotten), name="account_reset_password"),
    path("sign-in/second-factor/", public_page(second_factor.authenticate), name="mfa_authenticate"),
    path("sign-in/passkey/", public_page(passkeys.login_webauthn), name="mfa_login_webauthn"),
    path("sign-in/confirm/", person(account.reauthenticate), name="account_reauthenticate"),
    path("sign-in/confirm/code/", person(second_factor.reauthenticate), name="mfa_reauthenticate"),
    path(
        "sign-in/confirm/passkey/",
        person(passkeys.reauthenticate_webauthn),
        name="mfa_reauthenticate_webauthn",
    ),
    path("sign-in/cancelled/", public_page(single.login_cancelled), name="socialaccount_login_cancelled"),
    path("sign-in/error/", public_page(single.login_error), name="socialaccount_login_error"),
    path("sign-in/unknown/", public_page(views.no_sign_up), name="socialaccount_signup"),
    path("sign-in/with/<str:provider_id>/", public_page(oidc.login), name="openid_connect_login"),
    path("sign-in/with/<str:provider_id>/back/", public_page(oidc.callback), name="openid_connect_callback"),
    path("sign-out/", public_page(account.logout), name="account_logout"),
    path("sign-up/", public_page(views.no_sign_up), name="account_signup"),
]
