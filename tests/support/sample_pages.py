"""Pages of an invented outlet, as a scraper dumps them, and their lines."""

from __future__ import annotations

BODY = (
    "The harbour of Lanthe will stay closed for a third week, the port authority said on Monday, after divers found "
    "that the storm had moved two of the breakwater’s largest stones.",
    "“We will not open it for one hour before it is safe,” said Ilva Tarn, the harbour master. Fishing boats have "
    "been told to land their catch in Greyport, forty kilometres to the south.",
    "The owners of the ferry, who lose a day’s takings for every day of the closure, called the decision hasty. They "
    "have asked a court in the capital to hear their case before the end of the month.",
    "Residents were divided. Some said that the breakwater should have been repaired years ago; others that the "
    "authority had at last done what it was paid to do.",
)
HEADLINE = "Lanthe harbour to stay closed for a third week"
CAPTION = "Boats tied up at the north quay of Lanthe on Monday. — Reuters"
ABOVE = ("Home", "News", "Sport", f"HomeNews{HEADLINE}")
BELOW = (
    "Source link",
    "Please enter your comment!",
    "- Advertisment -",
    "Most Popular",
    "Ten ways to cook a turnip",
    "Recent Comments",
)
PROSE = (
    "The harbour of Lanthe will stay closed for a third week, the port authority said on Monday, after divers found "
    "that the storm had moved two of the breakwater’s largest stones.",
    "“We will not open it for one hour before it is safe,” said Ilva Tarn, the harbour master.",
    "The owners of the ferry, who lose a day’s takings for every day of the closure, called the decision hasty.",
)
LINES = (
    *("Lanthe harbour to stay closed for a third week", "Home", "News", "Share", "3 comments", "By Mara Oskel", ""),
    *("© 2021 The Lanthe Post", "Sign up for our newsletter", "Ten ways to cook a turnip…"),
    *("Порт закрыт.", "港は閉鎖。"),
    *("“We will not open it for one hour”", "Most Popular", "HomeNewsLanthe harbour to stay closed for a third week"),
)


def page(*, above: tuple[str, ...] = (), headline: str = HEADLINE, below: tuple[str, ...] = ()) -> str:
    """A page with lines above and below its article."""
    return "\n\n".join((*above, headline, CAPTION, *BODY, *below)) + "\n"


def scraped(*lines: str) -> str:
    """A page with these lines between navigation and a copyright notice."""
    return "\n\n".join(("Home", "News", *lines, "© 2021 The Lanthe Post. All rights reserved."))
