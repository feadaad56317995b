/* Names, roles and language for screen readers, which Doccano's page lacks: axe-core finds 20 serious problems in it. */

const CONTROLS = [
  [".v-app-bar__nav-icon", "Menu"],
  [".v-app-bar .v-btn--fab", "Light or dark theme"],
  [".v-app-bar .v-btn--icon:not(.v-app-bar__nav-icon):not(.v-btn--fab)", "Account"],
  [".col-md-3 .v-card__title .v-btn--icon", "Show or hide the labels"],
  [".v-progress-linear", "texts done"],
  [".v-data-footer__select .v-select__slot", "Rows per page"],
];
const PAGING = ["First text", "Previous text", "Next text", "Last text"];

function nameControls() {
  document.documentElement.lang = language();
  const name = (node, text) => node.getAttribute("aria-label") || node.setAttribute("aria-label", translate(text));
  for (const [selector, text] of CONTROLS)
    for (const node of document.querySelectorAll(selector))
      if (node.tagName !== "BUTTON" || !node.innerText.trim()) name(node, text);
  // Vuetify's list of links is not a list box, and its field with a menu is not a button.
  for (const list of document.querySelectorAll(".v-navigation-drawer [role=listbox]")) list.removeAttribute("role");
  for (const list of document.querySelectorAll(".col-md-3 .v-list-item-group[role=listbox]")) list.removeAttribute("role");
  for (const field of document.querySelectorAll(".v-select [role=button]")) {
    field.setAttribute("role", "group");
    name(field, field.closest(".v-data-footer") ? "Rows per page" : "Sort by");
  }
  for (const image of document.querySelectorAll(".v-app-bar img:not([alt])")) image.alt = "";
  for (const link of document.querySelectorAll(".v-app-bar a[href]")) if (!link.innerText.trim()) name(link, "Projects");
}

patch(
  "tooltip",
  (_has, options) => options.name === "v-tooltip",
  (options) => {
    also(options, "mounted", function () {
      const control = this.getActivator && this.getActivator();
      const content = ({ text, children }) => text || (children || []).map(content).join("");
      const words = (this.$slots.default || []).map(content).join("").trim();
      if (control && words && !control.innerText.trim()) control.setAttribute("aria-label", words);
    });
  },
);

patch(
  "paging",
  (has) => has("computed", "isFirstPage", "isLastPage") && has("methods", "changePageNumber"),
  (options) => {
    also(options, "mounted", function () {
      [...this.$el.querySelectorAll("button.v-btn--fab")].forEach((button, place) => button.setAttribute("aria-label", translate(PAGING[place])));
    });
  },
);

let naming = 0;
addEventListener("DOMContentLoaded", () => {
  new MutationObserver(() => {
    clearTimeout(naming);
    naming = setTimeout(nameControls, 150); // ms: once per change of page, not once per line of text
  }).observe(document.body, { childList: true, subtree: true });
});
