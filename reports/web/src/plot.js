// One panel on the screen: a uPlot with the project's axes, shading, limit and event lines.
import uPlot from "uplot";
import { limit, shortNumber } from "./format.js";

const AXIS_FONT = "12px system-ui, sans-serif";
const Y_AXIS_WIDTH = 64;

function logSplits([low, high], ceiling) {
  const splits = [];
  const steps = Math.log10(high / low) > 3 ? [1] : [1, 2, 5];
  for (let decade = 10 ** Math.floor(Math.log10(low)); decade <= high; decade *= 10) {
    for (const step of steps) {
      const at = decade * step;
      if (at >= low && at <= ceiling) splits.push(at);
    }
  }
  return splits;
}

function yAxis(panel, palette) {
  const axis = {
    stroke: palette.soft,
    font: AXIS_FONT,
    size: Y_AXIS_WIDTH,
    gap: 6,
    grid: { stroke: palette.grid, width: 1 },
    ticks: { show: false },
    values: (_, splits) => splits.map((v) => (v === null ? "" : shortNumber(v))),
    space: 34,
  };
  if (!panel.log) return axis;
  const band = panel.failedBand;
  axis.splits = () => [...logSplits(panel.range, band ? band.from : panel.range[1]), ...(band ? [band.at] : [])];
  axis.filter = (_, splits) => splits;
  axis.values = (_, splits) => splits.map((v) => (band && v === band.at ? "failed" : limit(v)));
  return axis;
}

function eachRun(flags, t, draw) {
  for (let i = 0; i < flags.length; i++) {
    if (!flags[i]) continue;
    let k = i;
    while (k + 1 < flags.length && flags[k + 1]) k++;
    draw(t[i], t[Math.min(k + 1, t.length - 1)]);
    i = k;
  }
}

function clipped(u, draw) {
  const { ctx } = u;
  const { left, top, width, height } = u.bbox;
  ctx.save();
  ctx.beginPath();
  ctx.rect(left, top, width, height);
  ctx.clip();
  draw(ctx, { left, top, width, height });
  ctx.restore();
}

function paintShortage(u, { demand, capacity }, palette) {
  clipped(u, (ctx) => {
    ctx.fillStyle = palette.short;
    ctx.beginPath();
    const [from, to] = u.series[0].idxs ?? [0, demand.length - 1];
    for (let i = from; i <= to; i++) {
      if (!(demand[i] > capacity[i])) continue;
      const x0 = u.valToPos(u.data[0][i], "x", true);
      const x1 = u.valToPos(u.data[0][Math.min(i + 1, to)], "x", true);
      const y0 = u.valToPos(demand[i], "y", true);
      ctx.rect(x0, y0, Math.max(1, x1 - x0), u.valToPos(capacity[i], "y", true) - y0);
    }
    ctx.fill();
  });
}

function paintBand(u, { low, high }, palette) {
  clipped(u, (ctx) => {
    ctx.fillStyle = palette.grid;
    ctx.beginPath();
    u.data[0].forEach(
      (t, i) => high[i] !== null && ctx.lineTo(u.valToPos(t, "x", true), u.valToPos(high[i], "y", true)),
    );
    for (let i = low.length - 1; i >= 0; i--) {
      if (low[i] !== null) ctx.lineTo(u.valToPos(u.data[0][i], "x", true), u.valToPos(low[i], "y", true));
    }
    ctx.fill();
  });
}

function paintSlow(u, flags, palette) {
  clipped(u, (ctx, box) => {
    ctx.fillStyle = palette.badWash;
    eachRun(flags, u.data[0], (from, to) => {
      const x0 = u.valToPos(from, "x", true);
      ctx.fillRect(x0, box.top, Math.max(2, u.valToPos(to, "x", true) - x0), box.height);
    });
  });
}

// Hatching, so that the band is no matter of colour.
function paintFailedBand(u, band, palette) {
  clipped(u, (ctx, box) => {
    const y0 = u.valToPos(band.to, "y", true);
    const y1 = u.valToPos(band.from, "y", true);
    ctx.beginPath();
    ctx.rect(box.left, y0, box.width, y1 - y0);
    ctx.clip();
    ctx.strokeStyle = palette.grid;
    ctx.lineWidth = devicePixelRatio;
    ctx.beginPath();
    for (let x = box.left - (y1 - y0); x < box.left + box.width; x += 8 * devicePixelRatio) {
      ctx.moveTo(x, y1);
      ctx.lineTo(x + (y1 - y0), y0);
    }
    ctx.moveTo(box.left, y1);
    ctx.lineTo(box.left + box.width, y1);
    ctx.stroke();
  });
}

function paintLimit(u, limit, palette) {
  clipped(u, (ctx, box) => {
    const y = Math.round(u.valToPos(limit.at, "y", true));
    ctx.strokeStyle = palette.bad;
    ctx.lineWidth = 1.5 * devicePixelRatio;
    ctx.setLineDash([10 * devicePixelRatio, 4 * devicePixelRatio]);
    ctx.beginPath();
    ctx.moveTo(box.left, y);
    ctx.lineTo(box.left + box.width, y);
    ctx.stroke();
    ctx.font = `${12 * devicePixelRatio}px system-ui, sans-serif`;
    ctx.textAlign = "left";
    ctx.textBaseline = "bottom";
    const x = box.left + 6 * devicePixelRatio;
    const width = ctx.measureText(limit.label).width;
    ctx.globalAlpha = 0.85;
    ctx.fillStyle = palette.panel;
    ctx.fillRect(
      x - 3 * devicePixelRatio,
      y - 18 * devicePixelRatio,
      width + 6 * devicePixelRatio,
      16 * devicePixelRatio,
    );
    ctx.globalAlpha = 1;
    ctx.fillStyle = palette.bad;
    ctx.fillText(limit.label, x, y - 3 * devicePixelRatio);
  });
}

function paintEvents(u, events, palette, labelled) {
  clipped(u, (ctx, box) => {
    ctx.strokeStyle = palette.soft;
    ctx.fillStyle = palette.soft;
    ctx.lineWidth = devicePixelRatio;
    ctx.font = `${12 * devicePixelRatio}px system-ui, sans-serif`;
    ctx.textBaseline = "top";
    let written = box.left; // where the last label ends
    for (const event of events) {
      const x = Math.round(u.valToPos(event.at, "x", true)) + 0.5;
      if (x < box.left || x > box.left + box.width) continue;
      ctx.setLineDash([2 * devicePixelRatio, 3 * devicePixelRatio]);
      ctx.beginPath();
      ctx.moveTo(x, box.top);
      ctx.lineTo(x, box.top + box.height);
      ctx.stroke();
      const width = ctx.measureText(event.name).width + 10 * devicePixelRatio;
      const room = box.left + box.width - x > width;
      if (!labelled || (room ? x : x - width) < written) continue;
      written = room ? x + width : x;
      ctx.textAlign = room ? "left" : "right";
      ctx.fillText(event.name, x + (room ? 5 : -5) * devicePixelRatio, box.top + 3 * devicePixelRatio);
    }
  });
}

function seriesOptions(line) {
  const faded = line.faint ? "99" : "";
  return {
    label: line.label ?? "",
    stroke: line.color + faded,
    width: line.width,
    dash: line.dash.length ? line.dash : undefined,
    fill: line.fill ? `${line.color}33` : undefined,
    paths: line.step ? uPlot.paths.stepped({ align: 1 }) : undefined,
    points: { show: false },
    spanGaps: false,
  };
}

// hooks: { range(min, max), cursor(index), drawn(u) }
export function makePlot(host, panel, run, clock, palette, syncKey, hooks) {
  const options = {
    width: host.clientWidth,
    height: panel.height,
    legend: { show: false },
    padding: [8, 12, 0, 0],
    cursor: {
      sync: { key: syncKey, setSeries: false },
      drag: { x: true, y: false, setScale: false },
      points: { size: 6 },
      y: false,
    },
    select: { show: true },
    scales: {
      x: { time: false },
      y: panel.log
        ? { distr: 3, range: () => panel.range }
        : { range: (_, __, max) => [0, max > 0 ? max * (panel.headroom ?? 1.08) : 1] },
    },
    axes: [
      {
        stroke: palette.soft,
        font: AXIS_FONT,
        size: 26,
        gap: 4,
        grid: { stroke: palette.grid, width: 1 },
        ticks: { show: false },
        splits: (u, _, min, max) => clock.ticks(min, max, Math.max(2, Math.floor(u.width / 110))),
        values: (_, splits) => splits.map((t) => clock.tick(t)),
      },
      yAxis(panel, palette),
    ],
    series: [{}, ...panel.lines.map(seriesOptions)],
    hooks: {
      drawClear: [
        (u) => {
          if (panel.slow) paintSlow(u, panel.slow, palette);
          if (panel.failedBand) paintFailedBand(u, panel.failedBand, palette);
        },
      ],
      drawAxes: [
        (u) => {
          if (panel.band) paintBand(u, panel.band, palette);
          if (panel.shortage) paintShortage(u, panel.shortage, palette);
          paintEvents(u, run.events, palette, panel.id === "demand");
        },
      ],
      draw: [
        (u) => {
          if (panel.limit) paintLimit(u, panel.limit, palette);
          hooks.drawn?.(u);
        },
      ],
      setCursor: [(u) => hooks.cursor(u.cursor.idx ?? null)],
      setSelect: [
        (u) => {
          if (u.select.width < 4) return;
          const from = u.posToVal(u.select.left, "x");
          const to = u.posToVal(u.select.left + u.select.width, "x");
          u.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
          hooks.range(from, to);
        },
      ],
    },
  };
  const plot = new uPlot(options, [run.t, ...panel.lines.map((line) => line.values)], host);
  plot.over.addEventListener("dblclick", () => hooks.range(null, null));
  return plot;
}
