"""Start, status and stop of a real server."""

from __future__ import annotations

from goldwire.doccano import server


def test_the_server_answers_and_says_where(doccano):
    state = server.status(doccano.home)
    assert state is not None
    assert (state.url, state.database, state.fault) == (doccano.url, "sqlite", None)


def test_start_again_finds_it_running(doccano, doccano_environment):
    before = server.status(doccano.home)
    assert server.start(doccano.home, environment=doccano_environment) == before
