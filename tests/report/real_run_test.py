#!/usr/bin/env python3
"""The page that gamenight writes for a real run stands the same test in the browser as the one made from test data."""
import os
import pathlib
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "cli"))
from gamenight import gamenight, write_small  # noqa: E402

shots = pathlib.Path(os.environ["GAMENIGHT_BUILD"]) / "tests" / "report-real"
shots.mkdir(parents=True, exist_ok=True)
with tempfile.TemporaryDirectory() as folder:
    write_small(folder)
    done = gamenight("run", "small.yaml", "--out", "out", cwd=folder)
    if done.returncode != 0:
        sys.exit(done.stderr)
    report = pathlib.Path(folder) / "out" / "report.html"
    sys.exit(subprocess.run([sys.executable, str(HERE / "report_test.py"), "--out", str(shots), str(report)]).returncode)
