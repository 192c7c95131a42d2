#!/usr/bin/env python3
"""Bad input gets one line with its place, exit code 2, and nothing is written."""
import gzip
import json
import pathlib
import signal
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from gamenight import BIN, HPA, OUTPUTS, SCHEDULED, SMALL, files_below, gamenight, write_small  # noqa: E402


def changed(text, old, new):
    assert text.count(old) >= 1, old
    return text.replace(old, new, 1)


def with_trace(rows):
    """The small night with its profile replaced by trace.csv."""
    start, end = SMALL.index("        profile:"), SMALL.index("    arrivals:")
    trace = ("        trace: {file: trace.csv, unit: perSecond, timeOrigin: \"2026-09-26T19:20:00+10:00\"}\n")
    return SMALL[:start] + trace + SMALL[end:], rows


def with_second_workload(fields):
    """The small night with its workload in the long form, and another one with these fields."""
    start, end = SMALL.index("  workload:"), SMALL.index("  loadBalancer:")
    lines = SMALL[start:end].splitlines()[1:]
    first = "\n".join(["    - " + lines[0].strip()] + ["  " + line for line in lines[1:]])
    second = "    - {%s, replicas: 1, serviceTime: {distribution: exponential, mean: 10ms}}\n" % fields
    return SMALL[:start] + "  workloads:\n" + first + "\n" + second + SMALL[end:]


class BadInput(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.path = pathlib.Path(self.folder.name)

    def refuse(self, pattern, scenario=SMALL, hpa=HPA, scheduled=SCHEDULED, trace=None, arguments=()):
        """Runs it and checks the complaint, the exit code and that nothing was written."""
        write_small(self.path, scenario, hpa, scheduled)
        if trace is not None:
            (self.path / "trace.csv").write_text(trace)
        before = files_below(self.path)
        done = gamenight("run", "small.yaml", "--out", "out", *arguments, cwd=self.path)
        self.assertEqual(done.returncode, 2, done.stderr)
        self.assertEqual(done.stdout, "")
        lines = done.stderr.strip().split("\n")
        self.assertEqual(len(lines), 1, done.stderr)
        self.assertRegex(lines[0], "^" + pattern)
        self.assertEqual(files_below(self.path), before)

    def test_malformed_yaml(self):
        self.refuse(r"small\.yaml:\d+:\d+: not valid YAML", changed(SMALL, "{process: poisson}", "{process: poisson"))

    def test_unknown_key(self):
        self.refuse(r'small\.yaml:26:5: unknown key "workerPerPod"; did you mean "workersPerPod"\?',
                    changed(SMALL, "workersPerPod:", "workerPerPod:").replace("    replicas: 2\n",
                                                                            "    replicas: 2\n    workersPerPod: 8\n"))

    def test_duplicate_key(self):
        self.refuse(r'small\.yaml:9:3: duplicate key "seed", first given in line 8$',
                    changed(SMALL, "  seed: 1\n", "  seed: 1\n  seed: 2\n"))

    def test_wrong_type(self):
        self.refuse(r"small\.yaml:8:9: seed must be a whole number, is \"one\"", changed(SMALL, "seed: 1", "seed: one"))

    def test_wrong_unit(self):
        self.refuse(r"small\.yaml:\d+:\d+: timeout must be a duration with its unit.*\"2 seconds\"",
                    changed(SMALL, "timeout: 2s", "timeout: 2 seconds"))

    def test_missing_unit(self):
        self.refuse(r"small\.yaml:\d+:\d+: mean must be a duration with its unit.* is 40",
                    changed(SMALL, "mean: 40ms", "mean: 40"))

    def test_negative_rate(self):
        self.refuse(r"small\.yaml:15:32: rps must be at least 0, is -100",
                    changed(SMALL, "{at: 0s, rps: 100}", "{at: 0s, rps: -100}").replace("{at: 0s, rps: -100}",
                                                                                      "{at: 0s,    rps: -100}"))

    def test_points_out_of_order(self):
        self.refuse(r"small\.yaml:\d+:\d+: .*(order|increase|after)", changed(SMALL, "{at: 1m30s,", "{at: 30s,"))

    def test_percentile_that_does_not_exist(self):
        self.refuse(r"small\.yaml:\d+:\d+: percentile .*p101", changed(SMALL, "percentile: p95", "percentile: p101"))

    def test_unknown_choice(self):
        self.refuse(r'small\.yaml:\d+:\d+: algorithm must be one of .*did you mean "roundRobin"\?',
                    changed(SMALL, "roundRobin", "roundRobbin"))

    def test_missing_scenario(self):
        done = gamenight("run", "absent.yaml", cwd=self.path)
        self.assertEqual(done.returncode, 2)
        self.assertRegex(done.stderr, r"absent\.yaml: No such file")
        self.assertEqual(files_below(self.path), [])

    def test_missing_policy_file(self):
        self.refuse(r"small\.yaml:\d+:\d+: .*gone\.yaml.*No such file", changed(SMALL, "- hpa.yaml", "- gone.yaml"))

    def test_missing_trace(self):
        scenario, _ = with_trace("")
        self.refuse(r"small\.yaml:\d+:\d+: .*trace\.csv.*(No such file|does not exist)", scenario)

    def test_empty_trace(self):
        scenario, _ = with_trace("")
        self.refuse(r".*trace\.csv:1:1: ", scenario, trace="")

    def test_trace_with_a_word(self):
        scenario, _ = with_trace("")
        self.refuse(r".*trace\.csv:3:3: .*many", scenario, trace="second,requests\n0,5\n1,many\n2,4\n")

    def test_trace_with_a_negative_count(self):
        scenario, _ = with_trace("")
        self.refuse(r".*trace\.csv:3:3: ", scenario, trace="second,requests\n0,5\n1,-2\n")

    def test_trace_out_of_order(self):
        scenario, _ = with_trace("")
        self.refuse(r".*trace\.csv:4:1: ", scenario, trace="second,requests\n0,5\n1,6\n1,7\n")

    def test_torn_trace(self):
        scenario, _ = with_trace("")
        self.refuse(r".*trace\.csv:3:\d+: ", scenario, trace="second,requests\n0,5\n1")

    def test_torn_gzip(self):
        scenario, _ = with_trace("")
        scenario = scenario.replace("trace.csv", "trace.csv.gz")
        whole = gzip.compress(b"second,requests\n" + b"".join(b"%d,%d\n" % (i, i * 7919 % 1000) for i in range(5000)))
        (self.path / "trace.csv.gz").write_bytes(whole[:len(whole) // 2])
        self.refuse(r".*trace\.csv\.gz:\d+:\d+: .*", scenario)

    def test_policy_for_a_missing_deployment(self):
        self.refuse(r'hpa\.yaml:7:\d+: .*"?default/apy"?.*"?default/api"?',
                    hpa=changed(HPA, "kind: Deployment, name: api}", "kind: Deployment, name: apy}"))

    def test_min_above_max(self):
        self.refuse(r"hpa\.yaml:9:16: spec\.maxReplicas: Invalid value: 20: .*minReplicas", hpa=changed(HPA, "minReplicas: 2", "minReplicas: 30"))

    def test_unknown_time_zone(self):
        self.refuse(r'scheduled\.yaml:15:\d+: timeZone .*Australia/Sidney.*did you mean "Australia/Sydney"\?',
                    scheduled=changed(SCHEDULED, "Australia/Sydney", "Australia/Sidney"))

    def test_bad_cron(self):
        self.refuse(r"scheduled\.yaml:15:\d+: cron ", scheduled=changed(SCHEDULED, "20 19 * * 6", "20 25 * * 6"))

    def test_unknown_policy_kind(self):
        self.refuse(r'hpa\.yaml:\d+:\d+: .*HorizontalPodAutoscaler', hpa=changed(HPA, "kind: HorizontalPodAutoscaler",
                                                                               "kind: HorizontalPodAutoscalr"))

    def test_two_policies_of_one_name(self):
        self.refuse(r'small\.yaml:\d+:7: scheduled\.yaml and hpa\.yaml both name their policy "plain"', scheduled=changed(SCHEDULED, "  name: scheduled", "  name: plain"))

    def test_a_folder_as_policy(self):
        (self.path / "folder").mkdir()
        self.refuse(r"small\.yaml:\d+:7: policy cannot read folder: Is a directory", changed(SMALL, "- hpa.yaml", "- folder"))

    def test_not_utf8(self):
        write_small(self.path)
        (self.path / "small.yaml").write_bytes(changed(SMALL, "viewers", "vi~wers").encode().replace(b"~", b"\xe9"))
        done = gamenight("run", "small.yaml", "--out", "out", cwd=self.path)
        self.assertEqual((done.returncode, done.stderr), (2, "small.yaml:11:17: not UTF-8 text\n"))
        self.assertFalse((self.path / "out").exists())

    def test_two_documents(self):
        self.refuse(r"small\.yaml:47:1: a scenario is one YAML document, not 2", SMALL + "---\nkind: Scenario\n")

    def test_a_name_that_leaves_the_folder(self):
        self.refuse(r"small\.yaml:4:9: name must be .*lower-case", changed(SMALL, "name: small", "name: ../../small"))

    def test_no_workload(self):
        start, end = SMALL.index("  workload:"), SMALL.index("  loadBalancer:")
        self.refuse(r"small\.yaml:21:14: workloads must hold at least one workload$",
                    SMALL[:start] + "  workloads: []\n" + SMALL[end:])

    def test_workload_and_workloads(self):
        self.refuse(r"small\.yaml:6:3: spec has exactly one of workload, workloads$", SMALL + "  workloads: []\n")

    def test_two_workloads_of_one_name(self):
        self.refuse(r'small\.yaml:\d+:\d+: name "api" is taken by another workload$',
                    with_second_workload("name: api"))

    def test_zero_workers(self):
        self.refuse(r"small\.yaml:\d+:\d+: workersPerPod must be at least 1, is 0$",
                    changed(SMALL, "workersPerPod: 8", "workersPerPod: 0"))

    def test_mean_of_zero(self):
        self.refuse(r"small\.yaml:\d+:\d+: mean must be positive", changed(SMALL, "mean: 40ms", "mean: 0s"))

    def test_huge_spread(self):
        self.refuse(r"small\.yaml:\d+:\d+: cv must be at most 10, is 1e\+?30",
                    changed(SMALL, "cv: 1}", "cv: 1.0e30}"))

    def test_circle_of_calls(self):
        scenario = with_second_workload("name: db, calls: [{to: api}]")
        self.refuse(r"small\.yaml:\d+:\d+: to closes a circle of calls: api -> db -> api$",
                    changed(scenario, "      workersPerPod: 8", "      calls: [{to: db}]\n      workersPerPod: 8"))

    def test_call_of_an_unknown_workload(self):
        scenario = with_second_workload("name: db, calls: [{to: apy}]")
        self.refuse(r'small\.yaml:\d+:\d+: to must be one of api, db, is "apy"; did you mean "api"\?$', scenario)

    def test_a_year(self):
        self.refuse(r"small\.yaml:7:13: duration must be at most 31d, is 8760h$",
                    changed(SMALL, "duration: 3m", "duration: 365d"))

    def test_action_in_an_unknown_pool(self):
        self.refuse(r'small\.yaml:\d+:\d+: pool must be one of general, is "genera"; did you mean "general"\?$',
                    SMALL + "  actions: [{at: 1m, capacityShortage: {pool: genera}}]\n")

    def test_action_after_the_night(self):
        self.refuse(r"small\.yaml:\d+:\d+: at must be inside the night, from 0s to before 3m, is 4m$",
                    SMALL + "  actions: [{at: 4m, watchDrop: {}}]\n")

    def test_actions_that_end_each_other(self):
        self.refuse(r"small\.yaml:48:\d+: metricsOutage overlaps the one at small\.yaml:47:\d+, which would end",
                    SMALL + "  actions:\n    - {at: 10s, for: 30s, metricsOutage: {}}\n"
                            "    - {at: 30s, metricsOutage: {stale: true}}\n")

    def test_a_restart_at_the_start(self):
        self.refuse(r"small\.yaml:\d+:\d+: at must be after 0s, when the scaler itself starts$",
                    SMALL + "  actions: [{at: 0s, for: 10s, scalerRestart: {}}]\n")

    def test_a_fault_of_another_kind(self):
        self.refuse(r"small\.yaml:\d+:\d+: status must be one of 409, 429, 500, 503, is 502$",
                    SMALL + "  actions: [{at: 10s, apiFault: {status: 502}}]\n")

    def test_viewers_that_nobody_can_count(self):
        start, end = SMALL.index("        profile:"), SMALL.index("    arrivals:")
        viewers = "        viewers: {starts: {constant: {perSecond: 1000000}}}\n"
        self.refuse(r"small\.yaml:\d+:\d+: starts may bring 180000000 viewers at a time, more than the 67108864 that",
                    SMALL[:start] + viewers + SMALL[end:])

    def test_expectation_of_an_unknown_policy(self):
        self.refuse(r'small\.yaml:\d+:\d+: policy must be one of plain, scheduled, is "plane"; did you mean "plain"\?$',
                    SMALL + "  expect: [{policy: plane, metric: failed, atMost: 0}]\n")

    def test_fixed_first_workload(self):
        self.refuse(r"small\.yaml:\d+:\d+: fixed must be false for the first workload",
                    changed(SMALL, "    workersPerPod: 8", "    fixed: true\n    workersPerPod: 8"))

    def test_an_absurd_rate(self):
        self.refuse(r"small\.yaml:\d+:\d+: rps must be at most 10000000, is 1000000000000",
                    changed(SMALL, "rps: 900}", "rps: 1000000000000}"))

    def test_replicas_that_do_not_fit(self):
        self.refuse(r"small\.yaml:24:15: only 128 of 200 replicas became ready",
                    changed(SMALL, "replicas: 2", "replicas: 200"), arguments=["--quiet"])

    def test_unknown_option(self):
        done = gamenight("run", "small.yaml", "--polcy", "x", cwd=self.path)
        self.assertEqual(done.returncode, 2)
        self.assertIn('did you mean "--policy"?', done.stderr)

    def test_unknown_command(self):
        done = gamenight("rn", cwd=self.path)
        self.assertEqual(done.returncode, 2)
        self.assertIn('unknown command "rn"; did you mean "run"?', done.stderr)

    def test_bad_duration_option(self):
        write_small(self.path)
        done = gamenight("run", "small.yaml", "--duration", "soon", cwd=self.path)
        self.assertEqual(done.returncode, 2)
        self.assertIn("--duration must be a positive duration", done.stderr)


class Edges(unittest.TestCase):
    """What is odd but allowed has a result, and no number of it is missing or not a number."""

    def summary(self, scenario):
        with tempfile.TemporaryDirectory() as folder:
            write_small(folder, scenario[:scenario.index("  policies:")] + "  policies: []\n")
            done = gamenight("run", "small.yaml", "--out", "out", "--quiet", cwd=folder)
            self.assertEqual(done.returncode, 0, done.stderr)
            text = (pathlib.Path(folder) / "out" / "run.json").read_text()
        self.assertNotRegex(text.lower(), r"\b(nan|inf|infinity|null)\b")
        return json.loads(text)["policies"][0]["summary"]

    def test_no_capacity_for_hours_turns_everything_away(self):
        for algorithm in ("roundRobin", "centralQueue", "leastOutstanding", "connections"):
            scenario = changed(changed(SMALL, "duration: 3m", "duration: 1h"), "queueLimit: 100", "queueLimit: none")
            scenario = changed(changed(scenario, "replicas: 2", "replicas: 0"), "roundRobin", algorithm)
            summary = self.summary(changed(scenario, "rps: 900}\n            - {at: 3m, rps: 900}", "rps: 50}"))
            self.assertGreater(summary["requests"], 150_000)
            self.assertEqual(summary["rejected"], summary["requests"])
            self.assertEqual(summary["meanInSystem"], 0)

    def test_no_request_at_all(self):
        summary = self.summary(SMALL.replace("rps: 100}", "rps: 0}").replace("rps: 900}", "rps: 0}"))
        self.assertEqual((summary["requests"], summary["latencyMs"]["p99"], summary["degradationSeconds"]), (0, 0, 0))

    def test_the_highest_rate(self):
        scenario = changed(SMALL, "duration: 3m", "duration: 1s").replace("rps: 100}", "rps: 10000000}")
        summary = self.summary(scenario)
        self.assertAlmostEqual(summary["requests"] / 1e7, 1, delta=0.001)
        self.assertEqual(summary["succeeded"] + summary["failed"], summary["requests"])

    def test_the_widest_and_the_narrowest_service_time(self):
        self.assertGreater(self.summary(changed(SMALL, "cv: 1}", "cv: 10}"))["latencyMs"]["max"], 1000)
        none = self.summary(changed(SMALL.replace("rps: 900}", "rps: 100}"), "cv: 1}", "cv: 0}"))
        self.assertAlmostEqual(none["latencyMs"]["mean"], 40, delta=1)

    def test_the_longest_service_in_a_long_night(self):
        scenario = changed(changed(SMALL, "mean: 40ms", "mean: 1h"), "duration: 3m", "duration: 12h")
        summary = self.summary(scenario.replace("rps: 900}", "rps: 1}").replace("rps: 100}", "rps: 1}"))
        self.assertEqual(summary["succeeded"] + summary["failed"], summary["requests"])


class Broken(unittest.TestCase):
    """What happens half way leaves no half-written result under its final name."""

    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.path = pathlib.Path(self.folder.name)

    def test_interrupt_leaves_nothing(self):
        # Long enough that it cannot be over before the signal comes.
        write_small(self.path, changed(SMALL, "duration: 3m", "duration: 240h"))
        for interrupt in (signal.SIGINT, signal.SIGTERM):
            with subprocess.Popen([str(BIN / "gamenight"), "run", "small.yaml", "--out", "out"], cwd=self.path,
                                  stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
                process.stderr.readline()  # it has begun
                process.send_signal(interrupt)
                stdout, stderr = process.communicate(timeout=60)
            self.assertEqual(process.returncode, 130, stderr)
            self.assertEqual(stdout, "")
            self.assertRegex(stderr, "interrupted")
            self.assertEqual(files_below(self.path / "out"), [])

    def test_full_disk_keeps_the_old_result(self):
        write_small(self.path)
        out = self.path / "out"
        self.assertEqual(gamenight("run", "small.yaml", "--out", "out", "--duration", "20s", cwd=self.path).returncode, 0)
        before = {name: (out / name).read_bytes() for name in OUTPUTS}

        # A file size limit fails a write half way just as a full disk does.
        limited = subprocess.run(["bash", "-c", 'ulimit -f 8; trap "" XFSZ; exec "$@"', "bash", str(BIN / "gamenight"),
                                  "run", "small.yaml", "--out", "out", "--seed", "2"],
                                 cwd=self.path, capture_output=True, text=True, timeout=300)

        self.assertEqual(limited.returncode, 70, limited.stderr)
        self.assertRegex(limited.stderr, r"cannot write .*: File too large")
        self.assertEqual({name: (out / name).read_bytes() for name in OUTPUTS}, before)
        self.assertEqual(files_below(out), sorted(OUTPUTS))

    def test_unwritable_folder(self):
        write_small(self.path)
        (self.path / "out").write_text("a file stands here")
        done = gamenight("run", "small.yaml", "--out", "out", "--duration", "10s", cwd=self.path)
        self.assertEqual(done.returncode, 2, done.stderr)
        self.assertRegex(done.stderr, r"out: ")
        self.assertEqual((self.path / "out").read_text(), "a file stands here")


if __name__ == "__main__":
    unittest.main()
