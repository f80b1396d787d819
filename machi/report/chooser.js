// The chooser of portfolios: ticks and a year in, figures out. Every sentence comes from the page, every figure from the
// stored table inside it; #portfolio=P03+P06&year=2040 behind the address ticks beforehand, and can be handed on.
document.addEventListener("DOMContentLoaded", function () {
  "use strict";
  const store = document.getElementById("portfolios");
  const sections = Array.from(document.querySelectorAll(".chooser"));
  const table = JSON.parse(store.dataset.table);
  const bytes = Uint8Array.from(atob(store.dataset.values), function (one) { return one.charCodeAt(0); });
  const figures = new DataView(bytes.buffer);
  const count = 1 << table.packages.length;
  const everything = count - 1;
  const end = table.years.length - 1;
  const state = { mask: everything, place: end };

  function column(name) { return typeof name === "number" ? name : table.columns.indexOf(name); }
  function value(name, mask) { return figures.getInt32(4 * (column(name) * count + mask), true); }
  // Half of the interval of chance: the more people a portfolio adds at the horizon, the wider; of two portfolios that of
  // what only one of them has, as the rest meets the same random numbers.
  function half(name, mask) {
    const one = table.half[column(name)];
    if (!mask || one === null) return mask ? null : 0;
    return one * Math.sqrt(Math.max(Math.abs(value(end, mask)), table.least));
  }
  function halfApart(name, one, other) { return Math.hypot(half(name, one & ~other), half(name, other & ~one)); }
  function all(name) { return Array.from({ length: count }, function (_, mask) { return value(name, mask); }); }

  // Figures in words, rounded as on the rest of the page: totals to hundreds, effects to tens, rough ones to two digits.
  function grouped(whole) { return Math.abs(whole).toString().replace(/\B(?=(\d{3})+$)/g, ","); }
  function signed(number, plus) { return (number < 0 ? "−" : number > 0 ? plus : "") + grouped(number); }
  function tens(number) { return signed(10 * Math.round(number / 10), "+"); }
  function hundreds(number) { return signed(100 * Math.round(number / 100), ""); }
  function rough(number) {
    if (!number) return "0";
    const digits = Math.max(0, 1 - Math.floor(Math.log10(Math.abs(number))));
    if (digits) return number.toFixed(digits).replace("-", "−");
    const unit = Math.pow(10, Math.floor(Math.log10(Math.abs(number))) - 1);
    return signed(unit * Math.round(number / unit), "");
  }
  function percent(share, sign) {
    const hundredths = 100 * share;
    return hundredths.toFixed(hundredths && Math.abs(hundredths) < 9.95 ? 1 : 0).replace("-", "−") + sign;
  }
  function filled(sentence, values) {
    return sentence.replace(/\{(\w+)\}/g, function (whole, name) { return name in values ? values[name] : whole; });
  }

  function named(mask, says) {
    if (mask === everything && count > 2) return says.of_all + " (" + table.packages.length + ")";
    return table.packages.filter(function (_, bit) { return mask >> bit & 1; }).join(" + ") || says.none;
  }
  function interval(centre, spread, says, form) {
    if (spread === null) return "";
    return filled(says.chance, { low: form(centre - spread), high: form(centre + spread) });
  }

  const costs = all("cost_million_yen");
  const people = all(end);
  const highest = [0, everything].reduce(function (most, mask) { return Math.max(most, value(end, mask)); }, Math.max.apply(null, people));
  const lowest = Math.min.apply(null, people.concat(table.years.map(function (_, place) { return value(place, everything); })));
  const room = (highest - lowest) * 0.05;

  // The best portfolio for the same cost or less, if it is another one.
  function better(mask) {
    const within = table.front.filter(function (one) { return costs[one] <= costs[mask]; });
    const best = within[within.length - 1];
    return best !== mask && people[best] > people[mask] ? best : null;
  }

  function show(section, says) {
    const mask = state.mask, place = state.place, year = table.years[place];
    const gained = value(place, mask), spread = half(place, mask);
    section.querySelectorAll("[data-bit]").forEach(function (box) { box.checked = Boolean(mask >> box.dataset.bit & 1); });
    const slider = section.querySelector("[type=range]");
    slider.value = place;
    slider.setAttribute("aria-valuetext", year);
    section.querySelector("output").textContent = year;
    const whole = { portfolio: named(mask, says), year: year, people: tens(gained), total: hundreds(table.none[place] + gained),
      none: hundreds(table.none[place]), range: interval(gained, spread, says, tens) };
    const form = !mask ? says.headline_none : spread === null ? says.headline_bare : says.headline;
    section.querySelector(".chooser-headline").textContent = filled(form, whole);

    function put(key, text, exact, range) {
      const cell = section.querySelector("[data-figure=" + key + "]");
      if (!cell) return;
      cell.textContent = text;
      cell.dataset.value = exact;
      if (range && mask) {
        const small = document.createElement("span");
        small.className = "small";
        small.textContent = range;
        cell.appendChild(small);
      }
    }
    const at = people[mask], horizon = half(end, mask), cost = costs[mask];
    put("people", filled(says.count, whole), gained, filled(says.totals, whole));
    put("share", percent(at / table.gap, says.percent), at / table.gap,
      interval(at / table.gap, horizon === null ? null : horizon / table.gap, { chance: says.range }, function (one) { return percent(one, says.percent); }));
    ["births", "moves_net", "marriages"].forEach(function (key) {
      const sum = value(key, mask);
      put(key, filled(key === "marriages" ? says.marriages : says.count, { people: tens(sum) }), sum, interval(sum, half(key, mask), { chance: says.range }, tens));
    });
    const paid = filled(says.cost, { cost: rough(cost / says.cost_unit) });
    put("cost", paid, cost);
    put("efficiency", cost ? rough(100 * at / cost) : "—", cost ? 100 * at / cost : "",
      cost && horizon !== null ? filled(says.range, { low: rough(100 * (at - horizon) / cost), high: rough(100 * (at + horizon) / cost) }) : "");

    const other = better(mask);
    const more = other === null ? 0 : people[other] - at;
    const rank = other === null ? says.on_front : more <= halfApart(end, other, mask) ? says.better_chance : says.better;
    section.querySelector(".chooser-front").textContent = mask ? filled(rank, { portfolio: named(other, says), people: rough(more) }) : "";

    const line = section.querySelector(".chooser-line"), scatter = section.querySelector(".chooser-scatter");
    const range = { low: lowest - room, high: highest + room, shown: function (one) { return signed(Math.round(one), ""); }, words: says };
    drawings.line(line, Object.assign({ years: table.years, place: place,
      ticked: table.years.map(function (_, one) { return value(one, mask); }),
      half: table.years.map(function (_, one) { return half(one, mask) || 0; }),
      all: table.years.map(function (_, one) { return value(one, everything); }) }, range));
    drawings.scatter(scatter, Object.assign({ costs: costs, people: people, front: table.front, mask: mask,
      unit: Number(says.axis_unit), plain: function (one) { return signed(Math.round(one), ""); } }, range));
    line.setAttribute("aria-label", filled(says.line, { people: tens(at), all: tens(people[everything]) }));
    scatter.setAttribute("aria-label", filled(says.front, { cost: paid, people: tens(at) }));
  }

  function showAll() { sections.forEach(function (section) { show(section, JSON.parse(section.dataset.says)); }); }

  // Behind the address: keys joined by +, or `all`, or `none`; what is no package or year of the table is passed over.
  function readAddress() {
    const asked = /[#&]portfolio=([^&]*)/.exec(location.hash), year = /[#&]year=(\d+)/.exec(location.hash);
    if (asked) {
      const keys = decodeURIComponent(asked[1]).split(/[+, ]/);
      state.mask = asked[1] === "all" ? everything : table.packages.reduce(function (mask, key, bit) {
        return keys.indexOf(key) < 0 ? mask : mask | 1 << bit;
      }, 0);
    }
    const place = year ? table.years.indexOf(Number(year[1])) : -1;
    if (place >= 0) state.place = place;
  }
  function writeAddress() {
    const keys = table.packages.filter(function (_, bit) { return state.mask >> bit & 1; }).map(encodeURIComponent);
    const portfolio = state.mask === everything ? "all" : keys.join("+") || "none";
    const hash = "#" + document.documentElement.lang + "&portfolio=" + portfolio + "&year=" + table.years[state.place];
    try { history.replaceState(null, "", hash); } catch (error) { /* some viewers let no page change its address */ }
  }
  let writing = 0;
  function choose(mask, place) {
    state.mask = mask;
    state.place = place;
    clearTimeout(writing);
    writing = setTimeout(writeAddress, 300);  // once a drag of the slider rests: browsers refuse hundreds of addresses
    showAll();
  }

  sections.forEach(function (section) {
    section.querySelector(".chooser-still").hidden = true;
    section.querySelector(".chooser-live").hidden = false;
    section.querySelectorAll("[data-bit]").forEach(function (box) {
      box.addEventListener("change", function () { choose(state.mask ^ 1 << box.dataset.bit, state.place); });
    });
    section.querySelectorAll("[data-ticks]").forEach(function (button) {
      button.addEventListener("click", function () { choose(button.dataset.ticks === "all" ? everything : 0, state.place); });
    });
    section.querySelector("[type=range]").addEventListener("input", function (event) { choose(state.mask, Number(event.target.value)); });
  });
  window.addEventListener("hashchange", function () { readAddress(); showAll(); });
  readAddress();
  showAll();
});
