// Connects controls, figure, readout and address of the page.
"use strict";

(() => {
  const { data, choices, titles, defaults, fromHash, toHash, curvesOf, statementText, statementOf, plot } = window.limitsBrowser;
  const find = (name) => document.getElementById(`limits-${name}`);
  const SIDE_TEXT = { upper: "not seen or fixed", positive: "x > 0", negative: "x < 0" };
  let view;
  let curves = [];
  let shown = { places: [] };
  let current = null;

  const isDark = () => {
    const theme = document.body.dataset.theme;
    return theme === "dark" || (theme !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
  };

  function labels() {
    const about = data.interactions[view.interaction];
    const unit = about.unit ? ` [${about.unit}]` : "";
    return { x: `${about.mass} [MeV]`, y: `${about.symbol}${unit}`, title: `Limits on ${about.symbol} of ${view.interaction}` };
  }

  /** Fill a fieldset with a box for each name. */
  function fill(field, names, words) {
    const parent = find(field);
    parent.querySelectorAll("label").forEach((old) => old.remove());
    for (const name of names) {
      const label = document.createElement("label");
      const box = Object.assign(document.createElement("input"), { type: "checkbox", value: name });
      box.addEventListener("change", () => change({ [field]: names.filter((each) => boxes(field)[each].checked) }));
      const text = words(name);
      label.append(box, ` ${text.label}`);
      if (text.title) label.title = text.title;
      parent.append(label);
    }
  }

  const boxes = (field) => Object.fromEntries([...find(field).querySelectorAll("input")].map((box) => [box.value, box]));

  /** Make the boxes of an interaction. */
  function fillAll() {
    const all = choices(view.interaction);
    const others = titles(view.interaction);
    find("interaction").value = view.interaction;
    fill("statements", all.statements, (word) => ({ label: statementText(word) }));
    fill("sides", all.sides, (word) => ({ label: SIDE_TEXT[word] }));
    fill("experiments", all.experiments, (name) => {
      const about = data.experiments[name];
      return { label: `${name}${about.projected ? " (projected)" : ""}${about.marks ? ` ${about.marks}` : ""}`, title: about.title };
    });
    fill("published", all.published, (name) => ({ label: others[name].title, title: others[name].about }));
    find("overlays").hidden = all.published.length === 0;
  }

  /** Tick what is in the view. Boxes stay, and with them the focus of the keyboard. */
  function tick() {
    for (const field of ["statements", "sides", "experiments", "published"])
      for (const [name, box] of Object.entries(boxes(field))) box.checked = view[field].includes(name);
    for (const field of ["experiments", "published"]) {
      const all = Object.keys(boxes(field)).length;
      find(`${field}-count`).textContent = `(${view[field].length} of ${all} shown)`;
    }
  }

  function render() {
    curves = curvesOf(view);
    const parent = find("plot");
    shown = plot.draw(curves, labels(), Math.max(280, parent.clientWidth), isDark());
    parent.replaceChildren(shown.svg);
    const about = data.interactions[view.interaction];
    find("caption").textContent = `${about.symbol}${about.unit ? ` in ${about.unit}` : ""}: ${about.definition}; x = ${about.amplitude}.`;
    current = null;
    find("readout").textContent = curves.length
      ? "Move over the figure to read values."
      : "Nothing is chosen, or no limit of this choice is committed.";
  }

  function note(unknown) {
    const parts = [];
    if (unknown.length) parts.push(`Not known, and left out: ${unknown.join(", ")}.`);
    const kinds = new Set(curves.filter((curve) => !curve.others).map(statementOf));
    if (kinds.size > 1) parts.push("Different statements (priors, credible, CL) are in one figure: they are not the same quantity.");
    find("note").textContent = parts.join(" ");
  }

  /** Show a view that was changed, and keep it in the address. */
  function change(changed, unknown = []) {
    const before = view?.interaction;
    view = { ...view, ...changed };
    history.replaceState(null, "", toHash(view));
    if (view.interaction !== before) fillAll();
    tick();
    render();
    note(unknown);
  }

  const round = (value) => Number(value.toPrecision(4)).toExponential();

  /** What a published limit excludes: a region from a lower end, to an upper one if it has one. */
  function excluded(symbol, place) {
    const upper = place.upper === null ? "" : ` and < ${round(place.upper)}`;
    return `excludes ${symbol} > ${round(place.limit)}${upper}`;
  }

  function read(place) {
    current = place;
    shown.svg.querySelector(".limits-ring")?.remove();
    shown.svg.append(shown.ring(place));
    const curve = curves[place.number];
    const about = data.interactions[view.interaction];
    const error = place.error === null ? "" : ` ± ${Number(place.error.toPrecision(1)).toExponential()}`;
    const mass = place.mass === null ? "" : ` at ${Number(place.mass.toPrecision(4))} MeV`;
    const unit = about.unit ? ` ${about.unit}` : "";
    const value = curve.others ? excluded(about.symbol, place) : `${about.symbol} < ${round(place.limit)}${error}`;
    find("readout").textContent = `${curve.label}: ${value}${unit}${mass} (${curve.text})`;
  }

  function nearest(x, y) {
    const far = (place) => (place.x - x) ** 2 + (place.y - y) ** 2;
    return shown.places.reduce((best, place) => (best === null || far(place) < far(best) ? place : best), null);
  }

  function onMove(event) {
    const frame = shown.svg.getBoundingClientRect();
    const scale = shown.svg.viewBox.baseVal.width / frame.width;
    const place = nearest((event.clientX - frame.left) * scale, (event.clientY - frame.top) * scale);
    if (place && place !== current) read(place);
  }

  /** Arrow keys: left and right along a curve, up and down to the next curve. */
  function onKey(event) {
    const steps = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [1, 0], ArrowDown: [-1, 0] };
    const step = steps[event.key];
    if (!step || !shown.places.length) return;
    event.preventDefault();
    if (!current) return read(shown.places[0]);
    if (step[1]) {
      const own = shown.places.filter((place) => place.number === current.number);
      const at = own.indexOf(current) + step[1];
      if (own[at]) read(own[at]);
      return;
    }
    const level = (number) => {
      const own = shown.places.filter((place) => place.number === number);
      return own.reduce((best, place) => (Math.abs(place.x - current.x) < Math.abs(best.x - current.x) ? place : best));
    };
    const column = [...new Set(shown.places.map((place) => place.number))].map(level).sort((a, b) => b.y - a.y);
    const at = column.findIndex((place) => place.number === current.number) + step[0];
    if (column[at]) read(column[at]);
  }

  function table() {
    const head = ["name", "published", "interaction", "coupling", "unit", "kind", "level", "prior", "side", "mass_mev", "limit", "upper_end", "mc_error", "projected", "reference"];
    const about = data.interactions[view.interaction];
    const quote = (value) => (/[",\n]/.test(String(value)) ? `"${String(value).replaceAll('"', '""')}"` : String(value ?? ""));
    const rows = curves.flatMap((curve) =>
      curve.limit.map((limit, at) => limit === null ? null : [
        curve.others ? curve.name : curve.experiments, curve.others, view.interaction, about.symbol, about.unit || 1,
        curve.kind, curve.others ? curve.level : data.level, curve.prior, curve.side, curve.mass[at] ?? "", limit, curve.upper?.[at] ?? "", curve.error?.[at] ?? "",
        !curve.others && data.experiments[curve.experiments].projected, curve.others ? curve.reference : `bayes_cevns ${data.version}`,
      ]).filter(Boolean));
    return [head, ...rows].map((row) => row.map(quote).join(",")).join("\n") + "\n";
  }

  function save(text, type, ending) {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([text], { type }));
    link.download = `limits_${view.interaction}.${ending}`;
    link.click();
    URL.revokeObjectURL(link.href);
  }

  async function copyLink() {
    const button = find("link");
    try {
      await navigator.clipboard.writeText(location.href);
      button.textContent = "Copied";
    } catch {
      button.textContent = "Copy it from the address bar";
    }
    setTimeout(() => { button.textContent = "Copy link"; }, 2000);
  }

  function restore() {
    const found = fromHash(location.hash);
    change(found.view, found.unknown);
  }

  function connect() {
    const select = find("interaction");
    for (const name of Object.keys(data.interactions).sort()) select.append(new Option(name, name));
    select.addEventListener("change", () => change(defaults(select.value)));
    const all = () => choices(view.interaction).experiments;
    find("all").addEventListener("click", () => change({ experiments: all() }));
    find("none").addEventListener("click", () => change({ experiments: [] }));
    find("observed").addEventListener("click", () => change({ experiments: all().filter((name) => !data.experiments[name].projected) }));
    find("csv").addEventListener("click", () => save(table(), "text/csv", "csv"));
    find("svg").addEventListener("click", () =>
      save(new XMLSerializer().serializeToString(plot.draw(curves, labels(), 760, false).svg), "image/svg+xml", "svg"));
    find("link").addEventListener("click", copyLink);
    find("plot").addEventListener("pointermove", onMove);
    find("plot").addEventListener("pointerdown", onMove);
    find("plot").addEventListener("keydown", onKey);
    window.addEventListener("hashchange", restore);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", render);
    new MutationObserver(render).observe(document.body, { attributes: true, attributeFilter: ["data-theme"] });
    let width = 0;
    new ResizeObserver(([entry]) => {
      if (Math.abs(entry.contentRect.width - width) < 1) return;
      width = entry.contentRect.width;
      render();
    }).observe(find("plot"));
  }

  find("own").open = window.innerWidth > 700; // on a phone the figure comes first
  connect();
  restore();
})();
