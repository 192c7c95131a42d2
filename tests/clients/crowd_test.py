"""A large cluster and a crowd of watchers over loopback: 10,000 pods on 1,000 nodes, 100 watches, 1,000 changes."""
import http.client
import json
import selectors
import socket
import threading
import time
import unittest

import harness

NODES = 1_000
PODS = 10_000
WATCHERS = 100
CHANGES = 1_000
# With five Events a pod there are 61,000 objects. 105,000 are to fit into 600 MB; a watch may take one more.
MOST_MEGABYTES = 61 / 105 * 600 + WATCHERS
PATIENCE = 240  # seconds without anything new; nothing else is asserted about time
PODS_PATH = "/api/v1/namespaces/default/pods"
MARK = b'"resourceVersion":"'  # once in a pod


class Watcher:
    """A watch on a socket of its own, of which only the revisions are kept."""

    def __init__(self, port, revision):
        self.socket = socket.create_connection(("127.0.0.1", int(port)))
        path = f"{PODS_PATH}?watch=1&resourceVersion={revision}&timeoutSeconds=3600"
        self.socket.sendall(f"GET {path} HTTP/1.1\r\nHost: test\r\nAccept: application/json\r\n\r\n".encode())
        self.header = b""
        self.framed = b""  # not yet a whole chunk
        self.line = b""  # not yet a whole line
        self.revisions = []
        self.others = []  # lines that are no change of a pod

    def read(self):
        """False at the end of the stream."""
        received = self.socket.recv(1 << 20)
        self.framed += received
        if not self.header and b"\r\n\r\n" in self.framed:
            self.header, self.framed = self.framed.split(b"\r\n\r\n", 1)
        while self.header and self.take_chunk():
            pass
        return bool(received)

    def take_chunk(self):
        end = self.framed.find(b"\r\n")
        if end < 0:
            return False
        length = int(self.framed[:end], 16)
        if len(self.framed) < end + 2 + length + 2:
            return False
        *lines, self.line = (self.line + self.framed[end + 2:end + 2 + length]).split(b"\n")
        self.framed = self.framed[end + 2 + length + 2:]
        for line in lines:
            if line.startswith(b'{"type":"MODIFIED"') and MARK in line:
                begin = line.index(MARK) + len(MARK)
                self.revisions.append(int(line[begin:line.index(b'"', begin)]))
            else:
                self.others.append(line[:200])
        return True


class CrowdTest(harness.ServerTest):
    FLAGS = ("--nodes", str(NODES), "--container-delay", "0s", "--boot", "0s", "--log-requests", "none")

    def setUp(self):
        super().setUp()
        self.connection = http.client.HTTPConnection("127.0.0.1", int(self.server.port), timeout=PATIENCE)

    def tearDown(self):
        self.connection.close()
        super().tearDown()

    def request(self, method, path, body=None, content_type="application/json"):
        self.connection.request(method, path, body and json.dumps(body), {"Content-Type": content_type})
        answer = self.connection.getresponse()
        text = answer.read()
        self.assertLess(answer.status, 300, text)
        return json.loads(text)

    def memory(self):
        """(resident now, the most there ever was) in megabytes."""
        with open(f"/proc/{self.server.process.pid}/status", encoding="utf-8") as file:
            lines = dict(line.split(":", 1) for line in file)
        return tuple(int(lines[name].split()[0]) / 1024 for name in ("VmRSS", "VmHWM"))

    def start_pods(self):
        labels = {"app": "crowd"}
        deployment = {"metadata": {"name": "crowd"},
                      "spec": {"replicas": PODS, "selector": {"matchLabels": labels},
                               "template": {"metadata": {"labels": labels},
                                            "spec": {"containers": [{"name": "main", "image": "app:1"}]}}}}
        path = "/apis/apps/v1/namespaces/default/deployments"
        self.request("POST", path, deployment)
        ready, changed = -1, time.monotonic()
        while ready < PODS:
            now = self.request("GET", path + "/crowd")["status"].get("readyReplicas", 0)
            if now != ready:
                ready, changed = now, time.monotonic()
            self.assertLess(time.monotonic() - changed, PATIENCE, f"{ready} pods are ready")
            time.sleep(0.2)

    def change(self, names, revisions):
        """One pod after the other; `revisions` gets those of the answers."""
        for number in range(CHANGES):
            patch = {"metadata": {"annotations": {"change": str(number)}}}
            changed = self.request("PATCH", f"{PODS_PATH}/{names[number % len(names)]}", patch,
                                   "application/merge-patch+json")
            revisions.append(int(changed["metadata"]["resourceVersion"]))

    def read_until_all_have_seen(self, watchers, writer, revisions):
        got, changed = -1, time.monotonic()
        with selectors.DefaultSelector() as ready:
            for watcher in watchers:
                ready.register(watcher.socket, selectors.EVENT_READ, watcher)
            while writer.is_alive() or any(w.revisions[-1:] != revisions[-1:] for w in watchers):
                for key, _ in ready.select(1):
                    self.assertTrue(key.data.read(), "a watch ended")
                now = sum(len(w.revisions) for w in watchers)
                if now != got:
                    got, changed = now, time.monotonic()
                self.assertLess(time.monotonic() - changed, PATIENCE, f"nothing more came after {now} events")

    def test_each_of_100_watchers_sees_every_change_once_and_in_order(self):
        self.start_pods()
        nodes = self.request("GET", "/api/v1/nodes?limit=1")
        self.assertEqual(nodes["metadata"]["remainingItemCount"] + 1, NODES)
        names = [pod["metadata"]["name"] for pod in self.request("GET", PODS_PATH + "?limit=700")["items"]]
        pods = self.request("GET", PODS_PATH + "?limit=1")
        self.assertEqual(pods["metadata"]["remainingItemCount"] + 1, PODS)
        before = self.memory()[0]
        watchers = [Watcher(self.server.port, pods["metadata"]["resourceVersion"]) for _ in range(WATCHERS)]
        revisions = []
        writer = threading.Thread(target=self.change, args=(names, revisions))
        writer.start()
        try:
            self.read_until_all_have_seen(watchers, writer, revisions)
        finally:
            writer.join()
            resident, most = self.memory()
            for watcher in watchers:
                watcher.socket.close()
        self.assertEqual(len(revisions), CHANGES)
        for watcher in watchers:
            self.assertTrue(watcher.header.startswith(b"HTTP/1.1 200 "), watcher.header)
            self.assertEqual(watcher.others, [])
            self.assertEqual(watcher.revisions, revisions)
        print(f"{before:.0f} MB before the watches, {resident:.0f} MB with them, {most:.0f} MB at most")
        self.assertLess(most, MOST_MEGABYTES)


if __name__ == "__main__":
    harness.main()
