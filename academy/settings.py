"""Settings, from the environment. Every policy number carries its unit in its name.

Three ways to run, told apart by the environment alone:
- the try-out (`python3 run.py`): embedded services, invented people, anyone may sign in as any of them;
- tests: the same code against a throw-away database;
- production: ALLOWED_HOSTS names a public host. Then SECRET_KEY is required and the try-out is refused.
"""

from datetime import timedelta
from pathlib import Path

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()
VAR_DIR = Path(env.str("ACADEMY_VAR", default=str(BASE_DIR / "var")))

LOCAL_HOSTS = ["localhost", "127.0.0.1", "[::1]"]
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=LOCAL_HOSTS)
PRODUCTION = not set(ALLOWED_HOSTS) <= {*LOCAL_HOSTS, "testserver"}
TRY_OUT = env.bool("TRY_OUT", default=False)
DEBUG = env.bool("DEBUG", default=False)

if PRODUCTION and TRY_OUT:
    raise ImproperlyConfigured(
        "TRY_OUT lets anyone sign in as anyone, so it cannot run for "
        f"{', '.join(ALLOWED_HOSTS)}. Unset TRY_OUT, or serve it on localhost only."
    )
if PRODUCTION and DEBUG:
    raise ImproperlyConfigured("DEBUG shows people's records on error pages. Unset it, or serve on localhost only.")


def _local_secret_key() -> str:
    """A key for this machine alone, made once; production must bring its own."""
    import os
    import secrets

    path = VAR_DIR / "secret-key"
    VAR_DIR.mkdir(parents=True, exist_ok=True)
    try:
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(48))
    except FileExistsError:
        pass
    return path.read_text() or secrets.token_urlsafe(48)


SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
SECRET_KEY = env.str("SECRET_KEY") if PRODUCTION else env.str("SECRET_KEY", default="") or _local_secret_key()

# --- Whose academy this is -------------------------------------------------------------------------------------

ACADEMY_NAME = env.str("ACADEMY_NAME", default="Children’s Workforce Academy")
ORGANISATION_NAME = env.str("ORGANISATION_NAME", default="Larkshire County Council")
ACADEMY_LOGO = env.str("ACADEMY_LOGO", default="academy/logo.svg")  # a static path; drawn 34 px high
BRAND_COLOUR = env.str("BRAND_COLOUR", default="#0b4f5c")  # must carry white text at 4.5:1; `check` tells
ACCENT_COLOUR = env.str("ACCENT_COLOUR", default="#f2a900")
SUPPORT_EMAIL = env.str("SUPPORT_EMAIL", default="academy@larkshire.example")
SITE_URL = env.str("SITE_URL", default="http://localhost:8000").rstrip("/")
REFERENCE_PREFIX = env.str("REFERENCE_PREFIX", default="LCW")

# --- Policies ----------------------------------------------------------------------------------------------------

FOLLOW_UP_MONTHS = [3, 6, 12]  # after the last session's date
FOLLOW_UP_SENT_AT_HOUR = 9  # London time, on a working day
FOLLOW_UP_REMINDER_AFTER_DAYS = env.int("FOLLOW_UP_REMINDER_AFTER_DAYS", default=14)
FOLLOW_UP_LINK_VALID_DAYS = env.int("FOLLOW_UP_LINK_VALID_DAYS", default=60)
FOLLOW_UP_WINDOW_DAYS = env.int("FOLLOW_UP_WINDOW_DAYS", default=28)  # later than this it is skipped, with a reason
FEWEST_ANSWERS_SHOWN = 5
IMPORT_UNDO_DAYS = 30  # for as long schedule.toml keeps the file and its lines
IMPORT_MOST_BYTES = 10 * 1024 * 1024  # of a file of people; 20,000 of them take about 3 MB as CSV
EVIDENCE_MOST_BYTES = 5 * 1024 * 1024  # of one file that shows what somebody learnt elsewhere
SIGN_UP_WAITS_DAYS = 30  # for a coordinator's answer; schedule.toml tells people so

ACCESS_NEEDS_SHOWN_DAYS = 30  # to a run's trainers, before it begins and after it ends
QUEUE_GIVES_UNTIL_DAYS = 7  # before a run: until then a place that comes up is the next one's; later it is offered
QUEUE_STOPS_HOURS = 24  # before a run: from then on nothing happens by itself
OFFER_OPEN_HOURS = 24  # how long a place that came up is held for the next in the queue
OFFER_LEAST_HOURS = 3  # with less time than that to answer, nobody is offered anything
COURSE_OFFER_OPEN_DAYS = 3  # working days for which a new date is held for whoever waits for the course
MOST_QUEUES_OF_A_COURSE = 3  # dates of one course for which one may wait at the same time
APPROVAL_WITHIN_DAYS = 10  # working days that a manager has; the place is held meanwhile
APPROVAL_REMINDER_AFTER_DAYS = 3  # working days
JOINING_LINK_SHOWN_HOURS = 24  # before a session begins
REGISTER_LATE_AFTER_MINUTES = env.int("REGISTER_LATE_AFTER_MINUTES", default=15)  # who signs in later came late
REGISTER_OPENS_MINUTES = 30  # before a session: from then on those who are there can sign in
VISIT_ANSWER_WITHIN_DAYS = 28  # that a host and a manager have to say whether somebody may shadow or be coached
VISIT_REFLECTION_DAYS = 28  # after it, for what both learnt; then it is done whether they wrote or not
TICK_SECONDS = env.int("TICK_SECONDS", default=5)
# Who was erased, so that a restored backup erases them again: kept and backed up apart from the database.
ERASURES_FILE = Path(env.str("ERASURES_FILE", default=str(VAR_DIR / "erasures" / "erasures.jsonl")))

# --- Django ------------------------------------------------------------------------------------------------------

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "django.forms",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "crispy_forms",
    "crispy_forms_gds",
    "django_htmx",
    "pgtrigger",
    "pghistory",
    "csp",
    "partners",
    "courses",
    "cohorts",
    "evaluation",
    "academy.privacy",
    "academy",
]
if TRY_OUT:
    INSTALLED_APPS.append("academy.tryout")

MIDDLEWARE = [
    "academy.logs.RequestLog",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "partners.access.PersonMiddleware",
    "partners.access.SecondFactorMiddleware",
    "partners.access.SeenMiddleware",
]

ROOT_URLCONF = "academy.urls"
WSGI_APPLICATION = "academy.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "academy.context.frame",
            ],
        },
    }
]

DATABASES = {"default": env.db_url("DATABASE_URL", default="postgres:///academy")}
DATABASES["default"]["CONN_MAX_AGE"] = None
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
# Compiling what it takes for a dear statement costs PostgreSQL two seconds; such a search runs in twenty milliseconds.
# A page of a table costs the same in whatever order it is read: it lies in memory, or on a disk without a moving arm.
# PostgreSQL takes it to cost four times as much, and gathers all of an agency's thousands to find one of them.
DATABASES["default"].setdefault("OPTIONS", {}).setdefault("options", "-c jit=off -c random_page_cost=1.1")
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

LANGUAGE_CODE = "en-gb"
TIME_ZONE = "Europe/London"
USE_TZ = True
USE_I18N = False

STATIC_URL = "static/"
STATIC_ROOT = VAR_DIR / "static"
# The front-end packages' files are copied there by `python -m academy.assets`; a fresh checkout has none yet.
STATICFILES_DIRS = [path for path in (BASE_DIR / "static", VAR_DIR / "assets") if path.is_dir()]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

# --- Signing in --------------------------------------------------------------------------------------------------

AUTH_USER_MODEL = "partners.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "home"
ACCOUNT_ADAPTER = "partners.adapters.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]  # nobody signs up; a sign-in with a password is offered by this
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = True  # the same page whether or not the address is known; the mail tells
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 15 * 60  # seconds: mail may be slow
ACCOUNT_LOGIN_BY_CODE_MAX_ATTEMPTS = 3  # then a new code is needed
ACCOUNT_LOGIN_TIMEOUT = 15 * 60  # seconds from the first factor to the second
ACCOUNT_PASSWORD_RESET_TOKEN_GENERATOR = "partners.adapters.ResetTokens"  # noqa: S105  (a path)
PASSWORD_RESET_TIMEOUT = 60 * 60  # seconds: as long as one looks for a mail
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_FORMS = {
    "request_login_code": "partners.forms.SignInForm",
    "confirm_login_code": "partners.forms.CodeForm",
    "login": "partners.forms.PasswordSignInForm",
    "reset_password": "partners.forms.ForgottenPasswordForm",
    "reset_password_from_key": "partners.forms.ResetPasswordForm",
}
AUTH_PASSWORD_VALIDATORS = [  # length and lists of common ones, not capitals and signs: as the NCSC advises
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ["email", "given_name", "family_name"]},
    },
]

MFA_ADAPTER = "partners.adapters.FactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_ALLOW_UNVERIFIED_EMAIL = True  # addresses come from employers; allauth's own list of them stays empty
MFA_TOTP_TOLERANCE = 1  # steps of 30 seconds to either side, for slow fingers and wrong clocks
MFA_TOTP_ISSUER = ACADEMY_NAME
MFA_FORMS = {
    "authenticate": "partners.forms.SecondFactorForm",
    "authenticate_webauthn": "partners.forms.PasskeySecondForm",
    "login_webauthn": "partners.forms.PasskeySignInForm",
    "activate_totp": "partners.forms.AuthenticatorAppForm",
    "add_webauthn": "partners.forms.PasskeyForm",
}
CONFIRMED_FOR_MINUTES = 10  # a sensitive page opens this long after one last showed who one is
CONFIRMED_FORM_FOR_MINUTES = 40  # and what was typed there is taken this long after: nobody types for half an hour

SIGN_UP_MINUTES = 60  # to say who one is, once one has shown that one reads the address's mail

SOCIALACCOUNT_ADAPTER = "partners.adapters.WorkAccountAdapter"
SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"provider_class": "partners.adapters.OrganisationProvider"}}
SOCIALACCOUNT_REQUESTS_TIMEOUT = 5  # seconds that a page waits for an organisation's server

# How often something may be tried: amount/time/of what. 'key' is one account on one browser that knows it, or one
# account on all browsers that do not: so whoever guesses shuts out other guessers, and not the person themselves.
ACCOUNT_RATE_LIMITS = {
    "request_login_code": "5/m/key,30/h/key",  # mails: a mailbox is not flooded
    "login_failed": "5/5m/key,100/d/key",  # wrong passwords, wrong codes of apps, wrong recovery codes
    "reset_password": "5/m/key,30/h/key",
    "reauthenticate": "20/m/user",
    "login": None,  # these two would be counted for each address of a network: see below
    "reset_password_from_key": None,
}
MFA_RATE_LIMITS = {"webauthn_login": None}  # nothing there can be guessed
# Behind one address of a network an office of 300 signs in at nine, in two or three steps each. This bounds machines.
SIGN_IN_STEPS_PER_NETWORK_ADDRESS_PER_MINUTE = 1200
# Counted in the database, since all web processes must share the counts and signing in works without Redis. What
# has lapsed is deleted by the tick.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "partners_limit",
        "OPTIONS": {"MAX_ENTRIES": 1_000_000},
    }
}

SESSION_COOKIE_AGE = int(timedelta(hours=12).total_seconds())  # a working day, however much one does in it
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SEEN_EVERY_MINUTES = 5  # how often 'last seen' is written down
KNOWN_BROWSER_DAYS = 365  # how long a browser is known to have signed somebody in
CSRF_FAILURE_VIEW = "academy.views.session_expired"

# --- Security ----------------------------------------------------------------------------------------------------

SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = PRODUCTION
SECURE_HSTS_SECONDS = int(timedelta(days=365).total_seconds()) if PRODUCTION else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = PRODUCTION
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if env.bool("BEHIND_PROXY", default=False) else None
ALLAUTH_TRUSTED_PROXY_COUNT = int(env.bool("BEHIND_PROXY", default=False))  # whose word on addresses limits believe
SECURE_REDIRECT_EXEMPT = [r"^health/"]
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CSRF_TRUSTED_ORIGINS = [f"https://{host}" for host in ALLOWED_HOSTS] if PRODUCTION else []
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "object-src": [NONE],
    }
}

# --- Forms -------------------------------------------------------------------------------------------------------

FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
CRISPY_ALLOWED_TEMPLATE_PACKS = ["gds"]
CRISPY_TEMPLATE_PACK = "gds"
# Widgets that the pack has no class for.
CRISPY_CLASS_CONVERTERS = {
    **dict.fromkeys(
        ("emailinput", "numberinput", "urlinput", "dateinput", "timeinput", "searchinput", "telinput"), "govuk-input"
    ),
    "selectmultiple": "govuk-select",
    "fileinput": "govuk-file-upload",
}

# --- Mail --------------------------------------------------------------------------------------------------------

EMAIL_CONFIG = env.email_url("EMAIL_URL", default="consolemail://")
vars().update(EMAIL_CONFIG)
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default=f"{ACADEMY_NAME} <{SUPPORT_EMAIL}>")
SERVER_EMAIL = SUPPORT_EMAIL
if TRY_OUT:
    EMAIL_BACKEND = "academy.tryout.mailbox.MailboxBackend"

# --- Celery: the database is the schedule; workers only carry out what is due there -------------------------------

CELERY_BROKER_URL = env.str("REDIS_URL", default="redis://127.0.0.1:6379/0")
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 300}
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_CONCURRENCY = env.int("WORKERS", default=1)
CELERY_TASK_SOFT_TIME_LIMIT = 240
CELERY_TASK_TIME_LIMIT = 280
CELERY_TIMEZONE = TIME_ZONE
CELERY_WORKER_HIJACK_ROOT_LOGGER = False  # its log is ours
CELERY_BEAT_SCHEDULER = "celery.beat:Scheduler"  # nothing to remember: the database holds what is due
CELERY_BEAT_SCHEDULE = {
    "tick": {"task": "academy.tasks.tick", "schedule": TICK_SECONDS, "options": {"expires": TICK_SECONDS}},
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "academy.logs.JsonLines"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
    "root": {"handlers": ["stderr"], "level": env.str("LOG_LEVEL", default="INFO" if PRODUCTION else "WARNING")},
}
