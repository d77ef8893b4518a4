// What is shown: a plain object that the address holds after "#", and the curves that it chooses.
"use strict";

window.limitsBrowser = (() => {
  const data = window.LIMITS;
  const unique = (values) => [...new Set(values)];
  const DEFAULT_EXPERIMENTS = ["all", "solar", "coherent_csi", "conus_plus_spectrum", "xenonnt_cevns", "xenonnt_er"];

  /** The word of a statement: the prior of a credible limit, or CL. */
  const statementOf = (curve) => (curve.kind === "credible" ? curve.prior : curve.kind);
  const statementText = (word) =>
    word === "CL" ? `${percent()} CL (profile likelihood)` : `${percent()} credible, ${word} prior`;
  const percent = () => `${Math.round(100 * data.level)}%`;

  const own = (interaction) => data.curves.filter((curve) => curve.interaction === interaction);
  const published = (interaction) => data.published.filter((curve) => curve.interaction === interaction);

  /** What may be chosen for an interaction. */
  function choices(interaction) {
    const curves = own(interaction);
    const order = (words, first) => [...first.filter((w) => words.includes(w)), ...words.filter((w) => !first.includes(w))];
    return {
      statements: order(unique(curves.map(statementOf)), ["flat", "flat-rate", "log", "CL"]),
      sides: order(unique(curves.map((curve) => curve.side)), ["upper", "positive", "negative"]),
      experiments: order(unique(curves.map((curve) => curve.experiments)), ["all", "solar"]),
      published: published(interaction).map((curve) => curve.name),
    };
  }

  /** The published limits of an interaction by their name. */
  const titles = (interaction) => Object.fromEntries(published(interaction).map((curve) => [curve.name, curve]));

  /** The view of an interaction before anything was chosen. */
  function defaults(interaction) {
    const all = choices(interaction);
    const usual = all.experiments.filter((name) => DEFAULT_EXPERIMENTS.includes(name));
    return {
      interaction,
      statements: all.statements.slice(0, 1),
      sides: all.sides,
      experiments: usual.length ? usual : all.experiments,
      published: unique(published(interaction).filter((curve) => curve.neutrinos).map((curve) => curve.name)),
    };
  }

  // Lines by what a limit is; the second of each is that of x < 0.
  const DASHES = { credible: ["", "2 2"], CL: ["6 3", "6 3 2 3 2 3"], projected: ["9 3 2 3", "9 3 2 3 2 3 2 3"] };
  const SIDES = { upper: "", positive: ", x > 0", negative: ", x < 0" };

  const KEYS = { statements: "k", sides: "s", experiments: "e", published: "p" };

  /** The view that an address asks for; names that do not exist are left out, and said. */
  function fromHash(hash) {
    const asked = new URLSearchParams(hash.replace(/^#/, ""));
    const wanted = asked.get("i");
    const known = Object.keys(data.interactions);
    const unknown = wanted && !known.includes(wanted) ? [wanted] : [];
    const view = defaults(known.includes(wanted) ? wanted : "b-l");
    if (unknown.length) return { view, unknown };
    const all = choices(view.interaction);
    for (const [field, key] of Object.entries(KEYS)) {
      if (!asked.has(key)) continue;
      const names = asked.get(key).split(",").filter(Boolean);
      unknown.push(...names.filter((name) => !all[field].includes(name)));
      view[field] = all[field].filter((name) => names.includes(name));
    }
    return { view, unknown };
  }

  function toHash(view) {
    const asked = new URLSearchParams({ i: view.interaction });
    for (const [field, key] of Object.entries(KEYS)) asked.set(key, view[field].join(","));
    return `#${asked.toString().replaceAll("%2C", ",")}`;
  }

  /** The curves of a view, each with how it looks and what it is called. */
  function curvesOf(view) {
    // Joint fits are drawn in ink, the others in a colour each, by their place among what is chosen.
    const single = view.experiments.filter((name) => !data.experiments[name].joint);
    const chosen = own(view.interaction).filter(
      (curve) =>
        view.statements.includes(statementOf(curve)) &&
        view.sides.includes(curve.side) &&
        view.experiments.includes(curve.experiments),
    );
    const ours = chosen.map((curve) => {
      const about = data.experiments[curve.experiments];
      const parts = [curve.experiments + (about.marks ? ` ${about.marks}` : "")];
      if (about.projected) parts.push("projected");
      if (view.statements.length > 1) parts.push(statementOf(curve) === "CL" ? "CL" : `${curve.prior} prior`);
      return {
        ...curve,
        label: parts.join(", ") + SIDES[curve.side],
        text: `${statementText(statementOf(curve))}, ${curve.side}${about.projected ? ", projected: no limit of data" : ""}`,
        look: about.joint ? view.experiments.indexOf(curve.experiments) : single.indexOf(curve.experiments),
        joint: about.joint,
        dash: DASHES[curve.kind === "CL" ? "CL" : about.projected ? "projected" : "credible"][Number(curve.side === "negative")],
        others: false,
      };
    });
    const others = published(view.interaction)
      .filter((curve) => view.published.includes(curve.name))
      .map((curve) => ({ ...curve, label: `${curve.title} (published)${SIDES[curve.side]}`, text: curve.about, dash: "1 2", others: true }));
    return [...ours, ...others];
  }

  return { data, choices, titles, defaults, fromHash, toHash, curvesOf, statementText, statementOf };
})();
