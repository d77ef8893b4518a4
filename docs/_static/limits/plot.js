// Draws curves as one SVG that holds everything it needs, so that it can be saved as it is.
"use strict";

window.limitsBrowser.plot = (() => {
  const NAMESPACE = "http://www.w3.org/2000/svg";
  // Okabe and Ito, as in the figures of the package; markers tell apart those of one colour.
  const COLOURS = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9"];
  const THEMES = {
    light: { ink: "#111111", quiet: "#555555", grid: "#dddddd", paper: "#ffffff", others: "#666666" },
    dark: { ink: "#eeeeee", quiet: "#bbbbbb", grid: "#3a3a3a", paper: "#131416", others: "#aaaaaa" },
  };
  const FONT = 12;
  const DIGITS = "⁰¹²³⁴⁵⁶⁷⁸⁹";

  function element(name, attributes = {}, text = "") {
    const made = document.createElementNS(NAMESPACE, name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    if (text) made.textContent = text;
    return made;
  }

  const power = (exponent) =>
    `10${exponent < 0 ? "⁻" : ""}${[...String(Math.abs(exponent))].map((digit) => DIGITS[digit]).join("")}`;

  /** The points of a curve that exist, with their place in it. */
  const pointsOf = (curve) =>
    curve.limit.map((limit, at) => ({ mass: curve.mass[at], limit, error: curve.error?.[at] ?? null, upper: curve.upper?.[at] ?? null }));
  const drawn = (curve) => pointsOf(curve).filter((point) => point.limit !== null);

  function range(values) {
    const low = Math.floor(Math.log10(Math.min(...values)) - 0.1);
    const high = Math.ceil(Math.log10(Math.max(...values)) + 0.1);
    return [low, high];
  }

  /** Scales of both axes. Limits of others do not stretch the range of masses. */
  function scales(curves, width, height) {
    const box = { left: 58, right: width - 12, top: 12, bottom: height - 44 };
    const points = curves.flatMap(drawn);
    const first = curves.filter((curve) => !curve.others);
    const masses = (first.length ? first : curves).flatMap(drawn).map((point) => point.mass).filter((mass) => mass !== null);
    const [x0, x1] = masses.length ? [Math.log10(Math.min(...masses)), Math.log10(Math.max(...masses))] : [0, 1];
    const margin = 0.04 * (x1 - x0) || 0.5;
    const xs = [x0 - margin, x1 + margin];
    const inside = points.filter((p) => p.mass === null || (Math.log10(p.mass) >= xs[0] && Math.log10(p.mass) <= xs[1]));
    const ys = inside.length ? range(inside.map((point) => point.limit)) : [-1, 1];
    const x = (mass) =>
      mass === null
        ? (box.left + box.right) / 2
        : box.left + ((Math.log10(mass) - xs[0]) / (xs[1] - xs[0])) * (box.right - box.left);
    const y = (limit) => box.bottom - ((Math.log10(limit) - ys[0]) / (ys[1] - ys[0])) * (box.bottom - box.top);
    return { box, xs, ys, x, y, hasMass: masses.length > 0 };
  }

  function axes(svg, scale, labels, theme) {
    const { box, xs, ys } = scale;
    const text = (x, y, words, more = {}) =>
      svg.append(element("text", { x, y, fill: theme.ink, "font-size": FONT, ...more }, words));
    const line = (x1, y1, x2, y2, stroke) => svg.append(element("line", { x1, y1, x2, y2, stroke, "stroke-width": 1 }));
    for (let decade = Math.ceil(xs[0]); scale.hasMass && decade <= xs[1]; decade++) {
      const at = scale.x(10 ** decade);
      line(at, box.top, at, box.bottom, theme.grid);
      text(at, box.bottom + 17, power(decade), { "text-anchor": "middle" });
    }
    const step = Math.ceil((ys[1] - ys[0]) / 8);
    for (let decade = ys[0]; decade <= ys[1]; decade += step) {
      const at = scale.y(10 ** decade);
      line(box.left, at, box.right, at, theme.grid);
      text(box.left - 6, at + 4, power(decade), { "text-anchor": "end" });
    }
    svg.append(
      element("rect", { x: box.left, y: box.top, width: box.right - box.left, height: box.bottom - box.top, fill: "none", stroke: theme.ink }),
    );
    text((box.left + box.right) / 2, box.bottom + 36, scale.hasMass ? labels.x : "no mass: one limit each", { "text-anchor": "middle" });
    const middle = (box.top + box.bottom) / 2;
    text(0, 0, labels.y, { "text-anchor": "middle", transform: `translate(13 ${middle}) rotate(-90)` });
  }

  /** A mark of a curve: joint fits have one each, the others change it where colours repeat. */
  function marker(curve, x, y, colour) {
    const number = curve.joint ? curve.look : Math.floor(curve.look / COLOURS.length);
    const kinds = [
      () => element("circle", { cx: x, cy: y, r: 2.6 }),
      () => element("rect", { x: x - 2.4, y: y - 2.4, width: 4.8, height: 4.8 }),
      () => element("path", { d: `M${x} ${y - 3.4}l3.4 3.4l-3.4 3.4l-3.4 -3.4z` }),
      () => element("path", { d: `M${x} ${y - 3.2}l3.2 5.6h-6.4z` }),
      () => element("path", { d: `M${x} ${y + 3.2}l3.2 -5.6h-6.4z` }),
    ];
    const made = kinds[number % kinds.length]();
    made.setAttribute("fill", colour);
    return made;
  }

  const colourOf = (curve, theme) =>
    curve.others ? theme.others : curve.joint ? theme.ink : COLOURS[curve.look % COLOURS.length];
  const widthOf = (curve) => (curve.others ? 1.3 : curve.joint ? 2.4 : 1.8);

  /** A path through the values of points; one that is missing lifts the pen. */
  function outline(points, field, scale) {
    let path = "";
    let down = false;
    for (const point of points) {
      const value = point[field];
      if (value === null) { down = false; continue; }
      path += `${down ? "L" : "M"}${scale.x(point.mass).toFixed(1)} ${scale.y(value).toFixed(1)}`;
      down = true;
    }
    return path;
  }

  /** One curve: a line that has a gap where a limit is missing, and a mark at each limit. */
  function curveIn(group, curve, scale, theme) {
    const colour = colourOf(curve, theme);
    const points = pointsOf(curve);
    let path = outline(points, "limit", scale) + (curve.others ? outline(points, "upper", scale) : "");
    if (curve.mass[0] === null) path = `M${scale.box.left} ${scale.y(curve.limit[0]).toFixed(1)}H${scale.box.right}`;
    const line = element("path", { d: path, fill: "none", stroke: colour, "stroke-width": widthOf(curve), "stroke-dasharray": curve.dash, class: "limits-curve" });
    line.append(element("title", {}, curve.label));
    group.append(line);
    if (curve.others) return;
    for (const point of drawn(curve)) group.append(marker(curve, scale.x(point.mass), scale.y(point.limit), colour));
  }

  /** A legend below the axes, in as many columns as fit; returns its height. */
  function legend(svg, curves, width, top, theme) {
    const longest = Math.max(0, ...curves.map((curve) => curve.label.length));
    const columns = Math.max(1, Math.floor((width - 10) / (44 + 6.6 * longest)));
    const rows = Math.ceil(curves.length / columns);
    curves.forEach((curve, number) => {
      const x = 10 + Math.floor(number / rows) * ((width - 10) / columns);
      const y = top + 14 + (number % rows) * 17;
      const colour = colourOf(curve, theme);
      svg.append(element("line", { x1: x, y1: y - 4, x2: x + 26, y2: y - 4, stroke: colour, "stroke-width": widthOf(curve), "stroke-dasharray": curve.dash }));
      if (!curve.others) svg.append(marker(curve, x + 13, y - 4, colour));
      svg.append(element("text", { x: x + 33, y, fill: theme.ink, "font-size": FONT }, curve.label));
    });
    return rows * 17 + 12;
  }

  /** Return the SVG of some curves, and where their points are in it. */
  function draw(curves, labels, width, dark) {
    const theme = THEMES[dark ? "dark" : "light"];
    const height = Math.round(Math.min(520, Math.max(300, 0.62 * width)));
    const svg = element("svg", { xmlns: NAMESPACE, width, role: "img", "font-family": "sans-serif" });
    svg.append(element("title", {}, labels.title));
    const paper = element("rect", { width, fill: theme.paper });
    const clip = element("clipPath", { id: "limits-clip" });
    svg.append(paper, clip);
    const scale = scales(curves, width, height);
    const { box } = scale;
    clip.append(element("rect", { x: box.left, y: box.top, width: box.right - box.left, height: box.bottom - box.top }));
    axes(svg, scale, labels, theme);
    const group = element("g", { "clip-path": "url(#limits-clip)" });
    for (const curve of curves) curveIn(group, curve, scale, theme);
    svg.append(group);
    const total = height + legend(svg, curves, width, height, theme);
    svg.setAttribute("height", total);
    svg.setAttribute("viewBox", `0 0 ${width} ${total}`);
    paper.setAttribute("height", total);
    const places = curves.flatMap((curve, number) =>
      drawn(curve)
        .map((point) => ({ ...point, number, x: scale.x(point.mass), y: scale.y(point.limit) }))
        .filter((point) => point.x >= box.left && point.x <= box.right),
    );
    return { svg, places, ring: (place) => element("circle", { cx: place.x, cy: place.y, r: 6, fill: "none", stroke: theme.ink, "stroke-width": 2, class: "limits-ring" }) };
  }

  return { draw };
})();
