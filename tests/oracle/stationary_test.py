#!/usr/bin/env python3
"""The stationary scenarios against queueing theory: over ten seeds the mean queue wait lies within 2 % of the closed
form and within four standard errors of it."""
import json
import math
import pathlib
import statistics
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "cli"))
from gamenight import ROOT, gamenight  # noqa: E402

SERVICE_MS = 40.0
# Scenario, mean wait in service times, source of the number.
ORACLES = {
    "mm1": (4.0, "M/M/1, rho/(1-rho)"),
    "mm5": (0.554113, "Erlang C, 5 servers, rho 0.8"),
    "mm10": (0.668732, "Erlang C, 10 servers, rho 0.9"),
    "md2": (0.903284, "M/D/2, rho 0.8, exact"),
    "random-10": (4.0, "ten M/M/1"),
    "round-robin-10": (1.9223, "E10/M/1, rho 0.8"),
}
# Processor sharing has no queue: the mean time in the system is that of M/M/5, whatever the law of the work.
SOJOURN = {"processor-sharing": (1.554113, "insensitivity: 1 + Erlang C wait")}
SEEDS = range(1, 11)


class Stationary(unittest.TestCase):
    def summaries(self, name):
        with tempfile.TemporaryDirectory() as folder:
            for seed in SEEDS:
                done = gamenight("run", ROOT / f"scenarios/stationary/{name}.yaml", "--seed", seed, "--out", folder,
                                 "--quiet")
                self.assertEqual(done.returncode, 0, done.stderr)
                run = json.loads((pathlib.Path(folder) / "run.json").read_text())
                self.assertEqual([p["name"] for p in run["policies"]], ["none"])
                yield run["policies"][0]["summary"]

    def compare(self, name, values, expected, source):
        mean = statistics.fmean(values)
        error = statistics.stdev(values) / math.sqrt(len(values))
        print(f"{name}: {mean:.5f} service times, theory {expected:.5f} ({source}), "
              f"off by {100 * (mean / expected - 1):+.2f} %, standard error {100 * error / expected:.2f} %")
        self.assertLess(abs(mean / expected - 1), 0.02)
        self.assertLess(abs(mean - expected), 4 * error)


def add_tests():
    for name, (expected, source) in ORACLES.items():
        def test(self, name=name, expected=expected, source=source):
            waits = [s["queueWaitMs"]["mean"] / SERVICE_MS for s in self.summaries(name)]
            self.compare(name, waits, expected, source)
        setattr(Stationary, "test_" + name.replace("-", "_"), test)
    for name, (expected, source) in SOJOURN.items():
        def test(self, name=name, expected=expected, source=source):
            times = [s["latencyMs"]["mean"] / SERVICE_MS for s in self.summaries(name)]
            self.compare(name, times, expected, source)
        setattr(Stationary, "test_" + name.replace("-", "_"), test)

    def utilization(self):
        values = [s for s in self.summaries("mm5")]
        self.assertAlmostEqual(statistics.fmean(s["utilization"] for s in values), 0.8, delta=0.004)
        # Little: 100/s times the time in the system.
        for s in values:
            self.assertAlmostEqual(s["meanInSystem"], s["latencyMs"]["mean"] / 1000 * 100, delta=0.02 * s["meanInSystem"])
    setattr(Stationary, "test_utilization_and_littles_law", utilization)


add_tests()

if __name__ == "__main__":
    unittest.main()
