"""The application that gunicorn serves: prepare the database, then Doccano."""

import django

django.setup()

import gw_prepare  # noqa: E402 - after django.setup()
import gw_urls  # noqa: E402, F401 - the views once, which each worker would import for itself at its first request
from django.core.wsgi import get_wsgi_application  # noqa: E402 - as above

gw_prepare.prepare()
application = get_wsgi_application()
