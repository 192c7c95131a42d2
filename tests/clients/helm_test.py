"""Helm 3 installs, upgrades, rolls back, tests and uninstalls the scaler's chart."""
import json
import os
import subprocess

import harness

HELM = harness.require("helm")
KUBECTL = harness.require("kubectl")
CHART = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "scaler", "deploy", "chart")
POLICIES = "apiVersion: gamenight/v1\nkind: ScalingPolicy\n"


class HelmTest(harness.ServerTest):
    FLAGS = harness.ServerTest.FLAGS + ("--tls", "--authorization-mode", "RBAC")

    def helm(self, *arguments):
        return self.server.run([HELM, *arguments])

    def ok(self, *arguments):
        result = self.helm(*arguments)
        self.assertEqual(result.returncode, 0, f"helm {' '.join(arguments)}\n{result.stdout}{result.stderr}")
        return result.stdout

    def get(self, *arguments):
        result = self.server.run([KUBECTL, "get", *arguments, "-o", "json"])
        self.assertEqual(result.returncode, 0, result.stderr)
        return json.loads(result.stdout)

    def absent(self, *arguments):
        return self.server.run([KUBECTL, "get", *arguments]).returncode != 0

    def test_install_upgrade_rollback_uninstall(self):
        self.ok("install", "night", CHART, "--set", "demo.enabled=true", "--wait", "--timeout", "60s")
        self.assertEqual(self.get("deployment", "night")["status"]["availableReplicas"], 1)
        self.assertEqual(self.get("hpa", "night-demo")["spec"]["maxReplicas"], 10)
        self.assertEqual(self.get("crd", "hpatuners.webapp.streamotion.com.au")["spec"]["names"]["kind"], "HpaTuner")
        listed = json.loads(self.ok("list", "-o", "json"))
        self.assertEqual([(r["name"], r["revision"], r["status"]) for r in listed], [("night", "1", "deployed")])
        self.assertEqual([s["metadata"]["name"] for s in self.get("secrets", "-l", "owner=helm,name=night")["items"]],
                         ["sh.helm.release.v1.night.v1"])

        self.ok("upgrade", "night", CHART, "--set", "demo.enabled=true,demo.maxReplicas=20", "--set-string",
                "policies=" + POLICIES, "--wait", "--timeout", "60s")
        self.assertEqual(self.get("hpa", "night-demo")["spec"]["maxReplicas"], 20)
        self.assertEqual(self.get("configmap", "night")["data"]["policies.yaml"], POLICIES)
        self.ok("rollback", "night", "1", "--wait", "--timeout", "60s")
        self.assertEqual(self.get("hpa", "night-demo")["spec"]["maxReplicas"], 10)
        self.assertTrue(self.absent("configmap", "night"))
        history = json.loads(self.ok("history", "night", "-o", "json"))
        self.assertEqual([h["status"] for h in history], ["superseded", "superseded", "deployed"])

        self.assertIn("Phase:          Succeeded", self.ok("test", "night", "--timeout", "60s"))
        self.assertIn("uninstalled", self.ok("uninstall", "night", "--wait", "--timeout", "60s"))
        for what in (("deployment", "night"), ("hpa", "night-demo"), ("clusterrole", "default-night"),
                     ("serviceaccount", "night")):
            self.assertTrue(self.absent(*what), what)
        self.assertEqual(self.get("secrets", "-l", "owner=helm")["items"], [])

    def test_a_chart_for_other_versions_is_refused(self):
        chart = os.path.join(self.server.home, "chart")
        subprocess.run(["cp", "-r", CHART, chart], check=True)
        path = os.path.join(chart, "Chart.yaml")
        with open(path, encoding="utf-8") as file:
            text = file.read().replace(">=1.23.0-0", ">=1.99.0-0")
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        refused = self.helm("install", "night", chart)
        self.assertNotEqual(refused.returncode, 0)
        self.assertIn("chart requires kubeVersion: >=1.99.0-0 which is incompatible with Kubernetes", refused.stderr)

    def test_the_chart_asks_for_what_rbac_yaml_says(self):
        def rules(documents):
            return next(d["rules"] for d in documents if d["kind"] == "ClusterRole")

        def parse(text):
            shown = self.server.run([KUBECTL, "apply", "--dry-run=client", "-o", "json", "-f", "-"], stdin=text)
            self.assertEqual(shown.returncode, 0, shown.stderr)
            return json.loads(shown.stdout)["items"]

        chart = self.ok("template", "night", CHART, "--kube-version", "v1.33.0", "--show-only", "templates/rbac.yaml")
        with open(os.path.join(CHART, "..", "rbac.yaml"), encoding="utf-8") as file:
            self.assertEqual(rules(parse(chart)), rules(parse(file.read())))


if __name__ == "__main__":
    harness.main()
