// What each panel shows, as plain descriptions: which lines, in which colour, dash and form. No drawing here.
import { FAILED_MS, latency, limit, shortNumber } from "./format.js";

export const PERCENTILES = { p50Ms: "p50", p95Ms: "p95", p99Ms: "p99" };
const PERCENTILE_DASH = { p50Ms: [2, 3], p95Ms: [7, 4], p99Ms: [] };

// The policies that are on screen, as indices.
export function shownPolicies(view) {
  return view.compare ? [...view.shown].sort((a, b) => a - b) : [view.policy];
}

function lineFor(run, palette, p, column, more) {
  const { color, dash } = palette.policies[p];
  return {
    policy: p,
    label: run.policies[p].name,
    values: run.policies[p].columns[column],
    color,
    dash,
    width: 2,
    ...more,
  };
}

function demandPanel(run, view, palette) {
  const shown = shownPolicies(view);
  const first = run.policies[shown[0] ?? 0].columns;
  const lines = [{ label: "demand", values: first.arrivals, color: palette.ink, dash: [], width: 1.5 }];
  for (const p of shown) {
    const label = view.compare ? run.policies[p].name : "capacity";
    lines.push(
      lineFor(run, palette, p, "capacity", { label, step: true, dash: view.compare ? palette.policies[p].dash : [] }),
    );
  }
  const band = first["arrivals.max"] ? { low: first["arrivals.min"], high: first["arrivals.max"] } : null;
  const of = run.policies[view.policy].columns;
  const shortage = { demand: of.arrivals, capacity: of.capacity };
  return {
    id: "demand",
    title: "Demand against capacity",
    unit: "requests/s",
    height: 190,
    lines,
    band,
    shortage,
    headroom: 1.25,
    note: view.compare ? "" : "shaded: demand that the ready pods cannot serve",
  };
}

function replicasPanel(run, view, palette) {
  const lines = [];
  for (const p of shownPolicies(view)) {
    const name = run.policies[p].name;
    const thin = { step: true, width: 1.25 };
    const solid = { step: true, width: 2.25, dash: view.compare ? palette.policies[p].dash : [] };
    lines.push(
      lineFor(run, palette, p, "desired", {
        ...thin,
        label: view.compare ? null : "asked for",
        dash: view.compare ? [] : [5, 3],
        faint: view.compare,
      }),
    );
    lines.push(lineFor(run, palette, p, "ready", { ...solid, label: view.compare ? name : "ready" }));
  }
  const note = view.compare ? "thick: ready, thin: asked for" : "markers: decisions";
  return { id: "replicas", title: "Replicas", unit: "pods", height: 230, lines, markers: true, note };
}

// Seconds without an answer have no latency: they are drawn in a band of their own above all that was measured.
function withFailedBand(panel, slo) {
  let least = Infinity;
  let most = slo ? slo.latencyMs : 0;
  let failed = false;
  for (const line of panel.lines) {
    for (const ms of line.values) {
      if (ms === null || ms <= 0) continue;
      if (ms >= FAILED_MS) failed = true;
      else [least, most] = [Math.min(least, ms), Math.max(most, ms)];
    }
  }
  if (least === Infinity) least = Math.max(1, most / 10);
  const ceiling = most * 1.5;
  const band = failed ? { from: ceiling, to: ceiling * 2.4, at: ceiling * Math.sqrt(2.4) } : null;
  const clip = (ms) => (ms === null || ms <= 0 ? null : ms >= FAILED_MS ? band.at : ms);
  return {
    ...panel,
    log: true,
    range: [least * 0.75, band ? band.to : ceiling],
    failedBand: band,
    lines: panel.lines.map((line) => ({ ...line, raw: line.values, values: line.values.map(clip) })),
  };
}

function latencyPanel(run, view, palette) {
  const lines = [];
  for (const p of shownPolicies(view)) {
    if (view.compare) {
      lines.push(lineFor(run, palette, p, view.percentile));
      continue;
    }
    for (const [column, label] of Object.entries(PERCENTILES)) {
      lines.push(
        lineFor(run, palette, p, column, { label, dash: PERCENTILE_DASH[column], width: column === "p99Ms" ? 2 : 1.5 }),
      );
    }
  }
  const title = view.compare ? `Latency, ${PERCENTILES[view.percentile]}` : "Latency";
  const slow = run.slo
    ? run.policies[view.policy].columns[run.slo.column].map((ms) => ms !== null && ms > run.slo.latencyMs)
    : null;
  const panel = {
    id: "latency",
    title,
    unit: "log scale",
    height: 230,
    lines,
    format: latency,
    slow: view.compare ? null : slow,
  };
  panel.limit = run.slo
    ? { at: run.slo.latencyMs, label: `objective: ${run.slo.percentile} within ${limit(run.slo.latencyMs)}` }
    : null;
  panel.note = panel.slow ? "shaded: over the objective" : "";
  return withFailedBand(panel, run.slo);
}

function simplePanel(run, view, palette, id, title, unit, column, more) {
  const shown = shownPolicies(view);
  const lines = shown.map((p) =>
    lineFor(run, palette, p, column, {
      label: view.compare ? run.policies[p].name : unit,
      dash: view.compare ? palette.policies[p].dash : [],
      ...more,
    }),
  );
  return { id, title, unit, height: 130, lines };
}

export function describePanels(run, view, palette) {
  const failed = run.bucketSeconds > 0 ? "failed.max" : "failed";
  return [
    demandPanel(run, view, palette),
    replicasPanel(run, view, palette),
    latencyPanel(run, view, palette),
    simplePanel(run, view, palette, "failures", "Failed requests", "per second", failed, {
      fill: !view.compare,
      label: view.compare ? undefined : "failed",
    }),
    simplePanel(run, view, palette, "nodes", "Nodes", "", "nodes", {
      step: true,
      label: view.compare ? undefined : "nodes",
    }),
  ].map((panel) => ({
    format: shortNumber,
    ...panel,
    lines: panel.lines.map((l) => ({ ...l, label: l.label === undefined ? run.policies[l.policy].name : l.label })),
  }));
}
