"""Settings: what the environment says, and nothing of the domain.

Environment: `DATABASE_URL` (the application's role), `TEAMAROUND_OWNER_URL` (the set-up role, for
migrations), `TEAMAROUND_SECRETS` (path of the secrets file), `TEAMAROUND_DEMONSTRATION`,
`TEAMAROUND_SIGN_ON` (path of the agencies' sign-on file), `TEAMAROUND_HOSTS` (comma-separated), `TEAMAROUND_MAIL_URL`, `TEAMAROUND_ADDRESS` (where people reach this
site, for links in e-mails).
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import dj_database_url

from teamaround.database.secrets import Secrets
from teamaround.site.sign_on_file import providers, read_sign_on

DEMONSTRATION = os.environ.get("TEAMAROUND_DEMONSTRATION") == "1"
DEBUG = False
_secrets = Secrets.load_or_create(Path(os.environ.get("TEAMAROUND_SECRETS", ".data/secrets")))
SECRET_KEY = _secrets.django_secret_key
STAMP_KEY = bytes.fromhex(_secrets.stamp_key)
FIELD_KEY = _secrets.field_key
ALLOWED_HOSTS = [
    h for h in os.environ.get("TEAMAROUND_HOSTS", "127.0.0.1,localhost,testserver").split(",") if h
]

INSTALLED_APPS = [
    "teamaround.site",
    "teamaround.demonstration",
    "teamaround.desk",
    "teamaround.portal",
    "teamaround.administration",
    "teamaround.rights",
    "teamaround.practice",
    "teamaround.reports",
    "teamaround.api",
    "teamaround.feeds",
    "teamaround.importing",
    "teamaround.recognition",
    "teamaround.referrals",
    "teamaround.meetings",
    "teamaround.supervision",
    "teamaround.plans",
    "teamaround.assessments",
    "teamaround.procedures",
    "teamaround.rota",
    "teamaround.tasks",
    "teamaround.notices",
    "teamaround.index",
    "teamaround.sharing",
    "teamaround.people",
    "teamaround.events",
    "teamaround.access",
    "teamaround.agencies",
    "teamaround.ui",
    "teamaround.database",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "pghistory",
    "pgtrigger",
    "procrastinate.contrib.django",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "django.forms",
    "csp",
]
INSTALLED_APPS = [
    app
    for app in INSTALLED_APPS
    if not app.startswith("teamaround.")
    or (Path(__file__).parent.parent / app.split(".")[1] / "apps.py").exists()
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "teamaround.site.headers.HeadersMiddleware",
    "teamaround.site.unavailable.KeptSessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "teamaround.api.middleware.KeyMiddleware",
    "teamaround.notices.calendar_calls.CalendarMiddleware",
    "teamaround.access.middleware.DatabaseDownMiddleware",
    "teamaround.access.middleware.ActorMiddleware",
    "teamaround.site.idle.IdleEndMiddleware",
    "teamaround.site.second_factor.SecondFactorMiddleware",
]

ROOT_URLCONF = "teamaround.site.urls"
WSGI_APPLICATION = "teamaround.site.wsgi.application"

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "teamaround.site.shell.shell",
            ],
        },
    }
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"


def _database(address: str, **options: Any) -> dict[str, Any]:
    found: dict[str, Any] = dict(dj_database_url.parse(address)) if address else {"NAME": "teamaround"}
    # A socket address carries its host in the query string, which arrives among the options.
    options["OPTIONS"] = {**found.get("OPTIONS", {}), **options.get("OPTIONS", {})}
    found.update(options)
    return found


_app_url = os.environ.get("DATABASE_URL", "")
_pool = {
    "min_size": 2,
    "max_size": int(os.environ.get("TEAMAROUND_THREADS", "4")) * 2 + 4,
    "timeout": 5,
    # Waits between attempts double; given up early, the next request tries at once.
    "reconnect_timeout": 3,
}
DATABASES: dict[str, dict[str, Any]] = {
    "default": _database(
        _app_url,
        ENGINE="teamaround.database.backend",
        OPTIONS={"pool": _pool, "application_name": "teamaround"},
        # A connection that died with the database is replaced before a request gets it.
        CONN_HEALTH_CHECKS=True,
    ),
    # Refusals and failures are written here, on a connection of their own, so that the rollback of a failed
    # request cannot take the record of the attempt with it.
    "log": _database(
        _app_url, ENGINE="teamaround.database.backend", OPTIONS={"application_name": "teamaround-log"}
    ),
    # Migrations run as the owner of the tables; nothing of the running application uses this.
    "owner": _database(
        os.environ.get("TEAMAROUND_OWNER_URL", ""),
        ENGINE="django.db.backends.postgresql",
        OPTIONS={"assume_role": "app_owner"},
    ),
}
DATABASE_ROUTERS = ["teamaround.database.router.OneDatabase"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHES = {"default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "shared_cache"}}

AUTH_USER_MODEL = "agencies.Account"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "teamaround.site.adapters.AccountAdapter"
MFA_ADAPTER = "teamaround.site.adapters.SecondFactorAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
# Guesses are counted for each account and for each address they come from. Where a whole office shares one
# outgoing address, its own limit can be higher; that of the account stays.
_guesses = f"10/5m/key,{int(os.environ.get('TEAMAROUND_GUESSES_PER_ADDRESS', '10'))}/5m/ip"
ACCOUNT_RATE_LIMITS = {
    "login": "100/m/ip",
    "login_failed": _guesses,
    "reset_password": "10/h/ip,3/h/key",
    "family_code": _guesses,
    "family_code_sent": "5/15m/key,30/15m/ip",
}
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_FORMS = {
    "login": "teamaround.site.sign_in_forms.SignInForm",
    "reset_password": "teamaround.site.sign_in_forms.AskForResetForm",
    "reset_password_from_key": "teamaround.site.sign_in_forms.ResetForm",
    "change_password": "teamaround.site.sign_in_forms.ChangePasswordForm",
    "set_password": "teamaround.site.sign_in_forms.SetPasswordForm",
    "reauthenticate": "teamaround.site.sign_in_forms.ReauthenticateForm",
}
MFA_FORMS = {
    "activate_totp": "teamaround.site.sign_in_forms.ActivateForm",
    "authenticate": "teamaround.site.sign_in_forms.CodeForm",
    "reauthenticate": "teamaround.site.sign_in_forms.CodeAgainForm",
    "add_webauthn": "teamaround.site.passkeys.AddPasskeyForm",
    "authenticate_webauthn": "teamaround.site.passkeys.PasskeyForm",
    "reauthenticate_webauthn": "teamaround.site.passkeys.PasskeyAgainForm",
}
# Agencies' own sign-on, from a private file: see `site.sign_on_file`.
TEAMAROUND_SIGN_ON = read_sign_on(os.environ.get("TEAMAROUND_SIGN_ON", ""))
SOCIALACCOUNT_PROVIDERS = providers(TEAMAROUND_SIGN_ON)
SOCIALACCOUNT_ADAPTER = "teamaround.site.sign_on.SignOnAdapter"
# A link, not a form: the content policy lets no form lead to another site.
SOCIALACCOUNT_LOGIN_ON_GET = True
PASSWORD_RESET_TIMEOUT = 60 * 60
# A practitioner sets up a second factor before anything else. The demonstration's sign-ins are public anyway.
TEAMAROUND_REQUIRE_SECOND_FACTOR = (
    not DEMONSTRATION and os.environ.get("TEAMAROUND_REQUIRE_SECOND_FACTOR", "1") != "0"
)
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "Team Around"

SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_COOKIE_AGE = 30 * 60
# Moved on by use: see `site.idle`.
SESSION_SAVE_EVERY_REQUEST = False
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
_behind_tls = not DEMONSTRATION and os.environ.get("TEAMAROUND_PLAIN_HTTP") != "1"
# The last address in `X-Forwarded-For` is the one that the proxy in front saw; earlier ones anybody can make up.
ALLAUTH_TRUSTED_PROXY_COUNT = int(os.environ.get("TEAMAROUND_PROXIES", "1" if _behind_tls else "0"))
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _behind_tls
SECURE_SSL_REDIRECT = False
SECURE_HSTS_SECONDS = 31_536_000 if _behind_tls else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if _behind_tls else None
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
        "manifest-src": ["'self'"],
    }
}

DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 21 * 1024 * 1024
LANGUAGE_CODE = "en-gb"
TIME_ZONE = "Europe/London"
USE_I18N = True
USE_TZ = True
DATE_FORMAT = "j F Y"
STATIC_URL = "static/"
STATIC_ROOT = os.environ.get("TEAMAROUND_STATIC", "")
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False
WHITENOISE_ALLOW_ALL_ORIGINS = False
EMAIL_BACKEND = "teamaround.notices.outbox.OutboxBackend"
TEAMAROUND_MAIL_URL = os.environ.get("TEAMAROUND_MAIL_URL", "")
# Where an e-mail becomes a text message, such as {number}@text.example; empty sends none.
TEAMAROUND_TEXT_GATEWAY = os.environ.get("TEAMAROUND_TEXT_GATEWAY", "")
TEAMAROUND_ADDRESS = os.environ.get("TEAMAROUND_ADDRESS", "http://127.0.0.1:8000")
DEFAULT_FROM_EMAIL = os.environ.get("TEAMAROUND_FROM", "no-reply@teamaround.example")

LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "()": "teamaround.site.logs.QuietFormatter",
            "format": "%(asctime)s %(levelname)s %(name)s %(message)s",
        }
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {
        "django": {"handlers": [], "level": "WARNING", "propagate": True},
        "django.server": {"handlers": [], "level": "WARNING", "propagate": True},
        "teamaround": {"level": "INFO"},
    },
}
SILENCED_SYSTEM_CHECKS: list[str] = []
PGHISTORY_CONTEXT_FIELD = None
PGTRIGGER_INSTALL_ON_MIGRATE = False
PGTRIGGER_MIGRATIONS = True
PROCRASTINATE_AUTODISCOVER_MODULE_NAME = "jobs"
