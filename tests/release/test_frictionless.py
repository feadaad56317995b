"""datapackage.json describes the Parquet files of a release."""

from __future__ import annotations

import hashlib
import json

import pyarrow.parquet as pq
from msgspec.structs import replace

from goldwire.records import ReleaseFile
from goldwire.release.card_data import CitationData
from goldwire.release.features import LabelNames, config_features
from goldwire.release.frictionless import descriptor
from goldwire.release.reader import load_release
from support.card_examples import CARD, MANIFEST
from support.paths import REPOSITORY

FEATURES = config_features(LabelNames(("PER",), ("supports",)))
KINDS = {"string": "string", "int32": "integer", "int64": "integer", "double": "number", "bool": "boolean"}


def test_every_file_of_a_release_is_described_by_its_digest_and_columns():
    release = load_release(REPOSITORY / "tests" / "tiny_repo", "0.0.1")
    package = json.loads((release.folder / "datapackage.json").read_text())
    described = {resource["path"]: resource for resource in package["resources"]}
    assert set(described) == {file.path for file in release.manifest.files if file.path.endswith(".parquet")}
    for path, resource in described.items():
        data = (release.folder / path).read_bytes()
        assert resource["hash"] == f"sha256:{hashlib.sha256(data).hexdigest()}"
        fields = {field["name"]: field["type"] for field in resource["schema"]["fields"]}
        schema = pq.read_schema(release.folder / path)
        assert list(fields) == schema.names
        for column, kind in zip(schema.names, schema.types, strict=True):
            assert fields[column] == KINDS.get(str(kind), "any")


def test_people_licences_and_shards():
    cited = CitationData(
        authors=("Ito, Ada", "The Lab"), doi="10.1000/1", homepage="https://lab.example", keywords=("a",)
    )
    sources = {"wire": replace(CARD.sources["wire"], licence="House rules")}
    card = replace(CARD, citation=cited, sources=sources, manifest=replace(MANIFEST, published="2026-11-30"))
    paths = [f"data/stance/train-{shard:05d}-of-00002.parquet" for shard in range(2)]
    files = [ReleaseFile(path=path, rows=1, bytes=9, sha256="0", content_sha256="1") for path in paths]
    package = json.loads(descriptor(card, files, FEATURES))
    assert (package["id"], package["homepage"]) == ("https://doi.org/10.1000/1", "https://lab.example")
    assert package["contributors"] == [
        {"title": "Ada Ito", "givenName": "Ada", "familyName": "Ito", "roles": ["creator"]},
        {"title": "The Lab", "roles": ["creator"]},
    ]
    assert package["licenses"] == [{"title": "House rules"}]
    (resource,) = package["resources"]
    assert (resource["name"], resource["path"]) == ("stance-train", paths)
    assert "hash" not in resource
