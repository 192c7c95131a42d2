// What the tables gain from a script: copying the command, other prices, and buttons that show a stretch in the charts.
import { el } from "./dom.js";

export function wireCopy() {
  const button = document.getElementById("copy");
  if (!button) return;
  button.hidden = false;
  button.addEventListener("click", async () => {
    const code = document.getElementById("command");
    try {
      await navigator.clipboard.writeText(code.textContent);
      button.textContent = "Copied";
    } catch {
      // No clipboard for this page: select the text, so that the reader's own copy key works.
      getSelection().selectAllChildren(code);
      button.textContent = "Selected";
    }
  });
}

export function wirePrices() {
  const box = document.querySelector(".prices");
  if (!box) return;
  box.hidden = false;
  const hours = box.dataset.hours.split(";").map((pair) => pair.split(",").map(Number));
  const rows = [...document.querySelectorAll("table.cost tbody tr")];
  const head = el("th", { scope: "col", class: "num", hidden: true }, "At these prices");
  document.querySelector("table.cost thead tr").append(head);
  const cells = rows.map((row) => row.appendChild(el("td", { class: "num", hidden: true })));
  const [pod, node] = ["pod-price", "node-price"].map((id) => document.getElementById(id));
  const update = () => {
    const prices = [Number(pod.value), Number(node.value)];
    [head, ...cells].forEach((cell) => {
      cell.hidden = false;
    });
    cells.forEach((cell, i) => {
      cell.textContent = (hours[i][0] * prices[0] + hours[i][1] * prices[1]).toFixed(2);
    });
  };
  for (const input of [pod, node]) input.addEventListener("input", update);
}

export function wireResponse(stage) {
  for (const row of document.querySelectorAll("table.response tbody tr")) {
    const { from, to, policy } = row.dataset;
    const show = () => {
      stage.showPolicy(Number(policy));
      const pause = (to - from) * 0.25 + 15;
      stage.setRange(Number(from) - pause, Number(to) + pause);
      document.getElementById("charts").scrollIntoView();
      stage.panels.focus({ preventScroll: true });
    };
    row.lastElementChild.append(el("button", { type: "button", class: "show", onclick: show }, "Show in the charts"));
  }
}
