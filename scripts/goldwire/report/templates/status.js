"use strict";
(() => {
  const controls = [...document.querySelectorAll(".bar select,.bar input")];
  const age = document.querySelector(".age");
  let readAt = Date.parse(document.querySelector("#read").dateTime);
  let failed = false;

  const value = (name) => controls.find((c) => c.name === name)?.value ?? "";

  function arrange() {
    const body = document.querySelector("#live-team tbody");
    if (!body || !controls.length) return;
    const words = value("name").trim().toLowerCase();
    const state = value("state");
    const key = value("order") || "name";
    const rows = [...body.rows];
    let shown = 0;
    for (const row of rows) {
      row.hidden = !row.dataset.name.toLowerCase().includes(words) || (state && !row.dataset.state.split(" ").includes(state));
      shown += row.hidden ? 0 : 1;
    }
    const number = (row) => Number(row.dataset[key]);
    rows.sort((a, b) => (key === "name" ? 0 : number(b) - number(a)) || a.dataset.name.localeCompare(b.dataset.name, undefined, { numeric: true }));
    if (rows.some((row, i) => row !== body.rows[i])) body.append(...rows);
    document.querySelector(".count").textContent = `${shown} of ${rows.length} annotators`;
  }

  function tick() {
    const seconds = Math.max(0, Math.round((Date.now() - readAt) / 1000));
    age.textContent = failed ? "The page's own server does not answer: is goldwire status still running?" : seconds < 90 ? "" : `(${Math.round(seconds / 60)} minutes ago)`;
    age.classList.toggle("stale", failed);
  }

  // Only elements that have changed are replaced: place, focus, selection and filters stay.
  async function refresh() {
    try {
      const answer = await fetch(location.href, { cache: "no-store" });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      failed = !answer.ok;
      if (answer.ok) {
        const focus = document.activeElement?.id;
        for (const now of document.querySelectorAll("[data-live]")) {
          const next = page.getElementById(now.id);
          if (next && next.dataset.digest !== now.dataset.digest) {
            now.replaceWith(document.adoptNode(next));
          }
        }
        document.title = page.title;
        readAt = Date.parse(document.querySelector("#read").dateTime);
        arrange();
        if (focus && document.activeElement?.id !== focus) document.getElementById(focus)?.focus({ preventScroll: true });
      }
    } catch {
      failed = true;
    }
    tick();
  }

  controls.forEach((c) => c.addEventListener("input", arrange));
  arrange();
  tick();
  setInterval(refresh, Number(document.body.dataset.refresh) * 1000);
  addEventListener("goldwire-refresh", refresh);
})();
