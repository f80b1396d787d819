// The chooser's two drawings, in SVG with real text; colours come from the style sheet.
const drawings = (function () {
  "use strict";
  const LEFT = 52, RIGHT = 390, TOP = 12, BOTTOM = 222;

  function add(parent, name, attributes, text) {
    const made = parent.ownerDocument.createElementNS(parent.namespaceURI, name);
    Object.keys(attributes).forEach(function (key) { made.setAttribute(key, attributes[key]); });
    if (text !== undefined) made.textContent = text;
    parent.appendChild(made);
    return made;
  }

  // Round figures that divide an interval into about so many steps.
  function ticks(low, high, count) {
    const rough = (high - low) / count || 1;
    const power = Math.pow(10, Math.floor(Math.log10(rough)));
    const step = [1, 2, 5, 10].map(function (one) { return one * power; }).find(function (one) { return one >= rough; });
    const found = [];
    for (let at = Math.ceil(low / step) * step; at <= high + step / 1e6; at += step) found.push(at);
    return found;
  }

  function scale(low, high, from, to) {
    return function (value) { return +(from + (value - low) / (high - low || 1) * (to - from)).toFixed(1); };
  }

  function upright(svg, y, low, high, shown) {
    ticks(low, high, 5).forEach(function (at) {
      add(svg, "line", { class: at ? "grid" : "zero", x1: LEFT, x2: RIGHT, y1: y(at), y2: y(at) });
      add(svg, "text", { x: LEFT - 6, y: y(at) + 4, "text-anchor": "end" }, shown(at));
    });
  }

  // The difference by year: a band and a line for what is ticked, a thin line for all packages.
  function line(svg, data) {
    svg.textContent = "";
    const x = scale(data.years[0], data.years[data.years.length - 1], LEFT, RIGHT);
    const y = scale(data.low, data.high, BOTTOM, TOP);
    upright(svg, y, data.low, data.high, data.shown);
    data.years.forEach(function (year, place) {
      if ((data.years.length - 1 - place) % 3 === 0)
        add(svg, "text", { x: x(year), y: BOTTOM + 18, "text-anchor": year === data.years[data.years.length - 1] ? "end" : "middle" }, year);
    });
    function path(values) {
      return values.map(function (value, place) { return x(data.years[place]) + "," + y(value); });
    }
    const bounds = data.half.map(function (half, place) { return [data.ticked[place] - half, data.ticked[place] + half]; });
    const upper = path(bounds.map(function (one) { return one[1]; }));
    const lower = path(bounds.map(function (one) { return one[0]; }));
    add(svg, "polygon", { class: "band", points: upper.concat(lower.reverse()).join(" ") });
    add(svg, "polyline", { class: "whole", points: path(data.all).join(" ") });
    add(svg, "polyline", { class: "ticked", points: path(data.ticked).join(" ") });
    const last = data.years.length - 1;
    add(svg, "text", { class: "whole", x: x(data.years[last - 1]), y: y(data.all[last - 1]) - 8, "text-anchor": "end" }, data.words.of_all);
    add(svg, "circle", { class: "ticked", cx: x(data.years[data.place]), cy: y(data.ticked[data.place]), r: 5 });
  }

  // Cost against people: every portfolio as a speck (drawn once), the front as a line, the ticked one as a dot.
  function scatter(svg, data) {
    const x = scale(0, data.costs[data.costs.length - 1], LEFT, RIGHT);
    const y = scale(data.low, data.high, BOTTOM, TOP);
    let dot = svg.querySelector("circle");
    if (!dot) {
      upright(svg, y, data.low, data.high, data.shown);
      ticks(0, data.costs[data.costs.length - 1] / data.unit, 5).forEach(function (at) {
        add(svg, "text", { x: x(at * data.unit), y: BOTTOM + 18, "text-anchor": "middle" }, data.plain(at));
      });
      const specks = data.costs.map(function (cost, mask) { return "M" + x(cost) + " " + y(data.people[mask]) + "h0"; });
      add(svg, "path", { class: "specks", d: specks.join("") });
      const steps = data.front.map(function (mask, place) {
        return place ? "H" + x(data.costs[mask]) + "V" + y(data.people[mask]) : "M" + x(data.costs[mask]) + " " + y(data.people[mask]);
      });
      add(svg, "path", { class: "front", d: steps.join("") });
      dot = add(svg, "circle", { class: "ticked", r: 6 });
    }
    dot.setAttribute("cx", x(data.costs[data.mask]));
    dot.setAttribute("cy", y(data.people[data.mask]));
  }

  // Runs by year: a thin line each, their mean, and a band where a range is known; the chosen year as a dot.
  function course(svg, data) {
    svg.textContent = "";
    const x = scale(data.years[0], data.years[data.years.length - 1], LEFT, RIGHT);
    const y = scale(data.low, data.high, BOTTOM, TOP);
    upright(svg, y, data.low, data.high, function (one) { return Math.round(one).toString().replace("-", "−").replace(/\B(?=(\d{3})+$)/g, ","); });
    ticks(data.years[0], data.years[data.years.length - 1], 4).forEach(function (year) {
      const last = year === data.years[data.years.length - 1];
      add(svg, "text", { x: x(year), y: BOTTOM + 18, "text-anchor": last ? "end" : "middle" }, year);
    });
    function points(values) {
      return values.map(function (value, place) { return x(data.years[place]) + "," + y(value); });
    }
    if (data.lower) add(svg, "polygon", { class: "band", points: points(data.upper).concat(points(data.lower).reverse()).join(" ") });
    data.each.forEach(function (one) { add(svg, "polyline", { class: "one", points: points(one).join(" ") }); });
    add(svg, "polyline", { class: "ticked", points: points(data.mean).join(" ") });
    add(svg, "circle", { class: "ticked", cx: x(data.year), cy: y(data.mean[data.year - data.years[0]]), r: 5 });
  }

  return { line: line, scatter: scatter, course: course };
})();
