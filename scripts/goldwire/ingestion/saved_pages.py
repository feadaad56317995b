"""Pages that a browser saved: MHTML (Chrome, Edge), web archives of Safari, and HTML that names its address."""

from __future__ import annotations

import email.parser
import email.policy
import plistlib
import re
from email.message import EmailMessage
from typing import Any, BinaryIO
from xml.parsers.expat import ExpatError

from goldwire.ingestion.raw_record import MAX_FILE_BYTES, RawRecord, ReadProblem
from goldwire.ingestion.row_fields import text_value

__all__ = ["mhtml_page", "safari_page", "saved_page_url"]

_MAX_BYTES = 64 << 20  # with the pictures of the page
_NO_PAGE = "no HTML page in it"
# The comments of Chrome, Edge and Internet Explorer, and of the extension SingleFile.
_SAVED_FROM = re.compile(rb"<!--\s*(?:saved from url=\(\d+\)|Page saved with SingleFile\s+url:\s*)(https?://[^\s<>]+)")
_HEAD_BYTES = 2048


def mhtml_page(file: BinaryIO) -> RawRecord | ReadProblem:
    """Return the page of an MHTML file: its first part of HTML."""
    data = file.read(_MAX_BYTES + 1)
    if len(data) > _MAX_BYTES:
        return _too_large()
    parser = email.parser.BytesParser(EmailMessage, policy=email.policy.default)
    message = parser.parsebytes(data)
    for part in message.walk():
        if part.get_content_type() in ("text/html", "application/xhtml+xml"):
            page = part.get_payload(decode=True)
            url = part["Content-Location"] or message["Snapshot-Content-Location"]
            charset = part.get_content_charset()
            return _record(page if isinstance(page, bytes) else b"", url, charset)
    return ReadProblem(row=None, reason="bad-archive", detail=_NO_PAGE)


def safari_page(file: BinaryIO) -> RawRecord | ReadProblem:
    """Return the main resource of a `.webarchive`, which is a property list."""
    data = file.read(_MAX_BYTES + 1)
    if len(data) > _MAX_BYTES:
        return _too_large()
    try:
        archive: Any = plistlib.loads(data)
    # A damaged list of either form raises any of these.
    except (plistlib.InvalidFileException, ExpatError, ValueError, LookupError, TypeError, RecursionError) as error:
        return ReadProblem(row=None, reason="bad-archive", detail=" ".join(str(error).split()) or "not a property list")
    resource = archive.get("WebMainResource") if isinstance(archive, dict) else None
    if not isinstance(resource, dict) or not isinstance(resource.get("WebResourceData"), bytes):
        return ReadProblem(row=None, reason="bad-archive", detail=_NO_PAGE)
    return _record(
        resource["WebResourceData"],
        resource.get("WebResourceURL"),
        text_value(resource.get("WebResourceTextEncodingName")),
    )


def saved_page_url(page: bytes) -> str | None:
    """Return the address that a browser wrote into a comment at the start of a page, or None.

    Examples
    --------
    >>> saved_page_url(b"<!DOCTYPE html><!-- saved from url=(0022)https://news.example/a -->")
    'https://news.example/a'
    """
    match = _SAVED_FROM.search(page, 0, _HEAD_BYTES)
    return None if match is None else match[1].decode("ascii", "replace")


def _record(page: bytes, url: Any, charset: str | None) -> RawRecord | ReadProblem:
    if len(page) > MAX_FILE_BYTES:
        return _too_large()
    if not page.strip():
        return ReadProblem(row=None, reason="empty", detail="its page is empty")
    return RawRecord(row=0, data=page, kind="html", url=text_value(url), charset=charset)


def _too_large() -> ReadProblem:
    return ReadProblem(row=None, reason="file-too-large", detail=f"its page has over {MAX_FILE_BYTES} bytes")
