#!/usr/bin/env python3
"""The small night still goes as it went: every decision and every number of its summary, as they were when somebody
read them and accepted them.

  tests/golden/golden_test.py --accept     writes the files anew; say in the commit message why they changed"""
import json
import pathlib
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "cli"))
from gamenight import gamenight, write_small  # noqa: E402


def replay():
    """The decisions as the run wrote them, and its summaries as readable JSON."""
    with tempfile.TemporaryDirectory() as folder:
        write_small(folder)
        done = gamenight("run", "small.yaml", "--out", "out", "--quiet", cwd=folder)
        assert done.returncode == 0, done.stderr
        out = pathlib.Path(folder) / "out"
        run = json.loads((out / "run.json").read_text())
        summaries = {p["name"]: p["summary"] for p in run["policies"]}
        return (out / "decisions.ndjson").read_text(), json.dumps(summaries, indent=1) + "\n"


class Golden(unittest.TestCase):
    maxDiff = None

    def test_the_small_night(self):
        decisions, summaries = replay()
        self.assertEqual(decisions.splitlines(), (HERE / "small.decisions.ndjson").read_text().splitlines())
        self.assertEqual(summaries, (HERE / "small.summary.json").read_text())


if __name__ == "__main__":
    if sys.argv[1:] == ["--accept"]:
        for name, content in zip(("small.decisions.ndjson", "small.summary.json"), replay()):
            (HERE / name).write_text(content)
    else:
        unittest.main()
