"""The application that gunicorn serves: prepare the database, then Doccano."""

import django

django.setup()

import gw_prepare  # noqa: E402 - after django.setup()
from django.core.wsgi import get_wsgi_application  # noqa: E402 - as above

gw_prepare.prepare()
application = get_wsgi_application()
