/* A project's home: what to do, how far the annotator is, what the labels mean, and the guidelines. */

patch(
  "home",
  (has, options) => options.layout === "project" && has("methods", "next", "prev") && !has("computed", "value"),
  (options) => {
    options.render = (create) => create("div", { attrs: { id: "gw-start" } });
    also(options, "mounted", function () {
      showStart(this).catch(({ message }) => {
        const text = translate("This page could not be loaded: {message}", { message });
        this.$el.append(element("p", { role: "alert" }, text));
      });
    });
  },
);

async function showStart(page) {
  const { id } = page.$route.params;
  const types = (kind) => getJson(`projects/${id}/${kind}`).then((list) => list.results || list);
  const [project, progress, spans, relations, categories] = await Promise.all([
    getJson(`projects/${id}`),
    fetchProgress(id, 0),
    types("span-types"),
    types("relation-types"),
    types("category-types"),
  ]);
  const hasCategories = project.project_type === "DocumentClassification";
  const tables = hasCategories ? [["Answers", categories]] : [["Labels", spans], ["Relations", relations]];
  const { done, total, next } = progress;
  const counted = total && done === total ? "All {total} texts are done. Thank you." : "{done} of {total} texts done";
  page.$el.dir = direction();
  page.$el.lang = language();
  page.$el.replaceChildren(
    element("h1", {}, element("bdi", {}, project.name)),
    element("p", { class: "gw-count" }, translate(counted, { done, total })),
    element("progress", { max: total || 1, value: done, "aria-label": translate("texts done") }),
    startButton(page, id, progress, hasCategories),
    element("h2", {}, translate("What to do")),
    element("ol", {}, ...steps(hasCategories, relations).map((text) => element("li", {}, translate(text)))),
    ...guideline(project.guideline, tables),
    ...(hasCategories ? [] : keyboardTable(relations)),
  );
  const button = page.$el.querySelector("button");
  if (button && next) button.focus({ preventScroll: true });
}

function startButton(page, id, { done, total, next }, hasCategories) {
  if (!total) return element("p", {}, translate("There are no texts yet."));
  const texts = [
    ["Look at the texts again", !next],
    ["Start", next === 1 && !done],
    ["Continue with text {number}", true],
  ];
  const [text] = texts.find(([, applies]) => applies);
  const button = element("button", { type: "button", class: "gw-go" }, translate(text, { number: next }));
  const route = hasCategories ? "text-classification" : "sequence-labeling";
  const address = localPath(page, `/projects/${id}/${route}?page=${next || 1}`);
  button.addEventListener("click", () => page.$router.push(address));
  return element("p", {}, button);
}

function steps(hasCategories, relations) {
  const last = "Press Enter when a text is done, also if there is nothing to mark. The next text opens.";
  if (hasCategories) return ["Read the text.", "Press the key of the right answer, or click it.", last];
  const relation =
    "For a relation, press its key or click it (turn the switch first), then click the label of the first name, and that of the second.";
  return [
    "Read the text once.",
    "Choose a label: click it, or press its key. Then drag over the words. On a touch screen, tap the first word and the last.",
    ...(relations.length ? [relation] : []),
    "To change or remove a label, click it in the text.",
    last,
  ];
}

/* The keys of the word cursor. */
function keyboardTable(relations) {
  const rows = [
    [["↓"], "Start the word cursor, which marks words without a mouse."],
    [["←", "→", "↑", "↓"], "Move by word or by line."],
    [["Shift", "← →"], "Take more words, or fewer."],
    [["Ctrl", "Shift", "← →"], "Take one character more, or less."],
    [[translate("key of a label")], "Label the words, or change the label that they have."],
    ...(relations.length ? [[[translate("key of a relation")], "Draw a relation: press it on the first name, then on the second."]] : []),
    [["Tab"], "Go to the next label; with Shift to the one before."],
    [["Delete"], "Remove the label."],
    [["Esc"], "Leave the cursor. ← and → then turn the pages again."],
    [["Enter"], "The text is done. The next one opens."],
  ];
  const keysOf = (keys) => element("span", { dir: "ltr" }, ...keys.map((key) => element("kbd", {}, key)));
  const cells = ([keys, text]) =>
    element("tr", {}, element("td", {}, keysOf(keys)), element("td", {}, translate(text)));
  return [
    element("h2", { class: "gw-keyboard" }, translate("Keyboard")),
    element("div", { class: "gw-table gw-keyboard" }, element("table", {}, element("tbody", {}, ...rows.map(cells)))),
  ];
}

/* The guidelines. `push` writes a table of the labels above them; where a label is not in it, one is made here. */
function guideline(text, tables) {
  const isListed = (type) => text.includes(`${swatch(type.background_color)} ${escapeCell(type.text)} |`);
  const missing = tables.filter(([, types]) => !types.every(isListed));
  const dir = isRightToLeft(text) ? "rtl" : direction();
  const page = text.trim() ? [element("div", { class: "gw-guideline", dir }, ...renderMarkdown(text))] : [];
  return [...missing.flatMap(([title, types]) => labelTable(title, types)), ...page];
}

function labelTable(title, types) {
  const lines = types.map(
    (type) => `| ${swatch(type.background_color)} ${escapeCell(type.text)} | ${type.suffix_key ? `\`${type.suffix_key}\`` : ""} |`,
  );
  return renderMarkdown([`## ${title}`, "", "| Label | Key |", "| --- | --- |", ...lines].join("\n"));
}

const swatch = (color) => `<span style="color:${color}">\u25a0</span>`;
const escapeCell = (text) => text.replace(/[\\|*_`[\]<>]/g, "\\$&");
