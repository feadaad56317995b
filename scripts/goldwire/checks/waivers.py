"""What can be wrong with annotations/waivers.toml itself."""

from __future__ import annotations

from goldwire.checks.rule import Rule

__all__ = ["RULES"]

RULES = (
    Rule(
        "waiver-invalid",
        1,
        "error",
        summary="a waiver lacks its code, its file, its reason or its end date, or names no code that exists",
        why="A finding is accepted by somebody, for a reason, until a day: otherwise it is only hidden.",
        fix="Give the [[waiver]] a `code`, a `file` (or `where`), a `reason` and an `until = YYYY-MM-DD`.",
        example="annotations/waivers.toml 1: L1 format error [waiver-invalid] Object missing required field `reason`",
    ),
    Rule(
        "waiver-unused",
        1,
        "warning",
        summary="a waiver that no finding needs",
        why="It would hide the next fault of that kind at that place without anybody having accepted it.",
        fix="Take it out of annotations/waivers.toml.",
        example=(
            "annotations/waivers.toml span-crosses annotations/layers/b01/A1.jsonl: L1 format warning "
            "[waiver-unused] no finding needs this waiver"
        ),
    ),
    Rule(
        "waiver-expired",
        1,
        "error",
        summary="a waiver whose end date has passed",
        why="It was accepted only until then, and the finding that it covered counts again.",
        fix="Mend what it covers, or give it a new date and say why.",
        example=(
            "annotations/waivers.toml text-email corpus/articles/wire.jsonl: L1 format error "
            "[waiver-expired] ended on 2021-01-01: a public desk"
        ),
    ),
)
