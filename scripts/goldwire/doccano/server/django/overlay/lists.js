/* Beside the text, the metadata without what is goldwire's own; in the list of texts, how far each of them is. */

patch(
  "metadata",
  (has) => has("computed", "metaArray"),
  (options) => {
    const { metaArray } = options.computed;
    const rank = ({ key }) => (/^D\d+$/.test(key) ? Number(key.slice(1)) : Infinity);
    replace(options, "computed", {
      metaArray() {
        const rows = metaArray.call(this).filter(({ key }) => !key.startsWith("gw_"));
        return rows.sort((a, b) => (rank(a) === rank(b) ? 0 : rank(a) - rank(b)));
      },
    });
    const show = function () {
      const hasDisputes = this.metaArray.some((row) => rank(row) < Infinity);
      this.$el.hidden = !this.metaArray.length;
      this.$el.classList.add("gw-metadata");
      document.documentElement.classList.toggle("gw-has-disputes", hasDisputes);
    };
    also(options, "mounted", show);
    also(options, "updated", show);
  },
);

const STATES = { done: "Done", started: "Started", untouched: "Not started" };

patch(
  "list of texts",
  (has) => has("computed", "headers") && has("methods", "toLabeling"),
  (options) => {
    const { headers } = options.computed;
    replace(options, "computed", {
      headers() {
        return headers.call(this).filter(({ value }) => value !== "meta" && value !== "id");
      },
    });
    // The guard lets no annotator change a text: Doccano offers it to everybody.
    const hideEditing = () => {
      const isStaff = root && root.$store && root.$store.getters["auth/isStaff"];
      document.documentElement.classList.toggle("gw-annotator", isStaff === false);
    };
    // Doccano calls every text that is not done "In progress".
    const show = async function () {
      const shown = this.items.map(({ id }) => id).join();
      if (!shown || shown === this.gwShown) return;
      this.gwShown = shown;
      const { states } = await getJson(`projects/${this.$route.params.id}/goldwire/progress?states=${shown}`);
      const rows = this.$el.querySelectorAll("tbody tr");
      this.items.forEach(({ id }, place) => {
        const chip = rows[place] && rows[place].querySelector(".v-chip");
        if (!chip || !(id in states)) return;
        chip.dataset.gwState = states[id];
        chip.firstElementChild.dataset.gwText = translate(STATES[states[id]]);
      });
    };
    const showOrLeave = function () {
      hideEditing();
      show.call(this).catch((error) => console.warn("goldwire:", error)); // Doccano's own words stay
    };
    also(options, "created", function () {
      this.gwShown = "";
    });
    also(options, "mounted", showOrLeave);
    also(options, "updated", showOrLeave);
  },
);
