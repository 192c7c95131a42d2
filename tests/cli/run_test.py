#!/usr/bin/env python3
"""gamenight run: what it writes is what the contract says, and the same every time."""
import json
import pathlib
import re
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from gamenight import OUTPUTS, ROOT, files_below, gamenight, write_small  # noqa: E402

SUMMARY = {"requests", "succeeded", "failed", "rejected", "timedOut", "retried", "latencyMs", "queueWaitMs",
           "degradationSeconds", "sloViolationRatio", "podHours", "nodeHours", "cost", "scaleEvents", "scaleReversals",
           "elasticity", "meanInSystem", "utilization"}
SERIES = {"t", "arrivals", "p50Ms", "p95Ms", "p99Ms", "failed", "desired", "ready", "capacity", "nodes"}


class Outputs(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.folder.cleanup)
        cls.path = pathlib.Path(cls.folder.name)
        write_small(cls.path)
        cls.done = gamenight("run", "small.yaml", "--out", "out", cwd=cls.path)
        assert cls.done.returncode == 0, cls.done.stderr
        cls.night = json.loads((cls.path / "out/run.json").read_text())

    def test_all_four_files_and_no_other(self):
        self.assertEqual(files_below(self.path / "out"), sorted(OUTPUTS))

    def test_run_json_has_the_fixed_fields(self):
        self.assertEqual((self.night["schemaVersion"], self.night["scenario"], self.night["seed"], self.night["durationSeconds"]),
                         (1, "small", 1, 180))
        self.assertEqual([p["name"] for p in self.night["policies"]], ["plain", "scheduled"])
        for policy in self.night["policies"]:
            self.assertLessEqual(SUMMARY, set(policy["summary"]))
            self.assertLessEqual(SERIES, set(policy["series"]))
            self.assertEqual({len(v) for v in policy["series"].values()}, {180})
            s = policy["summary"]
            self.assertEqual(s["requests"], s["succeeded"] + s["failed"])
            self.assertEqual(s["failed"], s["rejected"] + s["timedOut"])
            self.assertEqual(s["requests"], sum(policy["series"]["arrivals"]))
            self.assertEqual(s["degradationSeconds"], sum(p > 2000 for p in policy["series"]["p95Ms"]))

    def test_policies_meet_the_same_requests(self):
        first, second = (p["series"]["arrivals"] for p in self.night["policies"])
        self.assertEqual(first, second)

    def test_the_schedule_is_ready_before_the_rise_and_the_hpa_is_not(self):
        plain, scheduled = (p["summary"]["degradationSeconds"] for p in self.night["policies"])
        self.assertEqual(scheduled, 0)
        self.assertGreater(plain, 10)

    def test_decisions_explain_themselves(self):
        decisions = [json.loads(line) for line in (self.path / "out/decisions.ndjson").read_text().splitlines()]
        self.assertGreaterEqual(len(decisions), 2 * 12)
        for d in decisions:
            self.assertLessEqual({"t", "policy", "target", "trigger", "current", "inputs", "selected", "raw", "steps",
                                  "final", "applied"}, set(d))
            self.assertIn(d["trigger"], ("loop", "schedule", "event", "rest", "panic"))
            self.assertLessEqual({"ok", "status", "latencyMs"}, set(d["applied"]))
        moves = [d for d in decisions if d["final"] != d["current"] and d["policy"] == "plain"]
        self.assertTrue(moves)
        for d in moves:
            self.assertTrue(d["steps"] or d["raw"] == d["final"], d)
            for i in d["inputs"]:
                self.assertLessEqual({"metric", "value", "ageSeconds", "target", "wants"}, set(i))
        self.assertTrue(any(d["trigger"] == "schedule" for d in decisions if d["policy"] == "scheduled"))

    def test_a_change_is_explained_in_five_lines(self):
        decisions = [json.loads(line) for line in (self.path / "out/decisions.ndjson").read_text().splitlines()]
        move = next(d for d in decisions if d["policy"] == "plain" and d["final"] != d["current"])
        done = gamenight("explain", "out", "--policy", "plain", "--at", move["t"], cwd=self.path)
        self.assertEqual(done.returncode, 0, done.stderr)
        lines = done.stdout.splitlines()
        self.assertRegex(lines[0], rf"^19:2\d:\d\d api {move['current']} -> {move['final']}  SCALE UP  \(plain\)$")
        self.assertRegex(lines[1], rf"^  asked    cpu \d+% / 70% -> {move['inputs'][0]['wants']} \[\d+s old\]$")
        self.assertEqual([line[:11] for line in lines[2:]], ["  limited  ", "  not used ", "  expect   "])
        self.assertRegex(lines[4], r"ready 19:2\d:\d\d \(\d+s later\), capacity [\d,.]+ rps")

    def test_every_decision_has_its_own_id(self):
        lines = (self.path / "out/decisions.ndjson").read_text().splitlines()
        ids = [json.loads(line)["id"] for line in lines]
        self.assertEqual(len(set(ids)), len(ids))

    def test_what_cannot_be_explained_is_one_line(self):
        for arguments, said in ((["nowhere"], "nowhere: there is no such run"),
                                (["out", "--at", "noon"], "out: --at must be a time of the scenario's clock"),
                                (["out", "--policy", "none"], "out: the run has no policy \"none\"; it has plain")):
            done = gamenight("explain", *arguments, cwd=self.path)
            self.assertEqual((done.returncode, done.stdout), (2, ""))
            self.assertEqual(len(done.stderr.splitlines()), 1)
            self.assertTrue(done.stderr.startswith(said), done.stderr)

    def test_the_loop_runs_every_fifteen_seconds_at_metrics_that_are_not_new(self):
        times = [d["t"] for line in (self.path / "out/decisions.ndjson").read_text().splitlines()
                 if (d := json.loads(line))["policy"] == "plain"]
        self.assertIn(len(times), (12, 13))
        ages = [i["ageSeconds"] for line in (self.path / "out/decisions.ndjson").read_text().splitlines()
                for i in json.loads(line)["inputs"] if i["ageSeconds"] is not None]
        self.assertTrue(all(0 < age <= 15 for age in ages), ages)

    def test_csv_and_json_agree(self):
        rows = (self.path / "out/timeseries.csv").read_text().splitlines()
        self.assertEqual(rows[0].split(",")[:11], ["policy", "t", "arrivals", "p50Ms", "p95Ms", "p99Ms", "failed",
                                                   "desired", "ready", "capacity", "nodes"])
        self.assertEqual(len(rows), 1 + 2 * 180)
        row = rows[1 + 180 + 100].split(",")
        series = self.night["policies"][1]["series"]
        self.assertEqual((row[0], int(row[1]), float(row[4]), int(row[8])),
                         ("scheduled", 100, series["p95Ms"][100], series["ready"][100]))

    def test_the_answer_comes_first_and_the_report_last(self):
        lines = self.done.stdout.strip().split("\n")
        self.assertRegex(lines[0], r"^scheduled: p95 over 2s for 0 s; plain: for \d+ s$")
        self.assertRegex(lines[-1], r"out/report\.html$")

    def test_quiet_prints_nothing(self):
        done = gamenight("run", "small.yaml", "--out", "quiet", "--quiet", "--duration", "20s", cwd=self.path)
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "", ""))


class Determinism(unittest.TestCase):
    def outputs(self, folder, out, *arguments):
        write_small(folder)
        done = gamenight("run", "small.yaml", "--out", out, "--quiet", *arguments, cwd=folder)
        self.assertEqual(done.returncode, 0, done.stderr)
        content = {name: (pathlib.Path(folder) / out / name).read_bytes() for name in OUTPUTS}
        content["run.json"] = re.sub(rb'"wallSeconds":[0-9.e+-]+,', b"", content["run.json"])
        return content

    def test_same_bytes_again_and_with_one_or_two_threads(self):
        with tempfile.TemporaryDirectory() as a, tempfile.TemporaryDirectory() as b, tempfile.TemporaryDirectory() as c:
            first = self.outputs(a, "one", "--jobs", "1")
            again = self.outputs(b, "two", "--jobs", "1")
            threads = self.outputs(c, "three", "--jobs", "2")
            for name in OUTPUTS:
                self.assertEqual(first[name], again[name], name)
                self.assertEqual(first[name], threads[name], name)

    def test_another_seed_gives_another_night(self):
        with tempfile.TemporaryDirectory() as a, tempfile.TemporaryDirectory() as b:
            self.assertNotEqual(self.outputs(a, "o")["timeseries.csv"],
                                self.outputs(b, "o", "--seed", "2")["timeseries.csv"])


class Shipped(unittest.TestCase):
    def test_every_shipped_scenario_passes_the_check(self):
        scenarios = sorted(p for p in (ROOT / "scenarios").rglob("*.yaml") if "policies" not in p.parts)
        self.assertGreaterEqual(len(scenarios), 10)
        done = gamenight("check", *scenarios)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(len(done.stdout.strip().split("\n")), len(scenarios))


if __name__ == "__main__":
    unittest.main()
