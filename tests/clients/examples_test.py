"""The examples of docs/fake-apiserver.md in Go, Python and Node, as a reader would run them; C++'s is a test of its own."""
import os
import shutil
import subprocess
import tempfile
import unittest

import harness

CLIENT = os.environ.get("CLIENT", "example")
PATH = harness.require(CLIENT)
EXAMPLES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "docs", "examples")


class ExampleTest(unittest.TestCase):
    def command(self, folder):
        if CLIENT == "python":
            return [PATH, os.path.join(EXAMPLES, "fake_apiserver_example.py")]
        if CLIENT == "node":
            # Node finds its packages beside the script.
            script = shutil.copy(os.path.join(EXAMPLES, "fake_apiserver_example.mjs"), folder)
            os.symlink(os.path.join(os.path.abspath(PATH), "node_modules"), os.path.join(folder, "node_modules"))
            return ["node", script]
        return [PATH, "-test.v"]

    def test_the_example_runs(self):
        with tempfile.TemporaryDirectory() as folder:
            environment = {"PATH": os.environ["PATH"], "HOME": folder, "TMPDIR": folder,
                           "FAKE_APISERVER": os.path.abspath(os.path.join(harness.bin_folder(), "fake-apiserver"))}
            result = subprocess.run(self.command(folder), env=environment, text=True, capture_output=True, check=False,
                                    timeout=harness.PATIENCE)
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)
        self.assertRegex(result.stdout, r"^ready: 3\n$|--- PASS: TestDeploymentComesUp")


if __name__ == "__main__":
    harness.main()
