#!/usr/bin/env python3
"""Opens a report in headless Chromium, from file://, and uses it as a reader would. Needs chromium and python3 alone.

usage: report_test.py --out DIR --render PROGRAM     a synthetic run, rendered by PROGRAM (render_report)
       report_test.py --out DIR REPORT_HTML          a report that is there already (also by GAMENIGHT_REPORT)

Leaves screenshots in DIR. Exit 0: every check passed.
"""

import argparse
import json
import os
import pathlib
import subprocess
import sys
import time

from cdp import Browser

HERE = pathlib.Path(__file__).resolve().parent
SHIFT = 8

# Per canvas: its size, how many pixels are painted, and a sum that tells two pictures apart.
CANVASES = """[...document.querySelectorAll('.panel canvas')].map((c) => {
  const copy = Object.assign(document.createElement('canvas'), {width: c.width, height: c.height});
  const context = copy.getContext('2d', {willReadFrequently: true});
  context.drawImage(c, 0, 0);
  const data = context.getImageData(0, 0, c.width, c.height).data;
  let painted = 0, sum = 0;
  const colors = new Set();
  for (let i = 0; i < data.length; i += 4) {
    if (data[i + 3] === 0) continue;
    painted++;
    sum = (sum * 31 + data[i] * 7 + data[i + 1] * 5 + data[i + 2] + i) % 4294967296;
    colors.add(data[i] << 16 | data[i + 1] << 8 | data[i + 2]);
  }
  return {panel: c.closest('.panel').id, width: c.width, painted, sum, colors: colors.size};
})"""

# What can be operated but has no name, or cannot be reached by keyboard: neither a tab stop nor one of a group that is.
UNREACHABLE = """[...document.querySelectorAll('button, input, select, summary, a[href], [tabindex]')].filter((e) => {
  if (e.closest('[hidden]') || e.hidden || !e.checkVisibility()) return false;
  const label = e.closest('label')?.textContent.trim();
  const name = e.getAttribute('aria-label') || e.textContent.trim() || label || e.title;
  const inMarkers = e.closest('.markers')?.querySelector('[tabindex="0"]');
  return !name || (e.tabIndex < 0 && !inMarkers);
}).map((e) => e.outerHTML.slice(0, 160))"""

FRAMES = "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(true))))"


class Checks:
    def __init__(self, page, out, decisions):
        self.page, self.out, self.decisions = page, out, decisions

    def canvases(self):
        self.page.evaluate(FRAMES)
        return self.page.evaluate(CANVASES)

    def text(self, selector):
        return self.page.evaluate(f"document.querySelector({json.dumps(selector)})?.innerText ?? ''")

    def policies(self):
        rows = "[...document.querySelectorAll('table.answer tbody th')]"
        return self.page.evaluate(f"{rows}.map((e) => e.innerText.trim())")

    def pick(self, index):
        """Shows one policy alone. A run of one policy offers no choice."""
        if len(self.policies()) > 1:
            self.page.click("input[name=mode][value=one]")
            self.page.click(f"#policies input[value='{index}']")
        self.page.evaluate(FRAMES)

    def pick_one_with_decisions(self):
        for index, name in enumerate(self.policies()):
            self.pick(index)
            if self.page.evaluate("document.querySelectorAll('.marker').length"):
                return name
        raise AssertionError("no policy has a decision marker")

    def reset(self):
        self.page.evaluate("document.activeElement.blur()")
        self.page.evaluate("[...document.querySelectorAll('.zoom button')].at(-1).click()")

    # --- the checks, in order -------------------------------------------------------------------------------------

    def the_answer_comes_first(self):
        assert self.text("#answer .lead").endswith("."), "no lead sentence"
        rows = self.page.evaluate("document.querySelectorAll('table.answer tbody tr').length")
        assert rows == len(self.policies()) > 0
        order = self.page.evaluate("[...document.querySelectorAll('main > section')].map((e) => e.id)")
        assert order == ["answer", "charts", "response", "cost", "reproduce"], order

    def every_chart_drew(self):
        canvases = self.canvases()
        assert [c["panel"] for c in canvases] == [f"panel-{p}" for p in
                                                  ("demand", "replicas", "latency", "failures", "nodes")], canvases
        for canvas in canvases:
            assert canvas["painted"] > 1000 and canvas["colors"] > 3, f"blank: {canvas}"

    def a_click_on_a_decision_explains_it(self):
        self.pick_one_with_decisions()
        change = ".marker.up" if self.page.evaluate("!!document.querySelector('.marker.up')") else ".marker"
        label = self.page.evaluate(f"document.querySelector('{change}').getAttribute('aria-label')")
        self.page.click(change)
        card = self.text("#decision")
        before, after = label.rpartition(", ")[2].split(" to ")
        assert label.split(" ")[0] in card and f"{before} → {after}" in card, f"{label} is not in: {card}"
        for part in ("Inputs", "From raw to final", "what the metrics asked for", "decided", "Applied"):
            assert part in card, f"{part} is not in: {card}"
        assert self.page.evaluate("document.querySelectorAll('.marker[aria-pressed=true]').length") == 1

    def every_number_of_the_record_is_shown(self):
        """Only for the synthetic run, whose decisions are known."""
        if not self.decisions:
            return
        wanted = next(d for d in self.decisions if d["policy"] == "scheduled" and d["final"] > d["current"])
        assert wanted["steps"], "the sample has no step to show"
        self.pick(self.policies().index("scheduled"))
        self.page.click(".marker.up")
        card = self.text("#decision")
        step = wanted["steps"][-1]
        for part in (f"{wanted['current']} → {wanted['final']}", f"{step['before']} → {step['after']}", step["rule"],
                     step["why"], wanted["inputs"][0]["metric"], str(wanted["raw"]), wanted["applied"]["status"], "default/api"):
            assert part in card, f"{part} is not in: {card}"

    def decisions_are_reached_by_keyboard(self):
        self.pick_one_with_decisions()
        self.reset()
        self.page.evaluate("document.querySelector('.marker[tabindex=\"0\"]').focus()")
        first = self.page.evaluate("document.activeElement.dataset.decision")
        self.page.press("ArrowRight")
        second = self.page.evaluate("document.activeElement.dataset.decision")
        if self.page.evaluate("document.querySelectorAll('.marker').length") > 1:
            assert int(second) == int(first) + 1, (first, second)
        assert self.page.evaluate("document.querySelectorAll('.marker[tabindex=\"0\"]').length") == 1
        time = self.page.evaluate("document.activeElement.getAttribute('aria-label').split(' ')[0]")
        self.page.press("Enter")
        assert time in self.text("#decision h3"), self.text("#decision h3")

    def the_cursor_moves_by_keyboard_and_speaks(self):
        self.page.evaluate("document.querySelector('.panels').focus()")
        for key in ("Home", "ArrowRight", "ArrowRight"):
            self.page.press(key)
        self.page.wait_until("document.getElementById('cursor-status').textContent.includes('replicas ready')")
        # On a busy machine the pointer of the test before may leave its chart only now, which hides the cursor once.
        shown = "document.querySelectorAll('.legend .value:not(:empty)').length >= 5"
        for _ in range(50):
            if self.page.evaluate(shown):
                break
            self.page.press("ArrowRight")
            time.sleep(0.1)
        self.page.wait_until(shown)
        assert self.text(".clock")

    def zoom_is_shared_by_all_charts(self):
        self.reset()
        before = self.canvases()
        box = self.page.evaluate("""(() => {
            const over = document.querySelector('#panel-latency .u-over');
            over.scrollIntoView({block: 'center', behavior: 'instant'});
            const r = over.getBoundingClientRect();
            return [r.x, r.y, r.width, r.height];
        })()""")
        x, y, width, height = box
        self.page.drag(x + width * 0.3, y + height / 2, x + width * 0.6, y + height / 2)
        self.page.wait_until("location.hash.includes('t=')")
        after = self.canvases()
        same = [b["panel"] for a, b in zip(before, after) if a["sum"] == b["sum"]]
        assert not same, f"did not zoom: {same}"
        self.page.evaluate("document.querySelector('.panels').focus()")
        self.page.press("0")
        self.page.wait_until("!location.hash.includes('t=')")
        restored = [c["sum"] for c in self.canvases()]
        assert restored == [c["sum"] for c in before], "the whole run looks different after a zoom"

    def policies_can_be_switched_and_compared(self):
        names = self.policies()
        if len(names) < 2:
            return
        self.pick(0)
        first = self.canvases()
        self.pick(1)
        second = self.canvases()
        assert first[1]["sum"] != second[1]["sum"], "the second policy looks like the first"
        self.page.click("input[name=mode][value=compare]")
        legend = self.text("#panel-replicas .legend")
        assert all(name in legend for name in names), legend
        self.page.click(f"#policies input[value='{len(names) - 1}']")
        assert names[-1] not in self.text("#panel-replicas .legend")
        self.page.click(f"#policies input[value='{len(names) - 1}']")
        self.page.click("input[name=percentile][value=p99Ms]")
        assert "p99" in self.text("#panel-latency figcaption")
        self.page.click("input[name=mode][value=one]")

    def the_theme_can_be_switched(self):
        look = "getComputedStyle(document.body).backgroundColor + getComputedStyle(document.body).color"
        colors, canvases = self.page.evaluate(look), self.canvases()
        self.page.click("#theme")
        assert self.page.evaluate(look) != colors
        assert all(a["sum"] != b["sum"] for a, b in zip(canvases, self.canvases())), "a chart kept the other theme"
        self.page.click("#theme")
        assert self.page.evaluate(look) == colors

    def the_numbers_are_there_as_a_table(self):
        self.page.click("#numbers summary")
        self.page.wait_until("document.querySelectorAll('#numbers tbody tr').length > 1")
        assert "in view" in self.text("#numbers caption")
        self.page.click("#numbers summary")

    def a_stretch_of_trouble_is_shown_on_demand(self):
        if not self.page.evaluate("!!document.querySelector('button.show')"):
            return
        self.page.click("button.show")
        self.page.wait_until("location.hash.includes('p=') || !document.querySelector('.modes:not([hidden])')")
        self.every_chart_drew()
        self.reset()

    def a_link_leads_back_to_its_moment(self):
        self.pick_one_with_decisions()
        index = self.page.evaluate("document.querySelector('.marker').dataset.decision")
        self.page.click(".marker")
        shown = self.text("#decision h3")
        self.page.wait_until(f"new URLSearchParams(location.hash.slice(1)).get('d') === '{index}'")
        url = self.page.evaluate("location.href")
        self.load(url)
        assert self.text("#decision h3") == shown

    def everything_has_a_name_and_a_tab_stop(self):
        unreachable = self.page.evaluate(UNREACHABLE)
        assert not unreachable, unreachable

    def it_fits_900_pixels(self):
        self.page.resize(900, 900)
        self.page.evaluate(FRAMES)
        width = self.page.evaluate("document.documentElement.scrollWidth")
        assert width <= 900, f"the page is {width} wide"
        self.every_chart_drew()
        self.page.screenshot(self.out / "report-900.png")
        self.page.resize(1500, 1000)

    def it_prints(self):
        self.page.call("Emulation.setEmulatedMedia", media="print")
        self.page.evaluate(FRAMES)
        assert self.page.evaluate("getComputedStyle(document.querySelector('.toolbar')).display") == "none"
        assert self.page.call("Page.printToPDF")["data"].startswith("JVBERi0"), "no PDF"
        self.page.screenshot(self.out / "report-print.png")
        self.page.call("Emulation.setEmulatedMedia", media="")

    def it_looks_right_in_light_and_dark(self):
        """Pictures for people; that they differ is all that can be checked here."""
        sums = []
        for scheme in ("light", "dark"):
            self.page.prefer(scheme)
            self.load(self.url)
            self.pick_one_with_decisions()
            self.page.click(".marker.up" if self.page.evaluate("!!document.querySelector('.marker.up')") else ".marker")
            self.page.evaluate("scrollTo({top: 0, behavior: 'instant'})")
            sums.append([c["sum"] for c in self.canvases()])
            self.page.screenshot(self.out / f"report-{scheme}.png")
            if len(self.policies()) > 1:
                self.page.click("input[name=mode][value=compare]")
                self.page.evaluate("document.getElementById('charts').scrollIntoView({behavior: 'instant'})")
                self.page.evaluate(FRAMES)
                self.page.screenshot(self.out / f"report-{scheme}-compare.png", whole=False)
        assert sums[0] != sums[1]

    def nothing_was_fetched_and_nothing_complained(self):
        foreign = {url for url in self.page.requests if not url.startswith((self.url, "data:", "blob:"))}
        assert not foreign, foreign
        assert not self.page.complaints, self.page.complaints

    def load(self, url):
        # Chromium takes an address that differs in its fragment alone for the page that is open.
        self.page.call("Page.navigate", url="about:blank")
        self.page.open(url)
        self.page.wait_until("document.getElementById('stage').dataset.ready === 'true' || "
                             "!!document.querySelector('#stage .error')")
        error = self.text("#stage .error")
        assert not error, error


def synthetic_report(render, out):
    subprocess.run([sys.executable, HERE / "make_run.py", out], check=True)
    report = out / "report.html"
    subprocess.run([render, out / "run.json", out / "decisions.ndjson", report], check=True)
    with open(out / "decisions.ndjson", encoding="utf-8") as file:
        return report, [json.loads(line) for line in file]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("report", nargs="?", default=os.environ.get("GAMENIGHT_REPORT"))
    parser.add_argument("--render")
    parser.add_argument("--out", type=pathlib.Path, required=True)
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    report, decisions = args.report, None
    if not report:
        if not args.render:
            parser.error("either a report or --render is needed")
        report, decisions = synthetic_report(args.render, args.out)

    failed = []
    with Browser() as page:
        checks = Checks(page, args.out, decisions)
        checks.url = pathlib.Path(report).resolve().as_uri()
        page.prefer("light")
        checks.load(checks.url)
        names = [n for n in vars(Checks) if not n.startswith("_") and n not in
                 ("canvases", "text", "policies", "pick", "pick_one_with_decisions", "reset", "load")]
        for name in names:
            try:
                getattr(checks, name)()
                print(f"ok      {name}", flush=True)
            except (AssertionError, RuntimeError, TimeoutError) as error:
                failed.append(name)
                print(f"FAILED  {name}: {error}", flush=True)
    print(f"{len(names) - len(failed)} passed, {len(failed)} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
