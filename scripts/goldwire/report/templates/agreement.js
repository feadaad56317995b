"use strict";
(() => {
  const cases = [...document.querySelectorAll(".case")];
  const entries = [...document.querySelectorAll(".list button")];
  const filters = [...document.querySelectorAll(".bar select")];
  const list = document.querySelector(".list");
  const count = document.querySelector(".count");
  const empty = document.querySelector(".browser .empty");
  if (!cases.length) return;
  let shown = cases.map((_, i) => i);
  let current = 0;

  const selected = () => Object.fromEntries(filters.map((f) => [f.name, f.value]));
  const has = (row, name, value) => !value || row.dataset[name].split("|").includes(value);
  const matches = (row, s) => has(row, "kind", s.kind) && has(row, "label", s.label) && has(row, "who", s.who);

  function clear() {
    document.querySelectorAll(".hit").forEach((e) => e.classList.remove("hit"));
  }

  function show(index, acted, focus) {
    current = index;
    clear();
    cases.forEach((c, i) => (c.hidden = i !== index));
    entries.forEach((e, i) => e.setAttribute("aria-current", String(i === index)));
    empty.hidden = index >= 0;
    if (index < 0) return;
    const entry = entries[index];
    if (entry.offsetTop < list.scrollTop) list.scrollTop = entry.offsetTop;
    else if (entry.offsetTop + entry.offsetHeight > list.scrollTop + list.clientHeight)
      list.scrollTop = entry.offsetTop + entry.offsetHeight - list.clientHeight;
    // Not before the reader has acted: while it loads, a browser would scroll to the new fragment and focus it.
    if (acted) history.replaceState(null, "", "#" + cases[index].id);
    if (focus) cases[index].focus({ preventScroll: true });
  }

  function filter() {
    const selection = selected();
    shown = [];
    cases.forEach((c, i) => {
      const rows = [...c.querySelectorAll(".what tbody tr")];
      const matching = rows.filter((r) => matches(r, selection));
      rows.forEach((r) => r.classList.toggle("off", !matching.includes(r)));
      entries[i].parentElement.hidden = !matching.length;
      if (matching.length) shown.push(i);
    });
    const all = shown.reduce((n, i) => n + cases[i].querySelectorAll(".what tbody tr:not(.off)").length, 0);
    count.textContent = `${all} disagreement${all === 1 ? "" : "s"} in ${shown.length} article${shown.length === 1 ? "" : "s"}`;
    show(shown.includes(current) ? current : shown.length ? shown[0] : -1, false, false);
  }

  function step(by) {
    const at = shown.indexOf(current);
    if (shown.length) show(shown[Math.min(shown.length - 1, Math.max(0, at + by))], true, true);
  }

  function pick(row) {
    const on = row.classList.contains("hit");
    clear();
    if (on) return;
    row.classList.add("hit");
    const marks = row.closest(".case").querySelectorAll(`[data-d~="${row.dataset.number}"]`);
    marks.forEach((m) => m.classList.add("hit"));
    if (marks.length) marks[0].scrollIntoView({ block: "nearest", behavior: "auto" });
  }

  filters.forEach((f) => f.addEventListener("change", filter));
  document.querySelector(".bar .reset").addEventListener("click", () => {
    filters.forEach((f) => (f.value = ""));
    filter();
  });
  entries.forEach((e, i) => e.addEventListener("click", () => show(i, true, false)));
  document.querySelectorAll(".what tbody tr").forEach((row) => {
    row.addEventListener("click", () => pick(row));
    row.addEventListener("keydown", (e) => {
      if (e.key === "Enter" || e.key === " ") { e.preventDefault(); pick(row); }
    });
  });
  document.addEventListener("keydown", (e) => {
    if (e.ctrlKey || e.metaKey || e.altKey || e.target.closest("select")) return;
    if (e.key === "j" || e.key === "n") step(1);
    else if (e.key === "k" || e.key === "p") step(-1);
    else if (e.key === "f") { e.preventDefault(); filters[0].focus(); }
    else if (e.key === "Escape") clear();
  });
  const linked = cases.findIndex((c) => "#" + c.id === location.hash);
  current = linked < 0 ? 0 : linked;
  filter();
})();
