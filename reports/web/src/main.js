// Starts the page: unpack the data, put the charts on the stage, give the tables their buttons.
import "uplot/dist/uPlot.min.css";
import "./report.css";
import { Stage } from "./stage.js";
import { WallClock } from "./format.js";
import { el } from "./dom.js";
import { readData } from "./data.js";
import { wireLink } from "./link.js";
import { wireCopy, wirePrices, wireResponse } from "./page.js";
import { wireTheme } from "./theme.js";

async function start() {
  const root = document.getElementById("stage");
  let stage = null;
  wireTheme(() => stage?.rebuild());
  wireCopy();
  wirePrices();
  const run = await readData(document.getElementById("data"));
  if (run.t.length < 2) {
    root.append(el("p", {}, "The run is too short for charts."));
    return;
  }
  stage = new Stage(root, run, new WallClock(run));
  wireResponse(stage);
  wireLink(stage);
  root.dataset.ready = "true";
}

start().catch((error) => {
  document
    .getElementById("stage")
    .append(el("p", { class: "error" }, `The charts could not be drawn: ${error.message}`));
  console.error(error);
});
