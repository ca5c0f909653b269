"""The settings that Django runs with, made from those of the home."""

from __future__ import annotations

import hashlib
import os
import secrets
import shutil
from ipaddress import ip_network
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from csp.constants import NONE, SELF

from ringbook.config.settings import Desk, Mail, Safety
from ringbook.model.errors import SettingsError

KEY_FILE = "desk.key"
DATABASE_FILE = "desk.sqlite"
WEB = Path(__file__).parent.parent / "web"

APPS = (
    "people",
    "tokens",
    "governance",
    "organisation",
    "annotations",
    "directory",
    "workspace",
    "insight",
    "dashboards",
    "retention",
    "delivery",
    "recording_policy",
    "requests",
    "listening",
)
"""The desk's own Django apps."""


class DatabaseAddressError(SettingsError):
    """The address of the relational store is not one."""


class WebhookNetworkError(SettingsError):
    """A network in which webhooks may lead is none."""


def django_settings(folder: Path, desk: Desk, mail: Mail | None = None) -> dict[str, Any]:
    """Django's settings for a home."""
    return {
        "SECRET_KEY": _key(folder),
        "DEBUG": False,
        "ALLOWED_HOSTS": _hosts(desk),
        "CSRF_TRUSTED_ORIGINS": [desk.public_url.rstrip("/")] if desk.public_url else [],
        "INSTALLED_APPS": _apps(),
        "MIDDLEWARE": _MIDDLEWARE,
        "ROOT_URLCONF": "ringbook.web.urls",
        "CSRF_FAILURE_VIEW": "ringbook.web.problems.forged",
        "TEMPLATES": _TEMPLATES,
        "DATABASES": {"default": database(folder, desk.database)},
        "DEFAULT_AUTO_FIELD": "django.db.models.BigAutoField",
        "AUTH_USER_MODEL": "people.Person",
        "AUTHENTICATION_BACKENDS": ["allauth.account.auth_backends.AuthenticationBackend"],
        "USE_TZ": True,
        "TIME_ZONE": "UTC",
        "USE_I18N": True,
        "LANGUAGE_CODE": "en",
        "LANGUAGES": [("en", "English"), ("de", "Deutsch")],
        "LOCALE_PATHS": [str(WEB / "locale")],
        "FORMAT_MODULE_PATH": "ringbook.web.formats",
        "STATIC_URL": f"/static/{static_mark()}/",
        "DATA_UPLOAD_MAX_MEMORY_SIZE": 4 << 20,
        "FILE_UPLOAD_TEMP_DIR": _uploads(folder),  # beside where files are kept: /tmp may be memory
        "LOGGING_CONFIG": None,
        "CACHES": {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}},
        **_security(desk),
        **_sign_in(),
        **_single_sign_on(desk),
        **_mail(mail or Mail()),
        "RINGBOOK_HOME": str(folder),
        "PUBLIC_URL": desk.public_url.rstrip("/"),
        "WEBHOOK_NETWORKS": _networks(desk),
    }


def _networks(desk: Desk) -> list[str]:
    """The networks in which webhooks may lead."""
    for network in desk.webhook_networks:
        try:
            ip_network(network, strict=False)
        except ValueError:
            raise WebhookNetworkError(
                f"desk.webhook_networks: {network!r} is no network; write 192.0.2.0/24 or an address"
            ) from None
    return list(desk.webhook_networks)


def _apps() -> list[str]:
    return [
        "django.contrib.auth",
        "django.contrib.contenttypes",
        "django.contrib.sessions",
        "django.contrib.messages",
        "django_htmx",
        "csp",
        *(f"ringbook.desk.{app}" for app in APPS if (Path(__file__).parent / app / "models.py").exists()),
        "ringbook.web",
        "allauth",
        "allauth.account",
        "allauth.mfa",
        "allauth.socialaccount",
        "allauth.socialaccount.providers.openid_connect",
        "allauth.usersessions",
    ]


_MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "ringbook.desk.people.sessions.SessionMiddleware",
    "ringbook.web.middleware.ViewerMiddleware",
]

_TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [str(WEB / "templates")],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    }
]


def _hosts(desk: Desk) -> list[str]:
    if desk.hosts:
        return list(desk.hosts)
    public = urlsplit(desk.public_url).hostname
    return [*([public] if public else []), "localhost", "127.0.0.1", "[::1]"]


def _security(desk: Desk) -> dict[str, Any]:
    secure = desk.public_url.startswith("https:")
    return {
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": secure,
        "SESSION_COOKIE_AGE": int(desk.session_idle_h * 3600),
        "SESSION_ENDS_AFTER_S": desk.session_days * 86_400,
        "SESSION_SAVE_EVERY_REQUEST": False,
        "CSRF_COOKIE_SECURE": secure,
        "CSRF_COOKIE_SAMESITE": "Lax",
        "SECURE_CONTENT_TYPE_NOSNIFF": True,
        "SECURE_REFERRER_POLICY": "same-origin",
        "SECURE_CROSS_ORIGIN_OPENER_POLICY": "same-origin",
        "SECURE_HSTS_SECONDS": 31_536_000 if secure else 0,
        "SECURE_PROXY_SSL_HEADER": ("HTTP_X_FORWARDED_PROTO", "https") if secure else None,
        "X_FRAME_OPTIONS": "DENY",
        "CONTENT_SECURITY_POLICY": {
            "DIRECTIVES": {
                "default-src": [SELF],
                "script-src": [SELF],
                "style-src": [SELF],
                "img-src": [SELF, "data:"],
                "media-src": [SELF, "blob:"],
                "connect-src": [SELF],
                "object-src": [NONE],
                "base-uri": [NONE],
                "form-action": [SELF],
                "frame-ancestors": [NONE],
            }
        },
    }


def _sign_in() -> dict[str, Any]:
    return {
        "LOGIN_URL": "/sign-in/",
        "LOGIN_REDIRECT_URL": "/",
        "PASSWORD_HASHERS": [
            "django.contrib.auth.hashers.ScryptPasswordHasher",
            "django.contrib.auth.hashers.PBKDF2PasswordHasher",
        ],
        "AUTH_PASSWORD_VALIDATORS": [
            {"NAME": f"django.contrib.auth.password_validation.{name}", "OPTIONS": options}
            for name, options in (
                ("UserAttributeSimilarityValidator", {}),
                ("MinimumLengthValidator", {"min_length": 10}),
                ("CommonPasswordValidator", {}),
                ("NumericPasswordValidator", {}),
            )
        ],
        "ACCOUNT_ADAPTER": "ringbook.desk.people.adapter.AccountAdapter",
        "ACCOUNT_LOGIN_METHODS": {"email"},
        "ACCOUNT_SESSION_REMEMBER": True,  # how long is decided here, not by a box to tick
        "ACCOUNT_LOGOUT_REDIRECT_URL": "/sign-in/",
        "ACCOUNT_RATE_LIMITS": {"login": "120/m/ip"},  # wrong tries are counted by people.throttle
        "ACCOUNT_SIGNUP_FIELDS": ["email*", "password1*"],
        "ACCOUNT_USER_MODEL_USERNAME_FIELD": None,
        "ACCOUNT_EMAIL_VERIFICATION": "none",
        "USERSESSIONS_TRACK_ACTIVITY": False,  # people.sessions does it, without a write for every request
        "MFA_SUPPORTED_TYPES": ["totp", "webauthn", "recovery_codes"],
        "MFA_PASSKEY_LOGIN_ENABLED": True,
        "MFA_ADAPTER": "ringbook.desk.people.second_factor.SecondFactorAdapter",
        "MFA_FORMS": {
            name: f"ringbook.desk.people.factor_forms.{form}"
            for name, form in (
                ("authenticate", "CodeForm"),
                ("authenticate_webauthn", "UsePasskeyForm"),
                ("login_webauthn", "SignInPasskeyForm"),
                ("reauthenticate_webauthn", "ConfirmPasskeyForm"),
                ("add_webauthn", "AddPasskeyForm"),
            )
        },
        "MFA_TOTP_ISSUER": "Ringbook",
        "MFA_TOTP_TOLERANCE": 1,
        "MFA_RECOVERY_CODES_SHOW_ONCE": True,
    }


def _single_sign_on(desk: Desk) -> dict[str, Any]:
    apps = [
        {
            "provider_id": name,
            "name": service.title or name,
            "client_id": service.client_id,
            "secret": service.client_secret.reveal(),
            "settings": {"server_url": service.server.rstrip("/")},
        }
        for name, service in desk.oidc.items()
    ]
    return {
        "SOCIALACCOUNT_ADAPTER": "ringbook.desk.people.single_sign_on.SingleSignOnAdapter",
        "SOCIALACCOUNT_PROVIDERS": {"openid_connect": {"OAUTH_PKCE_ENABLED": True, "APPS": apps}},
        "SOCIALACCOUNT_LOGIN_ON_GET": True,  # a form could not lead to another server: see form-action
        "SOCIALACCOUNT_EMAIL_VERIFICATION": "none",
        "SOCIALACCOUNT_STORE_TOKENS": False,
        "SINGLE_SIGN_ON_ROLES": {name: service.default_role for name, service in desk.oidc.items()},
    }


def _mail(mail: Mail) -> dict[str, Any]:
    backend = "smtp" if mail.host else "dummy"
    return {
        "MAIL_IS_SET_UP": bool(mail.host),
        "EMAIL_BACKEND": f"django.core.mail.backends.{backend}.EmailBackend",
        "EMAIL_HOST": mail.host,
        "EMAIL_PORT": mail.port,
        "EMAIL_HOST_USER": mail.user,
        "EMAIL_HOST_PASSWORD": mail.password.reveal(),
        "EMAIL_USE_TLS": mail.safety is Safety.STARTTLS,
        "EMAIL_USE_SSL": mail.safety is Safety.TLS,
        "EMAIL_TIMEOUT": 20,
        "DEFAULT_FROM_EMAIL": mail.sender,
    }


def static_mark() -> str:
    """Part of the address of static files: changes when one of them does, so that browsers may keep them for ever."""
    digest = hashlib.sha256()
    for file in sorted((WEB / "static").rglob("*")):
        if file.is_file():
            digest.update(file.relative_to(WEB).as_posix().encode())
            digest.update(file.read_bytes())
    return digest.hexdigest()[:12]


def database(folder: Path, address: str) -> dict[str, Any]:
    """The relational store: SQLite in the home, or PostgreSQL at an address ``postgresql://user:password@host:port/name``."""
    if not address:
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": str(folder / DATABASE_FILE),
            "OPTIONS": {
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA busy_timeout=20000;",
                "transaction_mode": "IMMEDIATE",
                "timeout": 20,
            },
        }
    parts = urlsplit(address)
    if parts.scheme not in ("postgresql", "postgres") or not parts.path.strip("/"):
        raise DatabaseAddressError(
            "desk.database must be empty (SQLite in the home) or postgresql://user:password@host:port/name"
        )
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.strip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname or "",
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": 0,  # a request has a thread of its own: what a thread kept open, none would find again
    }


def _uploads(folder: Path) -> str:
    """The folder in which what is uploaded lies while it arrives; what a crash left there is taken away."""
    arriving = folder / "uploads" / "arriving"
    shutil.rmtree(arriving, ignore_errors=True)
    arriving.mkdir(mode=0o700, parents=True, exist_ok=True)
    return str(arriving)


def _key(folder: Path) -> str:
    """The secret that cookies and links are signed with, made at the first start."""
    file = folder / KEY_FILE
    if not file.exists():
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = file.with_suffix(".draft")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as sink:
            sink.write(secrets.token_urlsafe(48))
            sink.flush()
            os.fsync(sink.fileno())
        draft.replace(file)
    return file.read_text().strip()
