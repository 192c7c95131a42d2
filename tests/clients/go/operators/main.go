// What the operators around autoscaling do, on the libraries that they use: one with the habits of KEDA's that gives a
// custom resource its HPA, and one with the habits of kube-controller-manager's that scales by the served metrics.
// Reads KUBECONFIG, prints a line for each step, exits with 1 at the first that fails.
package main

import (
	"context"
	"fmt"
	"math"
	"os"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/discovery/cached/memory"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/restmapper"
	"k8s.io/client-go/scale"
	"k8s.io/client-go/tools/clientcmd"
	metricsclient "k8s.io/metrics/pkg/client/clientset/versioned"
)

const (
	namespace = "default"
	finalizer = "finalizer.keda.sh"
)

var (
	ctx           = context.Background()
	definitions   = schema.GroupVersionResource{Group: "apiextensions.k8s.io", Version: "v1", Resource: "customresourcedefinitions"}
	scaledObjects = schema.GroupVersionResource{Group: "keda.sh", Version: "v1alpha1", Resource: "scaledobjects"}
)

func must(what string, err error) {
	if err != nil {
		fmt.Printf("FAIL %s: %v\n", what, err)
		os.Exit(1)
	}
	fmt.Printf("ok   %s\n", what)
}

func eventually(what string, done func() bool) {
	for i := 0; i < 600; i++ {
		if done() {
			fmt.Printf("ok   %s\n", what)
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	must(what, fmt.Errorf("never came"))
}

func pointer[T any](value T) *T { return &value }

func deployment(name string, cpu string) *appsv1.Deployment {
	chosen := map[string]string{"app": name}
	return &appsv1.Deployment{ObjectMeta: metav1.ObjectMeta{Name: name}, Spec: appsv1.DeploymentSpec{
		Replicas: pointer(int32(1)), Selector: &metav1.LabelSelector{MatchLabels: chosen},
		Template: corev1.PodTemplateSpec{
			// What its pods use is told to the server by an annotation.
			ObjectMeta: metav1.ObjectMeta{Labels: chosen, Annotations: map[string]string{"gamenight/cpu": cpu}},
			Spec: corev1.PodSpec{Containers: []corev1.Container{{Name: "main", Image: "app:1",
				Resources: corev1.ResourceRequirements{Requests: corev1.ResourceList{"cpu": resource.MustParse("100m")}}}}}}}}
}

func autoscaler(name, target string) *autoscalingv2.HorizontalPodAutoscaler {
	return &autoscalingv2.HorizontalPodAutoscaler{ObjectMeta: metav1.ObjectMeta{Name: name},
		Spec: autoscalingv2.HorizontalPodAutoscalerSpec{
			ScaleTargetRef: autoscalingv2.CrossVersionObjectReference{APIVersion: "apps/v1", Kind: "Deployment", Name: target},
			MinReplicas:    pointer(int32(1)), MaxReplicas: 5,
			Metrics: []autoscalingv2.MetricSpec{{Type: autoscalingv2.ResourceMetricSourceType, Resource: &autoscalingv2.ResourceMetricSource{
				Name: "cpu", Target: autoscalingv2.MetricTarget{Type: autoscalingv2.UtilizationMetricType, AverageUtilization: pointer(int32(50))}}}},
			Behavior: &autoscalingv2.HorizontalPodAutoscalerBehavior{ScaleDown: &autoscalingv2.HPAScalingRules{
				StabilizationWindowSeconds: pointer(int32(60))}}}}
}

func definition() *unstructured.Unstructured {
	return &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
		"metadata": map[string]any{"name": "scaledobjects.keda.sh"},
		"spec": map[string]any{"group": "keda.sh", "scope": "Namespaced",
			"names": map[string]any{"plural": "scaledobjects", "singular": "scaledobject", "kind": "ScaledObject", "listKind": "ScaledObjectList", "shortNames": []any{"so"}},
			"versions": []any{map[string]any{"name": "v1alpha1", "served": true, "storage": true,
				"subresources": map[string]any{"status": map[string]any{}},
				"schema": map[string]any{"openAPIV3Schema": map[string]any{"type": "object", "properties": map[string]any{
					"spec":   map[string]any{"type": "object", "x-kubernetes-preserve-unknown-fields": true},
					"status": map[string]any{"type": "object", "x-kubernetes-preserve-unknown-fields": true}}}}}}}}}
}

func keda(client kubernetes.Interface, objects dynamic.Interface) {
	_, err := objects.Resource(definitions).Create(ctx, definition(), metav1.CreateOptions{})
	must("the definition of ScaledObjects", err)
	scaled := objects.Resource(scaledObjects).Namespace(namespace)
	made := &unstructured.Unstructured{}
	eventually("a ScaledObject", func() bool {
		made, err = scaled.Create(ctx, &unstructured.Unstructured{Object: map[string]any{
			"apiVersion": "keda.sh/v1alpha1", "kind": "ScaledObject", "metadata": map[string]any{"name": "queue"},
			"spec": map[string]any{"scaleTargetRef": map[string]any{"name": "worker"}}}}, metav1.CreateOptions{})
		return err == nil
	})
	made.SetFinalizers([]string{finalizer})
	made, err = scaled.Update(ctx, made, metav1.UpdateOptions{})
	must("its finalizer by PUT", err)
	for _, condition := range []string{"Ready", "Active"} {
		made, err = scaled.Patch(ctx, "queue", types.MergePatchType, []byte(`{"status":{"conditions":[{"type":"`+condition+
			`","status":"True"}],"hpaName":"keda-hpa-queue"}}`), metav1.PatchOptions{}, "status")
		must("its status by PATCH: "+condition, err)
	}
	if made.GetGeneration() != 1 {
		must("the status is no change of the spec", fmt.Errorf("generation %d", made.GetGeneration()))
	}
	hpa := autoscaler("keda-hpa-queue", "worker")
	hpa.OwnerReferences = []metav1.OwnerReference{{APIVersion: "keda.sh/v1alpha1", Kind: "ScaledObject", Name: "queue",
		UID: made.GetUID(), Controller: pointer(true), BlockOwnerDeletion: pointer(true)}}
	_, err = client.AutoscalingV2().HorizontalPodAutoscalers(namespace).Create(ctx, hpa, metav1.CreateOptions{})
	must("its HPA in protobuf", err)

	must("the ScaledObject is deleted", scaled.Delete(ctx, "queue", metav1.DeleteOptions{}))
	held, err := scaled.Get(ctx, "queue", metav1.GetOptions{})
	must("and held by its finalizer", err)
	if held.GetDeletionTimestamp() == nil {
		must("with the mark of its deletion", fmt.Errorf("there is none"))
	}
	_, err = client.AutoscalingV2().HorizontalPodAutoscalers(namespace).Get(ctx, "keda-hpa-queue", metav1.GetOptions{})
	must("its HPA is there as long", err)
	held.SetFinalizers(nil)
	_, err = scaled.Update(ctx, held, metav1.UpdateOptions{})
	must("the finalizer is taken away by PUT", err)
	eventually("the HPA goes with its owner", func() bool {
		_, err := client.AutoscalingV2().HorizontalPodAutoscalers(namespace).Get(ctx, "keda-hpa-queue", metav1.GetOptions{})
		return apierrors.IsNotFound(err)
	})
}

// One sync of an autoscaler with a resource metric, as kube-controller-manager asks for it. Returns the wanted replicas.
func sync(client kubernetes.Interface, scales scale.ScalesGetter, metrics metricsclient.Interface, name string) (int32, error) {
	hpa, err := client.AutoscalingV2().HorizontalPodAutoscalers(namespace).Get(ctx, name, metav1.GetOptions{})
	if err != nil {
		return 0, err
	}
	target := schema.GroupResource{Group: "apps", Resource: "deployments"}
	current, err := scales.Scales(namespace).Get(ctx, target, hpa.Spec.ScaleTargetRef.Name, metav1.GetOptions{})
	if err != nil {
		return 0, err
	}
	selector, err := labels.Parse(current.Status.Selector)
	if err != nil {
		return 0, err
	}
	usage, err := metrics.MetricsV1beta1().PodMetricses(namespace).List(ctx, metav1.ListOptions{LabelSelector: selector.String()})
	if err != nil {
		return 0, err
	}
	pods, err := client.CoreV1().Pods(namespace).List(ctx, metav1.ListOptions{LabelSelector: selector.String()})
	if err != nil || len(usage.Items) == 0 || len(usage.Items) != len(pods.Items) {
		return 0, err // not all are measured yet
	}
	var used, requested int64
	for _, pod := range usage.Items {
		used += pod.Containers[0].Usage.Cpu().MilliValue()
	}
	for _, pod := range pods.Items {
		requested += pod.Spec.Containers[0].Resources.Requests.Cpu().MilliValue()
	}
	utilization := float64(100*used) / float64(requested)
	wanted := int32(math.Ceil(float64(len(pods.Items)) * utilization / float64(*hpa.Spec.Metrics[0].Resource.Target.AverageUtilization)))
	wanted = min(max(wanted, *hpa.Spec.MinReplicas), hpa.Spec.MaxReplicas)
	if wanted != current.Spec.Replicas {
		current.Spec.Replicas = wanted
		if _, err := scales.Scales(namespace).Update(ctx, target, current, metav1.UpdateOptions{}); err != nil {
			return 0, err
		}
	}
	hpa.Status.CurrentReplicas, hpa.Status.DesiredReplicas = current.Status.Replicas, wanted
	hpa.Status.Conditions = []autoscalingv2.HorizontalPodAutoscalerCondition{{Type: autoscalingv2.AbleToScale,
		Status: corev1.ConditionTrue, Reason: "ReadyForNewScale", LastTransitionTime: metav1.Now()}}
	_, err = client.AutoscalingV2().HorizontalPodAutoscalers(namespace).UpdateStatus(ctx, hpa, metav1.UpdateOptions{})
	return wanted, err
}

func controllerManager(config *rest.Config, client kubernetes.Interface) {
	mapper := restmapper.NewDeferredDiscoveryRESTMapper(memory.NewMemCacheClient(discovery.NewDiscoveryClientForConfigOrDie(config)))
	kinds := scale.NewDiscoveryScaleKindResolver(discovery.NewDiscoveryClientForConfigOrDie(config))
	scales, err := scale.NewForConfig(config, mapper, dynamic.LegacyAPIPathResolverFunc, kinds)
	must("a scale client that finds scales by discovery", err)
	metrics := metricsclient.NewForConfigOrDie(config)
	_, err = client.AppsV1().Deployments(namespace).Create(ctx, deployment("busy", "120m"), metav1.CreateOptions{})
	must("a busy deployment", err)
	hpa, err := client.AutoscalingV2().HorizontalPodAutoscalers(namespace).Create(ctx, autoscaler("busy", "busy"), metav1.CreateOptions{})
	must("its autoscaler", err)
	// 120 % of what is requested where 50 % is wanted: 1 pod becomes 3, 3 become 8, which is more than 5.
	for _, replicas := range []int32{3, 5} {
		eventually(fmt.Sprintf("scales to %d by the served metrics", replicas), func() bool {
			wanted, err := sync(client, scales, metrics, "busy")
			if err != nil && !apierrors.IsConflict(err) {
				must("a sync", err)
			}
			return wanted == replicas
		})
		eventually(fmt.Sprintf("%d pods are ready", replicas), func() bool {
			busy, err := client.AppsV1().Deployments(namespace).Get(ctx, "busy", metav1.GetOptions{})
			return err == nil && busy.Status.ReadyReplicas == replicas
		})
	}
	told, err := client.AutoscalingV2().HorizontalPodAutoscalers(namespace).Get(ctx, "busy", metav1.GetOptions{})
	must("the autoscaler", err)
	if told.Status.DesiredReplicas != 5 || len(told.Status.Conditions) != 1 || told.Generation != hpa.Generation {
		must("its status was written, and nothing but that", fmt.Errorf("%+v", told.Status))
	}
	fmt.Println("ok   its status was written, and nothing but that")
}

func main() {
	config, err := clientcmd.BuildConfigFromFlags("", os.Getenv("KUBECONFIG"))
	must("a kubeconfig", err)
	config.QPS, config.Burst = 1000, 1000
	protobuf := rest.CopyConfig(config)
	protobuf.ContentType = "application/vnd.kubernetes.protobuf"
	protobuf.AcceptContentTypes = "application/vnd.kubernetes.protobuf,application/json"
	json := rest.CopyConfig(config)
	json.ContentType, json.AcceptContentTypes = "application/json", "application/json"
	client := kubernetes.NewForConfigOrDie(protobuf)
	keda(client, dynamic.NewForConfigOrDie(config))
	controllerManager(config, client)
	plain := kubernetes.NewForConfigOrDie(json)
	must("the busy deployment is deleted", plain.AppsV1().Deployments(namespace).Delete(ctx, "busy", metav1.DeleteOptions{}))
	must("its autoscaler, too", plain.AutoscalingV2().HorizontalPodAutoscalers(namespace).Delete(ctx, "busy", metav1.DeleteOptions{}))
	eventually("its pods are gone", func() bool {
		pods, err := plain.CoreV1().Pods(namespace).List(ctx, metav1.ListOptions{LabelSelector: "app=busy"})
		return err == nil && len(pods.Items) == 0
	})
	controllerManager(config, plain)
	fmt.Println("all steps passed")
}
