// Decision markers on the replicas panel: buttons, of which one is in the tab order and arrows reach the others.
import { el } from "./dom.js";

const GAP = 7; // px, the width of .marker; closer ones are left out, changes being placed before repetitions

export function kindOf(decision) {
  if (decision.field === "advice") return "same"; // it writes nothing
  if (decision.applied && decision.applied.ok === false) return "refused";
  if (decision.final > decision.current) return "up";
  if (decision.final < decision.current) return "down";
  return "same";
}

const SPOKEN = { up: "scale up", down: "scale down", same: "no change", refused: "not applied" };

export class Markers {
  // open(index) shows a decision; reveal(at) pans the panels so that a moment is in view.
  constructor(clock, open, reveal) {
    Object.assign(this, {
      clock,
      open,
      reveal,
      decisions: [],
      buttons: new Map(),
      current: 0,
      layer: null,
      opened: undefined,
    });
  }

  attach(plot, decisions, color) {
    this.layer = el("div", {
      class: "markers",
      role: "group",
      "aria-label": "Decisions; arrow keys move, Enter opens",
    });
    this.layer.style.setProperty("--marker", color);
    this.layer.addEventListener("keydown", (event) => this.#key(event));
    plot.over.append(this.layer);
    this.decisions = decisions;
    this.buttons.clear();
    this.current =
      this.opened ??
      Math.max(
        0,
        decisions.findIndex((d) => kindOf(d) !== "same"),
      );
  }

  // Puts the markers where the scales of `plot` now want them.
  layout(plot) {
    this.plot = plot;
    if (!this.layer) return;
    const width = plot.over.clientWidth;
    const taken = new Map(); // cell of GAP px -> x of the marker in it
    const wanted = new Map();
    const place = (index, always) => {
      const decision = this.decisions[index];
      const x = plot.valToPos(decision.at, "x");
      const cell = Math.floor(x / GAP);
      const crowded = [cell - 1, cell, cell + 1].some((c) => taken.has(c) && Math.abs(taken.get(c) - x) < GAP);
      if (x < -1 || x > width + 1 || wanted.has(index) || (crowded && !always)) return;
      taken.set(cell, x);
      wanted.set(index, x);
    };
    if (this.decisions.length) place(this.current, true);
    this.decisions.forEach((d, i) => kindOf(d) !== "same" && place(i, false));
    this.decisions.forEach((d, i) => kindOf(d) === "same" && place(i, false));
    for (const [index, button] of this.buttons) {
      if (wanted.has(index)) continue;
      button.remove();
      this.buttons.delete(index);
    }
    for (const [index, x] of wanted) {
      const button = this.#button(index);
      button.style.left = `${x}px`;
      button.style.top = `${plot.valToPos(this.decisions[index].final, "y")}px`;
    }
  }

  // Makes one the current: the one that Tab reaches, and that is in view.
  select(index) {
    this.current = index;
    this.#mark();
    const at = this.decisions[index].at;
    const { min, max } = this.plot.scales.x;
    if (at < min || at > max) this.reveal(at);
    this.layout(this.plot);
  }

  // Marks the one whose record is shown; undefined: none.
  pressed(index) {
    this.opened = index;
    this.#mark();
  }

  #mark() {
    for (const [i, button] of this.buttons) {
      button.tabIndex = i === this.current ? 0 : -1;
      button.setAttribute("aria-pressed", String(i === this.opened));
    }
  }

  #button(index) {
    const existing = this.buttons.get(index);
    if (existing) return existing;
    const decision = this.decisions[index];
    const kind = kindOf(decision);
    const label = `${this.clock.at(decision.at)} ${SPOKEN[kind]}, ${decision.current} to ${decision.final}`;
    const button = el("button", {
      type: "button",
      class: `marker ${kind}`,
      "data-decision": index,
      "aria-label": label,
      title: label,
      tabindex: index === this.current ? 0 : -1,
      "aria-pressed": String(index === this.opened),
      onmousedown: (event) => event.stopPropagation(),
      ondblclick: (event) => event.stopPropagation(),
      onclick: () => {
        this.select(index);
        this.open(index);
      },
    });
    this.layer.append(button);
    this.buttons.set(index, button);
    return button;
  }

  #key(event) {
    const last = this.decisions.length - 1;
    const to = { ArrowRight: this.current + 1, ArrowLeft: this.current - 1, Home: 0, End: last }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    if (to < 0 || to > last) return;
    this.select(to);
    this.buttons.get(to)?.focus({ preventScroll: true });
  }
}
