/* Enter ticks a text and opens the next one that is not done; so does a button. */

// Doccano acts on keyup for this key, so that both events must be kept from it: these listeners run before its own.
let isEnterHeld = false;
addEventListener(
  "keydown",
  (event) => {
    if (event.key !== "Enter" || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    const { target } = event;
    // The key that opens a text from the start page must not tick it when it is released.
    if (!editor) isEnterHeld = Boolean(target.closest && target.closest("#gw-start"));
    if (!editor || isTyping(event)) return;
    event.stopImmediatePropagation();
    isEnterHeld = true;
    if (target.matches && target.matches("button:focus-visible, a:focus-visible, [role=button]:focus-visible")) return;
    event.preventDefault();
    if (!event.repeat) finish();
  },
  true,
);
addEventListener(
  "keyup",
  (event) => {
    if (event.key !== "Enter" || !isEnterHeld) return;
    isEnterHeld = false;
    event.stopImmediatePropagation();
  },
  true,
);

let isFinishing = false;
async function finish() {
  const current = editor;
  if (isFinishing || !current || !current.example() || !current.example().id) return;
  isFinishing = true;
  const { page } = current;
  const { query, params } = page.$route;
  try {
    await saving; // a label that is still on its way belongs to this text
    if (!current.example().isConfirmed) await current.confirm();
    const number = Number(query.page);
    // A list of unfinished texts loses the text that has just been ticked.
    const isShrinking = query.isChecked === "false";
    const progress = await fetchProgress(params.id, isShrinking ? number - 1 : number, query);
    showProgress(progress);
    if (editor !== current) return;
    if (!progress.next) {
      page.$router.push(localPath(page, `/projects/${params.id}`));
      notify(translate("All texts are done."));
      return;
    }
    if (progress.next !== number) page.$router.push({ query: { ...query, page: String(progress.next) } });
    scrollTo(0, 0);
    const goBack = () => editor && editor.page.$router.push({ query: { ...query, page: String(number) } });
    notify(translate("Done. This is the next text."), isShrinking ? "" : translate("Back to the last one"), goBack);
  } catch {
    notify(translate("Not saved. Try again, or reload the page."));
  } finally {
    isFinishing = false;
  }
}

/* Totals, and the number of the first text after `after` that is not done, in the list that the page goes through. */
function fetchProgress(project, after, query = {}) {
  const asked = new URLSearchParams({ after: Math.max(0, after) });
  for (const [name, parameter] of [["q", "q"], ["isChecked", "confirmed"], ["ordering", "ordering"]])
    if (query[name]) asked.set(parameter, query[name]);
  return getJson(`projects/${project}/goldwire/progress?${asked}`);
}

patch(
  "narrow toolbar",
  (has) => has("computed", "isFirstPage", "isLastPage") && !has("methods", "changePageNumber"),
  (options) => {
    also(options, "mounted", function () {
      const label = element("span", {}, translate("Done, next"));
      const button = element("button", { class: "gw-done", type: "button" }, label, element("small"));
      button.addEventListener("click", () => finish());
      this.$el.append(button);
      fetchProgress(this.$route.params.id, 0).then(showProgress, () => {});
    });
  },
);

patch(
  "wide toolbar",
  (has) => has("computed", "isFirstPage", "isLastPage") && has("methods", "changePageNumber"),
  (options) => {
    also(options, "mounted", function () {
      const button = element("button", { class: "gw-finish", type: "button" }, translate("Done, next"));
      button.append(" ", element("kbd", { "aria-hidden": "true" }, "Enter"));
      button.addEventListener("mousedown", (event) => event.preventDefault()); // else the space bar ticks the next text
      button.addEventListener("click", () => finish());
      this.$el.prepend(button);
    });
  },
);

function showProgress({ done, total }) {
  for (const place of document.querySelectorAll(".gw-done small")) place.textContent = `${done} / ${total}`;
}

let notice = 0;
function notify(text, action = "", act = () => {}) {
  let box = document.getElementById("gw-notice");
  if (!box) document.body.append((box = element("div", { id: "gw-notice", role: "status" })));
  box.dir = direction();
  box.replaceChildren();
  clearTimeout(notice);
  if (!text) return;
  box.append(element("span", {}, text));
  if (action) {
    const button = element("button", { type: "button" }, action);
    button.addEventListener("click", () => {
      box.replaceChildren();
      act();
    });
    box.append(button);
  }
  notice = setTimeout(() => box.replaceChildren(), 6000);
}
