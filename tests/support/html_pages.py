"""HTML pages of an invented outlet."""

from __future__ import annotations

FIRST = (
    "The harbour of Lanthe will stay closed for a third week, the port authority said on Monday, after divers found "
    "that the storm had moved two of the breakwater’s largest stones."
)
SECOND = (
    "“We will not open it for one hour before it is safe,” said the harbour master. Boats have been told to land "
    "their catch in Greyport, forty kilometres to the south of the town."
)
THIRD = (
    "The council of Lanthe is to meet on Thursday to vote on an advance of two million crowns for the repairs, which "
    "the insurer has so far refused to pay, said its chairwoman, Edda Marn."
)
LINKS = "".join(f'<li><a href="/{number}">Story number {number} of the day</a></li>' for number in range(12))


def html_page(body: str, head: str = "") -> str:
    """A page with a body, and further elements of its head."""
    top = f'<html lang="en"><head><title>Lanthe harbour to stay closed | The Post</title>{head}</head>'
    return f"<!DOCTYPE html>{top}<body>{body}</body></html>"
