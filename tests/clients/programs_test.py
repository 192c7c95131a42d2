"""Programs on client libraries, over TLS: client-go under faults too, controller-runtime, operators, Python's, Node's."""
import os
import shutil
import unittest

import harness

HERE = os.path.dirname(os.path.abspath(__file__))
PROGRAM = os.environ.get("CLIENT", "clientgo")
CLIENT = harness.require(PROGRAM)


class ProgramTest(harness.ServerTest):
    FLAGS = harness.ServerTest.FLAGS + ("--tls", "--authorization-mode", "RBAC")
    OWN = {"operators": ("--no-hpa", "--metric-resolution", "1s"), "faults": ("--metric-resolution", "1s")}
    FLAGS += OWN.get(PROGRAM, ("--history-events", "50"))

    def command(self):
        if PROGRAM == "python":
            return [CLIENT, os.path.join(HERE, "python", "client.py")]
        if PROGRAM == "node":
            # Node finds its packages beside the script.
            script = os.path.join(CLIENT, "client.mjs")
            shutil.copy(os.path.join(HERE, "node", "client.mjs"), script)
            return ["node", script]
        return [CLIENT]

    def passes(self, **environment):
        result = self.server.run(self.command(), environment=environment, timeout=240)
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)
        self.assertTrue(result.stdout.endswith("all steps passed\n"), result.stdout)
        print(result.stdout)

    @unittest.skipIf(PROGRAM == "faults", "its steps are about lists and watches")
    def test_all_steps(self):
        self.passes()

    @unittest.skipUnless(PROGRAM in ("clientgo", "manager", "faults"), "a habit of client-go")
    def test_all_steps_with_list_and_watch(self):
        self.passes(KUBE_FEATURE_WatchListClient="false")


if __name__ == "__main__":
    harness.main()
