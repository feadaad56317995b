"""Tests are laid out as the package: `tests/<package>/test_<module>.py`, with the exceptions listed here."""

from __future__ import annotations

import ast
from fnmatch import fnmatch

from support.paths import PACKAGE, TESTS

ACROSS_MODULES = {
    "agreement/test_other_tools.py": "the same values as other libraries",
    "agreement/test_package.py": "signatures and documentation of the public functions",
    "agreement/test_properties.py": "properties that all coefficients share",
    "agreement/test_published.py": "values published in papers",
    "certification/test_simulations.py": "error rates and coverage, and the pages that have them",
    "checks/test_cases.py": "one minimal bad input per code",
    "checks/test_fields.py": "a change of each field of each record",
    "checks/test_mutations.py": "random corruptions of a valid workspace",
    "cli/test_cli.py": "the command line as a user runs it",
    "audit/test_public_layouts.py": "layouts in which data sets are published",
    "cli/test_interrupted_commands.py": "commands that are killed, or run out of disk space",
    "cli/test_spoiled_files.py": "every command on every kind of spoiled file",
    "formats/test_tool_files.py": "files that other tools made",
    "stages/test_exchange.py": "import and export together",
    "cli/test_watch.py": "pull --watch on a real server",
    "doccano/client/test_credentials_sources.py": "environment, keyring and files",
    "doccano/client/test_lost_jobs.py": "jobs lost with a killed worker",
    "doccano/client/test_proxy.py": "a server behind a proxy",
    "doccano/server/test_full_disk.py": "a server without disk space",
    "doccano/server/test_guard*.py": "attacks on the served Doccano",
    "doccano/server/test_overlay.py": "files of the overlay",
    "doccano/server/test_progress.py": "requests of the overlay",
    "doccano/server/test_proxy_browser.py": "an annotator behind nginx, in Chromium",
    "doccano/server/test_reverse_proxy.py": "the served Doccano behind nginx",
    "doccano/server/test_postgres.py": "a server on PostgreSQL",
    "doccano/test_*_browser.py": "annotation in Chromium",
    "doccano/test_adjudication_targets.py": "the expert's project for targets",
    "doccano/test_hostile_texts.py": "texts that break servers",
    "doccano/test_killed_processes.py": "processes killed at random moments",
    "doccano/test_unicode_roundtrip.py": "offsets in all scripts",
    "extraction/test_linear_time.py": "time by the size of a text",
    "extraction/test_quality_floor.py": "F1 on real pages",
    "release/test_rebuild.py": "byte-identical rebuilds",
    "report/test_*_browser.py": "the pages in Chromium",
    "repository/*": "the repository itself",
    "stages/test_chaos.py": "random trouble with servers, disks and leads",
    "stages/test_bridges.py": "a bridge between splits from ingest to release",
    "stages/test_pull_findings.py": "findings of pull on a real server",
    "stages/test_pull_losses.py": "work that the real server has lost",
    "stages/test_pull_changed_plan.py": "plans, projects and notes that are edited, on a real server",
    "stages/test_pull_replaced_server.py": "a real server that is replaced or restored",
    "stages/test_push_*.py": "options of push on a real server",
    "stages/test_stages.py": "the order of the stages",
    "stages/test_stance_tasks.py": "stance tasks from sample to release",
    "stages/test_whole_loop.py": "machine labels, holdout, annotators, agreement and gold on a real server",
    "stages/test_window_tasks.py": "windows from sample to release",
    "test_doctests.py": "examples in docstrings",
    "test_public_surface.py": "what `import goldwire` exports",
}
"""Test files that test more than one module, with what they test."""

TESTED_ELSEWHERE = {
    "prelabeling/chat_prompt.py": "prelabeling/test_chat_model.py",
    "prelabeling/machines.py": "stages/test_prelabel.py",
    "__main__.py": "cli/test_cli.py",
    "adjudication/decisions.py": "adjudication/test_aggregation.py",
    "certification/corpus_labels.py": "certification/test_debiased.py",
    "agreement/batch_*.py": "stages/test_agree.py",
    "agreement/chance_agreement.py": "agreement/test_kappa.py",
    "agreement/continuum.py": "agreement/test_unitizing_alpha.py",
    "agreement/pilots.py": "agreement/test_planning.py",
    "agreement/gamma_*.py": "agreement/test_published.py",
    "audit/*.py": "audit/test_runner.py",
    "bulk/*.py": "stages/test_bulk.py",
    "checks/document_parsing.py": "checks/test_parsing.py",
    "checks/file_bytes.py": "checks/test_parsing.py",
    "checks/released_labels.py": "checks/test_cases.py",
    "checks/rule.py": "checks/test_registry.py",
    "checks/rules/*.py": "checks/test_cases.py",
    "checks/snapshot_reader.py": "stages/test_check.py",
    "cli/*.py": "cli/test_cli.py",
    "dedup/daft_engine.py": "stages/test_dedup.py",
    "dedup/engines.py": "stages/test_dedup.py",
    "dedup/text_store.py": "dedup/test_near_duplicates.py",
    "formats/*.py": "formats/test_registry.py",
    "report/pages.py": "report/test_dashboard.py",
    "ingestion/corrections.py": "stages/test_correct.py",
    "parallel/ray_cluster.py": "stages/test_bulk.py",
    "stages/expert_project.py": "doccano/test_adjudication.py",
    "stages/bulk_release.py": "stages/test_bulk.py",
    "stages/ask_machine.py": "stages/test_prelabel.py",
    "stages/repeated_text.py": "stages/test_agree.py",
    "stages/export.py": "stages/test_exchange.py",
    "stages/import_labels.py": "stages/test_exchange.py",
    "doccano/uv_command.py": "doccano/server/test_environment.py",
    "doccano/batch.py": "stages/test_push.py",
    "doccano/client/download.py": "stages/test_pull.py",
    "doccano/client/label_types.py": "doccano/test_label_type_plan.py",
    "doccano/client/labeling.py": "doccano/test_unicode_roundtrip.py",
    "doccano/client/upload.py": "stages/test_push.py",
    "doccano/ledger.py": "stages/test_push.py",
    "doccano/project.py": "stages/test_push_schema.py",
    "doccano/project_pull.py": "stages/test_pull_losses.py",
    "doccano/removal.py": "stages/test_push_force.py",
    "doccano/server/*.py": "doccano/server/test_lifecycle.py",
    "stages/restore.py": "stages/test_backup.py",
    "doccano/sync.py": "stages/test_push.py",
    "extraction/metadata_words.py": "extraction/plaintext/test_segmenter.py",
    "extraction/plaintext/*.py": "extraction/plaintext/test_segmenter.py",
    "ingestion/*.py": "stages/test_ingest.py",
    "prelabeling/sources.py": "stages/test_push_prelabels.py",
    "progress.py": "cli/test_cli.py",
    "records/*.py": "repository/test_tampering.py",
    "release/card_baselines.py": "release/test_dataset_card.py",
    "release/card_claims.py": "release/test_dataset_card.py",
    "release/card_data.py": "release/test_dataset_card.py",
    "report/certificate.py": "stages/test_certify.py",
    "report/handouts.py": "stages/test_people.py",
    "release/assembly.py": "stages/test_release.py",
    "release/inputs.py": "stages/test_release.py",
    "label_audit/*.py": "label_audit/test_label_audit.py",
    "release/writer.py": "stages/test_release.py",
    "sampling/*.py": "stages/test_sample.py",
    "stages/diff.py": "release/test_diff.py",
    "text/characters.py": "checks/rules/test_text.py",
}
"""Modules without a test file of their own, with the file that tests them."""

TEST_FILES = sorted(path.relative_to(TESTS).as_posix() for path in TESTS.rglob("test_*.py"))
MODULES = sorted(
    path.relative_to(PACKAGE).as_posix()
    for path in PACKAGE.rglob("*.py")
    if "django" not in path.parts and path.name != "__init__.py"
)


def mirror_of(module: str) -> str:
    folder, _, name = module.rpartition("/")
    return f"{folder}/test_{name}" if folder else f"test_{name}"


def test_test_files_mirror_modules() -> None:
    mirrors = set(map(mirror_of, MODULES))
    others = [name for name in TEST_FILES if name not in mirrors]
    assert not [name for name in others if not any(fnmatch(name, pattern) for pattern in ACROSS_MODULES)]


def test_modules_have_a_test_file() -> None:
    missing = [module for module in MODULES if mirror_of(module) not in TEST_FILES]
    assert not [module for module in missing if not any(fnmatch(module, pattern) for pattern in TESTED_ELSEWHERE)]


def test_exceptions_name_files_that_exist() -> None:
    assert not [name for name in TESTED_ELSEWHERE.values() if name not in TEST_FILES]
    assert not [pattern for pattern in ACROSS_MODULES if not any(fnmatch(name, pattern) for name in TEST_FILES)]
    assert not [pattern for pattern in TESTED_ELSEWHERE if not any(fnmatch(name, pattern) for name in MODULES)]


def test_no_test_imports_from_another_test() -> None:
    imported = [
        (name, node.module or "")
        for name in TEST_FILES
        for node in ast.walk(ast.parse((TESTS / name).read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom)
    ]
    assert not [(name, module) for name, module in imported if module.split(".")[-1].startswith("test_")]
