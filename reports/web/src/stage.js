// The chart area: panels with one cursor and one zoom, the choice of policies, and the decision card beside them.
import { Markers, kindOf } from "./markers.js";
import { PERCENTILES, describePanels, shownPolicies } from "./panels.js";
import { el, swatch } from "./dom.js";
import { latency, shortNumber } from "./format.js";
import { makePlot } from "./plot.js";
import { readPalette } from "./palette.js";
import { renderDecision } from "./decision_card.js";
import { makeDataTable } from "./data_table.js";
import { makeToolbar } from "./toolbar.js";

const SYNC = "gamenight";
const SPEAK_AFTER_MS = 350;

// The policy with the most seconds over the objective is the one to look at first.
function mostDegraded(run) {
  if (!run.slo) return 0;
  const slow = run.policies.map(({ columns }) => columns[run.slo.column].filter((ms) => ms > run.slo.latencyMs).length);
  return slow.indexOf(Math.max(...slow));
}

export class Stage {
  constructor(root, run, clock) {
    Object.assign(this, { root, run, clock, plots: [], cursor: null });
    const percentile = run.slo?.column ?? "p95Ms";
    this.view = {
      compare: false,
      policy: mostDegraded(run),
      shown: new Set(run.policies.keys()),
      percentile,
      from: null,
      to: null,
    };
    this.markers = new Markers(
      clock,
      (i) => this.openDecision(i),
      (at) => this.reveal(at),
    );
    this.toolbar = makeToolbar(this);
    this.panels = el("div", {
      class: "panels",
      tabindex: 0,
      role: "group",
      "aria-label": "Charts over time",
      "aria-describedby": "chart-keys",
      onkeydown: (event) => this.#key(event),
    });
    this.card = el("aside", { class: "card", id: "decision", "aria-live": "polite", "aria-label": "Decision record" });
    this.status = el("p", { class: "hidden", role: "status", "aria-live": "polite", id: "cursor-status" });
    const keys = el(
      "p",
      { class: "note", id: "chart-keys" },
      "Drag to zoom, double-click for the whole run. Keys: arrows move the cursor, + and − zoom, Shift with arrows pans, " +
        "0 shows the whole run. Tab reaches the decisions.",
    );
    const resolution =
      run.bucketSeconds > 0
        ? el(
            "p",
            { class: "note" },
            `A point stands for ${run.bucketSeconds} s: mean demand with its least and most, worst latency, ` +
              "most replicas asked for, fewest ready.",
          )
        : null;
    this.table = makeDataTable(this);
    root.append(
      this.toolbar.element,
      el("div", { class: "stage" }, el("div", { class: "left" }, this.panels, keys, resolution ?? ""), this.card),
      this.table.element,
      this.status,
    );
    new ResizeObserver(() => this.#resize()).observe(this.panels);
    this.rebuild();
  }

  get first() {
    return this.run.t[0] ?? 0;
  }
  get last() {
    return this.run.t[this.run.t.length - 1] ?? 1;
  }
  get range() {
    return [this.view.from ?? this.first, this.view.to ?? this.last];
  }

  // After any change of policies, mode or theme: cheap enough to start over.
  rebuild() {
    this.palette = readPalette(this.run.policies.length);
    this.plots.forEach(({ plot }) => plot.destroy());
    this.panels.replaceChildren();
    this.plots = describePanels(this.run, this.view, this.palette).map((panel) => this.#addPanel(panel));
    this.toolbar.update();
    this.setRange(...this.range);
    if (this.openIndex === undefined) this.#emptyCard();
  }

  #addPanel(panel) {
    const legend = el("div", { class: "legend" });
    const values = panel.lines.map((line) => {
      const value = el("span", { class: "value" });
      if (line.label !== null)
        legend.append(el("span", { class: "item" }, swatch(line.color, line.dash, line.width), line.label, value));
      return value;
    });
    const host = el("div", { class: "plot" });
    this.panels.append(
      el(
        "figure",
        { class: "panel", id: `panel-${panel.id}`, "aria-label": `${panel.title}, ${panel.unit}` },
        el(
          "figcaption",
          {},
          el("b", {}, panel.title),
          el("span", { class: "unit" }, panel.unit),
          legend,
          panel.note ? el("span", { class: "note" }, panel.note) : null,
        ),
        host,
      ),
    );
    const entry = { panel, values, host };
    entry.plot = makePlot(host, panel, this.run, this.clock, this.palette, SYNC, {
      range: (from, to) => this.setRange(from, to),
      cursor: (index) => this.#readout(entry, index),
      drawn: panel.markers ? (u) => this.markers.layout(u) : undefined,
    });
    if (panel.markers) {
      this.markers.attach(
        entry.plot,
        this.run.policies[this.view.policy].decisions,
        this.palette.policies[this.view.policy].color,
      );
      this.markers.layout(entry.plot);
    }
    return entry;
  }

  #readout(entry, index) {
    this.cursor = index;
    entry.values.forEach((value, i) => {
      const line = entry.panel.lines[i];
      value.textContent = index === null ? "" : entry.panel.format((line.raw ?? line.values)[index]);
    });
    this.toolbar.time(index === null ? "" : this.clock.at(this.run.t[index]));
  }

  setRange(from, to) {
    const least = Math.max(this.run.bucketSeconds || 1, 1) * 4;
    let [min, max] = [from ?? this.first, to ?? this.last];
    if (max - min < least) [min, max] = [(min + max - least) / 2, (min + max + least) / 2];
    min = Math.max(min, this.first);
    max = Math.min(max, this.last);
    const whole = min <= this.first && max >= this.last;
    [this.view.from, this.view.to] = whole ? [null, null] : [min, max];
    this.plots.forEach(({ plot }) => plot.setScale("x", { min, max }));
    this.toolbar.zoomed(!whole);
    this.table.update();
    this.onchange?.();
  }

  zoom(factor) {
    const [from, to] = this.range;
    const at = this.cursor === null ? (from + to) / 2 : Math.min(to, Math.max(from, this.run.t[this.cursor]));
    this.setRange(at - (at - from) * factor, at + (to - at) * factor);
  }

  pan(share) {
    const [from, to] = this.range;
    const by = Math.max(this.first - from, Math.min(this.last - to, (to - from) * share));
    this.setRange(from + by, to + by);
  }

  reveal(at) {
    const [from, to] = this.range;
    const half = (to - from) / 2;
    const middle = Math.max(this.first + half, Math.min(this.last - half, at));
    this.setRange(middle - half, middle + half);
  }

  // Turns to one policy, as the response table and links do.
  showPolicy(policy) {
    this.closeDecision();
    this.view.policy = policy;
    this.view.shown.add(policy);
    this.rebuild();
  }

  goToDecision(index) {
    this.markers.select(index);
    this.openDecision(index);
  }

  openDecision(index) {
    const policy = this.run.policies[this.view.policy];
    this.openIndex = index;
    const move = (to) => {
      if (to < 0 || to >= policy.decisions.length) return;
      this.goToDecision(to);
    };
    renderDecision(this.card, policy, policy.decisions[index], this.clock, {
      step: (by) => move(index + by),
      change: (by) => {
        let to = index + by;
        while (to >= 0 && to < policy.decisions.length && kindOf(policy.decisions[to]) === "same") to += by;
        move(to);
      },
      close: () => this.closeDecision(),
    });
    this.markers.pressed(index);
    this.onchange?.();
  }

  closeDecision() {
    this.openIndex = undefined;
    this.markers.pressed(undefined);
    this.#emptyCard();
    this.onchange?.();
  }

  #emptyCard() {
    const count = this.run.policies[this.view.policy].decisions.length;
    this.card.replaceChildren(
      el("h3", {}, "Decisions"),
      el(
        "p",
        { class: "note" },
        count
          ? "Choose a marker on the replicas panel to read why the scaler did what it did."
          : "This run has no decisions for this policy.",
      ),
    );
  }

  #moveCursor(index) {
    const to = Math.max(0, Math.min(this.run.t.length - 1, index));
    const t = this.run.t[to];
    const [from, until] = this.range;
    if (t < from || t > until) this.reveal(t);
    for (const { plot } of this.plots) {
      plot.setCursor({ left: plot.valToPos(t, "x"), top: plot.over.clientHeight / 2 }, true, false);
    }
    clearTimeout(this.speaking);
    this.speaking = setTimeout(() => {
      this.status.textContent = this.#spoken(to);
    }, SPEAK_AFTER_MS);
  }

  #spoken(index) {
    const parts = [this.clock.at(this.run.t[index])];
    for (const p of shownPolicies(this.view)) {
      const { name, columns } = this.run.policies[p];
      parts.push(
        `${name}: ${shortNumber(columns.arrivals[index])} requests per second against a capacity of ` +
          `${shortNumber(columns.capacity[index])}, ` +
          `${shortNumber(columns.ready[index])} of ${shortNumber(columns.desired[index])} replicas ready, ` +
          `${PERCENTILES[this.view.percentile]} ${latency(columns[this.view.percentile][index])}`,
      );
    }
    return parts.join(". ");
  }

  #key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const step = Math.max(
      1,
      Math.round((this.plots[0]?.plot.series[0].idxs ?? [0, 100]).reduce((a, b) => b - a) / 200),
    );
    const here = this.cursor ?? this.run.t.findIndex((t) => t >= this.range[0]);
    const acts = {
      ArrowRight: () => (event.shiftKey ? this.pan(0.25) : this.#moveCursor(here + step)),
      ArrowLeft: () => (event.shiftKey ? this.pan(-0.25) : this.#moveCursor(here - step)),
      Home: () => this.#moveCursor(this.run.t.findIndex((t) => t >= this.range[0])),
      End: () => this.#moveCursor(this.run.t.findLastIndex((t) => t <= this.range[1])),
      "+": () => this.zoom(0.5),
      "=": () => this.zoom(0.5),
      "-": () => this.zoom(2),
      0: () => this.setRange(null, null),
    };
    if (!acts[event.key]) return;
    event.preventDefault();
    acts[event.key]();
  }

  #resize() {
    this.root.style.setProperty("--bar", `${this.toolbar.element.offsetHeight}px`);
    for (const { plot, host, panel } of this.plots) {
      if (host.clientWidth > 0 && host.clientWidth !== plot.width)
        plot.setSize({ width: host.clientWidth, height: panel.height });
    }
  }
}
