"""A fake-apiserver of its own for each test, and real clients with a fresh HOME against it."""
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import unittest
import urllib.request

SKIPPED = 77  # what ctest takes for a skipped test
PATIENCE = 120


def bin_folder():
    return os.environ.get("GAMENIGHT_BIN", "build/bin")


def clients_folder():
    return os.environ.get("GAMENIGHT_CLIENTS", os.path.join(os.environ.get("GAMENIGHT_BUILD", "build"), "clients"))


def require(name):
    """The path of a fetched client; ends the test program as skipped, with the reason, if it could not be had."""
    folder = clients_folder()
    try:
        for line in open(os.path.join(folder, "missing.txt"), encoding="utf-8"):
            if line.startswith(name + ":"):
                print("skipped, no " + line.strip())
                sys.exit(SKIPPED)
    except FileNotFoundError:
        print(f"skipped, tests/clients/fetch.sh {folder} has not been run")
        sys.exit(SKIPPED)
    return os.path.join(folder, {"python": "python/bin/python", "node": "node"}.get(name, "bin/" + name))


class Server:
    """The program on a free port of loopback, with a kubeconfig and a HOME of its own."""

    def __init__(self, *flags):
        self.home = tempfile.mkdtemp(prefix="gamenight-clients-")
        self.kubeconfig = os.path.join(self.home, "kubeconfig")
        self.log = open(os.path.join(self.home, "server.log"), "w+", encoding="utf-8")
        self.process = subprocess.Popen(
            [os.path.join(bin_folder(), "fake-apiserver"), "--port", "0", "--print-port", "--kubeconfig-out",
             self.kubeconfig, *flags], stdout=subprocess.PIPE, stderr=self.log, text=True)
        self.port = self.process.stdout.readline().strip()
        if not self.port:
            self.process.wait()
            self.log.seek(0)
            raise RuntimeError("the server did not start: " + self.log.read())

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(timeout=30)
        self.process.stdout.close()
        self.log.close()
        shutil.rmtree(self.home, ignore_errors=True)
        return code

    def environment(self):
        keep = {key: os.environ[key] for key in ("PATH", "LANG", "TZ") if key in os.environ}
        return {**keep, "HOME": self.home, "KUBECONFIG": self.kubeconfig, "EDITOR": "true", "NO_COLOR": "1"}

    def run(self, command, stdin=None, timeout=PATIENCE, environment=None):
        """A CompletedProcess with text; nothing is checked."""
        return subprocess.run(command, env={**self.environment(), **(environment or {})}, input=stdin, text=True,
                              capture_output=True, timeout=timeout, check=False)

    def http(self, method, path, body=None, headers=None):
        """(status, text) of a plain request; only for servers without TLS."""
        data = json.dumps(body).encode() if body is not None else None
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", data=data, method=method,
                                         headers=headers or {})
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()


class ServerTest(unittest.TestCase):
    """A test with a server; the flags are a class's own."""
    FLAGS = ("--container-delay", "50ms", "--nodes", "3", "--node-cpu", "8")
    maxDiff = None

    def setUp(self):
        self.server = Server(*self.FLAGS)

    def tearDown(self):
        self.assertEqual(self.server.stop(), 0, "the server did not end cleanly")


def main():
    """unittest's own main, so that one test can be named on the command line."""
    unittest.main(verbosity=2)
