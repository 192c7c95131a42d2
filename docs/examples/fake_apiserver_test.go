// A test against a cluster of its own: a Deployment of three is up within a minute of the cluster's time.
package example

import (
	"bufio"
	"context"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
)

func TestDeploymentComesUp(t *testing.T) {
	server := exec.Command(os.Getenv("FAKE_APISERVER"), "--port", "0", "--print-port", "--stepped")
	out, err := server.StdoutPipe()
	if err != nil || server.Start() != nil {
		t.Fatal("cannot start", err)
	}
	defer server.Wait()
	defer server.Process.Signal(os.Interrupt)
	port, _ := bufio.NewReader(out).ReadString('\n')
	url := "http://127.0.0.1:" + strings.TrimSpace(port)

	apps := kubernetes.NewForConfigOrDie(&rest.Config{Host: url}).AppsV1().Deployments("default")
	replicas, labels := int32(3), map[string]string{"app": "web"}
	web := &appsv1.Deployment{ObjectMeta: metav1.ObjectMeta{Name: "web"}, Spec: appsv1.DeploymentSpec{
		Replicas: &replicas, Selector: &metav1.LabelSelector{MatchLabels: labels},
		Template: corev1.PodTemplateSpec{ObjectMeta: metav1.ObjectMeta{Labels: labels},
			Spec: corev1.PodSpec{Containers: []corev1.Container{{Name: "main", Image: "nginx"}}}}}}
	if _, err := apps.Create(context.Background(), web, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	if _, err := http.Post(url+"/gamenight/clock", "application/json", strings.NewReader(`{"advance":"1m"}`)); err != nil {
		t.Fatal(err)
	}
	got, err := apps.Get(context.Background(), "web", metav1.GetOptions{})
	if err != nil || got.Status.ReadyReplicas != 3 {
		t.Fatalf("ready: %v, error: %v", got.Status.ReadyReplicas, err)
	}
}
