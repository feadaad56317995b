"""Doccano's URLs, after goldwire's own: Doccano's page answers every URL that is left."""

from config.urls import urlpatterns as doccano_urls
from django.urls import path
from gw_overlay import PREFIX, serve
from gw_passwords import PasswordView
from gw_progress import ProgressView
from gw_rows import RowsView
from gw_state import ProjectStateView

urlpatterns = [
    path(f"{PREFIX}<str:name>", serve, name="goldwire_overlay"),
    path("v1/goldwire/password", PasswordView.as_view(), name="goldwire_password"),
    path("v1/projects/<int:project_id>/goldwire", ProjectStateView.as_view(), name="goldwire_state"),
    path("v1/projects/<int:project_id>/goldwire/rows", RowsView.as_view(), name="goldwire_rows"),
    path("v1/projects/<int:project_id>/goldwire/progress", ProgressView.as_view(), name="goldwire_progress"),
    *doccano_urls,
]
