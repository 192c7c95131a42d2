// The controls above the charts: one policy or several, which, which percentile, and the zoom.
import { PERCENTILES } from "./panels.js";
import { el, swatch } from "./dom.js";

function choice(name, value, text, checked, change, type = "radio") {
  const input = el("input", { type, name, value, checked, onchange: () => change(input) });
  return el("label", { class: "choice" }, input, text);
}

export function makeToolbar(stage) {
  const { run, view } = stage;
  const modes = el("fieldset", { class: "group modes" }, el("legend", {}, "View"));
  const policies = el("fieldset", { class: "group", id: "policies" }, el("legend", {}, "Policies"));
  const percentiles = el("fieldset", { class: "group" }, el("legend", {}, "Latency"));
  const decisions = el("select", {
    id: "decisions-of",
    onchange: (event) => stage.showPolicy(Number(event.target.value)),
  });
  const decisionsLabel = el("label", { class: "group" }, "Decisions of ", decisions);
  const clock = el("output", { class: "clock", "aria-label": "Time at the cursor" });
  const button = (text, label, act) =>
    el("button", { type: "button", "aria-label": label, title: label, onclick: act }, text);
  const whole = button("Whole run", "Show the whole run", () => stage.setRange(null, null));
  const zoom = el(
    "div",
    { class: "group zoom", role: "group", "aria-label": "Zoom" },
    button("◀", "Earlier", () => stage.pan(-0.5)),
    button("−", "Zoom out", () => stage.zoom(2)),
    button("+", "Zoom in", () => stage.zoom(0.5)),
    button("▶", "Later", () => stage.pan(0.5)),
    whole,
  );

  const setMode = (compare) => {
    view.compare = compare;
    stage.rebuild();
  };
  modes.append(
    choice("mode", "one", "One policy", !view.compare, () => setMode(false)),
    choice("mode", "compare", "Compare", view.compare, () => setMode(true)),
  );
  modes.hidden = run.policies.length < 2;
  for (const [column, name] of Object.entries(PERCENTILES)) {
    percentiles.append(
      choice("percentile", column, name, column === view.percentile, () => {
        view.percentile = column;
        stage.rebuild();
      }),
    );
  }

  function policyChoice(policy, p) {
    const label = el(
      "span",
      {},
      swatch(stage.palette.policies[p].color, view.compare ? stage.palette.policies[p].dash : []),
      policy.name,
    );
    if (!view.compare) return choice("policy", p, label, p === view.policy, () => stage.showPolicy(p));
    return choice(
      "policy",
      p,
      label,
      view.shown.has(p),
      (input) => {
        if (input.checked) view.shown.add(p);
        else if (view.shown.size > 1) view.shown.delete(p);
        if (!view.shown.has(view.policy)) {
          view.policy = Math.min(...view.shown);
          stage.closeDecision();
        }
        stage.rebuild();
      },
      "checkbox",
    );
  }

  return {
    element: el(
      "div",
      { class: "toolbar", role: "toolbar", "aria-label": "Chart controls" },
      modes,
      policies,
      percentiles,
      decisionsLabel,
      zoom,
      clock,
    ),
    update() {
      policies.hidden = run.policies.length < 2;
      const focused = policies.contains(document.activeElement) ? document.activeElement.value : null;
      policies.replaceChildren(policies.firstChild, ...run.policies.map(policyChoice));
      if (focused !== null) policies.querySelector(`input[value="${focused}"]`)?.focus();
      percentiles.hidden = !view.compare;
      decisionsLabel.hidden = !view.compare;
      decisions.replaceChildren(
        ...[...view.shown]
          .sort((a, b) => a - b)
          .map((p) => el("option", { value: p, selected: p === view.policy }, run.policies[p].name)),
      );
    },
    zoomed(is) {
      whole.disabled = !is;
    },
    time(text) {
      clock.textContent = text ? `${text} ${stage.clock.zone}` : "";
    },
  };
}
