"""Addresses of the profile; those of allauth are named one by one, so that each has its guard."""

from __future__ import annotations

from allauth.account import views as account
from allauth.account.decorators import reauthentication_required
from allauth.mfa.recovery_codes import views as codes
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as passkeys
from django.urls import path

from ringbook.web.guard import needs, public_page
from ringbook.web.pages.profile import address, views

person = needs()

urlpatterns = [
    path("profile/", person(views.profile), name="profile"),
    path("profile/theme/", person(views.theme), name="theme"),
    path("profile/sessions/", person(views.to_profile), name="usersessions_list"),
    path("profile/sessions/others/end/", person(views.end_others), name="sessions-end"),
    path("profile/sessions/<int:session_id>/end/", person(views.end_session), name="session-end"),
    path("profile/e-mail/", person(reauthentication_required(address.email)), name="profile-email"),
    path(
        "profile/e-mail/confirm/<str:secret>",
        public_page(address.confirm),
        name="profile-email-confirm",
    ),
    path("profile/password/", person(account.password_change), name="account_change_password"),
    path("profile/password/first/", person(account.password_set), name="account_set_password"),
    path("profile/second-factor/", person(views.to_profile), name="mfa_index"),
    path("profile/second-factor/on/", person(totp.activate_totp), name="mfa_activate_totp"),
    path("profile/second-factor/off/", person(totp.deactivate_totp), name="mfa_deactivate_totp"),
    path("profile/recovery-codes/", person(codes.view_recovery_codes), name="mfa_view_recovery_codes"),
    path(
        "profile/recovery-codes/new/",
        person(codes.generate_recovery_codes),
        name="mfa_generate_recovery_codes",
    ),
    path("profile/passkeys/", person(views.to_profile), name="mfa_list_webauthn"),
    path("profile/passkeys/add/", person(passkeys.add_webauthn), name="mfa_add_webauthn"),
    path("profile/passkeys/<int:pk>/rename/", person(passkeys.edit_webauthn), name="mfa_edit_webauthn"),
    path("profile/passkeys/<int:pk>/remove/", person(passkeys.remove_webauthn), name="mfa_remove_webauthn"),
]
