// Numbers and moments as text, the same in every locale.

export const FAILED_MS = 3600000;

export function grouped(x) {
  return String(Math.round(x)).replace(/\B(?=(\d{3})+$)/g, ",");
}

export function shortNumber(x) {
  if (x === null || x === undefined) return "–";
  if (Math.abs(x) >= 1e6) return `${+(x / 1e6).toPrecision(3)}M`;
  if (Math.abs(x) >= 1e4) return `${+(x / 1e3).toPrecision(3)}k`;
  return Number.isInteger(x) ? grouped(x) : String(+x.toPrecision(3));
}

export function latency(ms) {
  if (ms === null || ms === undefined) return "–";
  if (ms >= FAILED_MS) return "failed";
  if (ms < 100) return `${ms.toFixed(1)} ms`;
  if (ms < 1000) return `${ms.toFixed(0)} ms`;
  return `${(ms / 1000).toFixed(ms < 10000 ? 2 : 1)} s`;
}

// As configured, no digits added: "2 s", "250 ms".
export function limit(ms) {
  return ms < 1000 ? `${ms} ms` : `${ms / 1000} s`;
}

export function span(seconds) {
  const whole = Math.round(seconds);
  if (whole < 600) return `${whole} s`;
  const two = (n) => String(n).padStart(2, "0");
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${two(whole % 60)} s`;
  return `${Math.floor(whole / 3600)} h ${two(Math.floor(whole / 60) % 60)} min`;
}

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400];

// The scenario's own wall clock, or elapsed time if the run has no start. Arguments are seconds since the start.
export class WallClock {
  constructor(run) {
    this.hasStart = run.start !== undefined;
    this.origin = this.hasStart ? run.start + run.offset : 0;
    this.long = run.duration >= 86400;
    const minutes = Math.round(Math.abs(run.offset) / 60);
    const two = (n) => String(n).padStart(2, "0");
    const sign = run.offset < 0 ? "-" : "+";
    this.zone = minutes === 0 ? "UTC" : `UTC${sign}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
    if (!this.hasStart) this.zone = "elapsed";
  }

  at(seconds) {
    const local = Math.floor(this.origin + seconds);
    const two = (n) => String(n).padStart(2, "0");
    if (!this.hasStart) {
      return `+${Math.floor(local / 3600)}:${two(Math.floor(local / 60) % 60)}:${two(local % 60)}`;
    }
    const day = ((local % 86400) + 86400) % 86400;
    const face = `${two(Math.floor(day / 3600))}:${two(Math.floor(day / 60) % 60)}:${two(day % 60)}`;
    if (!this.long) return face;
    const date = new Date(local * 1000);
    return `${date.getUTCDate()} ${MONTHS[date.getUTCMonth()]} ${face}`;
  }

  tick(seconds) {
    const text = this.at(seconds);
    return this.hasStart && text.endsWith(":00") ? text.slice(0, -3) : text;
  }

  // The inverse of at() for runs shorter than a day; otherwise, and in links to longer runs, plain seconds.
  parse(text) {
    if (/^\d+$/.test(text)) return Number(text);
    const parts = /^(\d{1,2}):(\d{2}):(\d{2})$/.exec(text);
    if (!parts || !this.hasStart || this.long) return null;
    const face = Number(parts[1]) * 3600 + Number(parts[2]) * 60 + Number(parts[3]);
    return (((face - this.origin) % 86400) + 86400) % 86400;
  }

  link(seconds) {
    return this.hasStart && !this.long ? this.at(seconds) : String(Math.round(seconds));
  }

  // Round moments on this clock's face, at most `most` of them.
  ticks(from, to, most) {
    const step = STEPS.find((s) => (to - from) / s <= most) ?? Math.ceil((to - from) / most / 86400) * 86400;
    const first = Math.ceil((this.origin + from) / step) * step - this.origin;
    const ticks = [];
    for (let t = first; t <= to; t += step) ticks.push(t);
    return ticks;
  }
}
