// A controller-runtime manager against an API server: leader election, cached reads, owned objects, finalizers, status,
// server-side apply, a metadata-only watch and a custom resource. Reads KUBECONFIG; exits with 1 at what fails.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	corev1 "k8s.io/api/core/v1"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	applycore "k8s.io/client-go/applyconfigurations/core/v1"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"
	"sigs.k8s.io/controller-runtime/pkg/log"
	"sigs.k8s.io/controller-runtime/pkg/log/zap"
	"sigs.k8s.io/controller-runtime/pkg/metrics/server"
)

const (
	namespace = "manager"
	finalizer = "clients.example.org/cleanup"
)

var nightKind = schema.GroupVersionKind{Group: "clients.example.org", Version: "v1", Kind: "Night"}

func fail(what string, err error) {
	fmt.Printf("FAIL %s: %v\n", what, err)
	os.Exit(1)
}

func must(what string, err error) {
	if err != nil {
		fail(what, err)
	}
	fmt.Printf("ok   %s\n", what)
}

func eventually(what string, done func() bool) {
	for i := 0; i < 300; i++ {
		if done() {
			fmt.Printf("ok   %s\n", what)
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	fail(what, errors.New("never came"))
}

func nightDefinition() *apiextensionsv1.CustomResourceDefinition {
	preserve := apiextensionsv1.JSONSchemaProps{Type: "object", Properties: map[string]apiextensionsv1.JSONSchemaProps{
		"spec": {Type: "object", Properties: map[string]apiextensionsv1.JSONSchemaProps{
			"viewers": {Type: "integer", Default: &apiextensionsv1.JSON{Raw: []byte("1000")}}}},
		"status": {Type: "object", Properties: map[string]apiextensionsv1.JSONSchemaProps{"seen": {Type: "integer"}}},
	}}
	return &apiextensionsv1.CustomResourceDefinition{
		ObjectMeta: metav1.ObjectMeta{Name: "nights.clients.example.org"},
		Spec: apiextensionsv1.CustomResourceDefinitionSpec{
			Group: nightKind.Group, Scope: apiextensionsv1.NamespaceScoped,
			Names: apiextensionsv1.CustomResourceDefinitionNames{Plural: "nights", Singular: "night", Kind: "Night", ListKind: "NightList"},
			Versions: []apiextensionsv1.CustomResourceDefinitionVersion{{Name: "v1", Served: true, Storage: true,
				Schema:       &apiextensionsv1.CustomResourceValidation{OpenAPIV3Schema: &preserve},
				Subresources: &apiextensionsv1.CustomResourceSubresources{Status: &apiextensionsv1.CustomResourceSubresourceStatus{}},
			}},
		},
	}
}

// Gives each Night a ConfigMap of its own and reports in the status what it saw.
type reconciler struct{ client.Client }

func (r *reconciler) Reconcile(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	night := &unstructured.Unstructured{}
	night.SetGroupVersionKind(nightKind)
	if err := r.Get(ctx, request.NamespacedName, night); err != nil {
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	if night.GetDeletionTimestamp() != nil {
		if controllerutil.RemoveFinalizer(night, finalizer) {
			return ctrl.Result{}, r.Update(ctx, night)
		}
		return ctrl.Result{}, nil
	}
	if controllerutil.AddFinalizer(night, finalizer) {
		if err := r.Update(ctx, night); err != nil {
			return ctrl.Result{}, err
		}
	}
	viewers, _, _ := unstructured.NestedInt64(night.Object, "spec", "viewers")
	config := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: night.GetName(), Namespace: night.GetNamespace()}}
	if _, err := controllerutil.CreateOrUpdate(ctx, r.Client, config, func() error {
		config.Data = map[string]string{"viewers": fmt.Sprint(viewers)}
		return controllerutil.SetControllerReference(night, config, r.Scheme())
	}); err != nil {
		return ctrl.Result{}, err
	}
	base := night.DeepCopy()
	if err := unstructured.SetNestedField(night.Object, viewers, "status", "seen"); err != nil {
		return ctrl.Result{}, err
	}
	return ctrl.Result{}, r.Status().Patch(ctx, night, client.MergeFrom(base))
}

func main() {
	log.SetLogger(zap.New(zap.WriteTo(os.Stderr)))
	scheme := runtime.NewScheme()
	_ = clientgoscheme.AddToScheme(scheme)
	_ = apiextensionsv1.AddToScheme(scheme)
	config := ctrl.GetConfigOrDie()
	config.QPS, config.Burst = 1000, 1000
	direct, err := client.New(config, client.Options{Scheme: scheme})
	must("a client", err)
	ctx, cancel := context.WithCancel(context.Background())
	must("a namespace", direct.Create(ctx, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: namespace}}))
	must("a definition of a custom resource", direct.Create(ctx, nightDefinition()))
	eventually("the definition is established", func() bool {
		definition := &apiextensionsv1.CustomResourceDefinition{}
		if direct.Get(ctx, client.ObjectKey{Name: "nights.clients.example.org"}, definition) != nil {
			return false
		}
		for _, condition := range definition.Status.Conditions {
			if condition.Type == apiextensionsv1.Established && condition.Status == apiextensionsv1.ConditionTrue {
				return true
			}
		}
		return false
	})

	manager, err := ctrl.NewManager(config, ctrl.Options{
		Scheme: scheme, Metrics: server.Options{BindAddress: "0"},
		LeaderElection: true, LeaderElectionID: "clients-manager", LeaderElectionNamespace: namespace,
		// The events of ConfigMaps come from a cache of metadata; whole ones out of a second cache may lag behind it, and
		// a reconciliation that an event started would then see what was before the event.
		Client: client.Options{Cache: &client.CacheOptions{DisableFor: []client.Object{&corev1.ConfigMap{}}}},
	})
	must("a manager", err)
	night := &unstructured.Unstructured{}
	night.SetGroupVersionKind(nightKind)
	must("a controller", ctrl.NewControllerManagedBy(manager).Named("nights").For(night).
		Owns(&corev1.ConfigMap{}, builder.OnlyMetadata).Complete(&reconciler{manager.GetClient()}))
	ended := make(chan error, 1)
	go func() { ended <- manager.Start(ctx) }()

	created := &unstructured.Unstructured{Object: map[string]any{"spec": map[string]any{}}}
	created.SetGroupVersionKind(nightKind)
	created.SetName("final")
	created.SetNamespace(namespace)
	must("a custom resource", direct.Create(ctx, created))
	key := client.ObjectKey{Namespace: namespace, Name: "final"}
	config1 := &corev1.ConfigMap{}
	eventually("the controller made the object that it owns, with the default of the schema", func() bool {
		return direct.Get(ctx, key, config1) == nil && config1.Data["viewers"] == "1000" && metav1.IsControlledBy(config1, created)
	})
	eventually("and wrote the status", func() bool {
		got := &unstructured.Unstructured{}
		got.SetGroupVersionKind(nightKind)
		if direct.Get(ctx, key, got) != nil {
			return false
		}
		seen, _, _ := unstructured.NestedInt64(got.Object, "status", "seen")
		return seen == 1000 && controllerutil.ContainsFinalizer(got, finalizer)
	})
	must("an edit by patch", direct.Patch(ctx, created, client.RawPatch("application/merge-patch+json", []byte(`{"spec":{"viewers":5000000}}`))))
	eventually("is reconciled", func() bool {
		return direct.Get(ctx, key, config1) == nil && config1.Data["viewers"] == "5000000"
	})
	must("the owned object is deleted", direct.Delete(ctx, config1))
	eventually("and comes back", func() bool {
		again := &corev1.ConfigMap{}
		return direct.Get(ctx, key, again) == nil && again.UID != config1.UID
	})

	apply := applycore.ConfigMap("applied", namespace).WithData(map[string]string{"a": "1"})
	must("server-side apply creates", direct.Apply(ctx, apply, client.FieldOwner("one")))
	other := applycore.ConfigMap("applied", namespace).WithData(map[string]string{"a": "2"})
	if err := direct.Apply(ctx, other, client.FieldOwner("two")); !apierrors.IsConflict(err) {
		fail("another owner's value conflicts", err)
	}
	must("and can be forced", direct.Apply(ctx, other, client.FieldOwner("two"), client.ForceOwnership))

	must("the custom resource is deleted", direct.Delete(ctx, created))
	eventually("its finalizer lets it go, and the garbage collector takes what it owned", func() bool {
		return apierrors.IsNotFound(direct.Get(ctx, key, created)) && apierrors.IsNotFound(direct.Get(ctx, key, &corev1.ConfigMap{}))
	})
	must("the definition is deleted", direct.Delete(ctx, nightDefinition()))
	eventually("and its resource is served no more", func() bool {
		gone := &unstructured.Unstructured{}
		gone.SetGroupVersionKind(nightKind)
		err := direct.Get(ctx, key, gone)
		return apierrors.IsNotFound(err) || meta.IsNoMatchError(err)
	})
	cancel()
	must("the manager ends", <-ended)
	fmt.Println("all steps passed")
}
