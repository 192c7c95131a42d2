// The charts as a table, for those who cannot or would rather not see them: what is in view, 25 rows at a time; and all
// of it as CSV.
import { PERCENTILES } from "./panels.js";
import { el } from "./dom.js";
import { latency, shortNumber } from "./format.js";

const ROWS = 25;
const COLUMNS = {
  arrivals: "Demand",
  capacity: "Capacity",
  desired: "Asked for",
  ready: "Ready",
  p50Ms: "p50",
  p95Ms: "p95",
  p99Ms: "p99",
  failed: "Failed",
  nodes: "Nodes",
};

function csvOf(run) {
  const lines = [["policy", "t", ...Object.keys(COLUMNS)].join(",")];
  for (const { name, columns } of run.policies) {
    const quoted = `"${name.replaceAll('"', '""')}"`;
    run.t.forEach((t, i) => lines.push([quoted, t, ...Object.keys(COLUMNS).map((c) => columns[c][i] ?? "")].join(",")));
  }
  return `${lines.join("\n")}\n`;
}

function download(run) {
  const link = el("a", {
    href: URL.createObjectURL(new Blob([csvOf(run)], { type: "text/csv" })),
    download: `${run.scenario || "run"}.csv`,
  });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

export function makeDataTable(stage) {
  const { run, clock } = stage;
  let page = 0;
  const caption = el("caption", { class: "note" });
  const body = el("tbody");
  const move = (by) => () => {
    page += by;
    update();
  };
  const back = el("button", { type: "button", onclick: move(-1) }, "Earlier rows");
  const on = el("button", { type: "button", onclick: move(1) }, "Later rows");
  const save = el("button", { type: "button", onclick: () => download(run) }, "Save all as CSV");
  const heads = ["Time", ...Object.values(COLUMNS)].map((text, i) =>
    el("th", { scope: "col", class: i ? "num" : "" }, text),
  );
  const table = el("table", { class: "numbers" }, caption, el("thead", {}, el("tr", {}, ...heads)), body);
  const element = el(
    "details",
    { id: "numbers" },
    el("summary", {}, "The same as a table"),
    el("div", { class: "group" }, back, on, save),
    el("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": "Numbers" }, table),
  );

  function row(columns, i) {
    const cells = Object.keys(COLUMNS).map((name) =>
      el("td", { class: "num" }, (name in PERCENTILES ? latency : shortNumber)(columns[name][i])),
    );
    return el("tr", {}, el("th", { scope: "row" }, clock.at(run.t[i])), ...cells);
  }

  function update() {
    if (!element.open) return;
    const [from, to] = stage.range;
    const { name, columns } = run.policies[stage.view.policy];
    const inView = [...run.t.keys()].filter((i) => run.t[i] >= from && run.t[i] <= to);
    page = Math.max(0, Math.min(page, Math.ceil(inView.length / ROWS) - 1));
    const first = page * ROWS;
    const shown = inView.slice(first, first + ROWS);
    caption.textContent = `${name}: ${first + 1} to ${first + shown.length} of ${inView.length} points in view`;
    back.disabled = page === 0;
    on.disabled = (page + 1) * ROWS >= inView.length;
    body.replaceChildren(...shown.map((i) => row(columns, i)));
  }

  element.addEventListener("toggle", update);
  return { element, update };
}
