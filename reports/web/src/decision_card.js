// The decision record in words: what was asked, what limited it, what came of it.
import { el } from "./dom.js";
import { span } from "./format.js";
import { kindOf } from "./markers.js";

const HEADLINE = { up: "Scale up", down: "Scale down", same: "No change", refused: "Not applied" };

const show = (value, digits = 4) => {
  if (value === null || value === undefined || value === "") return "–";
  return typeof value === "number" ? String(+value.toPrecision(digits)) : String(value);
};

function inputsTable(decision) {
  const inputs = decision.inputs ?? [];
  if (inputs.length === 0) return el("p", { class: "note" }, "No metric was read.");
  const rows = inputs.map((input) => {
    const won = input.metric === decision.selected;
    return el(
      "tr",
      won ? { class: "won" } : {},
      el("th", { scope: "row" }, show(input.metric), won ? el("span", { class: "tag" }, "decides") : null),
      el("td", { class: "num" }, show(input.value)),
      el("td", { class: "num" }, show(input.target)),
      el("td", { class: "num" }, typeof input.ageSeconds === "number" ? `${show(input.ageSeconds, 3)} s` : "–"),
      el("td", { class: "num" }, show(input.wants)),
      input.note ? el("td", { class: "note" }, input.note) : null,
    );
  });
  const heads = ["Metric", "Value", "Target", "Age", "Wants"].map((text, i) =>
    el("th", { scope: "col", class: i ? "num" : "" }, text),
  );
  return el("table", { class: "inputs" }, el("thead", {}, el("tr", {}, ...heads)), el("tbody", {}, ...rows));
}

function stepsList(decision) {
  const field = decision.field && decision.field !== "replicas" ? ` (${decision.field})` : "";
  const steps = (decision.steps ?? []).map((step) =>
    el(
      "li",
      {},
      el("span", { class: "change" }, `${show(step.before)} → ${show(step.after)}`),
      el("code", {}, show(step.rule)),
      el("span", { class: "why" }, step.why ?? ""),
    ),
  );
  const raw = el(
    "li",
    {},
    el("span", { class: "change" }, show(decision.raw)),
    el("span", { class: "why" }, "what the metrics asked for (raw)"),
  );
  const final = el(
    "li",
    { class: "final" },
    el("span", { class: "change" }, show(decision.final)),
    el("span", { class: "why" }, `decided${field}, ${show(decision.current)} before`),
  );
  return el("ol", { class: "steps" }, raw, ...steps, final);
}

function appliedLine(decision) {
  const applied = decision.applied ?? {};
  const delay =
    typeof applied.latencyMs === "number" && applied.latencyMs > 0 ? ` in ${show(applied.latencyMs)} ms` : "";
  const word = applied.ok === false ? "Not applied" : "Applied";
  return el("p", { class: "applied" }, el("strong", {}, `${word}: `), `${show(applied.status)}${delay}`);
}

function repeatedNote(decision, clock) {
  if (decision.count < 2) return "";
  const length = span(decision.until - decision.at);
  return `; the same answer ${decision.count} times until ${clock.at(decision.until)} (${length}), first one shown`;
}

// actions: { step(n), change(n), close() } move among the decisions.
export function renderDecision(card, policy, decision, clock, actions) {
  const kind = kindOf(decision);
  const button = (text, label, act) =>
    el("button", { type: "button", "aria-label": label, title: label, onclick: act }, text);
  card.replaceChildren(
    el(
      "div",
      { class: "cardhead" },
      el("h3", {}, `${clock.at(decision.at)} ${HEADLINE[kind]}`),
      el(
        "div",
        { class: "buttons" },
        button("«", "Previous change", () => actions.change(-1)),
        button("‹", "Previous decision", () => actions.step(-1)),
        button("›", "Next decision", () => actions.step(1)),
        button("»", "Next change", () => actions.change(1)),
        button("✕", "Close the record", actions.close),
      ),
    ),
    el(
      "p",
      { class: `headline ${kind}` },
      `${show(decision.current)} → ${show(decision.final)}`,
      el("small", {}, ` ${decision.field ?? "replicas"} of ${show(decision.target)}`),
    ),
    el("p", { class: "note" }, `${policy.name}, trigger: ${show(decision.trigger)}`, repeatedNote(decision, clock)),
    decision.error ? el("p", { class: "error" }, decision.error) : "",
    el("h4", {}, "Inputs"),
    inputsTable(decision),
    el("h4", {}, "From raw to final"),
    stepsList(decision),
    appliedLine(decision),
  );
}
