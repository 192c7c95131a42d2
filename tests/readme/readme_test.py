#!/usr/bin/env python3
"""The commands of the READMEs do what a reader expects of them: every `sh` block of README.md is run, each command in
a folder that looks like a built clone."""
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "cli"))
from gamenight import BIN, ROOT  # noqa: E402


def commands():
    blocks = re.findall(r"```sh\n(.*?)```", (ROOT / "README.md").read_text(), flags=re.S)
    return [line for block in blocks for line in block.strip().split("\n") if line]


class Readme(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.clone = pathlib.Path(self.folder.name)
        (self.clone / "build").mkdir()
        (self.clone / "build/bin").symlink_to(BIN)
        for folder in ("scenarios", "scaler"):
            (self.clone / folder).symlink_to(ROOT / folder)

    def shell(self, command):
        return subprocess.run(["bash", "-c", command], cwd=self.clone, capture_output=True, text=True, timeout=600)

    def test_there_are_commands(self):
        self.assertGreaterEqual(len(commands()), 6)

    def test_make_targets_exist_and_run_runs_what_the_readme_shows(self):
        for target in ("setup", "build", "run", "test", "test-all", "bench", "lint", "fmt", "asan", "clean", "help"):
            done = subprocess.run(["make", "-n", target], cwd=ROOT, capture_output=True, text=True)
            self.assertEqual(done.returncode, 0, done.stderr)
        shown = next(c for c in commands() if "grand-final" in c)
        done = subprocess.run(["make", "-n", "run"], cwd=ROOT, capture_output=True, text=True)
        self.assertIn(shown, done.stdout)
        for command in commands():
            if command.startswith("make "):
                self.assertIn(command.split()[1], ("run", "test"))

    def test_every_gamenight_command_works(self):
        for command in commands():
            if not command.startswith(("build/bin/gamenight", "build/bin/policy-vectors")):
                continue
            done = self.shell(command)
            self.assertEqual(done.returncode, 0, f"{command}\n{done.stderr}")
            out = re.search(r"--out (\S+)", command)
            if out:
                self.assertTrue((self.clone / out.group(1) / "report.html").exists(), command)

    def test_the_cluster_answers_kubectl(self):
        if not shutil.which("kubectl"):
            self.skipTest("no kubectl on the PATH")
        start = next(c for c in commands() if c.startswith("build/bin/fake-apiserver")).rstrip("& ")
        ask = next(c for c in commands() if c.startswith("kubectl"))
        # The port of the README may be taken here: let the system choose.
        server = subprocess.Popen(start.replace("--port 8001", "--port 0 --print-port").split(), cwd=self.clone,
                                  stdout=subprocess.PIPE, text=True)
        try:
            port = server.stdout.readline().strip()
            environment = {**os.environ, "HOME": self.folder.name}
            done = subprocess.run(ask.replace("8001", port).split(), capture_output=True, text=True, timeout=60,
                                  env=environment)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertRegex(done.stdout, r"NAME +STATUS")
        finally:
            server.send_signal(signal.SIGTERM)
            self.assertEqual(server.wait(timeout=30), 0)


if __name__ == "__main__":
    unittest.main()
