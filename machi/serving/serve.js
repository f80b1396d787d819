// The what-if: strengths out, sentences and figures in. Everything that is shown comes from the program behind this page;
// only the newest question is lived there, year by year, and this page asks how far it is until it is answered.
document.addEventListener("DOMContentLoaded", function () {
  "use strict";
  const REST = 200, LOOK = 100;  // milliseconds: a slider rests before it asks, and between two looks at the progress
  const setting = JSON.parse(document.body.dataset.setting);
  const sections = Array.from(document.querySelectorAll(".what-if"));
  const state = { strengths: {}, people: "tenth", seeds: 4, first_seed: 1, year: setting.end };
  let asking = 0, looking = 0, number = 0, round = 0;

  function filled(sentence, values) {
    return sentence.replace(/\{(\w+)\}/g, function (whole, name) { return name in values ? values[name] : whole; });
  }
  function each(work) {
    sections.forEach(function (section) { work(section, JSON.parse(section.dataset.says), section.closest("article").lang); });
  }

  function showControls() {
    each(function (section) {
      section.querySelectorAll("[data-strength]").forEach(function (slider) {
        const value = state.strengths[slider.dataset.strength] || 0;
        slider.value = value;
        slider.nextElementSibling.textContent = value;
      });
      section.querySelectorAll("[data-choice]").forEach(function (control) {
        if (document.activeElement !== control || control.type !== "number") control.value = state[control.dataset.choice];
      });
      const year = section.querySelector("[data-choice=year]");
      year.setAttribute("aria-valuetext", state.year);
      year.nextElementSibling.textContent = state.year;
    });
  }
  function showStatus(key, values, share) {
    each(function (section, says) {
      section.querySelector(".status-line").textContent = filled(says[key], values || {});
      section.querySelector("progress").value = share;
      section.querySelector(".answer").setAttribute("aria-busy", String(key === "running" || key === "waiting"));
    });
  }

  function put(cell, figure) {
    cell.textContent = figure.text;
    cell.dataset.value = figure.value === null ? "" : figure.value;
    if (!figure.range) return;
    const small = document.createElement("span");
    small.className = "small";
    small.textContent = figure.range;
    cell.appendChild(small);
  }
  function fillTable(body, rows) {
    body.textContent = "";
    rows.forEach(function (row) {
      const line = document.createElement("tr");
      row.forEach(function (text, place) {
        const cell = document.createElement(place ? "td" : "th");
        if (place) cell.className = "figure"; else cell.scope = "row";
        cell.textContent = text;
        line.appendChild(cell);
      });
      body.appendChild(line);
    });
  }

  // The difference by year: one thin line a seed, their mean, the range of chance where there are seeds to tell it.
  function draw(svg, answer, caption) {
    const every = answer.each.reduce(function (all, one) { return all.concat(one); }, answer.mean);
    let low = Math.min.apply(null, every.concat(answer.low || [])), high = Math.max.apply(null, every.concat(answer.high || []));
    low = Math.min(low, 0) - 5;  // wide enough for whole numbers on the axis
    high = Math.max(high, 0) + 5;
    drawings.course(svg, { years: answer.years, low: low - 0.05 * (high - low), high: high + 0.05 * (high - low), year: answer.year,
      mean: answer.mean, each: answer.each, lower: answer.low, upper: answer.high });
    svg.setAttribute("aria-label", caption);
  }
  function showAnswer(answer) {
    each(function (section, says, lang) {
      const told = answer[lang];
      section.querySelector(".headline").textContent = told.headline;
      const sketch = section.querySelector(".sketch");
      const kinds = [answer.seeds === 1 ? says.sketch_seed : "", state.people === "tenth" ? says.sketch_tenth : ""];
      sketch.textContent = kinds.filter(Boolean).join(" ");
      sketch.hidden = !sketch.textContent;
      section.querySelectorAll("[data-figure]").forEach(function (cell) { put(cell, told.figures[cell.dataset.figure]); });
      draw(section.querySelector(".what-if-line"), answer, told.line);
      fillTable(section.querySelector("tbody"), told.rows);
    });
  }

  function look() {
    const mine = round;
    fetch("state", { cache: "no-store" }).then(function (reply) { return reply.json(); }).then(function (found) {
      if (mine !== round) return;
      if (found.number !== number) return showStatus("superseded", {}, 0);
      if (found.phase === "failed") return showStatus("failed", { problem: found.problem }, 0);
      if (found.answer) showAnswer(found.answer);
      if (found.phase === "done") return showStatus("done", { seeds: found.answer.seeds }, 1);
      showStatus("running", { seeds: found.answer ? found.answer.seeds : 0, of: state.seeds,
        percent: Math.round(100 * found.years / (found.of_years || 1)) }, found.years / (found.of_years || 1));
      looking = setTimeout(look, LOOK);
    }).catch(gone(mine));
  }
  function gone(mine) {
    return function () { if (mine === round) showStatus("gone", {}, 0); };
  }
  function ask() {
    const mine = ++round;
    clearTimeout(looking);
    fetch("question", { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(state) })
      .then(function (reply) { return reply.json(); }).then(function (found) {
        if (mine !== round) return;
        if (found.problem) return showStatus("failed", { problem: found.problem }, 0);
        number = found.number;
        looking = setTimeout(look, LOOK / 4);
      }).catch(gone(mine));
  }
  function change(at_once) {
    round += 1;  // what is still being asked about is no answer to the newer choice
    clearTimeout(looking);
    showControls();
    showStatus("waiting", {}, 0);
    clearTimeout(asking);
    asking = setTimeout(ask, at_once ? 0 : REST);
  }

  sections.forEach(function (section) {
    section.querySelector(".what-if-still").hidden = true;
    section.querySelector(".what-if-live").hidden = false;
    const year = section.querySelector("[data-choice=year]");
    year.min = setting.start + 1;
    year.max = setting.end;
    section.querySelectorAll("[data-strength]").forEach(function (slider) {
      slider.addEventListener("input", function () { state.strengths[slider.dataset.strength] = Number(slider.value); change(false); });
    });
    section.querySelectorAll("[data-every]").forEach(function (button) {
      button.addEventListener("click", function () {
        section.querySelectorAll("[data-strength]").forEach(function (slider) { state.strengths[slider.dataset.strength] = Number(button.dataset.every); });
        change(true);
      });
    });
    section.querySelectorAll("[data-choice]").forEach(function (control) {
      control.addEventListener("input", function () {
        const value = control.tagName === "SELECT" && control.dataset.choice === "people" ? control.value : Number(control.value);
        if (typeof value === "number" && (!control.checkValidity() || !Number.isInteger(value) || value < 1)) return;
        state[control.dataset.choice] = value;
        change(control.tagName === "SELECT");
      });
    });
  });
  change(true);
});
