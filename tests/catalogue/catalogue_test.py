#!/usr/bin/env python3
"""Every night of the catalogue is there, says what it is about, and shows what it promises.

With --light only nights of a few million requests are replayed, for builds that are slow on purpose.
"""
import concurrent.futures
import json
import pathlib
import re
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "cli"))
from gamenight import ROOT, gamenight  # noqa: E402

SCENARIOS = ROOT / "scenarios"
# Kept on the shelf: large, or compared by a test of their own.
OTHERS = ("grand-final.yaml", "steady.yaml", "wc98-0626.yaml")
NAMES = """
    gradual kickoff kickoff-sharp kickoff-early kickoff-late double-header goal-bursts half-time mass-exit-home
    retry-storm extra-time no-show surprise-hit db-bound node-starved region-a-full metrics-blackout-at-kickoff
    decision-service-down api-429-at-kickoff watch-drop scaler-restart-mid-spike rollout-at-min probe-death-spiral
    blue-green-cutover scale-from-zero seed-004-k6 ten-thousand-hpas wc98-0629 wc98-0630 wc98-0623 wc98-0627
    wc98-0630-compressed bedrock-x5 bedrock-x10 goal-f5 exit-wave delayed-kickoff forecast-too-low surprise-spike
    nasa-sts70 twitter-bursts retry-storm-outage extra-time-penalties
""".split()
LIGHT = ("rollout-at-min", "seed-004-k6", "scale-from-zero", "surprise-spike", "mass-exit-home", "retry-storm-outage")


def nights():
    """The catalogue: scenarios by name."""
    files = [f for f in sorted(SCENARIOS.rglob("*.yaml"))
             if f.parent.name not in ("policies", "stationary") and f.name not in OTHERS]
    return {f.stem: f for f in files}


def header(text):
    return re.match(r"(# .*\n)+", text)


def replay(name, path):
    """The scenario's name and what is wrong with its run, or None."""
    with tempfile.TemporaryDirectory() as out:
        done = gamenight("run", path, "--out", out, "--jobs", "1", "--quiet", timeout=1500)
    return name, None if done.returncode == 0 else f"exit code {done.returncode}\n{done.stdout}{done.stderr}"


class Catalogue(unittest.TestCase):
    def test_every_night_is_there(self):
        self.assertEqual(sorted(set(NAMES) - set(nights())), [])

    def test_each_says_what_happens_where_its_numbers_are_from_and_what_to_look_at(self):
        for name, path in nights().items():
            text = path.read_text()
            with self.subTest(name):
                self.assertIsNotNone(header(text))
                self.assertIn("\n# Source: ", header(text).group())
                self.assertIn("\n# Look at: ", header(text).group())
                self.assertIn(f"\n  name: {name}\n", text)
                self.assertRegex(text, r"\n  expect:\n    - \{")

    def test_each_shows_what_it_promises(self):
        wanted = {n: p for n, p in nights().items() if not LIGHT_ONLY or n in LIGHT}
        self.assertEqual(gamenight("check", *wanted.values()).returncode, 0)
        with concurrent.futures.ThreadPoolExecutor(max_workers=2) as pool:
            faults = {n: f for n, f in pool.map(lambda item: replay(*item), wanted.items()) if f}
        self.assertEqual(faults, {})

    def test_a_decision_service_that_is_down_changes_nothing(self):
        tuners = [a for name in ("hpa-tuner", "hpa-tuner-asks")
                  for a in ("--policy", SCENARIOS / "policies" / f"{name}.yaml")]
        with tempfile.TemporaryDirectory() as out:
            # Four minutes after the kick-off the tuners have done what they do.
            done = gamenight("run", nights()["decision-service-down"], "--out", out, "--jobs", "1", "--quiet",
                             "--duration", "14m", *tuners, timeout=900)
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
            policies = json.loads((pathlib.Path(out) / "run.json").read_text())["policies"]
        self.assertEqual([p["name"] for p in policies], ["hpa-tuner", "hpa-tuner-asks"])
        for part in ("summary", "series"):
            self.assertEqual(policies[0][part], policies[1][part])


if __name__ == "__main__":
    LIGHT_ONLY = "--light" in sys.argv
    if LIGHT_ONLY:
        sys.argv.remove("--light")
    unittest.main()
