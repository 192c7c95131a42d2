"""Google Cloud's kubectl asks for the server's version and runs the kubectl beside itself that fits."""
import json
import os
import re
import tempfile
import unittest

import harness

DISPATCHER = harness.require("kubectl-dispatcher")


class DispatcherTest(unittest.TestCase):
    def clients_of(self, version):
        """Of each request to a server that says it is of this version: the minor version of its client, and the path."""
        with tempfile.TemporaryDirectory() as folder:
            record = os.path.join(folder, "requests.ndjson")
            server = harness.Server("--nodes", "1", "--version-reported", version, "--record", record)
            try:
                result = server.run([DISPATCHER, "get", "nodes", "-o", "name"])
                self.assertEqual(result.returncode, 0, result.stderr)
                self.assertRegex(result.stdout, r"^node/")
            finally:
                self.assertEqual(server.stop(), 0)
            with open(record, encoding="utf-8") as file:
                return [(re.search(r"/v(1\.\d+)", line["client"]).group(1), line["path"]) for line in map(json.loads, file)]

    def test_the_kubectl_that_fits_is_run(self):
        for version, expected in (("v1.28.4", "1.28"), ("v1.30.2", "1.30"), ("v1.33.0", "1.33")):
            requests = self.clients_of(version)
            self.assertIn("/version?timeout=", requests[0][1])
            self.assertEqual({client for client, path in requests if "nodes" in path}, {expected}, requests)


if __name__ == "__main__":
    harness.main()
