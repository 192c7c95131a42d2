// Colours and dashes come from report.css, so that tables and charts agree and the theme is set in one place.

export function readPalette(policies) {
  const style = getComputedStyle(document.documentElement);
  const value = (name) => style.getPropertyValue(name).trim();
  const dash = (name) =>
    value(name)
      .split(/\s+/)
      .map(Number)
      .filter((n) => n > 0);
  return {
    ink: value("--ink"),
    soft: value("--soft"),
    grid: value("--grid"),
    panel: value("--panel"),
    bad: value("--bad"),
    badWash: value("--bad-wash"),
    short: value("--short"),
    policies: Array.from({ length: policies }, (_, i) => ({
      color: value(`--p${i % 8}`),
      dash: dash(`--d${i % 8}`),
    })),
  };
}
