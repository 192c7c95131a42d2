// What programs on client-go do with an API server: typed writes, an informer, events, scale, leader election.
// Reads KUBECONFIG, prints a line for each step, exits with 1 at the first that fails.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync/atomic"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	coordinationv1 "k8s.io/api/coordination/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/kubernetes/scheme"
	typedcore "k8s.io/client-go/kubernetes/typed/core/v1"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/tools/leaderelection"
	"k8s.io/client-go/tools/leaderelection/resourcelock"
	"k8s.io/client-go/tools/record"
	"k8s.io/client-go/util/retry"
)

const namespace = "clientgo"

func pointer[T any](value T) *T { return &value }

func step(name string, run func() error) {
	if err := run(); err != nil {
		fmt.Printf("FAIL %s: %v\n", name, err)
		os.Exit(1)
	}
	fmt.Printf("ok   %s\n", name)
}

func eventually(what string, done func() bool) error {
	for i := 0; i < 300; i++ {
		if done() {
			return nil
		}
		time.Sleep(50 * time.Millisecond)
	}
	return errors.New("never came: " + what)
}

func deployment(name string, replicas int32) *appsv1.Deployment {
	labels := map[string]string{"app": name}
	return &appsv1.Deployment{
		ObjectMeta: metav1.ObjectMeta{Name: name},
		Spec: appsv1.DeploymentSpec{
			Replicas: &replicas,
			Selector: &metav1.LabelSelector{MatchLabels: labels},
			Template: corev1.PodTemplateSpec{
				ObjectMeta: metav1.ObjectMeta{Labels: labels},
				Spec: corev1.PodSpec{Containers: []corev1.Container{{
					Name: "main", Image: "app:1",
					Env:       []corev1.EnvVar{{Name: "MODE", Value: "night"}},
					Resources: corev1.ResourceRequirements{Requests: corev1.ResourceList{"cpu": resource.MustParse("100m")}},
				}}},
			},
		},
	}
}

func typedWrites(ctx context.Context, client kubernetes.Interface) {
	step("a namespace in protobuf", func() error {
		_, err := client.CoreV1().Namespaces().Create(ctx,
			&corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: namespace}}, metav1.CreateOptions{})
		return err
	})
	step("a deployment becomes available", func() error {
		if _, err := client.AppsV1().Deployments(namespace).Create(ctx, deployment("web", 2), metav1.CreateOptions{}); err != nil {
			return err
		}
		return eventually("two available replicas", func() bool {
			web, err := client.AppsV1().Deployments(namespace).Get(ctx, "web", metav1.GetOptions{})
			return err == nil && web.Status.AvailableReplicas == 2
		})
	})
	step("the scale client updates replicas", func() error {
		scale, err := client.AppsV1().Deployments(namespace).GetScale(ctx, "web", metav1.GetOptions{})
		if err != nil {
			return err
		}
		if scale.Status.Selector != "app=web" {
			return fmt.Errorf("selector %q", scale.Status.Selector)
		}
		scale.Spec.Replicas = 3
		_, err = client.AppsV1().Deployments(namespace).UpdateScale(ctx, "web", scale, metav1.UpdateOptions{})
		return err
	})
	step("a stale update conflicts, a retried one does not", func() error {
		stale, err := client.AppsV1().Deployments(namespace).Get(ctx, "web", metav1.GetOptions{})
		if err != nil {
			return err
		}
		stale.ResourceVersion = "1"
		if _, err := client.AppsV1().Deployments(namespace).Update(ctx, stale, metav1.UpdateOptions{}); !apierrors.IsConflict(err) {
			return fmt.Errorf("expected a conflict, got %v", err)
		}
		return retry.RetryOnConflict(retry.DefaultRetry, func() error {
			web, err := client.AppsV1().Deployments(namespace).Get(ctx, "web", metav1.GetOptions{})
			if err != nil {
				return err
			}
			web.Labels = map[string]string{"touched": "yes"}
			_, err = client.AppsV1().Deployments(namespace).Update(ctx, web, metav1.UpdateOptions{})
			return err
		})
	})
	step("an HPA v2 keeps its quantities", func() error {
		hpa, err := client.AutoscalingV2().HorizontalPodAutoscalers(namespace).Create(ctx, &autoscalingv2.HorizontalPodAutoscaler{
			ObjectMeta: metav1.ObjectMeta{Name: "web"},
			Spec: autoscalingv2.HorizontalPodAutoscalerSpec{
				ScaleTargetRef: autoscalingv2.CrossVersionObjectReference{APIVersion: "apps/v1", Kind: "Deployment", Name: "web"},
				MinReplicas:    pointer(int32(2)), MaxReplicas: 10,
				Metrics: []autoscalingv2.MetricSpec{{Type: autoscalingv2.PodsMetricSourceType, Pods: &autoscalingv2.PodsMetricSource{
					Metric: autoscalingv2.MetricIdentifier{Name: "rps"},
					Target: autoscalingv2.MetricTarget{Type: autoscalingv2.AverageValueMetricType, AverageValue: pointer(resource.MustParse("1500m"))},
				}}},
			},
		}, metav1.CreateOptions{})
		if err != nil {
			return err
		}
		if got := hpa.Spec.Metrics[0].Pods.Target.AverageValue.String(); got != "1500m" {
			return fmt.Errorf("average value %q", got)
		}
		return nil
	})
}

func informer(ctx context.Context, client kubernetes.Interface) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var added, updated, deleted atomic.Int32
	factory := informers.NewSharedInformerFactoryWithOptions(client, 0, informers.WithNamespace(namespace))
	configMaps := factory.Core().V1().ConfigMaps()
	configMaps.Informer().AddEventHandler(cache.ResourceEventHandlerFuncs{
		AddFunc:    func(any) { added.Add(1) },
		UpdateFunc: func(any, any) { updated.Add(1) },
		DeleteFunc: func(any) { deleted.Add(1) },
	})
	factory.Start(ctx.Done())
	step("an informer's cache syncs", func() error {
		if !cache.WaitForCacheSync(ctx.Done(), configMaps.Informer().HasSynced) {
			return errors.New("not synced")
		}
		return nil
	})
	before := added.Load()
	step("and follows a hundred objects through their lives", func() error {
		for i := 0; i < 100; i++ {
			name := fmt.Sprintf("c%03d", i)
			if _, err := client.CoreV1().ConfigMaps(namespace).Create(ctx, &corev1.ConfigMap{
				ObjectMeta: metav1.ObjectMeta{Name: name}, Data: map[string]string{"k": "1"}}, metav1.CreateOptions{}); err != nil {
				return err
			}
			if _, err := client.CoreV1().ConfigMaps(namespace).Patch(ctx, name, types.MergePatchType,
				[]byte(`{"data":{"k":"2"}}`), metav1.PatchOptions{}); err != nil {
				return err
			}
			if i%2 == 0 {
				if err := client.CoreV1().ConfigMaps(namespace).Delete(ctx, name, metav1.DeleteOptions{}); err != nil {
					return err
				}
			}
		}
		return eventually("100 added, 100 updated, 50 deleted", func() bool {
			return added.Load()-before == 100 && updated.Load() == 100 && deleted.Load() == 50
		})
	})
	step("the cache holds what is there", func() error {
		kept, err := configMaps.Lister().ConfigMaps(namespace).Get("c001")
		if err != nil {
			return err
		}
		if kept.Data["k"] != "2" {
			return fmt.Errorf("data %v", kept.Data)
		}
		return nil
	})
}

func events(ctx context.Context, client kubernetes.Interface) {
	step("a recorder's repeated event is counted", func() error {
		web, err := client.AppsV1().Deployments(namespace).Get(ctx, "web", metav1.GetOptions{})
		if err != nil {
			return err
		}
		broadcaster := record.NewBroadcaster()
		defer broadcaster.Shutdown()
		broadcaster.StartRecordingToSink(&typedcore.EventSinkImpl{Interface: client.CoreV1().Events(namespace)})
		recorder := broadcaster.NewRecorder(scheme.Scheme, corev1.EventSource{Component: "clients-test"})
		for i := 0; i < 3; i++ {
			recorder.Event(web, corev1.EventTypeNormal, "Tested", "by a client")
		}
		return eventually("an event with count 3", func() bool {
			list, err := client.CoreV1().Events(namespace).List(ctx, metav1.ListOptions{
				FieldSelector: "involvedObject.name=web,reason=Tested"})
			return err == nil && len(list.Items) == 1 && list.Items[0].Count == 3
		})
	})
}

func elector(client kubernetes.Interface, identity string, leading *atomic.Value, changes *atomic.Int32) leaderelection.LeaderElectionConfig {
	return leaderelection.LeaderElectionConfig{
		Lock: &resourcelock.LeaseLock{
			LeaseMeta:  metav1.ObjectMeta{Name: "leader", Namespace: namespace},
			Client:     client.CoordinationV1(),
			LockConfig: resourcelock.ResourceLockConfig{Identity: identity},
		},
		LeaseDuration: 3 * time.Second, RenewDeadline: 2 * time.Second, RetryPeriod: 200 * time.Millisecond,
		ReleaseOnCancel: identity == "polite",
		Callbacks: leaderelection.LeaderCallbacks{
			OnStartedLeading: func(context.Context) { leading.Store(identity); changes.Add(1) },
			OnStoppedLeading: func() {},
		},
	}
}

func leaderElection(ctx context.Context, client kubernetes.Interface) {
	var leading atomic.Value
	var changes atomic.Int32
	first, stopFirst := context.WithCancel(ctx)
	second, stopSecond := context.WithCancel(ctx)
	defer stopSecond()
	go leaderelection.RunOrDie(first, elector(client, "first", &leading, &changes))
	step("the first elector leads", func() error {
		return eventually("a leader", func() bool { return leading.Load() == "first" })
	})
	go leaderelection.RunOrDie(second, elector(client, "second", &leading, &changes))
	step("and only that one while it renews", func() error {
		time.Sleep(2 * time.Second)
		if changes.Load() != 1 {
			return fmt.Errorf("%d electors led", changes.Load())
		}
		return nil
	})
	step("its micro time comes back as it was written", func() error {
		now := metav1.NewMicroTime(time.Date(2026, 3, 4, 5, 6, 7, 123456000, time.UTC))
		lease, err := client.CoordinationV1().Leases(namespace).Create(ctx, &coordinationv1.Lease{
			ObjectMeta: metav1.ObjectMeta{Name: "micro"}, Spec: coordinationv1.LeaseSpec{RenewTime: &now}}, metav1.CreateOptions{})
		if err != nil {
			return err
		}
		if !lease.Spec.RenewTime.Time.Equal(now.Time) {
			return fmt.Errorf("%v became %v", now, lease.Spec.RenewTime)
		}
		return nil
	})
	stopFirst()
	step("the second takes over when the first has stopped", func() error {
		return eventually("the second leader", func() bool { return leading.Load() == "second" })
	})
}

func main() {
	config, err := clientcmd.BuildConfigFromFlags("", os.Getenv("KUBECONFIG"))
	if err != nil {
		fmt.Println("FAIL kubeconfig:", err)
		os.Exit(1)
	}
	config.QPS, config.Burst = 1000, 1000
	client := kubernetes.NewForConfigOrDie(config)
	ctx := context.Background()
	typedWrites(ctx, client)
	informer(ctx, client)
	events(ctx, client)
	leaderElection(ctx, client)
	fmt.Println("all steps passed")
}
