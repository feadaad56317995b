"""Doccano's URLs, after goldwire's own: Doccano's page answers every URL that is left."""

from config.urls import urlpatterns as doccano_urls
from django.urls import path
from gw_passwords import PasswordView
from gw_rows import RowsView
from gw_state import ProjectStateView

urlpatterns = [
    path("v1/goldwire/password", PasswordView.as_view(), name="goldwire_password"),
    path("v1/projects/<int:project_id>/goldwire", ProjectStateView.as_view(), name="goldwire_state"),
    path("v1/projects/<int:project_id>/goldwire/rows", RowsView.as_view(), name="goldwire_rows"),
    *doccano_urls,
]
