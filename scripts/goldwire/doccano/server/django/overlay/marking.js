/* The right label on a click, hot keys of both kinds, and marking by touch. */

let editor = null; // the page that shows one text, while there is one

function watchEditor(options, adapt) {
  also(options, "created", function () {
    editor = adapt(this) || editor;
  });
  also(options, "beforeDestroy", function () {
    if (editor && editor.page === this) editor = null;
    document.documentElement.classList.remove("gw-has-disputes");
    forgetFirstWord();
  });
}

patch(
  "span page",
  (has) => has("methods", "confirm", "updateProgress", "addSpan") && has("computed", "doc", "projectId"),
  (options) => {
    const { labelTypes } = options.computed;
    const ownTypes = labelTypes && {
      // Doccano's fault: its chips are keyed by id alone, while span types and relation types come from two tables. A
      // chip whose id occurs in both keeps its old place in the chip group, and a click stores another label.
      labelTypes() {
        const types = labelTypes.call(this);
        return this.relationMode ? types.map((type) => ({ ...type, id: `relation ${type.id}` })) : types;
      },
    };
    replace(options, "computed", {
      isRTL() {
        return isRightToLeft((this.doc && this.doc.text) || "");
      },
      ...ownTypes,
    });
    if (labelTypes) {
      // Doccano compares the id of a type with the keys of all: a type with id 3 would choose the one with key "3".
      replace(options, "methods", { changeSelectedLabel() {} });
      // Doccano keeps the number of the chosen chip when the switch is turned, and so chooses another label.
      replace(options, "watch", {
        relationMode() {
          this.selectedLabelIndex = null;
          forgetFirstWord();
        },
        // Another text is open: names come before relations.
        "doc.id"() {
          this.relationMode = false;
          forgetFirstWord();
          restartCursor();
        },
      });
    }
    watchEditor(options, (page) => ({
      page,
      example: () => page.doc,
      count: () => page.docs.count,
      confirm: () => page.confirm(),
    }));
  },
);

patch(
  "category page",
  (_has, options) => options.layout === "workspace" && Boolean(options.setup),
  (options) => {
    watchEditor(options, (page) =>
      // What this page has is known only once it exists.
      typeof page.confirm === "function" && "example" in page
        ? {
            page,
            example: () => page.example,
            count: () => page.totalExample,
            confirm: () => page.confirm(page.project.id),
          }
        : null,
    );
  },
);

patch(
  "entity editor",
  (has) => has("methods", "handleAddEvent", "setEntityForRelation", "addOrUpdateEntity"),
  (options) => {
    const { handleAddEvent } = options.methods;
    replace(options, "methods", {
      // While relations are drawn, Doccano would store a span with the id of a relation type.
      handleAddEvent(event, start, end) {
        if (!this.relationMode) handleAddEvent.call(this, event, start, end);
      },
    });
    also(options, "mounted", function () {
      watchText(this);
      const text = this.$el;
      let pressed = null;
      let isTap = false;
      text.addEventListener("pointerdown", (event) => {
        pressed = event.pointerType === "touch" ? event : null;
        isTap = false;
      });
      text.addEventListener("pointerup", (event) => {
        const moved = pressed && Math.hypot(event.clientX - pressed.clientX, event.clientY - pressed.clientY);
        isTap = Boolean(pressed) && moved < 10 && event.timeStamp - pressed.timeStamp < 500;
      });
      // On the click that follows: it would close a menu that is opened before it.
      text.addEventListener("click", (event) => {
        if (isTap && !this.relationMode && getSelection().isCollapsed) tapWord(this, event);
        isTap = false;
      });
    });
  },
);

// --- Hot keys -------------------------------------------------------------------------------------------------------

/* The hot key of a relation while spans are marked turns the switch, and the other way round. */
addEventListener(
  "keydown",
  (event) => {
    const page = editor && editor.page;
    const key = hotKey(event);
    if (!page || !page.relationTypes || !page.spanTypes || event.repeat || isTyping(event)) return;
    if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey || !page.project.useRelation) return;
    const [present, others] = page.relationMode
      ? [page.relationTypes, page.spanTypes]
      : [page.spanTypes, page.relationTypes];
    const own = present.findIndex((type) => type.suffixKey === key);
    if (own >= 0 && key !== event.key) page.selectedLabelIndex = own; // on a keyboard of another script
    const place = others.findIndex((type) => type.suffixKey === key);
    if (place < 0 || own >= 0) return;
    page.relationMode = !page.relationMode;
    page.$nextTick(() => (page.selectedLabelIndex = place));
  },
  true, // Doccano's own handler lets no key of a span type pass
);

/* Whether a key belongs to a field, a dialog or an open menu. */
function isTyping({ target, isComposing }) {
  const field = "input:not([type=checkbox]), textarea, select, [contenteditable=''], [contenteditable=true]";
  return (
    isComposing ||
    Boolean(target.closest && target.closest(field)) ||
    Boolean(document.querySelector(".v-dialog--active, .v-menu__content.menuable__content__active"))
  );
}

// --- Touch: tap the first word, then the last -----------------------------------------------------------------------

const words = new Intl.Segmenter(undefined, { granularity: "word" });
let firstWord = null;

function tapWord(entityEditor, event) {
  const word = wordAt(event.clientX, event.clientY);
  if (!word) return forgetFirstWord();
  if (!firstWord) {
    firstWord = word;
    word.mark = showMark(entityEditor.$el, word.box);
    return notify(translate("Now tap the last word."), translate("Cancel"), forgetFirstWord);
  }
  const [start, end] = [Math.min(firstWord.start, word.start), Math.max(firstWord.end, word.end)];
  forgetFirstWord();
  const overlaps = (one) => one.startOffset < end && start < one.endOffset;
  if (!entityEditor.allowOverlapping && entityEditor.entities.some(overlaps)) return undefined;
  return entityEditor.handleAddEvent(event, start, end);
}

/* The word at a point of the window: its UTF-16 offsets in the text, and its box. */
function wordAt(x, y) {
  const caret = document.caretPositionFromPoint ? document.caretPositionFromPoint(x, y) : null;
  const range = caret ? null : document.caretRangeFromPoint(x, y);
  const node = caret ? caret.offsetNode : range && range.startContainer;
  const line = node && node.parentNode && node.parentNode.annotatorElement;
  if (!line || node.nodeType !== Node.TEXT_NODE) return null;
  const at = caret ? caret.offset : range.startOffset; // between two characters: either may be meant
  const boxes = [at, at - 1].filter((place) => place >= 0 && place < node.data.length).flatMap((place) => {
    const [from, to] = wordAround(node.data, place);
    if (!node.data.slice(from, to).trim()) return [];
    const around = document.createRange();
    around.setStart(node, from);
    around.setEnd(node, to);
    return [{ start: line.startOffset + from, end: line.startOffset + to, box: around.getBoundingClientRect() }];
  });
  const within = (margin) => ({ box }) =>
    box.left - margin <= x && x <= box.right + margin && box.top - margin <= y && y <= box.bottom + margin;
  return boxes.find(within(0)) || boxes.find(within(12)) || null; // px: a finger beside the word
}

const UNSPACED = /[\p{sc=Han}\p{sc=Hira}\p{sc=Kana}\p{sc=Thai}\p{sc=Laoo}\p{sc=Khmr}\p{sc=Mymr}]/u;

/* The word around a place; in scripts without spaces a character, because no list of words has all names. */
function wordAround(text, place) {
  const unit = UNSPACED.test(text[place]) ? graphemes : words;
  const { segment, index } = unit.segment(text).containing(place);
  return [index, index + nameLength(segment)];
}

/* The length of a word without a possessive ending, which is not part of a name. */
const nameLength = (word) => word.replace(/(.)['\u2019]s$/u, "$1").length;

function showMark(text, box) {
  const mark = element("div", { class: "gw-first-word" });
  const origin = text.getBoundingClientRect();
  text.style.position = "relative";
  Object.assign(mark.style, {
    left: `${box.left - origin.left}px`,
    top: `${box.top - origin.top}px`,
    width: `${box.width}px`,
    height: `${box.height}px`,
  });
  text.append(mark);
  return mark;
}

function forgetFirstWord() {
  if (!firstWord) return;
  firstWord.mark.remove();
  firstWord = null;
  notify("");
}
