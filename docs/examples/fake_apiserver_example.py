"""A test against a cluster of its own: a Deployment of three is up within a minute of the cluster's time."""
import json
import os
import subprocess
import tempfile
import urllib.request

from kubernetes import client, config

binary = os.environ.get("FAKE_APISERVER", "build/bin/fake-apiserver")
kubeconfig = os.path.join(tempfile.mkdtemp(), "kubeconfig")
server = subprocess.Popen([binary, "--port", "0", "--print-port", "--stepped", "--kubeconfig-out", kubeconfig],
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
try:
    port = int(server.stdout.readline())
    config.load_kube_config(kubeconfig)
    apps = client.AppsV1Api()
    labels = {"app": "web"}
    container = client.V1Container(name="main", image="nginx")
    template = client.V1PodTemplateSpec(metadata=client.V1ObjectMeta(labels=labels),
                                        spec=client.V1PodSpec(containers=[container]))
    spec = client.V1DeploymentSpec(replicas=3, selector=client.V1LabelSelector(match_labels=labels), template=template)
    apps.create_namespaced_deployment(
        "default", client.V1Deployment(metadata=client.V1ObjectMeta(name="web"), spec=spec))

    order = json.dumps({"advance": "1m"}).encode()
    urllib.request.urlopen(f"http://127.0.0.1:{port}/gamenight/clock", data=order).read()
    ready = apps.read_namespaced_deployment("web", "default").status.ready_replicas
    assert ready == 3, ready
    print("ready:", ready)
finally:
    server.terminate()
    assert server.wait(timeout=10) == 0
