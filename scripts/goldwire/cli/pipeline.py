"""A command for each stage; what the options mean is said in the stage's `run`."""

from __future__ import annotations

import os
import sys
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import typer

from goldwire.cli.options import AsJson, Batch, Options, Quiet, Root, app, command, emit, find, stage, summary
from goldwire.errors import ConfigError
from goldwire.progress import QUIET

__all__: list[str] = []


@stage("ingest")
def _ingest(
    sources: Annotated[list[str] | None, typer.Argument(metavar="[SOURCE]...", help="Only these sources.")] = None,
    again: Annotated[bool, typer.Option("--again", help="Also extract anew what is there; ids stay.")] = False,
) -> Options:
    return {"sources": tuple(sources or ()), "reextract": again}


@stage("dedup")
def _dedup(
    threshold: Annotated[float, typer.Option(min=0, max=1, help="Jaccard of word 5-grams, from 0 to 1.")] = 0.5,
    engine: Annotated[str, typer.Option(help="Who does the work: local, daft or ray.")] = "local",
    address: Annotated[
        str | None, typer.Option(metavar="HOST:PORT", help="The Ray cluster; without, one is started here.")
    ] = None,
) -> Options:
    return {"threshold": threshold, "engine": engine, "ray_address": address}


@stage("sample")
def _sample(
    batch: Batch,
    annotators: Annotated[str, typer.Option(help="Pseudonyms, comma-separated: A1,A2,A3.", show_default=False)],
    overlap: Annotated[int, typer.Option(min=1, help="How many annotators see each article.")] = 2,
    limit: Annotated[int | None, typer.Option(min=1, help="At most so many articles.")] = None,
    calibration: Annotated[int, typer.Option(min=0, help="So many articles, the first, that everybody sees.")] = 0,
    max_per_annotator: Annotated[
        str, typer.Option(metavar="N", help="The most tasks of each: 40, or A1=40,A2=20.", show_default=False)
    ] = "",
    stratify: Annotated[
        str, typer.Option(metavar="KEYS", help="In proportion by source,year,month,length.", show_default=False)
    ] = "",
    order: Annotated[str, typer.Option(help="Which come first: random, oldest or uncertain.")] = "random",
    kind: Annotated[str, typer.Option(help="entities, or stance: the article's own, to targets by name.")] = "entities",
    targets: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Names, one a line; without, salient entities of the gold.")
    ] = None,
    most_targets: Annotated[int, typer.Option(min=1, help="So many salient entities of an article.")] = 3,
    window: Annotated[str, typer.Option(help="Ask about articles whole, by paragraphs or by sentences.")] = "whole",
    size: Annotated[int, typer.Option(min=1, help="Of a window, in paragraphs or sentences.")] = 5,
    context: Annotated[int, typer.Option(min=0, help="So many more of these either side, to be read only.")] = 1,
    article: Annotated[list[str] | None, typer.Option(help="Just this article (repeat for more).")] = None,
    whole_clusters: Annotated[bool, typer.Option(help="Every article of a wire story, not one.")] = False,
    seed: Annotated[int | None, typer.Option(help="Another draw; without, the workspace's seed.")] = None,
) -> Options:
    return {
        "batch": batch,
        "annotators": _names(annotators),
        "overlap": overlap,
        "max_articles": limit,
        "calibration": calibration,
        "max_per_annotator": max_per_annotator,
        "stratify": _names(stratify),
        "order": order,
        "kind": kind,
        "targets": targets,
        "max_targets": most_targets,
        "window_unit": window,
        "window_size": size,
        "window_context": context,
        "articles": tuple(article or ()),
        "whole_clusters": whole_clusters,
        "seed": seed,
    }


def _names(given: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in given.split(",") if name.strip())


@stage("push")
def _push(
    batch: Batch,
    prelabel: Annotated[
        str | None,
        typer.Option(metavar="SOURCE", help="What annotators start with: gazetteer, model[:NAME], layer:[BATCH/]NAME."),
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Also remove work that is not as planned, once its export is saved.")
    ] = False,
) -> Options:
    return {"batch": batch, "prelabel": prelabel, "force": force}


@app.command("pull", help=summary("pull"), short_help=summary("pull"))
def _pull(
    batch: Batch,
    watch: Annotated[bool, typer.Option("--watch", help="Again and again, telling what is new, until Ctrl-C.")] = False,
    every: Annotated[float, typer.Option(min=1, metavar="SECONDS", help="Between two looks of --watch.")] = 20,
    root: Root = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    if as_json or quiet:
        os.environ[QUIET] = "1"
    workspace, pull = find(root), import_module("goldwire.stages.pull")
    if not watch:
        emit(pull.run(workspace, batch=batch), as_json=as_json, quiet=quiet)
        return
    for report in pull.watch(workspace, batch=batch, every=every):
        emit(report, as_json=as_json, quiet=quiet)
        sys.stdout.flush()


def _minimum(text: str) -> tuple[str, float]:
    name, _, value = text.rpartition("=")
    try:
        return name, float(value)
    except ValueError:
        raise ConfigError(f"no minimum {text!r}", hint="write NAME=VALUE, as span_f1_exact=0.8") from None


@stage("agree")
def _agree(
    batch: Batch,
    bootstrap: Annotated[int, typer.Option(min=0, help="Replicates behind each interval; 0 for none.")] = 1000,
    html: Annotated[bool, typer.Option(help="Also write the report for people.")] = True,
    seed: Annotated[int, typer.Option(help="Of the replicates.")] = 0,
    gold: Annotated[bool, typer.Option("--gold", help="Also measure each annotator against gold.")] = False,
    floor: Annotated[
        list[str] | None, typer.Option(metavar="NAME=VALUE", help="Exit 1 below, as span_f1_exact=0.8; this once.")
    ] = None,
) -> Options:
    return {
        "batch": batch,
        "n_boot": bootstrap,
        "html": html,
        "seed": seed,
        "gold": gold,
        "fail_under": dict(_minimum(text) for text in floor or ()),
    }


def _by_expert(workspace: Any, *, push: bool, pull: bool, **options: Any) -> Any:
    adjudicate = import_module("goldwire.stages.adjudicate")
    if push:
        return adjudicate.push(workspace, **options | {"expert": options["expert"] or "E1"})
    if pull:
        return adjudicate.pull(workspace, batch=options["batch"], expert=options["expert"] or "E1")
    return adjudicate.run(workspace, **options)


@command("adjudicate", summary("adjudicate"), _by_expert)
def _adjudicate(
    batch: Batch,
    method: Annotated[str, typer.Option(help="majority, dawid-skene, mace or expert.")] = "majority",
    min_votes: Annotated[
        int | None, typer.Option(min=1, help="At least so many votes for a label; without, the workspace's.")
    ] = None,
    min_posterior: Annotated[
        float, typer.Option(min=0, max=1, help="Of a model: how likely a label has to be to be settled.")
    ] = 0.8,
    expert: Annotated[str | None, typer.Option(metavar="NAME", help="Whose word stands, by --method expert.")] = None,
    push: Annotated[bool, typer.Option("--push", help="Bring what is disputed to the server, for the expert.")] = False,
    pull: Annotated[bool, typer.Option("--pull", help="First bring what the expert has settled there.")] = False,
) -> Options:
    return {
        "batch": batch,
        "method": method,
        "min_votes": min_votes,
        "min_posterior": min_posterior,
        "expert": expert,
        "push": push,
        "pull": pull,
    }


@stage("split")
def _split(
    version: Annotated[str | None, typer.Option(help="The version they join; without, the next.")] = None,
    events: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Stories to keep together, as corpus/duplicates.jsonl has them.")
    ] = None,
) -> Options:
    return {"version": version, "story_groups": events}


@stage("release")
def _release(
    version: Annotated[str | None, typer.Argument(metavar="[VERSION]", help="X.Y.Z; without, the next.")] = None,
    standoff: Annotated[bool, typer.Option("--standoff", help="Leave the text out; `hydrate` puts it back.")] = False,
    baselines: Annotated[bool, typer.Option(help="Train simple models and probes for the card.")] = True,
) -> Options:
    return {"version": version, "standoff": standoff, "baselines": baselines}


@stage("publish")
def _publish(
    version: Annotated[str, typer.Argument(metavar="VERSION", help="X.Y.Z.", show_default=False)],
    repo_id: Annotated[str | None, typer.Option(metavar="ORG/NAME", help="Without, the workspace's repo_id.")] = None,
    private: Annotated[bool, typer.Option("--private", help="Make the repo private if it is new.")] = False,
) -> Options:
    return {"version": version, "repo_id": repo_id, "private": private}
