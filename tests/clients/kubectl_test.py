"""Every verb of a real kubectl. The environment's KUBECTL names which, as fetch.sh calls them: kubectl-1.20, kubectl."""
import json
import os
import re
import subprocess
import time

import harness

NAME = os.environ.get("KUBECTL", "kubectl")
OLD = NAME == "kubectl-1.20"
KUBECTL = harness.require(NAME)

DEPLOYMENT = """
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  labels: {app: web}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata:
      labels: {app: web}
    spec:
      containers:
      - name: main
        image: app:1
        env: [{name: MODE, value: night}, {name: LEVEL, value: high}]
        ports: [{containerPort: 8080, name: http}]
        resources: {requests: {cpu: 500m, memory: 256Mi}, limits: {cpu: "1", memory: 512Mi}}
        readinessProbe: {httpGet: {path: /, port: 8080}, periodSeconds: 1}
      - name: side
        image: side:1
"""

DEFINITION = """
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: nights.example.org}
spec:
  group: example.org
  scope: Namespaced
  names: {plural: nights, singular: night, kind: Night, shortNames: [nt], categories: [all]}
  versions:
  - name: v1
    served: true
    storage: true
    schema:
      openAPIV3Schema:
        type: object
        properties:
          spec:
            type: object
            required: [viewers]
            properties:
              viewers: {type: integer, minimum: 1, description: Viewers at kick-off.}
              channel: {type: string, default: main}
    additionalPrinterColumns:
    - {name: Viewers, type: integer, jsonPath: .spec.viewers}
    - {name: Age, type: date, jsonPath: .metadata.creationTimestamp}
"""

NIGHT = """
apiVersion: example.org/v1
kind: Night
metadata: {name: final}
spec: {viewers: 5000000}
"""


class KubectlTest(harness.ServerTest):
    def kubectl(self, *arguments, stdin=None, environment=None):
        return self.server.run([KUBECTL, *arguments], stdin=stdin, environment=environment)

    def ok(self, *arguments, stdin=None, environment=None):
        result = self.kubectl(*arguments, stdin=stdin, environment=environment)
        self.assertEqual(result.returncode, 0, f"kubectl {' '.join(arguments)}\n{result.stdout}{result.stderr}")
        return result.stdout

    def refused(self, *arguments, stdin=None):
        result = self.kubectl(*arguments, stdin=stdin)
        self.assertNotEqual(result.returncode, 0, f"kubectl {' '.join(arguments)}\n{result.stdout}")
        return result.stderr

    def get(self, *arguments):
        return json.loads(self.ok("get", *arguments, "-o", "json"))

    def deploy(self):
        self.ok("apply", "-f", "-", stdin=DEPLOYMENT)
        self.ok("rollout", "status", "deployment/web", "--timeout=60s")

    def eventually(self, what, done):
        for _ in range(200):
            if done():
                return
            time.sleep(0.1)
        self.fail("never came: " + what)

    def columns(self, *arguments):
        return re.split(r"\s{2,}", self.ok("get", *arguments).splitlines()[0].strip())


class ReadingTest(KubectlTest):
    def test_version(self):
        text = self.ok("version")
        self.assertRegex(text, r"Server Version")

    def test_api_resources_and_versions(self):
        resources = self.ok("api-resources")
        for name in ("deployments", "horizontalpodautoscalers", "poddisruptionbudgets", "customresourcedefinitions",
                     "endpointslices", "leases", "cronjobs", "priorityclasses"):
            self.assertIn(name, resources)
        versions = self.ok("api-versions").splitlines()
        for version in ("v1", "apps/v1", "autoscaling/v2", "batch/v1", "policy/v1", "metrics.k8s.io/v1beta1"):
            self.assertIn(version, versions)
        if not OLD:
            self.assertIn("deployments.apps", self.ok("api-resources", "--categories=all", "-o", "name"))

    def test_get_table_wide_json_yaml_name_and_selectors(self):
        self.deploy()
        self.assertEqual(self.columns("deployments"), ["NAME", "READY", "UP-TO-DATE", "AVAILABLE", "AGE"])
        self.assertEqual(self.columns("pods", "-o", "wide"),
                         ["NAME", "READY", "STATUS", "RESTARTS", "AGE", "IP", "NODE", "NOMINATED NODE",
                          "READINESS GATES"])
        self.assertEqual(self.columns("nodes")[:5], ["NAME", "STATUS", "ROLES", "AGE", "VERSION"])
        self.assertEqual(len(self.get("pods", "-l", "app=web")["items"]), 2)
        self.assertEqual(len(self.get("pods", "-l", "app in (web, x),app!=y,!z")["items"]), 2)
        self.assertEqual(len(self.get("pods", "-l", "app notin (web)")["items"]), 0)
        self.assertEqual(len(self.get("pods", "--field-selector", "status.phase=Running")["items"]), 2)
        self.assertIn("kind: Deployment", self.ok("get", "deployment", "web", "-o", "yaml"))
        self.assertEqual(self.ok("get", "deployment", "-o", "name"), "deployment.apps/web\n")
        self.assertRegex(self.ok("get", "deployment", "web"), r"web +2/2 +2 +2 ")
        self.assertEqual(self.ok("get", "pods", "-o", "jsonpath={.items[*].status.phase}"), "Running Running")

    def test_get_sorted_and_in_chunks(self):
        for name in ("c", "a", "b"):
            self.ok("create", "configmap", name, f"--from-literal=k={name}")
        table = self.ok("get", "configmaps", "--sort-by=.data.k", "--no-headers").splitlines()
        self.assertEqual([line.split()[0] for line in table if line[0] in "abc"], ["a", "b", "c"])
        chunked = self.ok("get", "configmaps", "--chunk-size=1", "--no-headers").splitlines()
        self.assertEqual([line.split()[0] for line in chunked], ["a", "b", "c", "kube-root-ca.crt"])

    def test_get_all_and_raw_and_cluster_info(self):
        self.deploy()
        everything = self.ok("get", "all")
        for name in ("deployment.apps/web", "pod/web-", "replicaset.apps/web-", "service/kubernetes"):
            self.assertIn(name, everything)
        self.assertEqual(json.loads(self.ok("get", "--raw", "/version"))["major"], "1")
        self.assertEqual(self.ok("get", "--raw", "/readyz"), "ok")
        self.assertIn("is running at", self.ok("cluster-info"))
        self.assertIn("server:", self.ok("config", "view"))

    def test_absent_things_are_told_in_kubernetes_words(self):
        self.assertIn('Error from server (NotFound): pods "none" not found', self.refused("get", "pod", "none"))
        self.assertIn('Error from server (NotFound): deployments.apps "none" not found',
                      self.refused("get", "deployment", "none"))
        self.assertIn("the server doesn't have a resource type", self.refused("get", "unicorns"))

    def test_get_watch_shows_every_change(self):
        self.deploy()
        watch = subprocess.Popen([KUBECTL, "get", "pods", "-w", "--no-headers"], env=self.server.environment(),
                                 stdout=subprocess.PIPE, text=True)
        try:
            self.ok("scale", "deployment/web", "--replicas=4")
            running = {}
            while sum(1 for state in running.values() if state == ("2/2", "Running")) < 4:
                words = watch.stdout.readline().split()
                running[words[0]] = (words[1], words[2])
        finally:
            watch.kill()
            watch.communicate()
        self.assertEqual(len(running), 4)

    def test_get_watch_of_one_object(self):
        self.deploy()
        watch = subprocess.Popen([KUBECTL, "get", "deployment", "web", "-w", "-o", "jsonpath={.spec.replicas}{'\\n'}"],
                                 env=self.server.environment(), stdout=subprocess.PIPE, text=True)
        try:
            self.assertEqual(watch.stdout.readline(), "2\n")
            self.ok("scale", "deployment/web", "--replicas=3")
            seen = "2\n"
            while seen == "2\n":
                seen = watch.stdout.readline()
            self.assertEqual(seen, "3\n")
        finally:
            watch.kill()
            watch.communicate()

    def test_describe(self):
        self.deploy()
        self.ok("autoscale", "deployment", "web", "--max=5", "--cpu-percent=50")
        self.ok("expose", "deployment", "web", "--port=80", "--target-port=8080")
        pod = self.get("pods")["items"][0]["metadata"]["name"]
        self.assertIn("Successfully assigned default/" + pod, self.ok("describe", "pod", pod))
        self.assertIn("NewReplicaSetAvailable", self.ok("describe", "deployment", "web"))
        self.assertIn("Controlled By:  Deployment/web", self.ok("describe", "rs"))
        self.assertIn("Deployment/web", self.ok("describe", "hpa", "web"))
        self.assertRegex(self.ok("describe", "service", "web"), r"Endpoints: +10\.")
        node = self.ok("describe", "node", self.get("nodes")["items"][0]["metadata"]["name"])
        self.assertIn("Allocated resources", node)
        self.assertIn("Allocatable", node)

    def test_explain(self):
        text = self.ok("explain", "deployment.spec.replicas")
        self.assertIn("replicas", text)
        self.assertIn("integer", text)

    def test_events(self):
        self.deploy()
        if not OLD:
            self.assertIn("ScalingReplicaSet", self.ok("events", "--for", "deployment/web"))
        self.assertIn("ScalingReplicaSet",
                      self.ok("get", "events", "--field-selector", "involvedObject.name=web,reason=ScalingReplicaSet"))

    def test_logs(self):
        self.deploy()
        pod = self.get("pods")["items"][0]["metadata"]["name"]
        whole = self.ok("logs", pod, "-c", "main")
        self.assertTrue(whole.strip())
        self.assertEqual(len(self.ok("logs", pod, "-c", "main", "--tail=1").splitlines()), 1)
        self.ok("logs", "deployment/web", "-c", "main", "--since=5m")
        self.ok("logs", "-l", "app=web", "-c", "main")
        self.assertIn("nope", self.refused("logs", pod, "-c", "nope"))

    def test_top(self):
        self.deploy()
        self.eventually("metrics of pods", lambda: self.kubectl("top", "pods").returncode == 0)
        self.assertRegex(self.ok("top", "pods", "-l", "app=web", "--containers"), r"web-\S+ +(main|side) +\d+m +\d+Mi")
        self.assertRegex(self.ok("top", "pods", "-A"), r"default +web-\S+ +\d+m")
        self.eventually("metrics of nodes", lambda: self.kubectl("top", "nodes").returncode == 0)
        self.assertRegex(self.ok("top", "nodes"), r"\d+m +\d+%")

    FLAGS = harness.ServerTest.FLAGS + ("--metric-resolution", "1s")


class WritingTest(KubectlTest):
    def test_create_of_every_kind(self):
        self.ok("create", "namespace", "n")
        self.ok("create", "configmap", "c", "--from-literal=a=b")
        self.ok("create", "secret", "generic", "s", "--from-literal=p=q")
        self.ok("create", "serviceaccount", "sa")
        self.ok("create", "deployment", "d", "--image=app:1")
        self.ok("create", "service", "clusterip", "svc", "--tcp=80:8080")
        self.ok("create", "job", "j", "--image=app:1")
        self.ok("create", "cronjob", "cj", "--image=app:1", "--schedule=*/5 * * * *")
        self.ok("create", "quota", "q", "--hard=pods=10")
        self.ok("create", "poddisruptionbudget", "p", "--selector=app=d", "--min-available=1")
        self.ok("create", "priorityclass", "high", "--value=1000")
        self.ok("create", "role", "r", "--verb=get", "--resource=pods")
        self.ok("create", "rolebinding", "rb", "--role=r", "--user=alice")
        self.ok("create", "clusterrole", "cr", "--verb=get,list", "--resource=nodes")
        self.ok("create", "clusterrolebinding", "crb", "--clusterrole=cr", "--group=dev")
        self.ok("create", "ingress", "i", "--rule=example.org/=svc:80")
        self.assertEqual(self.get("secret", "s")["data"]["p"], "cQ==")
        self.assertEqual(self.get("deployment", "d")["spec"]["template"]["spec"]["containers"][0]["image"], "app:1")
        self.assertEqual(self.get("pdb", "p")["spec"]["minAvailable"], 1)
        self.assertEqual(self.get("quota", "q")["spec"]["hard"]["pods"], "10")
        if not OLD:
            self.assertGreater(len(self.ok("create", "token", "sa").strip()), 20)

    def test_create_file_twice_says_already_exists(self):
        self.ok("create", "-f", "-", stdin=DEPLOYMENT)
        self.assertIn('deployments.apps "web" already exists', self.refused("create", "-f", "-", stdin=DEPLOYMENT))

    def test_apply_unchanged_and_changed(self):
        self.assertEqual(self.ok("apply", "-f", "-", stdin=DEPLOYMENT), "deployment.apps/web created\n")
        before = self.get("deployment", "web")["metadata"]["generation"]
        self.assertEqual(self.ok("apply", "-f", "-", stdin=DEPLOYMENT), "deployment.apps/web unchanged\n")
        self.assertEqual(self.get("deployment", "web")["metadata"]["generation"], before)
        changed = DEPLOYMENT.replace("app:1", "app:2").replace(", {name: LEVEL, value: high}", "")
        self.assertEqual(self.ok("apply", "-f", "-", stdin=changed), "deployment.apps/web configured\n")
        containers = self.get("deployment", "web")["spec"]["template"]["spec"]["containers"]
        self.assertEqual([c["image"] for c in containers], ["app:2", "side:1"])
        self.assertEqual([e["name"] for e in containers[0]["env"]], ["MODE"])
        without_side = changed.replace("      - name: side\n        image: side:1\n", "")
        self.ok("apply", "-f", "-", stdin=without_side.replace("  labels: {app: web}\nspec", "spec", 1))
        live = self.get("deployment", "web")
        self.assertEqual([c["name"] for c in live["spec"]["template"]["spec"]["containers"]], ["main"])
        self.assertNotIn("labels", live["metadata"])

    def test_diff_tells_and_stores_nothing(self):
        self.ok("apply", "-f", "-", stdin=DEPLOYMENT)
        self.assertEqual(self.kubectl("diff", "-f", "-", stdin=DEPLOYMENT).returncode, 0)
        version = self.get("configmap", "kube-root-ca.crt")["metadata"]["resourceVersion"]
        changed = self.kubectl("diff", "-f", "-", stdin=DEPLOYMENT.replace("app:1", "app:9"))
        self.assertEqual(changed.returncode, 1, changed.stderr)
        self.assertIn("app:9", changed.stdout)
        self.assertEqual(self.get("configmap", "kube-root-ca.crt")["metadata"]["resourceVersion"], version)
        self.assertEqual(self.get("deployment", "web")["spec"]["template"]["spec"]["containers"][0]["image"], "app:1")

    def test_server_side_apply_conflicts_as_upstream_does(self):
        self.assertIn("serverside-applied", self.ok("apply", "--server-side", "-f", "-", stdin=DEPLOYMENT))
        version = self.get("deployment", "web")["metadata"]["generation"]
        self.ok("apply", "--server-side", "-f", "-", stdin=DEPLOYMENT)
        self.assertEqual(self.get("deployment", "web")["metadata"]["generation"], version)
        other = DEPLOYMENT.replace("replicas: 2", "replicas: 3")
        error = self.refused("apply", "--server-side", "--field-manager=other", "-f", "-", stdin=other)
        self.assertIn("Apply failed with 1 conflict: conflict with \"kubectl\"", error)
        self.assertIn(".spec.replicas", error)
        self.ok("apply", "--server-side", "--field-manager=other", "--force-conflicts", "-f", "-", stdin=other)
        self.assertEqual(self.get("deployment", "web")["spec"]["replicas"], 3)

    def test_server_side_apply_takes_over_from_client_side_apply(self):
        self.ok("apply", "-f", "-", stdin=DEPLOYMENT)
        self.assertIn("serverside-applied", self.ok("apply", "--server-side", "--force-conflicts", "-f", "-",
                                                    stdin=DEPLOYMENT.replace("app:1", "app:2")))
        self.assertEqual(self.get("deployment", "web")["spec"]["template"]["spec"]["containers"][0]["image"], "app:2")

    def test_apply_dry_run_on_the_server_stores_nothing(self):
        self.assertIn("created (server dry run)", self.ok("apply", "--dry-run=server", "-f", "-", stdin=DEPLOYMENT))
        self.refused("get", "deployment", "web")

    def test_strict_validation_of_fields(self):
        misspelt = DEPLOYMENT.replace("replicas: 2", "replicsa: 2")
        error = self.refused("create", "-f", "-", stdin=misspelt)
        self.assertIn("replicsa", error)
        if not OLD:
            self.assertIn("strict decoding error: unknown field \"spec.replicsa\"", error)
            warned = self.kubectl("create", "--validate=warn", "-f", "-", stdin=misspelt)
            self.assertEqual(warned.returncode, 0, warned.stderr)
            self.assertIn("Warning: unknown field \"spec.replicsa\"", warned.stderr)
            self.ok("delete", "deployment", "web", "--wait=false")
            self.eventually("gone", lambda: self.kubectl("get", "deployment", "web").returncode != 0)
            silent = self.kubectl("create", "--validate=false", "-f", "-", stdin=misspelt)
            self.assertEqual((silent.returncode, silent.stderr), (0, ""))
        else:
            self.ok("create", "--validate=false", "-f", "-", stdin=misspelt)

    def test_scale(self):
        self.deploy()
        self.ok("scale", "deployment/web", "--replicas=3")
        self.assertEqual(self.get("deployment", "web")["spec"]["replicas"], 3)
        self.ok("scale", "deployment/web", "--current-replicas=3", "--replicas=1")
        self.assertEqual(self.get("deployment", "web")["spec"]["replicas"], 1)
        self.assertIn("Expected replicas to be 7", self.refused("scale", "deployment/web", "--current-replicas=7",
                                                                "--replicas=1"))

    def test_autoscale(self):
        self.deploy()
        self.ok("autoscale", "deployment", "web", "--min=2", "--max=5", "--cpu-percent=50")
        spec = self.get("hpa.v2.autoscaling" if not OLD else "hpa.v1.autoscaling", "web")["spec"]
        self.assertEqual((spec["minReplicas"], spec["maxReplicas"]), (2, 5))
        self.assertRegex(self.ok("get", "hpa"), r"web +Deployment/web +\S.*50% +2 +5 ")

    def test_rollout_history_undo_restart_pause(self):
        self.deploy()
        self.ok("set", "image", "deployment/web", "main=app:2")
        self.ok("rollout", "status", "deployment/web", "--timeout=60s")
        history = self.ok("rollout", "history", "deployment/web")
        self.assertRegex(history, r"(?s)1 .*2 ")
        self.ok("rollout", "undo", "deployment/web")
        self.ok("rollout", "status", "deployment/web", "--timeout=60s")
        live = self.get("deployment", "web")
        self.assertEqual(live["spec"]["template"]["spec"]["containers"][0]["image"], "app:1")
        self.assertEqual(live["metadata"]["annotations"]["deployment.kubernetes.io/revision"], "3")
        self.ok("rollout", "restart", "deployment/web")
        self.ok("rollout", "status", "deployment/web", "--timeout=60s")
        self.ok("rollout", "pause", "deployment/web")
        self.assertTrue(self.get("deployment", "web")["spec"]["paused"])
        self.ok("rollout", "resume", "deployment/web")

    def test_patches_of_three_types(self):
        self.deploy()
        self.ok("patch", "deployment", "web", "-p",
                '{"spec":{"template":{"spec":{"containers":[{"name":"main","image":"app:5"}]}}}}')
        containers = self.get("deployment", "web")["spec"]["template"]["spec"]["containers"]
        self.assertEqual([c["image"] for c in containers], ["app:5", "side:1"])
        self.ok("patch", "deployment", "web", "--type=merge", "-p", '{"spec":{"replicas":1}}')
        self.ok("patch", "deployment", "web", "--type=json", "-p", '[{"op":"replace","path":"/spec/replicas","value":4}]')
        self.assertEqual(self.get("deployment", "web")["spec"]["replicas"], 4)
        error = self.refused("patch", "deployment", "web", "--type=json", "-p",
                             '[{"op":"test","path":"/spec/replicas","value":9}]')
        # 1.20 drops the message of an Invalid that has no details.
        self.assertIn("The request is invalid" if OLD else
                      "the server rejected our request due to an error in our request", error)
        if not OLD:
            self.ok("patch", "deployment", "web", "--subresource=scale", "--type=merge", "-p", '{"spec":{"replicas":2}}')
            self.assertEqual(self.get("deployment", "web")["spec"]["replicas"], 2)

    def test_label_annotate_edit_replace_expose_run_set(self):
        self.deploy()
        self.ok("label", "deployment", "web", "tier=front")
        self.ok("label", "pods", "--all", "tier=front")
        self.ok("annotate", "pods", "--all", "note=x")
        self.assertEqual(len(self.get("pods", "-l", "tier=front")["items"]), 2)
        self.ok("annotate", "deployment", "web", "note=x")
        self.assertIn("Edit cancelled, no changes made", self.kubectl("edit", "deployment", "web").stderr)
        sed = os.path.join(self.server.home, "edit.sh")
        with open(sed, "w", encoding="utf-8") as script:
            script.write("#!/bin/sh\nsed -i 's/replicas: 2$/replicas: 3/' \"$1\"\n")
        os.chmod(sed, 0o755)
        self.assertIn("edited", self.ok("edit", "deployment", "web", environment={"EDITOR": sed}))
        live = self.get("deployment", "web")
        self.assertEqual(live["spec"]["replicas"], 3)
        self.assertEqual(live["metadata"]["labels"]["tier"], "front")
        self.ok("annotate", "deployment", "web", "note=y", "--overwrite")
        self.assertIn("the object has been modified", self.refused("replace", "-f", "-", stdin=json.dumps(live)))
        self.ok("rollout", "status", "deployment/web", "--timeout=60s")
        live = self.get("deployment", "web")
        self.ok("replace", "-f", "-", stdin=json.dumps(live))
        self.ok("expose", "deployment", "web", "--port=80", "--target-port=8080")
        service = self.get("service", "web")
        self.assertRegex(service["spec"]["clusterIP"], r"^10\.")
        self.eventually("endpoints", lambda: len(
            (self.get("endpoints", "web").get("subsets") or [{}])[0].get("addresses", [])) == 3)
        slices = self.get("endpointslices", "-l", "kubernetes.io/service-name=web")["items"]
        self.assertEqual(sum(len(s["endpoints"]) for s in slices), 3)
        self.ok("run", "one", "--image=app:1")
        self.ok("wait", "--for=condition=Ready", "pod/one", "--timeout=60s")
        self.ok("set", "env", "deployment/web", "MODE=day")
        self.ok("set", "resources", "deployment/web", "-c=main", "--limits=cpu=2")

    def test_delete_waits_until_it_is_gone(self):
        self.deploy()
        pod = self.get("pods")["items"][0]["metadata"]["name"]
        self.ok("delete", "pod", pod)
        self.refused("get", "pod", pod)
        other = self.get("pods")["items"][0]["metadata"]["name"]
        self.ok("delete", "pod", other, "--grace-period=0", "--force")
        self.refused("get", "pod", other)
        self.ok("delete", "deployment", "web", "--wait=false")
        self.ok("delete", "pods", "--all")
        self.eventually("all pods gone", lambda: not self.get("pods")["items"])

    def test_delete_of_a_namespace_empties_it(self):
        self.ok("create", "namespace", "n")
        self.ok("apply", "-n", "n", "-f", "-", stdin=DEPLOYMENT)
        self.ok("delete", "namespace", "n")
        self.refused("get", "namespace", "n")
        self.assertEqual(self.get("pods", "-A", "-l", "app=web")["items"], [])

    def test_cascading_deletion(self):
        self.deploy()
        self.ok("delete", "deployment", "web", "--cascade=orphan")
        self.assertEqual(len(self.get("rs")["items"]), 1)
        self.assertNotIn("ownerReferences", self.get("rs")["items"][0]["metadata"])
        self.ok("delete", "rs", "--all", "--cascade=foreground" if not OLD else "--cascade=background")
        self.eventually("no pods", lambda: not self.get("pods")["items"])

    def test_wait(self):
        self.ok("apply", "-f", "-", stdin=DEPLOYMENT)
        self.ok("wait", "--for=condition=Available", "deployment/web", "--timeout=60s")
        if not OLD:
            self.ok("wait", "--for=jsonpath={.status.readyReplicas}=2", "deployment/web", "--timeout=60s")
        # A finalizer keeps it until the wait has begun: for 1.20 there is nothing to wait for once it is gone.
        self.ok("patch", "deployment", "web", "--type=merge", "-p", '{"metadata":{"finalizers":["example.org/hold"]}}')
        self.ok("delete", "deployment", "web", "--wait=false")
        waiting = subprocess.Popen([KUBECTL, "wait", "--for=delete", "deployment/web", "--timeout=60s"],
                                   env=self.server.environment(), stdout=subprocess.PIPE, text=True)
        time.sleep(1)
        self.assertIsNone(waiting.poll(), "it ended before the object was gone")
        self.ok("patch", "deployment", "web", "--type=merge", "-p", '{"metadata":{"finalizers":null}}')
        text, _ = waiting.communicate(timeout=60)
        self.assertEqual((waiting.returncode, text), (0, "deployment.apps/web condition met\n"))

    def test_cordon_taint_and_drain(self):
        self.deploy()
        node = self.get("pods")["items"][0]["spec"]["nodeName"]
        self.ok("taint", "nodes", node, "a=b:PreferNoSchedule")
        self.assertEqual(self.get("node", node)["spec"]["taints"][0]["key"], "a")
        self.ok("taint", "nodes", node, "a-")
        self.ok("cordon", node)
        self.assertTrue(self.get("node", node)["spec"]["unschedulable"])
        self.ok("uncordon", node)
        self.ok("create", "poddisruptionbudget", "web", "--selector=app=web", "--min-available=2")
        self.eventually("the budget is counted", lambda: self.get("pdb", "web")["status"].get("currentHealthy") == 2)
        blocked = self.kubectl("drain", node, "--ignore-daemonsets", "--timeout=6s")
        self.assertNotEqual(blocked.returncode, 0)
        self.assertIn("Cannot evict pod as it would violate the pod's disruption budget.", blocked.stderr)
        self.ok("delete", "pdb", "web")
        self.ok("drain", node, "--ignore-daemonsets", "--timeout=60s")
        self.assertEqual(self.get("pods", "--field-selector", "spec.nodeName=" + node)["items"], [])

    def test_a_job_runs_to_its_end(self):
        self.ok("create", "job", "j", "--image=app:1")
        self.ok("wait", "--for=condition=complete", "job/j", "--timeout=60s")
        self.assertEqual(self.get("job", "j")["status"]["succeeded"], 1)

    def test_custom_resources(self):
        self.ok("apply", "-f", "-", stdin=DEFINITION)
        self.ok("wait", "--for=condition=Established", "crd/nights.example.org", "--timeout=30s")
        self.ok("apply", "-f", "-", stdin=NIGHT)
        self.assertEqual(self.ok("apply", "-f", "-", stdin=NIGHT), "night.example.org/final unchanged\n")
        self.assertEqual(self.columns("nights"), ["NAME", "VIEWERS", "AGE"])
        self.assertEqual(self.get("nt", "final")["spec"], {"viewers": 5000000, "channel": "main"})
        self.assertIn("spec.viewers", self.refused("apply", "-f", "-", stdin=NIGHT.replace("5000000", "0")))
        if not OLD:
            self.assertIn("Viewers at kick-off", self.ok("explain", "night.spec.viewers"))
            self.assertIn("night.example.org/final", self.ok("get", "all"))
        self.ok("delete", "crd", "nights.example.org")
        self.assertNotEqual(self.kubectl("get", "nights").returncode, 0)


class IdentityTest(KubectlTest):
    FLAGS = harness.ServerTest.FLAGS + ("--tls", "--authorization-mode", "RBAC")

    def test_auth_can_i_whoami_and_impersonation(self):
        self.assertEqual(self.ok("auth", "can-i", "create", "deployments").strip(), "yes")
        if not OLD:
            self.assertIn("system:masters", self.ok("auth", "whoami"))
        denied = self.kubectl("auth", "can-i", "list", "pods", "--as=alice")
        self.assertEqual((denied.returncode, denied.stdout.strip()), (1, "no"))
        self.assertIn('pods is forbidden: User "alice" cannot list resource "pods" in API group "" in the namespace '
                      '"default"', self.refused("get", "pods", "--as=alice"))
        self.ok("create", "role", "reader", "--verb=get,list", "--resource=pods")
        self.ok("create", "rolebinding", "alice", "--role=reader", "--user=alice")
        self.ok("get", "pods", "--as=alice")
        self.ok("run", "one", "--image=app:1")
        self.assertIn('pods "one" is forbidden: User "alice" cannot delete resource "pods" in API group ""',
                      self.refused("delete", "pods", "--all", "--as=alice"))
        self.assertIn("pods", self.ok("auth", "can-i", "--list", "--as=alice"))


class WatchListTest(KubectlTest):
    def test_rollout_status_ends_at_once_with_and_without_watch_list(self):
        self.deploy()
        for gate in ("true", "false"):
            # A client that the server leaves waiting runs into this time-out, which fails.
            done = self.kubectl("rollout", "status", "deployment/web", "--timeout=20s",
                                environment={"KUBE_FEATURE_WatchListClient": gate})
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertIn("successfully rolled out", done.stdout)
            # Clients of 1.31 and later may say that they were refused, and that they list instead.
            said = [line for line in done.stderr.splitlines() if "falling back to the standard LIST" not in line]
            self.assertEqual(said, [])


class NoWatchListTest(WatchListTest):
    FLAGS = harness.ServerTest.FLAGS + ("--no-watch-list",)


class SteppedClockTest(KubectlTest):
    FLAGS = ("--container-delay", "30s", "--nodes", "3", "--node-cpu", "8", "--stepped")

    def test_blocking_verbs_do_not_wait_for_a_clock_that_stands(self):
        self.ok("apply", "-f", "-", stdin=DEPLOYMENT)
        self.ok("rollout", "status", "deployment/web", "--timeout=60s")
        pod = self.get("pods")["items"][0]["metadata"]["name"]
        self.ok("delete", "pod", pod)
        self.ok("wait", "--for=condition=Available", "deployment/web", "--timeout=60s")


if __name__ == "__main__":
    harness.main()
