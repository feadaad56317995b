/* The text: direction, line breaks, height of lines, colours of arrows. */

const LINE_GAP = 5; // px below each line
const BLANK_LINE = 14; // px: the space between two paragraphs

patch(
  "annotator",
  (has) => has("methods", "updateHeight", "setMaxWidth", "open") && has("computed", "textLines", "entityLabelList"),
  (options) => {
    const { entityLabelList, relationLabelList, textLines, items } = options.computed;
    replace(options, "computed", {
      // Doccano cuts names of labels at 12 characters.
      entityLabelList() {
        return longNames(entityLabelList.call(this));
      },
      relationLabelList() {
        return longNames(relationLabelList.call(this));
      },
      // Doccano adds up the widths of single characters, so that joined letters (Arabic) come out too wide, cuts words
      // in two, and keeps the width of the longest label free at the end of every line.
      textLines() {
        if (!this.font || !this.entityLabelList || this.maxWidth < 0) return textLines.call(this);
        const margin = Math.min(this.entityLabelList.maxLabelWidth * 0.75, this.maxWidth * 0.15);
        return breakLines(this.text, this.maxWidth - margin, this.font);
      },
      // Doccano counts a line that is not drawn yet as 64 px, so that the scroll bar jumps.
      items() {
        const usual = this.font ? Math.round(this.font.lineHeight * 1.25) + LINE_GAP : 36;
        return items.call(this).map((item) => {
          const isBlank = item.textLine.startOffset === item.textLine.endOffset;
          return { ...item, size: this.heights[item.id] || (isBlank ? BLANK_LINE : usual) };
        });
      },
    });
    let observer;
    also(options, "mounted", function () {
      let width = 0;
      // Underlines stand where the words were when they were measured: measure again if the column changes its width.
      observer = new ResizeObserver(([entry]) => {
        const now = Math.round(entry.contentRect.width);
        if (width && now !== width) this.setMaxWidth();
        width = now;
      });
      observer.observe(this.$el);
    });
    also(options, "beforeDestroy", () => observer.disconnect());
  },
);

function longNames(list) {
  for (const label of (list && list.labels) || []) label.maxLength = isNarrow() ? 14 : 40;
  return list;
}

const canvas = document.createElement("canvas").getContext("2d");
const graphemes = new Intl.Segmenter(undefined, { granularity: "grapheme" });
const IDEOGRAPH = "\\u3000-\\u30ff\\u3400-\\u9fff\\uac00-\\ud7af\\uf900-\\ufaff\\uff00-\\uffef";
const CLOSING = "\\u3001\\u3002\\u300d\\u300f\\u300b\\u3009\\u3011\\u3015\\uff0c\\uff01\\uff1f\\uff1a\\uff1b\\uff09";
// A line may break after white space and around ideographs, but not before a closing mark.
const UNBREAKABLE = new RegExp(`[${IDEOGRAPH}][${CLOSING}]*|[^\\s${IDEOGRAPH}]+[${CLOSING}]*|\\s+`, "g");

/* Lines as pairs of UTF-16 offsets, like Doccano's own: they cover the text except for its line ends. */
function breakLines(text, width, font) {
  canvas.font = `${font.fontWeight} ${font.fontSize}px ${font.fontFamily}`;
  const widths = new Map();
  const measure = (part) => {
    if (!widths.has(part)) widths.set(part, canvas.measureText(part).width);
    return widths.get(part);
  };
  const lines = [];
  for (let from = 0; from < text.length; ) {
    let to = from;
    while (to < text.length && text[to] !== "\n" && text[to] !== "\r") to += 1;
    breakParagraph(text.slice(from, to), from, width, measure, lines);
    from = to + (text.startsWith("\r\n", to) ? 2 : 1);
  }
  return lines;
}

function breakParagraph(text, offset, width, measure, lines) {
  let start = 0;
  let used = 0;
  const place = (part, at, isSpace) => {
    const size = measure(part);
    if (!isSpace && used + size > width && at > start) {
      lines.push(Object.freeze({ startOffset: offset + start, endOffset: offset + at }));
      [start, used] = [at, 0];
    }
    used += size;
  };
  for (const { 0: part, index } of text.matchAll(UNBREAKABLE)) {
    const isSpace = !part.trim();
    if (isSpace || measure(part) <= width) place(part, index, isSpace);
    else for (const { segment, index: inside } of graphemes.segment(part)) place(segment, index + inside, false);
  }
  lines.push(Object.freeze({ startOffset: offset + start, endOffset: offset + text.length }));
}

patch(
  "line",
  (has) => has("methods", "noText", "setElement") && has("computed", "geometricEntities", "lineRelations"),
  (options) => {
    // Doccano adds 30 px to each line.
    const fit = function () {
      const svg = document.getElementById(this.svgId);
      if (!svg) return;
      const box = svg.getBBox();
      const isBlank = this.textLine.startOffset === this.textLine.endOffset;
      // Arrows that pass a blank line need no room for text.
      const arrows = isBlank ? [...svg.querySelectorAll("path + g")].map((g) => g.getBBox()) : [];
      const bottom = isBlank
        ? Math.max(BLANK_LINE - LINE_GAP, ...arrows.map(({ y, height }) => this.font.lineHeight + y + height))
        : box.y + box.height;
      const height = Math.ceil(bottom + LINE_GAP);
      svg.style.height = `${height}px`;
      this.$emit("update:height", this.id, height);
    };
    const refit = function () {
      this.$nextTick(() => {
        fit.call(this);
        requestAnimationFrame(() => fit.call(this)); // a line that took another's place is drawn only now
      });
    };
    replace(options, "watch", {
      entities: { deep: true, immediate: true, handler: refit },
      lineRelations: refit,
      textLine: [].concat(options.watch.textLine || [], refit),
    });
    // An arrow that goes on in the next line ends too early: Doccano passes a width where a position is meant.
    const { lineRelations } = options.computed;
    replace(options, "computed", {
      lineRelations() {
        return lineRelations.call(Object.create(this, { right: { value: this.left + this.right } }));
      },
    });
  },
);

patch(
  "relation",
  (has) => has("computed", "markerObj", "d", "lineY"),
  (options) => {
    // Doccano writes one pale blue into the template.
    const { render } = options;
    options.render = function (...given) {
      const node = render.apply(this, given);
      const path = (node.children || []).find((child) => child.tag === "path");
      const color = relationColor(this);
      if (color && path) Object.assign(path.data.attrs, { stroke: color, "stroke-width": this.selected ? 3 : 1.5 });
      return node;
    };
  },
);

function relationColor({ $parent: line, $vnode }) {
  const drawn = ((line && line.lineRelations) || []).find(({ relation }) => $vnode && relation.id === $vnode.key);
  const color = drawn && line.relationLabels.getColor(drawn.relation.labelId);
  return color && visibleOn(isDark() ? 30 : 255, color);
}

/* Mix a colour with white or black until it has a contrast of 4.5 on a grey: Vuetify's dark card is #1e1e1e. */
function visibleOn(grey, color) {
  let channels = channelsOf(color);
  const end = grey < 128 ? 255 : 0;
  for (let step = 0; step < 20 && contrast(luminance(channels), luminance([grey, grey, grey])) < 4.5; step += 1)
    channels = channels.map((value) => value + (end - value) * 0.1);
  return `rgb(${channels.map(Math.round).join(", ")})`;
}

/* Black or white, whichever is easier to read on a colour: Doccano's own choice can have a contrast below 4. */
function readableOn(color) {
  return luminance(channelsOf(color)) > 0.183 ? "#000000" : "#ffffff";
}

const channelsOf = (color) => [1, 3, 5].map((at) => parseInt(color.slice(at, at + 2), 16));
const linear = (value) => (value <= 10.3 ? value / 3294.6 : ((value / 255 + 0.055) / 1.055) ** 2.4);
const luminance = ([red, green, blue]) => 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue);
const contrast = (a, b) => (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
