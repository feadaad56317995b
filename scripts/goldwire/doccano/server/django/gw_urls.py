"""Doccano's addresses, and two of our own before its page, which answers all that is left."""

from config.urls import urlpatterns as doccanos
from django.urls import path
from gw_look import Look
from gw_rows import Rows

urlpatterns = [
    path("v1/projects/<int:project_id>/goldwire", Look.as_view(), name="goldwire_look"),
    path("v1/projects/<int:project_id>/goldwire/rows", Rows.as_view(), name="goldwire_rows"),
    *doccanos,
]
