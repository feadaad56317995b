/* As much of Markdown as guidelines need. It builds elements: nothing in the text is ever read as HTML. */

const ITEM = /^(\s*)(?:[-*+]|(\d+)[.)])\s+(.*)/;
const HEADING = /^(#{1,6})\s+(.*?)\s*#*$/;

function renderMarkdown(source) {
  const lines = source.replace(/\r\n?/g, "\n").split("\n");
  const nodes = [];
  for (let at = 0; at < lines.length; ) {
    const [node, next] = renderBlock(lines, at);
    if (node) nodes.push(node);
    at = next;
  }
  return nodes;
}

/* Return the element that begins in line `at`, and the number of the line after it. */
function renderBlock(lines, at) {
  const line = lines[at];
  if (!line.trim() || /^\s*<!--.*-->\s*$/.test(line)) return [null, at + 1];
  const heading = HEADING.exec(line);
  if (heading) return [element(`h${Math.min(6, heading[1].length + 1)}`, { dir: "auto" }, ...inline(heading[2])), at + 1];
  if (/^(```|~~~)/.test(line)) return renderCode(lines, at);
  if (/^\s*([-*_])(\s*\1){2,}\s*$/.test(line)) return [element("hr"), at + 1];
  if (ITEM.test(line)) return renderList(lines, at);
  if (line.trimStart().startsWith("|")) return renderTable(lines, at);
  let end = at;
  while (end < lines.length && lines[end].trim() && (end === at || !startsBlock(lines[end]))) end += 1;
  const text = lines.slice(at, end).map((one) => one.trim().replace(/^>\s?/, "")).join(" ");
  return [element(line.trimStart().startsWith(">") ? "blockquote" : "p", { dir: "auto" }, ...inline(text)), end];
}

const startsBlock = (line) => ITEM.test(line) || HEADING.test(line) || /^(```|~~~|\s*\|)/.test(line);

function renderCode(lines, at) {
  const end = lines.findIndex((line, number) => number > at && line.startsWith(lines[at].slice(0, 3)));
  const last = end < 0 ? lines.length : end;
  return [element("pre", {}, lines.slice(at + 1, last).join("\n")), last + 1];
}

function renderList(lines, at) {
  const isNumbered = ITEM.exec(lines[at])[2] !== undefined;
  const list = element(isNumbered ? "ol" : "ul");
  if (isNumbered) list.start = Number(ITEM.exec(lines[at])[2]);
  const texts = [];
  let end = at;
  for (; end < lines.length && lines[end].trim(); end += 1) {
    const item = ITEM.exec(lines[end]);
    if (item) texts.push({ depth: item[1].length, text: item[3] });
    else texts[texts.length - 1].text += ` ${lines[end].trim()}`;
  }
  for (const { depth, text } of texts) {
    const item = element("li", { dir: "auto" }, ...inline(text));
    if (depth >= 2) item.style.marginInlineStart = "1.5rem";
    list.append(item);
  }
  return [list, end];
}

function renderTable(lines, at) {
  const rows = [];
  let end = at;
  for (; end < lines.length && lines[end].trimStart().startsWith("|"); end += 1) {
    // Without a lookbehind, which Safari before 16.4 takes for an error in the whole script.
    const text = lines[end].trim().replace(/\\\|/g, "\0").replace(/^\||\|$/g, "");
    const cells = text.split("|").map((cell) => cell.trim().replace(/\0/g, "\\|"));
    if (!cells.every((cell) => /^:?-+:?$/.test(cell))) rows.push(cells);
  }
  const [head, ...body] = rows.map((cells, number) =>
    element("tr", {}, ...cells.map((cell) => element(number ? "td" : "th", {}, element("bdi", {}, ...inline(cell))))),
  );
  const table = element("table", {}, element("thead", {}, head), element("tbody", {}, ...body));
  return [element("div", { class: "gw-table" }, table), end];
}

const INLINE =
  /(`[^`]+`|\*\*.+?\*\*|\*[^*\s][^*]*\*|\[[^\]]+\]\([^)\s]+\)|<span style="color:#[0-9a-fA-F]{6}">\u25a0<\/span>|\\[\\|*_`[\]<>])/;

/* A link shows its words only: an annotator has no other page to open. */
function inline(text) {
  return text.split(INLINE).map((part) => {
    if (/^`.+`$/.test(part)) return element(part.length === 3 ? "kbd" : "code", {}, part.slice(1, -1));
    if (/^\*\*.+\*\*$/.test(part)) return element("strong", {}, ...inline(part.slice(2, -2)));
    if (/^\*.+\*$/.test(part)) return element("em", {}, ...inline(part.slice(1, -1)));
    if (/^\\.$/.test(part)) return part.slice(1);
    const color = /^<span style="color:(#\w+)">/.exec(part);
    if (color) return element("span", { class: "gw-swatch", style: { background: color[1] } });
    const link = /^\[(.+)\]\(.+\)$/.exec(part);
    if (link) return link[1];
    // Sentences that goldwire itself writes into guidelines are translated.
    return part.replace(/\S.*\S/, (words) => translate(words));
  });
}
