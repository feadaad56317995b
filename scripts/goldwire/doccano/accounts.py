"""Accounts of those who annotate: by user name, with a generated password."""

from __future__ import annotations

from goldwire.doccano import credentials
from goldwire.doccano.client.http import DroppedError, RefusedError
from goldwire.doccano.client.session import Session
from goldwire.workspace.layout import Workspace

__all__ = ["ensure"]


def ensure(session: Session, workspace: Workspace, name: str) -> bool:
    """Make the account of `name` with a generated password; False where it is there already."""
    if _is_there(session, name):
        return False
    try:
        session.client.create_user(name, credentials.annotator(workspace.private, name))
    except (DroppedError, RefusedError):
        if _is_there(session, name):  # another push was quicker
            return False
        raise
    return True


def _is_there(session: Session, name: str) -> bool:
    return any(user.username == name for user in session.client.search_users(name))
