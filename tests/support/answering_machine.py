"""A machine for `goldwire prelabel --with cmd:...`: it answers with the labels of a file of layers.

python answering_machine.py annotations/layers/b01/A1.jsonl < questions.jsonl
"""

from __future__ import annotations

import json
import sys
from pathlib import Path


def main() -> None:
    layers = {
        row["article_id"]: row for row in map(json.loads, Path(sys.argv[1]).read_text(encoding="utf-8").splitlines())
    }
    for line in sys.stdin:
        identifier = json.loads(line)["id"]
        layer = layers[identifier]
        spans = [{key: span[key] for key in ("start", "end", "label")} for span in layer["spans"]]
        places = {span["id"]: place for place, span in enumerate(layer["spans"])}
        stances = [
            {"holder": places.get(one["holder"]), "target": places[one["target"]], "stance": one["stance"]}
            for one in layer["stances"]
        ]
        sys.stdout.write(json.dumps({"id": identifier, "spans": spans, "stances": stances}) + "\n")


if __name__ == "__main__":
    main()
