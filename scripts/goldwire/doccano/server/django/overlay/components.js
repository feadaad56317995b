/* How the overlay gets into Doccano's page, and what all its parts share.
 *
 * Doccano's front end (Nuxt 2, Vue 2) assigns its root component to `window.$nuxt` before any page exists. A setter on
 * that name gives access to Vue, and a global mixin sees each component before its state is built, so that computed
 * values, methods, watchers and the render function can be replaced. Components have no names in the built files: each
 * is recognized by the names of its methods and computed values, which the minifier keeps. A component that is not
 * recognized stays as Doccano made it.
 *
 * All files are joined into one function: see `gw_overlay.py`.
 */

const patches = [];
const recognized = new Set();

/* Call `change(options, component)` on each component for which `matches(has, options)` is true. */
function patch(name, matches, change) {
  patches.push({ name, matches, change });
}

let root;
Object.defineProperty(window, "$nuxt", {
  configurable: true,
  get: () => root,
  set(value) {
    if (!root && value) install(value);
    root = value;
  },
});

function install(nuxt) {
  let Vue = nuxt.constructor;
  while (Vue.super) Vue = Vue.super;
  Vue.mixin({
    beforeCreate() {
      const options = this.$options;
      const has = (kind, ...names) => names.every((name) => options[kind] && name in options[kind]);
      for (const { name, matches, change } of patches) {
        if (!matches(has, options)) continue;
        try {
          change(options, this);
          recognized.add(name);
        } catch (error) {
          console.warn("goldwire:", name, error);
        }
      }
    },
  });
  Vue.prototype.$contrastColor = readableOn;
  window.goldwireOverlay = { doccano: DOCCANO_VERSION, expected: patches.map(({ name }) => name), recognized };
}

/* Replace some of a component's methods, computed values or watchers; those of other components stay. */
function replace(options, kind, values) {
  const all = {};
  for (const name in options[kind]) all[name] = options[kind][name]; // also inherited ones
  options[kind] = Object.assign(all, values);
}

/* Run `action` too at a point in a component's life. */
function also(options, hook, action) {
  options[hook] = [].concat(options[hook] || [], action);
}

// --- The page -------------------------------------------------------------------------------------------------------

function element(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "style") Object.assign(node.style, value);
    else node.setAttribute(name, value);
  }
  node.append(...children.filter((child) => child !== null));
  return node;
}

/* The address of a page in the language of the present one. */
function localPath(component, address) {
  return component.localePath ? component.localePath(address) : address;
}

async function getJson(address) {
  const answer = await fetch(`/v1/${address}`, { credentials: "same-origin", headers: { Accept: "application/json" } });
  if (!answer.ok) throw new Error(`${answer.status} (${address})`);
  return answer.json();
}

const isNarrow = () => innerWidth < 960; // Vuetify's `md`, below which Doccano puts the palette under the text
const isDark = () => Boolean(root && root.$vuetify && root.$vuetify.theme.dark);

// --- Words ----------------------------------------------------------------------------------------------------------

/* Doccano's language. Where Doccano shows English for lack of the browser's language, the browser's. */
function language() {
  const i18n = root && root.$i18n;
  const shown = (i18n && i18n.locale) || "en";
  const preferred = (navigator.language || "en").split("-")[0];
  if (shown !== "en") return shown in WORDS ? shown : "en";
  const offered = i18n && i18n.localeCodes ? i18n.localeCodes : ["en"];
  return preferred in WORDS && !offered.includes(preferred) ? preferred : "en";
}

/* A text in that language, with `{name}` replaced; a text without translation stays. */
function translate(text, values = {}) {
  const translated = (WORDS[language()] || {})[text] || text;
  return translated.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? values[name] : whole));
}

const direction = () => (language() === "ar" ? "rtl" : "ltr");

/* Whether most letters of a text are of a script that is written from right to left. */
function isRightToLeft(text) {
  const letters = text.slice(0, 4000).match(/\p{L}/gu) || [];
  const rtl = letters.filter((letter) => RIGHT_TO_LEFT.test(letter)).length;
  return rtl > letters.length / 2;
}
const RIGHT_TO_LEFT = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u;
