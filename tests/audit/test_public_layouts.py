"""Layouts in which data sets of news and of language are published: each is read, leaks are found, ids are not made up.

All texts are invented; a comment names the data sets that have the layout.
"""

from __future__ import annotations

import gzip
import json
import random
import shutil
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from goldwire.errors import DataError
from goldwire.stages import audit
from support.paths import TINY_REPO

PLACES = ("harbour", "mill", "market", "bridge", "quarry", "orchard", "lighthouse", "tannery", "brewery", "foundry")
PEOPLE = ("Ilsa Vernock", "Tobin Marsk", "Priya Lorne", "Oded Kall", "Mara Tessin", "Jory Blane")
VERBS = ("praised", "rejected", "welcomed", "questioned", "delayed", "defended", "mocked", "studied")
THINGS = ("toll", "ferry", "pension", "levy", "timetable", "contract", "festival", "drainage", "permit", "archive")


def words(rng: random.Random, count: int) -> str:
    """Invented words, which no other text has."""
    return " ".join("".join(rng.choices("abdegiklmnoprstuv", k=7)) for _ in range(count))


def sentence(rng: random.Random) -> str:
    parts = (rng.choice(PEOPLE), rng.choice(VERBS), "the", rng.choice(THINGS), "of the", rng.choice(PLACES))
    return f"{' '.join(parts)} because {words(rng, 4)}."


def sentences(count: int, seed: int = 0) -> list[str]:
    rng = random.Random(seed)
    return [sentence(rng) for _ in range(count)]


def documents(count: int, length: int, seed: int = 0) -> list[list[str]]:
    """Documents as lists of sentences that share the rare words of their document."""
    rng = random.Random(seed)
    topics = [words(rng, 3) for _ in range(count)]
    return [[f"{sentence(rng)[:-1]} and {topic}." for _ in range(length)] for topic in topics]


def lines(path: Path, rows: list[dict[str, Any]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")


def table(path: Path, rows: list[dict[str, Any]], separator: str = ",", *, header: bool = True) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    pl.DataFrame(rows).write_csv(path, separator=separator, include_header=header)


def tagged(path: Path, texts: list[str], *, columns: int = 4, separator: str = " ", start: str = "") -> None:
    """Write one word per line, with a tag in the last column."""
    path.parent.mkdir(parents=True, exist_ok=True)
    blocks = []
    for text in texts:
        words_of_text = text.replace(".", " .").split()
        tags = ["B-PER", "I-PER", *("O" for _ in words_of_text[2:])]
        middle = ["NN"] * (columns - 2)
        blocks.append("\n".join(separator.join((w, *middle, t)) for w, t in zip(words_of_text, tags, strict=True)))
    path.write_text(start + "\n\n".join(blocks) + "\n", encoding="utf-8")


Report = audit.CheckReport


def codes(report: Report) -> set[str]:
    return {finding.code for finding in report.findings}


def leak(report: Report) -> str:
    """The closing sentence, if the same texts leak and no repeated id is reported."""
    assert "id-repeated" not in codes(report), report.findings
    return report.conclusion


A, B, C = sentences(60, 1), sentences(20, 2), sentences(20, 3)
LEAKY = [*C[:15], *A[:5]]
LABELS = ("supports", "opposes", "neutral")


def rows(texts: list[str]) -> list[dict[str, Any]]:
    return [{"label": label(text), "text": text} for text in texts]


def label(text: str) -> str:
    """The same label for the same text."""
    return LABELS[len(text) % 3]


def jsonl_by_split(root: Path) -> None:  # FEVER: claims with ids
    for split, texts, first in (("train", A, 0), ("shared_task_dev", B, 500), ("shared_task_test", LEAKY, 900)):
        data = [{"id": first + n, "claim": text, "label": label(text)} for n, text in enumerate(texts)]
        lines(root / f"{split}.jsonl", data)


def snli(root: Path) -> None:  # SNLI and MultiNLI: the same rows as JSON Lines and as tables in .txt
    for split, texts in (("train", A), ("dev", B), ("test", LEAKY)):
        data = [
            {
                "gold_label": ("entailment", "neutral", "contradiction")[n % 3],
                "sentence1_parse": f"(ROOT (S {text}))",
                "sentence1": text,
                "sentence2": f"Somebody did something about it, said {n}.",
                "captionID": f"{split}{n // 3}.jpg#0",
                "pairID": f"{split}{n // 3}.jpg#0r{n % 3}",
            }
            for n, text in enumerate(texts)
        ]
        lines(root / f"snli_1.0_{split}.jsonl", [row | {"annotator_labels": ["neutral"]} for row in data])
        table(root / f"snli_1.0_{split}.txt", data, "\t")
    (root / "README.txt").write_text("This is the corpus of sentence pairs.\n\nIt has three files.\n")


def semeval_stance(root: Path) -> None:  # SemEval-2016 task 6: a table in .txt, in windows-1252
    for name, texts in (("trainingdata-all-annotations", A), ("testdata-taskA-all-annotations", LEAKY)):
        content = "ID\tTarget\tTweet\tStance\n"
        content += "".join(
            f"{n}\tThe Toll\t{text} caf\xe9 #toll\t{label(text).upper()}\n" for n, text in enumerate(texts)
        )
        (root / f"{name}.txt").write_bytes(content.encode("cp1252"))


def liar(root: Path) -> None:  # LIAR: no header, many columns
    for split, texts in (("train", A), ("valid", B), ("test", LEAKY)):
        content = "".join(
            f"{n + len(split) * 100}.json\t{('false', 'true', 'half-true')[n % 3]}\t{text}\ttaxes,health\t"
            f"ilsa-vernock\tMayor\tOuter Isle\tferry\t{n}\t{n % 4}\t0\t1\t2\ta speech at {text[-8:-1]}\n"
            for n, text in enumerate(texts)
        )
        (root / f"{split}.tsv").write_text(content)


def hub_parquet(root: Path) -> None:  # the Hub: data/train-00000-of-00001.parquet
    for split, texts in (("train", A), ("validation", B), ("test", LEAKY)):
        (root / "data").mkdir(exist_ok=True)
        frame = pl.DataFrame([{"idx": n} | row for n, row in enumerate(rows(texts))])
        frame.write_parquet(root / f"data/{split}-00000-of-00001.parquet")
    (root / "README.md").write_text("---\nconfigs: []\n---\n# A data set\n")
    (root / "dataset_infos.json").write_text(json.dumps({"default": {"description": "A data set of sentences."}}))


def hidden_test_labels(root: Path) -> None:  # GLUE: the labels of the test set are -1
    for split, texts in (("train", A), ("test", LEAKY)):
        frame = pl.DataFrame(
            {"sentence": texts, "label": [len(text) % 2 if split == "train" else -1 for text in texts]}
        )
        frame.write_parquet(root / f"{split}-00000-of-00001.parquet")


def test_without_labels(root: Path) -> None:  # Kaggle: test.csv lacks the label
    table(root / "train.csv", [{"id": n, "text": text, "label": label(text)} for n, text in enumerate(A)])
    table(root / "test.csv", [{"id": n, "text": text} for n, text in enumerate(LEAKY)])
    table(root / "sample_submission.csv", [{"id": n, "label": "neutral"} for n, _ in enumerate(LEAKY)])


def nested_json(root: Path) -> None:  # SQuAD
    for split, texts in (("train-v1.1", A), ("dev-v1.1", LEAKY)):
        articles = [
            {
                "title": f"{split} {n}",
                "paragraphs": [
                    {"context": text, "qas": [{"id": f"{n}", "question": "Who was it?", "answers": []}]}
                    for text in texts[n * 4 : n * 4 + 4]
                ],
            }
            for n in range(len(texts) // 4)
        ]
        (root / f"{split}.json").write_text(json.dumps({"version": "1.1", "data": articles}))


def splits_in_one_json(root: Path) -> None:  # a JSON object with a list for each split
    splits = {"train": rows(A), "val": rows(B), "test": rows(LEAKY)}
    (root / "data.json").write_text(json.dumps(splits))


def pandas_json(root: Path) -> None:  # DataFrame.to_json
    for split, texts in (("train", A), ("test", LEAKY)):
        columns = {"content": texts, "stance": [label(text) for text in texts]}
        document = {name: {str(n): value for n, value in enumerate(values)} for name, values in columns.items()}
        (root / f"{split}.json").write_text(json.dumps(document))


def objects_by_id(root: Path) -> None:  # a JSON object of posts by id
    for split, texts in (("train", A), ("test", LEAKY)):
        posts = {f"{split}{n}": {"post": text, "label": label(text)} for n, text in enumerate(texts)}
        (root / f"{split}.json").write_text(json.dumps(posts))


def paragraphs(root: Path) -> None:  # a body as a list of paragraphs
    for split, texts in (("train", A), ("test", LEAKY)):
        data = [
            {"uuid": f"{split}-{n}", "title": f"News {n}", "body": [text, "The board said no more that day."]}
            for n, text in enumerate(texts)
        ]
        (root / f"{split}.json").write_text(json.dumps(data))


def files_of_paragraphs(root: Path) -> None:  # BASIL: one JSON file per article, the body a list of sentences
    for split, texts in (("train", A), ("test", LEAKY)):
        for n, text in enumerate(texts):
            path = root / split / f"article_{n}.json"
            path.parent.mkdir(exist_ok=True)
            body = [{"sentence-index": 0, "sentence": text, "annotations": []}]
            body.append({"sentence-index": 1, "sentence": "The board said no more.", "annotations": [{"start": 4}]})
            path.write_text(json.dumps({"title": f"News {n}", "source": "wire", "body": body}))


def texts_in_class_folders(root: Path) -> None:  # IMDB, 20 Newsgroups
    for split, texts in (("train", A), ("test", LEAKY)):
        for n, text in enumerate(texts):
            path = root / split / ("pos", "neg")[len(text) % 2] / f"{n}_{n % 10}.txt"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
    (root / "README").write_text("Reviews.\n")


def numbered_news(root: Path) -> None:  # 20 Newsgroups: files without a suffix
    for split, texts in (("news-train", A), ("news-test", LEAKY)):
        for n, text in enumerate(texts):
            path = root / split / ("sci.space", "rec.autos")[len(text) % 2] / f"{10000 + n}"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(f"From: a@b.example\n\n{text}\n")


def lines_of_text(root: Path) -> None:  # one sentence per line
    for split, texts in (("train", A), ("dev", B), ("test", LEAKY)):
        (root / f"{split}.txt").write_text("\n".join(texts) + "\n")


def fasttext(root: Path) -> None:
    for split, texts in (("train", A), ("test", LEAKY)):
        content = "".join(f"__label__{label(text)} {text}\n" for n, text in enumerate(texts))
        (root / f"news.{split}").write_text(content)


def tweet_eval(root: Path) -> None:  # texts and labels in parallel files
    for split, texts in (("train", A), ("val", B), ("test", LEAKY)):
        (root / f"{split}_text.txt").write_text("\n".join(texts) + "\n")
        (root / f"{split}_labels.txt").write_text("\n".join(str(n % 3) for n, _ in enumerate(texts)) + "\n")
    (root / "mapping.txt").write_text("0\tnone\n1\tagainst\n2\tfavor\n")


def conll_2003(root: Path) -> None:
    start = "-DOCSTART- -X- O O\n\n"
    for name, texts in (("eng.train", A), ("eng.testa", B), ("eng.testb", LEAKY)):
        tagged(root / name, texts, start=start)


def iob2(root: Path) -> None:  # WNUT-17
    for name, texts in (("wnut17train.conll", A), ("emerging.dev.conll", B), ("emerging.test.annotated", LEAKY)):
        tagged(root / name.replace("annotated", "conll"), texts, columns=2, separator="\t")


def few_nerd(root: Path) -> None:  # tags without B- and I-, in .txt
    for split, texts in (("train", A), ("dev", B), ("test", LEAKY)):
        tagged(root / f"{split}.txt", texts, columns=2, separator="\t")
        path = root / f"{split}.txt"
        path.write_text(path.read_text().replace("B-PER", "person-politician").replace("I-PER", "person-politician"))


def germeval(root: Path) -> None:  # numbered words in .tsv, with comments
    for split, texts in (("train", A), ("dev", B), ("test", LEAKY)):
        blocks = []
        for number, text in enumerate(texts):
            words_of_text = text.replace(".", " .").split()
            block = [f"#\thttp://wire.example/{split}/{number}\t[2009-10-17]"]
            block += [f"{n}\t{word}\t{'B-PER' if n == 1 else 'O'}\tO" for n, word in enumerate(words_of_text, 1)]
            blocks.append("\n".join(block))
        (root / f"NER-de-{split}.tsv").write_text("\n\n".join(blocks) + "\n\n")


def universal_dependencies(root: Path) -> None:
    for split, texts in (("train", A), ("dev", B), ("test", LEAKY)):
        blocks = []
        for number, text in enumerate(texts):
            words_of_text = text.replace(".", " .").split()
            block = [f"# sent_id = {split}-{number}", f"# text = {text}", "1-2\tdel\t_\t_\t_\t_\t_\t_\t_\t_"]
            block += [f"{n}\t{word}\t{word}\tNOUN\tNN\t_\t0\troot\t_\t_" for n, word in enumerate(words_of_text, 1)]
            blocks.append("\n".join(block))
        (root / f"en_isle-ud-{split}.conllu").write_text("\n\n".join(blocks) + "\n\n")
    (root / "stats.xml").write_text("<treebank/>")


def ontonotes(root: Path) -> None:  # CoNLL-2012
    for split, texts in (("train", A), ("development", B), ("test", LEAKY)):
        path = root / split / "nw" / "wire_0001.gold_conll"
        path.parent.mkdir(parents=True)
        blocks = []
        for text in texts:
            words_of_text = text.replace(".", " .").split()
            blocks.append("\n".join(f"nw/{split} 0 {n} {w} NN * - - - * -" for n, w in enumerate(words_of_text)))
        content = "\n\n".join(blocks)
        path.write_text(f"#begin document (nw/{split}); part 000\n{content}\n\n#end document\n")


def brat(root: Path) -> None:
    for split, texts in (("train", A), ("dev", B), ("test", LEAKY)):
        for n, text in enumerate(texts):
            path = root / split / f"doc-{n}.txt"
            path.parent.mkdir(exist_ok=True)
            path.write_text(text)
            end = len(" ".join(text.split()[:2]))
            path.with_suffix(".ann").write_text(f"T1\tPerson 0 {end}\t{text[:end]}\nA1\tKnown T1\n")
    (root / "annotation.conf").write_text("[entities]\nPerson\n")


def flag_column(root: Path) -> None:  # a column that says whether a row is in the test set
    table(root / "articles.csv", [
        {"article_id": n, "body": text, "in_held_out_test": n >= len(A)} for n, text in enumerate([*A, *LEAKY])
    ])  # fmt: skip


def split_values(root: Path) -> None:  # a column of any name with the values train, dev and test
    texts = [("train", A), ("dev", B), ("test", LEAKY)]
    lines(root / "all.jsonl", [{"phase": phase, "text": text} for phase, some in texts for text in some])


def a_file_of_everything(root: Path) -> None:  # all.csv beside the splits, and a smaller training set
    data = rows([*A, *C[:15]])
    table(root / "train.csv", data[: len(A)])
    table(root / "train_small.csv", data[: len(A) // 2])
    table(root / "test.csv", rows(LEAKY))
    table(root / "all.csv", data)


def persent(root: Path) -> None:  # PerSenT: numbers of documents start anew in each file
    for name, texts in (("train", A), ("dev", B), ("random_test", LEAKY)):
        data = [
            {"DOCUMENT_INDEX": n, "TITLE": "News", "TARGET_ENTITY": PEOPLE[n % 6], "DOCUMENT": text}
            | {"TRUE_SENTIMENT": label(text), "Paragraph0": "Positive"}
            for n, text in enumerate(texts)
        ]
        table(root / f"{name}.csv", data)


def words_in_rows(root: Path) -> None:  # Kaggle's NER corpus: the sentence is named in its first row
    for split, texts in (("train", A), ("test", LEAKY)):
        data = [
            {
                "Sentence #": f"Sentence: {n}" if at == 0 else "",
                "Word": word,
                "POS": "NN",
                "Tag": "B-per" if at == 0 else "O",
            }
            for n, text in enumerate(texts, 1)
            for at, word in enumerate(text.split())
        ]
        table(root / f"{split}.csv", data)


def numbered_words_in_rows(root: Path) -> None:
    for split, texts in (("train", A), ("test", LEAKY)):
        data = [
            {"sentence_id": n, "token": word, "label": "B-PER" if at == 0 else "O"}
            for n, text in enumerate(texts)
            for at, word in enumerate(text.split())
        ]
        table(root / f"{split}.tsv", data, "\t")


def label_studio(root: Path) -> None:  # the tool's JSON export
    for split, texts in (("train", A), ("test", LEAKY)):
        tasks = [
            {"id": n, "data": {"text": text}, "annotations": [{"completed_by": 1, "result": [label_studio_span(text)]}]}
            for n, text in enumerate(texts)
        ]
        (root / f"{split}.json").write_text(json.dumps(tasks))


def label_studio_span(text: str) -> dict[str, Any]:
    end = len(" ".join(text.split()[:2]))
    return {"type": "labels", "value": {"start": 0, "end": end, "text": text[:end], "labels": ["PER"]}}


def nested_objects(root: Path) -> None:  # texts in an object of each row
    for split, texts in (("train", A), ("test", LEAKY)):
        lines(
            root / f"{split}.jsonl", [{"uid": f"{split}{n}", "content": {"body": text}} for n, text in enumerate(texts)]
        )


def tuples(root: Path) -> None:  # spaCy 2
    for split, texts in (("train", A), ("test", LEAKY)):
        (root / f"{split}.json").write_text(json.dumps([[text, {"entities": [[0, 4, "PER"]]}] for text in texts]))


def zipped_class_folders(root: Path) -> None:
    (root / "unpacked").mkdir()
    texts_in_class_folders(root / "unpacked")
    shutil.make_archive(str(root / "news"), "zip", root / "unpacked")
    shutil.rmtree(root / "unpacked")


def splits_in_the_file_of_labels(root: Path) -> None:  # texts and labels are in two tables
    texts = [*A, *LEAKY]
    table(root / "articles.csv", [{"article_id": f"a{n}", "text": text} for n, text in enumerate(texts)])
    names = ["train" if n < len(A) else "test" for n, _ in enumerate(texts)]
    data = [{"article_id": f"a{n}", "split": name, "stance": label(texts[n])} for n, name in enumerate(names)]
    table(root / "labels.csv", data)


SPLITS = (("train", A), ("validation", B), ("test", LEAKY))
PAIRS = sorted(((split, text) for split, texts in SPLITS for text in texts), key=lambda pair: pair[1][::-1])
LISTED = [(f"a{number:03d}x", split, text) for number, (split, text) in enumerate(PAIRS)]
"""Id, split and text of articles; the ids say nothing about the split."""


def ids_of(split: str) -> list[str]:
    return [id for id, of, _ in LISTED if of == split]


def articles_in_files(root: Path, folder: str = "articles") -> None:
    (root / folder).mkdir(parents=True)
    for id, _, text in LISTED:
        (root / folder / f"{id}.txt").write_text(text)


def articles_in_a_table(root: Path) -> None:
    table(root / "articles.csv", [{"id": id, "text": text, "label": label(text)} for id, _, text in LISTED])


def id_lists_of_files(root: Path) -> None:  # CoNLL-2012, DUC: train_ids.txt beside documents
    articles_in_files(root)
    for split, _ in SPLITS:
        (root / f"{split}_ids.txt").write_text("".join(f"{id}\n" for id in ids_of(split)))


def path_lists_of_files(root: Path) -> None:  # splits/train.txt with paths
    articles_in_files(root, "corpus/wire")
    (root / "splits").mkdir()
    for split, _ in SPLITS:
        paths = "".join(f"wire/{id}.txt\r\n" for id in ids_of(split))
        (root / "splits" / f"{split}.txt").write_bytes(paths.encode())


def id_lists_of_brat(root: Path) -> None:  # the lists have a suffix of their own
    articles_in_files(root)
    for id, _, text in LISTED:
        end = len(" ".join(text.split()[:2]))
        (root / "articles" / f"{id}.ann").write_text(f"T1\tPerson 0 {end}\t{text[:end]}\n")
    for split, _ in SPLITS:
        (root / f"{split}.lst").write_text("\n".join(ids_of(split)))


def id_lists_of_a_table(root: Path) -> None:
    articles_in_a_table(root)
    for split, _ in SPLITS:
        (root / f"{split}_ids.txt").write_text("".join(f"{id}\n" for id in ids_of(split)))


def splits_json_of_files(root: Path) -> None:
    articles_in_files(root)
    (root / "splits.json").write_text(json.dumps({split: ids_of(split) for split, _ in SPLITS}))


def splits_json_of_a_table(root: Path) -> None:  # the ids are numbers
    lines(root / "data.jsonl", [{"id": n, "text": text} for n, (_, _, text) in enumerate(LISTED)])
    numbers = {split: [n for n, (_, of, _) in enumerate(LISTED) if of == split] for split, _ in SPLITS}
    (root / "split_ids.json").write_text(json.dumps(numbers))


def split_of_each_id(root: Path) -> None:
    articles_in_a_table(root)
    (root / "split.json").write_text(json.dumps({id: split for id, split, _ in LISTED}))


def table_of_splits(root: Path) -> None:
    articles_in_a_table(root)
    table(root / "splits.tsv", [{"article": id, "split": split} for id, split, _ in LISTED], "\t")


def table_of_files_and_splits(root: Path) -> None:
    articles_in_files(root)
    table(root / "metadata.csv", [{"file": f"{id}.txt", "fold": split, "year": 2020} for id, split, _ in LISTED])


def shards(root: Path) -> None:  # the Hub, without a script: data/train-00000-of-00002.parquet
    (root / "data").mkdir()
    for split, texts in SPLITS:
        for number, some in enumerate((texts[:7], texts[7:])):
            pl.DataFrame(rows(some)).write_parquet(root / f"data/{split}-0000{number}-of-00002.parquet")


def packed_lines(root: Path) -> None:  # train.jsonl.gz
    for split, texts in SPLITS:
        content = "".join(json.dumps(row) + "\n" for row in rows(texts))
        (root / f"{split}.jsonl.gz").write_bytes(gzip.compress(content.encode()))


def splits_in_class_folders(root: Path) -> None:  # business/train/3.txt
    for split, texts in SPLITS:
        for n, text in enumerate(texts):
            path = root / label(text) / split / f"{n}.txt"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)


def conll_with_ids(root: Path) -> None:  # MultiCoNER: a comment with the id above each sentence
    for split, texts in SPLITS:
        blocks = []
        for n, text in enumerate(texts):
            words_of_text = text.replace(".", " .").split()
            tags = ("B-PER", "I-PER", *("O" for _ in words_of_text[2:]))
            body = "\n".join(f"{word} _ _ {tag}" for word, tag in zip(words_of_text, tags, strict=True))
            blocks.append(f"# id {split}-{n}\tdomain=en\n{body}")
        (root / f"en_{split}.conll").write_text("\n\n".join(blocks) + "\n")


def fold_column(root: Path) -> None:
    data = [{"id": id, "fold": split, "text": text, "label": label(text)} for id, split, text in LISTED]
    table(root / "all.tsv", data, "\t")


def latin_1(root: Path) -> None:
    for split, texts in SPLITS:
        content = "".join(f'{n};"{text} Caf\xe9 \xfcber";{label(text)}\n' for n, text in enumerate(texts))
        (root / f"{split}.csv").write_bytes(f"no;text;label\n{content}".encode("latin-1"))


def archive_beside_its_card(root: Path) -> None:  # the Hub, with a script
    for split, texts in SPLITS:
        lines(root / "unpacked" / f"{split}.jsonl", rows(texts))
    shutil.make_archive(str(root / "data"), "zip", root / "unpacked")
    shutil.rmtree(root / "unpacked")
    (root / "README.md").write_text("---\nlicense: cc-by-4.0\n---\n# News\n")
    (root / "news.py").write_text("import datasets\n")
    (root / "dataset_infos.json").write_text(json.dumps({"default": {"splits": {"train": {"num_examples": 60}}}}))


LAYOUTS = (
    *(jsonl_by_split, snli, semeval_stance, liar, hub_parquet, hidden_test_labels, test_without_labels, nested_json),
    *(splits_in_one_json, pandas_json, objects_by_id, paragraphs, files_of_paragraphs, texts_in_class_folders),
    *(numbered_news, lines_of_text, fasttext, tweet_eval, conll_2003, iob2, few_nerd, germeval),
    *(universal_dependencies, ontonotes, brat, flag_column, split_values, a_file_of_everything, persent),
    *(words_in_rows, numbered_words_in_rows, label_studio, nested_objects, tuples, zipped_class_folders),
    *(splits_in_the_file_of_labels, id_lists_of_files, path_lists_of_files, id_lists_of_brat, id_lists_of_a_table),
    *(splits_json_of_files, splits_json_of_a_table, split_of_each_id, table_of_splits, table_of_files_and_splits),
    *(shards, packed_lines, splits_in_class_folders, conll_with_ids, fold_column, latin_1, archive_beside_its_card),
)
test_without_labels.__test__ = False  # type: ignore[attr-defined]


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.__name__)
def test_a_published_layout_is_read_and_its_leak_is_found(layout: Callable[[Path], None], tmp_path: Path) -> None:
    layout(tmp_path)
    report = audit.run(tmp_path)
    found = [finding for finding in report.findings if finding.code == "text-across-splits"]
    assert found, report
    assert "leak: 5 of 20 texts (25%)" in leak(report), report
    assert report.exit_code == 1
    # A leak is the first finding, and files are relative to the working folder.
    assert report.findings[0].code.endswith("-across-splits")
    assert max(Counter(finding.code for finding in report.findings).values()) <= 3
    noise = codes(report) - {"text-across-splits", "file-not-utf8", "text-email"}
    # Where splits are in another file, the texts of both are one table.
    noise -= {"row-repeated"} if layout is splits_in_the_file_of_labels else set()
    assert not noise, report.findings


def group_leak(report: Report) -> str:
    """The closing sentence of a data set whose documents leak, and none of its texts."""
    assert "id-repeated" not in codes(report), report.findings
    assert "group-across-splits" in codes(report), report
    return report.conclusion


STORIES = documents(120, 6, seed=4)  # the last 20 have sentences in both splits


def sentences_of(split: str) -> list[tuple[int, int, str]]:
    """Document, number of the sentence and sentence of a split: documents 70 to 89 are in both."""
    first, last = (0, 90) if split == "train" else (70, 120)
    return [
        (document, number, text)
        for document in range(first, last)
        for number, text in enumerate(STORIES[document])
        if not 70 <= document < 90 or (number < 3) == (split == "train")
    ]


@pytest.mark.parametrize(
    "identifier",
    [
        "wire_{document}_{number}",
        "{document}-{number}",
        "isle/2021/doc{document}#s{number}",
        "d{document}:{number}:x y_3",
    ],
)
def test_documents_are_found_in_the_ids_of_sentences(identifier: str, tmp_path: Path) -> None:
    for split in ("train", "test"):
        data = [{"id": identifier.format(document=d, number=n), "text": text} for d, n, text in sentences_of(split)]
        lines(tmp_path / f"{split}.jsonl", data)
    assert "test/train leak: 20 of 50 values of 'id, first " in group_leak(audit.run(tmp_path))


@pytest.mark.parametrize("column", ["doc_id", "article", "filename", "id"])
def test_documents_are_found_by_a_column_that_repeats(column: str, tmp_path: Path) -> None:
    for split in ("train", "test"):
        lines(
            tmp_path / f"{split}.jsonl", [{column: f"doc{d}", "sentence": text} for d, _, text in sentences_of(split)]
        )
    assert f"test/train leak: 20 of 50 values of '{column}' (40%)" in group_leak(audit.run(tmp_path))


def test_numbers_of_sentences_per_document_are_not_ids(tmp_path: Path) -> None:  # BASIL
    for split, first, last in (("train", 0, 70), ("test", 90, 120)):
        data = [
            {"id": number, "doc": f"doc{document}", "text": text}
            for document in range(first, last)
            for number, text in enumerate(STORIES[document])
        ]
        lines(tmp_path / f"{split}.jsonl", data)
    report = audit.run(tmp_path)
    assert report.findings == ()
    assert report.conclusion == "no leak between splits"
    assert any("column 'id' does not identify rows: 600 of 600 rows" in note for note in report.notes)


def test_a_few_repeated_ids_are_found(tmp_path: Path) -> None:
    data = [{"id": n if n != 7 else 8, "text": text} for n, text in enumerate(A)]
    lines(tmp_path / "train.jsonl", data)
    assert [(f.code, f.line) for f in audit.run(tmp_path).findings] == [("id-repeated", 9)]


def test_ids_that_are_dates_or_counters_are_not_documents(tmp_path: Path) -> None:
    rng = random.Random(5)
    texts = sentences(400, 6)
    rng.shuffle(texts)
    for split, some in (("train", texts[:300]), ("test", texts[300:])):
        data = [{"id": f"2021-03-{1 + n % 28:02}-{n}", "text": text} for n, text in enumerate(some)]
        lines(tmp_path / f"{split}.jsonl", data)
    assert audit.run(tmp_path).findings == ()


@pytest.mark.parametrize("annotator", ["annotator", "turker", "WorkerName"])
def test_rows_of_several_annotators_are_not_repeated(annotator: str, tmp_path: Path) -> None:
    data = [
        {
            annotator: f"w{worker}",
            "text": text,
            "label": LABELS[(number + worker) % 3],
            "time": f"{number * 7 + worker}",
        }
        for number, text in enumerate(A)
        for worker in range(3)
    ]
    lines(tmp_path / "labels.jsonl", data)
    assert audit.run(tmp_path).findings == ()


@pytest.mark.parametrize("folder", ["{name}/{split}.jsonl", "{name}/{split}/0000.jsonl"])
def test_configurations_and_folds_are_separate_data_sets(folder: str, tmp_path: Path) -> None:
    # In a cross-validation, every text is in the test set once.
    for fold in range(2):
        train, test = (A[:30], A[30:]) if fold else (A[30:], A[:30])
        for split, texts in (("train", train), ("test", test)):
            lines(tmp_path / folder.format(name=f"fold{fold}", split=split), rows(texts))
    report = audit.run(tmp_path)
    assert report.findings == ()
    assert report.conclusion == "no leak between splits"


def test_folds_in_numbered_files_are_separate_data_sets(tmp_path: Path) -> None:
    for fold in (1, 2):
        train, test = (A[:30], A[30:]) if fold == 1 else (A[30:], A[:30])
        lines(tmp_path / f"train_{fold}.jsonl", rows(train))
        lines(tmp_path / f"test_{fold}.jsonl", rows([*test, *(train[:3] if fold == 2 else [])]))
    assert "test/train leak: 3 of 33 texts (9%)" in leak(audit.run(tmp_path))


def test_parts_of_the_splits_are_one_data_set(tmp_path: Path) -> None:
    for part in (1, 2):
        lines(tmp_path / f"train_{part}.jsonl", rows(A[part - 1 :: 2]))
        lines(tmp_path / f"test_{part}.jsonl", rows(LEAKY[part - 1 :: 2]))
    assert "test/train leak: 5 of 20 texts (25%)" in leak(audit.run(tmp_path))


def test_a_fold_per_file_is_a_split_each(tmp_path: Path) -> None:
    for fold in range(3):
        lines(tmp_path / f"fold{fold}.jsonl", rows([*A[fold::3], *(A[:2] if fold == 2 else [])]))
    assert "fold2/fold0 leak: 1 of 22 texts" in leak(audit.run(tmp_path))


@pytest.mark.parametrize("surface", ["text", "mention"])
def test_offsets_are_compared_with_the_texts_of_another_file(surface: str, tmp_path: Path) -> None:  # BTC
    lines(tmp_path / "docs.jsonl", [{"doc_id": f"d{n}", "text": text} for n, text in enumerate(A)])
    spans = []
    for number, text in enumerate(A):
        word = text.split()[4]
        start = text.index(word) - (number == 7)  # one is wrong
        span = {"start": start, "end": start + len(word), surface: word, "label": "PER"}
        spans += [{"doc_id": f"d{number}", "annotator": f"w{worker}", **span} for worker in range(2)]
    lines(tmp_path / "spans.jsonl", spans)
    report = audit.run(tmp_path)
    expected = [("span-text-mismatch", "spans.jsonl", 15), ("span-text-mismatch", "spans.jsonl", 16)]
    assert [(f.code, f.file, f.line) for f in report.findings] == expected


def test_answers_outside_their_paragraph_are_found(tmp_path: Path) -> None:  # SQuAD
    paragraphs_of = [
        {"context": text, "qas": [{"id": str(n), "answers": [{"text": text[:8], "answer_start": int(n == 3)}]}]}
        for n, text in enumerate(A)
    ]
    (tmp_path / "train.json").write_text(json.dumps({"data": [{"title": "T", "paragraphs": paragraphs_of}]}))
    assert [(f.code, f.line) for f in audit.run(tmp_path).findings] == [("span-text-mismatch", 4)]


def test_answers_in_columns_are_found(tmp_path: Path) -> None:  # SQuAD on the Hub
    answers = [{"text": [text[9:17]], "answer_start": [9 + (n == 3)]} for n, text in enumerate(A)]
    frame = pl.DataFrame({"context": A, "question": [f"Who {n}?" for n, _ in enumerate(A)], "answers": answers})
    frame.write_parquet(tmp_path / "train-00000-of-00001.parquet")
    assert [(f.code, f.line) for f in audit.run(tmp_path).findings] == [("span-text-mismatch", 4)]


def test_a_log_of_ids_and_dates_has_no_texts(tmp_path: Path) -> None:  # MIND
    for split, texts in (("MINDsmall_train", A), ("MINDsmall_dev", LEAKY)):
        folder = tmp_path / split
        folder.mkdir()
        news = [f"{split}{n}\tnews\tlocal\t{text[:30]}\t{text}\n" for n, text in enumerate(texts)]
        (folder / "news.tsv").write_text("".join(news))
        (folder / "behaviors.tsv").write_text("".join(f"{n}\tU{n}\t11/11/2019 9:05:58 AM\tN1 N2\n" for n in range(50)))
    assert audit.run(tmp_path).conclusion == "dev/train leak: 5 of 20 texts (25%)"


def test_documents_beside_lists_of_their_names_are_read(tmp_path: Path) -> None:
    for n, text in enumerate([*A, A[0]]):
        (tmp_path / f"doc{n}.txt").write_text(text)
    (tmp_path / "train_ids.txt").write_text("".join(f"doc{n}\n" for n in range(40)))
    assert codes(audit.run(tmp_path)) == {"row-repeated"}


def test_a_few_documents_beside_lists_of_their_names_are_read(tmp_path: Path) -> None:
    for n, text in enumerate([*A[:9], A[0]]):
        (tmp_path / f"doc{n}.txt").write_text(text)
    (tmp_path / "train.txt").write_text("".join(f"doc{n}\n" for n in range(7)))
    (tmp_path / "test.txt").write_text("doc7\ndoc8\ndoc9\ndoc99\n")
    report = audit.run(tmp_path)
    assert report.conclusion == "test/train leak: 1 of 3 texts (33%)"
    assert "split 'test.txt and 1 more (1 of 11 listed are missing)'" in report.notes[0]


def test_an_id_that_is_in_two_lists_leaks(tmp_path: Path) -> None:
    articles_in_a_table(tmp_path)
    lists = {"train": [id for id, _, _ in LISTED[:60]], "test": [id for id, _, _ in LISTED[58:80]]}
    (tmp_path / "splits.json").write_text(json.dumps(lists))
    assert audit.run(tmp_path).conclusion.startswith("test/train leak: 2 of 20 texts (10%)")


def test_each_fold_of_a_list_is_checked(tmp_path: Path) -> None:
    articles_in_a_table(tmp_path)
    clean = {"train": ids_of("validation"), "test": [id for id, _, text in LISTED if text in A[:9]]}
    leaky = {split: ids_of(split) for split, _ in SPLITS}
    (tmp_path / "folds.json").write_text(json.dumps([clean, leaky]))
    report = audit.run(tmp_path)
    assert "test/train leak: 5 of 20 texts (25%)" in report.conclusion
    assert [note.partition("split ")[2] for note in report.notes] == ["'folds.json, fold 0'", "'folds.json, fold 1'"]


def test_an_archive_beside_data_files_is_a_note(tmp_path: Path) -> None:
    table(tmp_path / "train.csv", rows(A))
    table(tmp_path / "unpacked" / "test.csv", rows(LEAKY))
    shutil.make_archive(str(tmp_path / "test"), "zip", tmp_path / "unpacked")
    shutil.rmtree(tmp_path / "unpacked")
    report = audit.run(tmp_path)
    assert report.notes[-1] == "test.zip is not read beside data files: unpack it, or audit it by itself"


def test_answers_of_many_annotators_are_a_note(tmp_path: Path) -> None:
    data = [{"id": f"{n}-{k}", "text": text, "label": LABELS[k]} for n, text in enumerate(A) for k in range(3)]
    lines(tmp_path / "labels.jsonl", data)
    report = audit.run(tmp_path)
    assert report.findings == ()
    assert any("60 of 60 texts of several rows have several values of 'label'" in note for note in report.notes)


def test_columns_of_any_values_are_read(tmp_path: Path) -> None:
    data = [{"text": text, "data": n if n % 2 else [n], "label": label(text)} for n, text in enumerate(A)]
    (tmp_path / "train.json").write_text(json.dumps(data + data[:1]))
    assert codes(audit.run(tmp_path)) == {"row-repeated"}


def test_an_archive_that_is_damaged_is_an_error_with_its_name(tmp_path: Path) -> None:
    (tmp_path / "news.zip").write_bytes(b"PK\x03\x04 and no more")
    with pytest.raises(DataError, match=r"news\.zip: the archive cannot be read"):
        audit.run(tmp_path / "news.zip")


def test_a_data_set_without_splits_has_no_closing_sentence(tmp_path: Path) -> None:  # NELA-GT: a file per source
    for source in ("wire", "herald", "gazette"):
        data = [
            {"id": f"{source}--{n}", "source": source, "content": text}
            for n, text in enumerate(sentences(30, len(source)))
        ]
        (tmp_path / f"{source}.json").write_text(json.dumps(data))
    table(tmp_path / "labels.csv", [{"source": source, "bias": "left"} for source in ("wire", "herald", "gazette")])
    report = audit.run(tmp_path)
    assert report.findings == ()
    assert report.conclusion == ""


@pytest.mark.parametrize("path", ["data/train-*", "data/train-00000-of-00001.parquet"])
def test_a_file_that_the_card_lists_is_missing(path: str, tmp_path: Path) -> None:
    hub_parquet(tmp_path)
    splits = [{"split": "train", "path": path}, {"split": "test", "path": "data/test-*"}]
    card = json.dumps({"configs": [{"config_name": "default", "data_files": splits}]})  # JSON is YAML
    (tmp_path / "README.md").write_text(f"---\n{card}\n---\n# A data set\n")
    assert "data-file-missing" not in codes(audit.run(tmp_path))
    (tmp_path / "data/train-00000-of-00001.parquet").unlink()
    (finding,) = (f for f in audit.run(tmp_path).findings if f.code == "data-file-missing")
    assert finding.file == path
    assert finding.message.startswith("is missing; README.md lists ")


def test_a_damaged_or_missing_shard_is_an_error(tmp_path: Path) -> None:
    for split, texts in (("train", A), ("test", B)):
        for shard in range(2):
            pl.DataFrame(rows(texts[shard::2])).write_parquet(tmp_path / f"{split}-0000{shard}-of-00002.parquet")
    assert audit.run(tmp_path).findings == ()
    (tmp_path / "test-00001-of-00002.parquet").write_bytes(b"")
    (tmp_path / "train-00001-of-00002.parquet").unlink()
    report = audit.run(tmp_path)
    assert [(f.code, f.file) for f in sorted(report.findings, key=lambda f: f.file)] == [
        ("data-file-unreadable", "test-00001-of-00002.parquet"),
        ("data-file-missing", "train-00001-of-00002.parquet"),
    ]
    assert report.exit_code == 1


def test_a_release_of_goldwire_has_no_findings() -> None:
    report = audit.run(TINY_REPO / "splits/v0.0.1")
    assert report.findings == ()
    assert report.conclusion == "no leak between splits"


def test_a_problem_of_a_text_in_many_rows_counts_once(tmp_path: Path) -> None:
    text = f"{A[0]} Write to ilsa@isle.example now."
    lines(tmp_path / "train.jsonl", [{"text": text, "target": name, "label": label(text)} for name in PEOPLE])
    report = audit.run(tmp_path)
    assert [(f.code, f.line) for f in report.findings] == [("text-email", 1)]
    assert report.unlisted == {}
