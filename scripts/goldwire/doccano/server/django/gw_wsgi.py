"""The application that gunicorn serves: prepare the database, then Doccano."""

import gc

import django

gc.disable()  # what is imported is not garbage: looking for some took 0.3 of 1.3 s
django.setup()

import gw_prepare  # noqa: E402 - after django.setup()
import gw_urls  # noqa: E402, F401 - the views once, which each worker would import for itself at its first request
from django.core.wsgi import get_wsgi_application  # noqa: E402 - as above

gc.freeze()  # nor is it later, and the workers that are forked from here share its memory
gc.enable()
gw_prepare.prepare()
application = get_wsgi_application()
