"""Django's settings, built from kept's own (`DJANGO_SETTINGS_MODULE=kept.running.django_settings`).

Importing this starts nothing: it works out where the database is, and whoever runs Django ensures
first that it is there. Nothing here is a choice of the installation; those are in `settings.py`.
"""

import importlib.util
import os
from functools import partial
from pathlib import Path

from django.utils.translation import gettext_lazy as _

from kept.running.archiving import log_archive
from kept.running.database import connection_parameters
from kept.running.keys import KeySource, secret_key
from kept.running.logs import logging_settings
from kept.running.paths import home_folder
from kept.running.programs import client_programs
from kept.running.scratch import scratch_database
from kept.running.settings import given_settings, load_settings

KEPT = load_settings(os.environ)
KEPT_KEYS = KeySource(KEPT)
KEPT_NIGHT_AT = KEPT.night_at
KEPT_WEBHOOKS_PRIVATE = KEPT.webhooks_private
KEPT_HOME = home_folder(KEPT)
# What a backup needs of the installation; the batch floor does not reach into this room.
KEPT_PUBLIC_URL = KEPT.reached_at
KEPT_FONT_FILE = KEPT.font_file
KEPT_BACKUP_DIR = KEPT.backup_dir
KEPT_BACKUP_KEEP = KEPT.backup_keep
KEPT_GIVEN_SETTINGS = given_settings(os.environ)
KEPT_PROGRAMS = partial(client_programs, KEPT)
KEPT_SCRATCH = partial(scratch_database, KEPT)
KEPT_LOG_ARCHIVE = partial(log_archive, KEPT)
PACKAGE = Path(__file__).resolve().parents[1]

SECRET_KEY = secret_key(KEPT)
DEBUG = KEPT.debug
ALLOWED_HOSTS = list(KEPT.allowed_hosts)

INSTALLED_APPS = [
    "kept.store",
    "kept.desk",
    "kept.admin",
    "kept.api",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django_htmx",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "procrastinate.contrib.django",
]
MIDDLEWARE = [
    "kept.running.requests.RequestRecord",
    "django.middleware.security.SecurityMiddleware",
    "kept.desk.security.ContentSecurityPolicy",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "kept.desk.once.OnceForms",  # the last: it puts the view into one transaction
]
ROOT_URLCONF = "kept.desk.urls"
WSGI_APPLICATION = "kept.running.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "builtins": ["kept.desk.templatetags.once"],  # the one-time key of every form
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    }
]


def database_parameters() -> dict[str, object]:
    options = connection_parameters(KEPT)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": options.pop("dbname"),
        "USER": options.pop("user", ""),
        "PASSWORD": options.pop("password", ""),
        "HOST": options.pop("host", ""),
        "PORT": options.pop("port", ""),
        "OPTIONS": options,
        "CONN_MAX_AGE": 300,
        "CONN_HEALTH_CHECKS": True,
    }


DATABASES = {"default": database_parameters()}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Sign-in: by user name or e-mail address. Accounts are made by an administrator, not by visitors.
AUTH_USER_MODEL = "store.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "kept.desk.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "email", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
# Counted in the database, so that all web processes count together.
ACCOUNT_RATE_LIMITS = {
    "login": "30/m/ip",
    "login_failed": "20/m/ip,5/5m/key",
    "change_password": "5/m/user",
    "reauthenticate": "10/m/user",
}
ALLAUTH_TRUSTED_PROXY_COUNT = KEPT.proxies
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "counters",
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    }
}
ACCOUNT_LOGOUT_REDIRECT_URL = "/"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"  # until the mail channel exists

LANGUAGES = [("zh-hans", _("Simplified Chinese")), ("en", _("English"))]
LANGUAGE_CODE = KEPT.language
LOCALE_PATHS = [PACKAGE / "locale"]
TIME_ZONE = KEPT.time_zone
USE_TZ = True

# Files are served from the packages they lie in: a fresh clone needs no step to gather them.
STATIC_URL = "/static/"
WHITENOISE_USE_FINDERS = True
WHITENOISE_ALLOW_ALL_ORIGINS = False

# A file of a creditor is plain while it arrives: the folder is kept's alone.
FILE_UPLOAD_TEMP_DIR = KEPT_HOME / "uploads"
FILE_UPLOAD_TEMP_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)
FILE_UPLOAD_PERMISSIONS = 0o600
FILE_UPLOAD_HANDLERS = [
    "kept.desk.uploads.UploadGate",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]

SESSION_COOKIE_AGE = 12 * 60 * 60  # a working day; a session left open ends with it
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = not KEPT.is_local
CSRF_TRUSTED_ORIGINS = [
    f"https://{'*' if host.startswith('.') else ''}{host}"
    for host in KEPT.allowed_hosts
    if not KEPT.is_local and host != "*"
]
X_FRAME_OPTIONS = "DENY"
CSRF_FAILURE_VIEW = "kept.desk.errors.forbidden_form"
SECURE_REFERRER_POLICY = "same-origin"
SECURE_HSTS_SECONDS = 0 if KEPT.is_local else 365 * 24 * 60 * 60
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if KEPT.proxies else None

# The worker finds jobs in modules of this name; `tasks` is a noun of the book and no queue.
PROCRASTINATE_AUTODISCOVER_MODULE_NAME = "jobs"
PROCRASTINATE_IMPORT_PATHS = (
    ["kept.batch.jobs"] if importlib.util.find_spec("kept.batch.jobs") else []
)

LOGGING = logging_settings(KEPT.log_level)
