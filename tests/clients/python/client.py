"""What programs on Python's kubernetes package do. Reads KUBECONFIG; an exception is a failure."""
import threading
import time

from kubernetes import client, config, dynamic, watch
from kubernetes.client.rest import ApiException


def step(name):
    print("ok  ", name, flush=True)


def eventually(what, done):
    for _ in range(300):
        if done():
            step(what)
            return
        time.sleep(0.05)
    raise AssertionError("never came: " + what)


def deployment(name, replicas):
    labels = {"app": name}
    return client.V1Deployment(
        metadata=client.V1ObjectMeta(name=name),
        spec=client.V1DeploymentSpec(
            replicas=replicas, selector=client.V1LabelSelector(match_labels=labels),
            template=client.V1PodTemplateSpec(
                metadata=client.V1ObjectMeta(labels=labels),
                spec=client.V1PodSpec(containers=[client.V1Container(name="main", image="app:1")]))))


def expect_error(status, call, *arguments, **options):
    try:
        call(*arguments, **options)
    except ApiException as error:
        assert error.status == status, error
        return error
    raise AssertionError(f"expected {status}")


def writes(core, apps):
    made = core.create_namespaced_config_map("default", {"metadata": {"name": "py"}, "data": {"x": "y"}})
    assert made.metadata.uid and made.metadata.creation_timestamp, made
    step("a body without kind and apiVersion is taken")
    assert "already exists" in expect_error(409, core.create_namespaced_config_map, "default",
                                            {"metadata": {"name": "py"}}).body
    expect_error(404, core.read_namespaced_pod, "nope", "default")
    core.delete_namespaced_config_map("py", "default")
    expect_error(404, core.delete_namespaced_config_map, "py", "default")
    step("a delete without a body works once")

    apps.create_namespaced_deployment("default", deployment("web", 2))
    eventually("a deployment becomes available",
               lambda: apps.read_namespaced_deployment("web", "default").status.available_replicas == 2)
    apps.patch_namespaced_deployment("web", "default", {"metadata": {"annotations": {"a": "b"}}})
    scale = apps.read_namespaced_deployment_scale("web", "default")
    assert scale.status.selector == "app=web", scale
    apps.patch_namespaced_deployment_scale("web", "default", {"spec": {"replicas": 3}})
    assert apps.read_namespaced_deployment("web", "default").spec.replicas == 3
    step("patches and the scale arrive")
    pod = core.list_namespaced_pod("default", label_selector="app=web").items[0].metadata.name
    gone = core.delete_namespaced_pod(pod, "default")
    assert gone.kind == "Pod" or getattr(gone, "metadata", None), gone
    step("deleting a pod answers with the pod")
    eventually("all pods are ready again",
               lambda: apps.read_namespaced_deployment("web", "default").status.ready_replicas == 3)
    pods = core.list_namespaced_pod("default", label_selector="app=web").items
    running = next(pod.metadata.name for pod in pods if not pod.metadata.deletion_timestamp)
    assert isinstance(core.read_namespaced_pod_log(running, "default"), str)
    step("a log is text")


def watches(core):
    listed = core.list_namespaced_config_map("default")
    seen = []

    def follow():
        for event in watch.Watch().stream(core.list_namespaced_config_map, "default",
                                          resource_version=listed.metadata.resource_version, timeout_seconds=20):
            seen.append((event["type"], event["object"].metadata.name))
            if event["type"] == "DELETED":
                return

    follower = threading.Thread(target=follow)
    follower.start()
    core.create_namespaced_config_map("default", {"metadata": {"name": "watched"}})
    core.patch_namespaced_config_map("watched", "default", {"data": {"k": "v"}})
    core.delete_namespaced_config_map("watched", "default")
    follower.join(30)
    assert seen == [("ADDED", "watched"), ("MODIFIED", "watched"), ("DELETED", "watched")], seen
    step("a watch with a capital True tells every change")
    begun = [event["object"].metadata.name for event in
             watch.Watch().stream(core.list_namespaced_config_map, "default", timeout_seconds=1)]
    assert begun == ["kube-root-ca.crt"], begun
    step("a watch without a version begins with what is there, and ends by its time-out")


def expired_watch(core):
    # The server of this test keeps few changes.
    for i in range(60):
        core.create_namespaced_config_map("default", {"metadata": {"name": f"many-{i}"}})
    expect_error(410, lambda: list(watch.Watch().stream(core.list_namespaced_config_map, "default", resource_version="1",
                                                        timeout_seconds=5)))
    step("a watch from a version that is forgotten is 410")


def dynamic_client(api):
    dynamic_api = dynamic.DynamicClient(api)
    assert dynamic_api.version["kubernetes"]["major"] == "1"
    maps = dynamic_api.resources.get(api_version="v1", kind="ConfigMap")
    maps.create(body={"metadata": {"name": "dynamic"}, "data": {"a": "1"}}, namespace="default")
    maps.server_side_apply(body={"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "dynamic"},
                                 "data": {"b": "2"}}, namespace="default", field_manager="py")
    assert maps.get(name="dynamic", namespace="default").data.to_dict() == {"a": "1", "b": "2"}
    step("the dynamic client finds resources and applies")


def main():
    config.load_kube_config()
    api = client.ApiClient()
    core, apps = client.CoreV1Api(api), client.AppsV1Api(api)
    watches(core)
    writes(core, apps)
    dynamic_client(api)
    expired_watch(core)
    print("all steps passed")


if __name__ == "__main__":
    main()
