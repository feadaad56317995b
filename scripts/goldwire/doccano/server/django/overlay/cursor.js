/* The word cursor: mark words, change and remove labels, and draw relations with the keyboard alone. */

let entityEditor = null; // the component that shows one text with its labels
let cursor = null; // { anchor, head, column, holder }; the first two are [start, end] in UTF-16 units of the text
let saving = Promise.resolve(); // the changes that are on their way to the server

function watchText(component) {
  entityEditor = component;
  // Labels and arrows move the text, and the page draws only the lines in view: draw the cursor again.
  const observer = new MutationObserver((changes) => {
    if (cursor && changes.some(({ target }) => !target.closest || !target.closest(".gw-cursor"))) drawCursor();
  });
  observer.observe(component.$el, { childList: true, subtree: true, attributes: true, characterData: true });
  component.$once("hook:beforeDestroy", () => {
    observer.disconnect();
    if (entityEditor === component) [entityEditor, cursor] = [null, null];
  });
}

// --- Words and lines ------------------------------------------------------------------------------------------------

let wordList = { text: null, ranges: [] };

/* The words of the text; in scripts without spaces its characters. */
function textWords() {
  const { text } = entityEditor;
  if (wordList.text === text) return wordList.ranges;
  const ranges = [];
  for (const { segment, index, isWordLike } of words.segment(text)) {
    if (!isWordLike) continue;
    if (!UNSPACED.test(segment)) ranges.push([index, index + nameLength(segment)]);
    else for (const { segment: one, index: at } of graphemes.segment(segment)) ranges.push([index + at, index + at + one.length]);
  }
  wordList = { text, ranges };
  return ranges;
}

const annotator = () => entityEditor.$children.find((child) => child.textLines && child.items);

function lineAt(place) {
  const lines = annotator().textLines;
  const after = lines.findIndex(({ startOffset }) => startOffset > place);
  return after < 0 ? lines.length - 1 : after - 1;
}

/* The boxes of a range in the lines that are drawn, in the window's coordinates. */
function boxesOf([start, end]) {
  const boxes = [];
  for (const node of entityEditor.$el.querySelectorAll("svg text")) {
    const line = node.annotatorElement;
    const content = node.firstChild;
    if (!line || !content || content.nodeType !== Node.TEXT_NODE) continue;
    const from = Math.max(0, start - line.startOffset);
    const to = Math.min(content.data.length, end - line.startOffset);
    if (from >= to) continue;
    const range = document.createRange();
    range.setStart(content, from);
    range.setEnd(content, to);
    const box = range.getBoundingClientRect();
    if (box.width && box.top > -9000) boxes.push(box); // the scroller parks lines that it does not show far above
  }
  return boxes;
}

// --- The cursor -----------------------------------------------------------------------------------------------------

const selection = () => [
  Math.min(cursor.anchor[0], cursor.head[0]),
  Math.max(cursor.anchor[1], cursor.head[1]),
];

/* Put the cursor at the first word in view. */
function startCursor() {
  const all = textWords();
  if (!all.length) return;
  const top = isNarrow() ? 60 : 120; // px: the bars above the text
  const first = all.find((word) => boxesOf(word).some((box) => box.top >= top)) || all[0];
  cursor = { anchor: first, head: first, column: null, holder: null };
  showCursor();
}

/* Another text is open: go on at its first word. */
function restartCursor() {
  if (!cursor) return;
  cursor = null;
  entityEditor.$nextTick(startCursor);
}

function leaveCursor() {
  cursor = null;
  drawCursor();
  const status = document.getElementById("gw-cursor-status");
  if (status) status.textContent = "";
}

function moveTo(word, isExtending, column = null) {
  if (!word) return;
  cursor.head = word;
  if (!isExtending) cursor.anchor = word;
  cursor.column = column;
  showCursor();
}

function moveByWord(step, isExtending) {
  const all = textWords();
  const [start, end] = cursor.head;
  const next = step > 0 ? all.find(([from]) => from >= end) : all.filter(([, to]) => to <= start).pop();
  moveTo(next, isExtending);
}

function moveByLine(step, isExtending) {
  const lines = annotator().textLines;
  const own = boxesOf(cursor.head)[0];
  const column = cursor.column === null && own ? (own.left + own.right) / 2 : cursor.column;
  for (let number = lineAt(cursor.head[0]) + step; lines[number]; number += step) {
    const { startOffset, endOffset } = lines[number];
    const inLine = textWords().filter(([from]) => startOffset <= from && from < endOffset);
    if (!inLine.length) continue;
    const distance = (word) => {
      const box = boxesOf(word)[0];
      return box ? Math.max(box.left - column, column - box.right, 0) : Infinity;
    };
    return moveTo(inLine.reduce((best, word) => (distance(word) < distance(best) ? word : best)), isExtending, column);
  }
  return undefined;
}

/* Take one character more or less, for what is not a word: `U.S.`, `C++`. */
function moveByCharacter(step) {
  const [start, end] = selection();
  const isBackward = cursor.head[0] < cursor.anchor[0];
  const { text } = entityEditor;
  const from = isBackward ? start : end;
  const sizes = [...graphemes.segment(step > 0 ? text.slice(from, from + 50) : text.slice(Math.max(0, from - 50), from))];
  const size = sizes.length ? sizes[step > 0 ? 0 : sizes.length - 1].segment.length : 0;
  const moved = from + step * size;
  if (isBackward ? moved >= end : moved <= start) return;
  cursor.anchor = isBackward ? [Math.max(moved, cursor.anchor[0]), end] : [start, Math.min(moved, cursor.anchor[1])];
  cursor.head = isBackward ? [moved, cursor.head[1]] : [Math.min(cursor.head[0], moved), moved];
  showCursor();
}

function moveToLabel(step) {
  const spans = [...entityEditor.entities].sort((a, b) => a.startOffset - b.startOffset || b.endOffset - a.endOffset);
  if (!spans.length) return notify(translate("There is no label yet."));
  const [start, end] = selection();
  const isBefore = (span) => span.startOffset < start || (span.startOffset === start && span.endOffset > end);
  const isAfter = (span) => span.startOffset > start || (span.startOffset === start && span.endOffset < end);
  const next = step > 0 ? spans.find(isAfter) || spans[0] : spans.filter(isBefore).pop() || spans[spans.length - 1];
  return moveTo([next.startOffset, next.endOffset], false);
}

/* The label of words: that of just these, else the shortest one around them. */
function labelAt([start, end]) {
  return entityEditor.entities
    .filter((span) => span.startOffset <= start && end <= span.endOffset)
    .sort((a, b) => a.endOffset - a.startOffset - (b.endOffset - b.startOffset))[0];
}

function showCursor() {
  drawCursor();
  reveal(cursor.head);
  const span = labelAt(selection());
  const type = span && editor.page.spanTypes.find(({ id }) => id === span.label);
  const [start, end] = selection();
  const status = document.getElementById("gw-cursor-status") || element("div", { id: "gw-cursor-status", role: "status" });
  status.textContent = entityEditor.text.slice(start, end) + (type ? ` (${type.text})` : "");
  if (!status.isConnected) document.body.append(status);
}

/* Draw boxes behind the words: not a selection, because Doccano clears it. */
function drawCursor() {
  if (!entityEditor) return;
  const text = entityEditor.$el;
  let layer = text.querySelector(".gw-cursor");
  if (!layer) {
    if (!cursor) return;
    layer = element("div", { class: "gw-cursor", "aria-hidden": "true" });
    text.style.position = "relative";
    text.append(layer);
  }
  layer.replaceChildren();
  if (!cursor) return;
  const origin = text.getBoundingClientRect();
  const draw = (range, name) => {
    for (const box of boxesOf(range)) {
      const style = { left: box.left - origin.left, top: box.top - origin.top, width: box.width, height: box.height };
      for (const side in style) style[side] = `${style[side]}px`;
      layer.append(element("div", { class: name, style }));
    }
  };
  if (cursor.holder) draw([cursor.holder.startOffset, cursor.holder.endOffset], "gw-holder");
  draw(selection(), "gw-words");
}

/* Scroll until the word is clear of the bars above and below. */
function reveal(word) {
  const [top, bottom] = isNarrow() ? [80, innerHeight - 180] : [140, innerHeight - 60];
  const [box] = boxesOf(word);
  if (box) {
    if (box.top < top || box.bottom > bottom) scrollBy(0, box.top - (top + bottom) / 2);
    return;
  }
  const items = annotator().items.slice(0, lineAt(word[0]));
  const above = items.reduce((sum, { size }) => sum + size, 0);
  scrollTo(0, entityEditor.$el.getBoundingClientRect().top + scrollY + above - (top + bottom) / 2);
}

// --- Labels and relations -------------------------------------------------------------------------------------------

/* Changes are sent one after the other: who types fast must lose none, and the next one may be about the last one. */
function save(action) {
  const { id } = editor.page.doc;
  const act = async () => {
    if (!editor || editor.page.doc.id !== id) throw new Error("another text is open");
    await action();
  };
  saving = saving
    .then(act)
    .catch(() => notify(translate("Not saved. Try again, or reload the page.")))
    .then(() => cursor && showCursor());
}

function labelWords(type) {
  const [start, end] = selection();
  save(() => {
    const { entities, allowOverlapping } = entityEditor;
    const same = entities.find((span) => span.startOffset === start && span.endOffset === end);
    if (same) return same.label === type.id ? undefined : editor.page.updateSpan(same.id, type.id);
    if (!allowOverlapping && entities.some((span) => span.startOffset < end && start < span.endOffset))
      return notify(translate("These words overlap with another label."));
    return editor.page.addSpan(start, end, type.id);
  });
}

function removeLabel() {
  const words = selection();
  save(() => {
    const span = labelAt(words);
    if (!span) return undefined;
    if (cursor && cursor.holder && cursor.holder.id === span.id) cursor.holder = null;
    return editor.page.deleteSpan(span.id);
  });
}

/* A relation's key on its first name, and again on the second. */
function relate(type) {
  const words = selection();
  save(() => {
    const span = labelAt(words);
    if (!cursor) return undefined;
    if (!span) return notify(translate("Move to a label first: Tab goes to the next one."));
    const { holder } = cursor;
    if (holder && holder.id !== span.id) {
      cursor.holder = null;
      notify("");
      return editor.page.addRelation(holder.id, span.id, type.id);
    }
    cursor.holder = { ...span, type };
    return notify(translate("{relation}: move to the second name, and press the key again.", { relation: type.text }));
  });
}

// --- Keys -----------------------------------------------------------------------------------------------------------

/* The letter or digit of a key, also where the keyboard writes another script: hot keys are Latin letters. */
function hotKey({ key, code }) {
  const latin = /^(?:Key([A-Z])|Digit(\d))$/.exec(code || "");
  return /^[\u0000-\u007f]/.test(key) || !latin ? key : (latin[1] || latin[2]).toLowerCase();
}

function cursorAction(event) {
  const { key, shiftKey, ctrlKey } = event;
  const isForward = key === (isRightToLeft(entityEditor.text) ? "ArrowLeft" : "ArrowRight");
  if (ctrlKey) {
    const isCharacter = shiftKey && (key === "ArrowLeft" || key === "ArrowRight");
    return isCharacter ? () => moveByCharacter(isForward ? 1 : -1) : null;
  }
  const { holder } = cursor;
  const actions = {
    ArrowLeft: () => moveByWord(isForward ? 1 : -1, shiftKey),
    ArrowRight: () => moveByWord(isForward ? 1 : -1, shiftKey),
    ArrowUp: () => moveByLine(-1, shiftKey),
    ArrowDown: () => moveByLine(1, shiftKey),
    Tab: () => moveToLabel(shiftKey ? -1 : 1),
    Escape: () => {
      notify("");
      if (!holder) return leaveCursor();
      cursor.holder = null;
      return drawCursor();
    },
    Delete: removeLabel,
    Backspace: removeLabel,
    ...(holder ? { Enter: () => relate(holder.type) } : {}),
  };
  if (key in actions) return actions[key];
  if (shiftKey || event.repeat) return null;
  const has = (type) => type.suffixKey === hotKey(event);
  const { spanTypes, relationTypes, project } = editor.page;
  const span = spanTypes.find(has);
  if (span) return () => labelWords(span);
  const relation = project.useRelation && relationTypes.find(has);
  return relation ? () => relate(relation) : null;
}

const heldKeys = new Set(); // Doccano acts on some keys when they are released, too
addEventListener(
  "keydown",
  (event) => {
    if (!entityEditor || !editor || entityEditor.graphemeMode || event.metaKey || event.altKey || isTyping(event)) return;
    const isStart = event.key === "ArrowDown" && !event.ctrlKey && !event.shiftKey;
    const action = cursor ? cursorAction(event) : isStart ? startCursor : null;
    if (!action) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    heldKeys.add(event.code);
    forgetFirstWord();
    action();
  },
  true,
);
addEventListener(
  "keyup",
  (event) => {
    if (heldKeys.delete(event.code)) event.stopImmediatePropagation();
  },
  true,
);
addEventListener("pointerdown", () => cursor && leaveCursor(), true);
addEventListener("resize", () => cursor && drawCursor());
