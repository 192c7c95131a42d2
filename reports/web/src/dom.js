// Elements in one expression. Text is always text: nothing from the data becomes markup.

export function el(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value !== undefined && value !== null) element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

const SVG = "http://www.w3.org/2000/svg";

// A short line in a policy's colour and a given dash, as in the legends.
export function swatch(color, dash, width = 2.5) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("width", "24");
  svg.setAttribute("height", "10");
  svg.setAttribute("aria-hidden", "true");
  svg.classList.add("swatch");
  const line = document.createElementNS(SVG, "line");
  for (const [name, value] of Object.entries({ x1: 1, y1: 5, x2: 23, y2: 5 })) line.setAttribute(name, value);
  line.style.stroke = color;
  line.style.strokeWidth = width;
  line.style.strokeDasharray = (dash ?? []).join(" ");
  svg.append(line);
  return svg;
}
