// The address says what is in view, so that a moment can be passed on:
// report.html#p=hpa-default&t=19:30:00-19:40:00&d=17

export function wireLink(stage) {
  const { run, clock, view } = stage;
  const parameters = new URLSearchParams(location.hash.slice(1));
  const policy = run.policies.findIndex(({ name }) => name === parameters.get("p"));
  if (policy >= 0) stage.showPolicy(policy);
  const [from, to] = (parameters.get("t") ?? "").split("-").map((text) => clock.parse(text));
  if (from !== null && to !== null && from < to) stage.setRange(from, to);
  const decision = Number(parameters.get("d") ?? NaN);
  if (Number.isInteger(decision) && run.policies[view.policy].decisions[decision]) stage.goToDecision(decision);

  let due = null;
  const write = () => {
    const link = new URLSearchParams();
    if (run.policies.length > 1) link.set("p", run.policies[view.policy].name);
    if (view.from !== null) link.set("t", `${clock.link(view.from)}-${clock.link(view.to)}`);
    if (stage.openIndex !== undefined) link.set("d", stage.openIndex);
    history.replaceState(null, "", `#${link.toString().replaceAll("%3A", ":")}`);
  };
  stage.onchange = () => {
    clearTimeout(due);
    due = setTimeout(write, 200);
  };
}
