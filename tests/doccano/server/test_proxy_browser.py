"""An annotator on another machine: Chromium reaches the served Doccano through nginx, by its public name and TLS."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest

from goldwire.doccano import credentials
from goldwire.doccano.server import environment, lifecycle, processes
from goldwire.doccano.server.network import make_network
from goldwire.stages import pull, push
from goldwire.workspace import loading
from support import annotation_round, browser
from support.reverse_proxies import HOST, free_port, serve

pytestmark = pytest.mark.browser


def test_an_annotator_labels_and_ticks_through_a_proxy(
    doccano_environment: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    playwright = pytest.importorskip("playwright.sync_api")
    if browser.CHROMIUM is None:
        pytest.skip("no chromium on this machine: apt-get install chromium, or set GOLDWIRE_CHROMIUM")
    monkeypatch.delenv("GOLDWIRE_DOCCANO_URL", raising=False)
    monkeypatch.setenv(environment.VARIABLE, str(doccano_environment))
    trial, port = annotation_round.plan(tmp_path, ["Head\n\nAda Novak met the Rail Union."]), free_port()
    network = partial(make_network, public_url=f"https://{HOST}:{port}", trusted_proxies=["127.0.0.1"])
    report = lifecycle.start_server(trial.workspace, network=network)
    assert report.status is not None
    (tmp_path / "proxy").mkdir()
    flags = [*browser.FLAGS, f"--host-resolver-rules=MAP {HOST} 127.0.0.1", "--ignore-certificate-errors"]
    try:
        with serve("nginx", tmp_path / "proxy", port, report.status.port), playwright.sync_playwright() as driver:
            pushed = push.run(trial.workspace, batch="b01").annotators[0]
            assert pushed.address.startswith(f"https://{HOST}:{port}/projects/")
            chromium = driver.chromium.launch(executable_path=browser.CHROMIUM, headless=True, args=flags)
            page, violations = chromium.new_page(viewport={"width": 1280, "height": 760}), []
            page.set_default_timeout(browser.PATIENCE)
            page.on("console", lambda message: violations.append(message.text) if "Policy" in message.text else None)
            browser.open_text(page, trial, f"https://{HOST}:{port}", pushed.address)
            assert page.evaluate("isSecureContext")
            assert browser.mark(page, "Ada Novak", "p") == "Ada Novak"
            with page.expect_response(lambda answer: answer.url.endswith("/states")):
                page.keyboard.press("Enter")
            chromium.close()
        assert violations == []
        assert not pull.run(trial.workspace, batch="b01").findings
    finally:
        lifecycle.stop(trial.workspace.private / "server")
        processes.end(processes.leftovers(trial.workspace.private / "server"), grace=0.1)
    (layer,) = loading.layers(trial.workspace, "b01")
    assert (layer.confirmed, [span.text for span in layer.spans]) == (True, ["Ada Novak"])
    assert credentials.admin_password(trial.workspace.private)
