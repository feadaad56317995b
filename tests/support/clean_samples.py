"""Invented texts that are not pages of news: a statute, a contract, posts, and an article that another tool cleaned."""

from __future__ import annotations

STATUTE = """\
Ferries (Safety) Act

An Act to make provision for the safety of ferries on the River Orru.

Section 1. Definitions.

In this Act, "ferry" means a vessel that carries passengers across the River Orru for payment.

Section 2. Licences.

(1) No person shall operate a ferry without a licence of the Harbour Board.

(2) The Harbour Board may attach conditions to a licence.

Section 3. Commencement.

This Act comes into force on 1 January 2027."""

CONTRACT = """\
AGREEMENT FOR THE SUPPLY OF SLATES

WHEREAS the Quay Society owns the old mill and wishes to mend its roof;

WHEREAS the Lamp Guild makes slates and is willing to supply them;

NOW, THEREFORE, the parties agree as follows:

1. The Lamp Guild shall deliver two thousand slates before the winter.

2. The Quay Society shall pay within thirty days of delivery.

3. Neither party may assign this agreement without the consent of the other.

Signed at Arvenholt, in two copies."""

POSTS = (
    "The ferry is back! Nine years late, but who is counting. #Arvenholt",
    "@harbourboard will the 6:40 run on Sunday? Asking for a baker.",
    "Queue at the old mill is two hours long now https://posts.example/9f2",
    "What I learned at the council:\n1. nobody reads the budget\n2. everybody has a view on it\n3. lunch is at noon 😀",
    "Ferry late again.",
)

CLEANED = """\
Council of Arvenholt votes to reopen the old ferry
The council of Arvenholt voted on Monday to reopen the old ferry, which has not crossed the river for nine years.
Why now
“It is late, but it is right,” said the mayor, who had promised the crossing before each of two elections.
Advertisement
Shopkeepers on the far bank welcomed the decision. Those who own the bridge said that they would go to court.
Related: Bridge owners go to court"""
