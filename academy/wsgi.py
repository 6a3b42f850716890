"""The web server's way in."""

import gc
import os
from importlib import import_module

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "academy.settings")
application = get_wsgi_application()
# All that pages need is loaded here, before gunicorn forks, and then left alone by the collector: what nobody
# touches, its processes share.
import_module("academy.urls")
gc.collect()
gc.freeze()
