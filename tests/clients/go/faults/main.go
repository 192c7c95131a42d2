// What programs on client-go see of a server that fails on command: each kind of fault, and how the libraries get over
// it. Reads KUBECONFIG, prints a line for each step, exits with 1 at the first that fails.
package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strings"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/util/retry"
	metricsclient "k8s.io/metrics/pkg/client/clientset/versioned"
)

var (
	config *rest.Config
	client *kubernetes.Clientset
	ctx    = context.Background()
	seen   requests
)

// Every request as it goes out, with when and what came of it.
type requests struct {
	mutex sync.Mutex
	rows  []row
}

type row struct {
	at     time.Time
	what   string // "GET /api/v1/...?watch=true..."
	status int
}

type recording struct{ inner http.RoundTripper }

func (r recording) RoundTrip(request *http.Request) (*http.Response, error) {
	begun := time.Now()
	response, err := r.inner.RoundTrip(request)
	status := 0
	if err == nil {
		status = response.StatusCode
	}
	seen.mutex.Lock()
	seen.rows = append(seen.rows, row{begun, request.Method + " " + request.URL.RequestURI(), status})
	seen.mutex.Unlock()
	return response, err
}

func (r *requests) of(parts ...string) []row {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	var found []row
	for _, row := range r.rows {
		fits := true
		for _, part := range parts {
			fits = fits && strings.Contains(row.what, part)
		}
		if fits {
			found = append(found, row)
		}
	}
	return found
}

func step(name string, run func() error) {
	if err := run(); err != nil {
		fmt.Printf("FAIL %s: %v\n", name, err)
		os.Exit(1)
	}
	fmt.Printf("ok   %s\n", name)
}

func must(err error) {
	if err != nil {
		fmt.Println("FAIL", err)
		os.Exit(1)
	}
}

func eventually(what string, done func() bool) error {
	for i := 0; i < 400; i++ {
		if done() {
			return nil
		}
		time.Sleep(25 * time.Millisecond)
	}
	return errors.New("never came: " + what)
}

// Takes back the rules that are there and adds these.
func arm(rules ...string) {
	control := client.CoreV1().RESTClient()
	must(control.Delete().AbsPath("/gamenight/faults").Do(ctx).Error())
	if len(rules) > 0 {
		must(control.Post().AbsPath("/gamenight/faults").Body([]byte("faults:\n- " + strings.Join(rules, "\n- ") + "\n")).Do(ctx).Error())
	}
}

func configMap(name string) *corev1.ConfigMap {
	return &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: name}}
}

func create(name string) error {
	_, err := client.CoreV1().ConfigMaps("default").Create(ctx, configMap(name), metav1.CreateOptions{})
	return err
}

func get() error {
	_, err := client.CoreV1().ConfigMaps("default").Get(ctx, "a", metav1.GetOptions{})
	return err
}

func expect(ok bool, what string, got any) error {
	if !ok {
		return fmt.Errorf("%s, got %v", what, got)
	}
	return nil
}

func answers() {
	step("429 with Retry-After three times, and the fourth try succeeds without a word", func() error {
		arm("{fault: error, code: 429, retryAfter: 1s, verbs: [get], resources: [configmaps], count: 3}")
		before, begun := len(seen.of("GET", "/configmaps/a")), time.Now()
		if err := get(); err != nil {
			return err
		}
		tries := seen.of("GET", "/configmaps/a")[before:]
		if err := expect(len(tries) == 4 && tries[2].status == 429 && tries[3].status == 200, "four tries", tries); err != nil {
			return err
		}
		return expect(time.Since(begun) >= 3*time.Second, "three seconds of waiting", time.Since(begun))
	})
	step("503 with Retry-After is waited for, too", func() error {
		arm("{fault: error, code: 503, retryAfter: 1s, verbs: [get], resources: [configmaps], count: 1}")
		return get()
	})
	step("what comes without Retry-After is the caller's", func() error {
		for code, is := range map[int]func(error) bool{500: apierrors.IsInternalError, 503: apierrors.IsServiceUnavailable,
			504: apierrors.IsTimeout, 401: apierrors.IsUnauthorized, 403: apierrors.IsForbidden, 410: apierrors.IsResourceExpired} {
			arm(fmt.Sprintf("{fault: error, code: %d, verbs: [get], resources: [configmaps], count: 1}", code))
			if err := get(); !is(err) {
				return fmt.Errorf("%d is told as %v", code, err)
			}
			if err := get(); err != nil {
				return err
			}
		}
		return nil
	})
	step("a storm of conflicts is ridden out by RetryOnConflict", func() error {
		arm("{fault: error, code: 409, verbs: [update], resources: [configmaps], count: 3}")
		tries := 0
		err := retry.RetryOnConflict(retry.DefaultRetry, func() error {
			tries++
			_, err := client.CoreV1().ConfigMaps("default").Update(ctx, configMap("a"), metav1.UpdateOptions{})
			return err
		})
		if err != nil {
			return err
		}
		return expect(tries == 4, "four tries", tries)
	})
	step("latency runs into the caller's deadline", func() error {
		arm("{fault: latency, value: 5s, verbs: [get], resources: [configmaps], count: 1}")
		short, cancel := context.WithTimeout(ctx, 300*time.Millisecond)
		defer cancel()
		_, err := client.CoreV1().ConfigMaps("default").Get(short, "a", metav1.GetOptions{})
		return expect(errors.Is(err, context.DeadlineExceeded), "a deadline", err)
	})
}

func connections() {
	step("a read whose connection is reset is tried again", func() error {
		arm("{fault: reset, verbs: [get], resources: [configmaps], count: 1}")
		return get()
	})
	step("a read whose connection ends without an answer is tried again", func() error {
		arm("{fault: halfClose, verbs: [get], resources: [configmaps], count: 1}")
		return get()
	})
	step("a lost answer leaves the write behind", func() error {
		arm("{fault: lostResponse, verbs: [create], resources: [configmaps], count: 1}")
		if err := create("lost"); err == nil {
			return errors.New("the answer was not lost")
		}
		return expect(apierrors.IsAlreadyExists(create("lost")), "that it exists", "a second one")
	})
	step("a certificate that ran out is refused by new connections and taken again afterwards", func() error {
		fresh := func() error {
			own := rest.CopyConfig(config)
			own.Proxy = func(*http.Request) (*url.URL, error) { return nil, nil } // what shares no connections
			_, err := kubernetes.NewForConfigOrDie(own).CoreV1().ConfigMaps("default").Get(ctx, "a", metav1.GetOptions{})
			return err
		}
		arm("{fault: certificateExpired}")
		if err := eventually("a refusal", func() bool {
			err := fresh()
			return err != nil && strings.Contains(err.Error(), "certificate has expired")
		}); err != nil {
			return err
		}
		arm()
		return eventually("a good certificate", func() bool { return fresh() == nil })
	})
}

func reads() {
	step("a list from the cache may be older than the world", func() error {
		must(create("newest"))
		arm("{fault: staleRead, behind: 1, verbs: [list], resources: [configmaps], count: 1}")
		has := func() bool {
			list, err := client.CoreV1().ConfigMaps("default").List(ctx, metav1.ListOptions{ResourceVersion: "0"})
			must(err)
			for _, item := range list.Items {
				if item.Name == "newest" {
					return true
				}
			}
			return false
		}
		return expect(!has() && has(), "once without, once with the newest", "something else")
	})
	step("a group without its server fails discovery of that group alone", func() error {
		arm("{fault: discoveryUnavailable, group: batch}")
		_, lists, err := client.Discovery().ServerGroupsAndResources()
		groups := map[string]bool{}
		for _, list := range lists {
			groups[list.GroupVersion] = true
		}
		return expect(err != nil && strings.Contains(err.Error(), "batch/v1") && !groups["batch/v1"] && groups["apps/v1"],
			"all but batch/v1", err)
	})
	step("metrics are missing, and are there again", func() error {
		metrics := metricsclient.NewForConfigOrDie(config).MetricsV1beta1().NodeMetricses()
		count := func() int {
			list, err := metrics.List(ctx, metav1.ListOptions{})
			must(err)
			return len(list.Items)
		}
		arm()
		if err := eventually("metrics", func() bool { return count() > 0 }); err != nil {
			return err
		}
		arm("{fault: metricsMissing, count: 1}")
		return expect(count() == 0 && count() > 0, "none, then some", "something else")
	})
}

// An informer of ConfigMaps with what it has been told.
type follower struct {
	factory informers.SharedInformerFactory
	stop    context.CancelFunc
	mutex   sync.Mutex
	names   map[string]bool
}

func follow() *follower {
	life, stop := context.WithCancel(ctx)
	f := &follower{factory: informers.NewSharedInformerFactoryWithOptions(client, 0, informers.WithNamespace("default")), stop: stop, names: map[string]bool{}}
	informer := f.factory.Core().V1().ConfigMaps().Informer()
	set := func(there bool) func(any) {
		return func(object any) {
			if gone, ok := object.(cache.DeletedFinalStateUnknown); ok {
				object = gone.Obj
			}
			f.mutex.Lock()
			defer f.mutex.Unlock()
			f.names[object.(*corev1.ConfigMap).Name] = there
		}
	}
	_, err := informer.AddEventHandler(cache.ResourceEventHandlerFuncs{AddFunc: set(true), DeleteFunc: set(false)})
	must(err)
	f.factory.Start(life.Done())
	if !cache.WaitForCacheSync(life.Done(), informer.HasSynced) {
		must(errors.New("not synced"))
	}
	return f
}

func (f *follower) has(name string) bool {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	return f.names[name]
}

func (f *follower) catchesUp(name string) error {
	must(create(name))
	return eventually(name+" in the cache", func() bool { return f.has(name) })
}

const lists, watches = "/configmaps?limit=", "watch=true"

func informed() {
	step("503 on a watch leads to a relist after a back-off", func() error {
		arm("{fault: error, code: 503, verbs: [watch], resources: [configmaps], count: 1}")
		before := len(seen.of(lists)) + len(seen.of("/configmaps?resourceVersion"))
		f := follow()
		defer f.stop()
		if err := f.catchesUp("after-503"); err != nil {
			return err
		}
		refused := time.Time{}
		for _, row := range seen.of("/configmaps", watches) {
			if row.status == 503 {
				refused = row.at
			}
		}
		all := append(seen.of(lists), seen.of("/configmaps?resourceVersion")...)
		if err := expect(len(all) >= before+2, "two lists", all); err != nil {
			return err
		}
		for _, row := range all {
			if wait := row.at.Sub(refused); wait > 0 {
				return expect(wait >= 700*time.Millisecond && wait < 3*time.Second, "a relist after 0.8 to 1.6 s", wait)
			}
		}
		return errors.New("no list followed the refusal")
	})
	for name, rule := range map[string]string{
		"ends cleanly":              "{fault: watchDrop, after: 1500ms, resources: [configmaps], count: 1}",
		"ends in the middle":        "{fault: watchDrop, afterEvents: 1, midLine: true, resources: [configmaps], count: 1}",
		"expires":                   "{fault: watchExpired, afterEvents: 1, resources: [configmaps], count: 1}",
		"is silent for a while":     "{fault: watchStall, afterEvents: 1, for: 1s, resources: [configmaps], count: 1}",
		"trickles":                  "{fault: slowWatch, bytesPerSecond: 2000, resources: [configmaps], count: 1}",
		"is refused by 429":         "{fault: error, code: 429, retryAfter: 1s, verbs: [watch], resources: [configmaps], count: 2}",
		"meets a history too short": "{fault: shrinkHistory, keep: 1}",
	} {
		step("an informer whose watch "+name+" misses nothing", func() error {
			arm(rule)
			f := follow()
			defer f.stop()
			prefix := strings.ReplaceAll(name, " ", "-")
			for i := 0; i < 3; i++ {
				must(create(fmt.Sprintf("%s-%d", prefix, i)))
				time.Sleep(100 * time.Millisecond)
			}
			return f.catchesUp(prefix + "-last")
		})
	}
	step("after a restart all watches come back, revisions go on, and nothing is missed", func() error {
		arm()
		f := follow()
		defer f.stop()
		must(f.catchesUp("before-restart"))
		old, err := client.CoreV1().ConfigMaps("default").Get(ctx, "before-restart", metav1.GetOptions{})
		must(err)
		// The server's clock goes at the machine's speed.
		arm(fmt.Sprintf("{fault: restart, at: %q, downFor: 2s}", time.Now().UTC().Add(200*time.Millisecond).Format(time.RFC3339Nano)))
		broken := func() bool {
			_, err := client.CoreV1().ConfigMaps("default").Patch(ctx, "a", types.MergePatchType, []byte(`{}`), metav1.PatchOptions{})
			return err != nil
		}
		if err := eventually("a refused connection", broken); err != nil {
			return err
		}
		if err := eventually("the server", func() bool { return !broken() }); err != nil {
			return err
		}
		for i := 0; i < 20; i++ {
			must(create(fmt.Sprintf("after-restart-%d", i)))
		}
		if err := f.catchesUp("after-restart-last"); err != nil {
			return err
		}
		all, err := client.CoreV1().ConfigMaps("default").List(ctx, metav1.ListOptions{})
		must(err)
		for _, item := range all.Items {
			if !f.has(item.Name) {
				return fmt.Errorf("%s is missing", item.Name)
			}
		}
		var before, after uint64
		fmt.Sscan(old.ResourceVersion, &before)
		fmt.Sscan(all.ResourceVersion, &after)
		return expect(before > 0 && after >= before+21, "revisions that go on", []uint64{before, after})
	})
}

// What no real server does, as a client sees it.
func illegal() {
	collect := func(rule string, names ...string) []string {
		arm(rule)
		list, err := client.CoreV1().ConfigMaps("default").List(ctx, metav1.ListOptions{})
		must(err)
		changes, err := client.CoreV1().ConfigMaps("default").Watch(ctx, metav1.ListOptions{ResourceVersion: list.ResourceVersion})
		must(err)
		defer changes.Stop()
		for _, name := range names {
			must(create(name))
		}
		var got []string
		for {
			select {
			case event := <-changes.ResultChan():
				if event.Type == watch.Added {
					got = append(got, event.Object.(*corev1.ConfigMap).Name)
				}
			case <-time.After(500 * time.Millisecond):
				return got
			}
		}
	}
	step("events that come twice, not at all, or in the wrong order", func() error {
		twice := collect("{fault: duplicateEvents, resources: [configmaps], count: 1}", "d1")
		if err := expect(fmt.Sprint(twice) == "[d1 d1]", "d1 twice", twice); err != nil {
			return err
		}
		lost := collect("{fault: loseEvents, resources: [configmaps], count: 1}", "l1", "l2")
		if err := expect(fmt.Sprint(lost) == "[l2]", "l2 alone", lost); err != nil {
			return err
		}
		swapped := collect("{fault: reorderEvents, resources: [configmaps], count: 1}", "r1", "r2")
		return expect(fmt.Sprint(swapped) == "[r2 r1]", "r2 before r1", swapped)
	})
}

func main() {
	var err error
	config, err = clientcmd.BuildConfigFromFlags("", os.Getenv("KUBECONFIG"))
	must(err)
	config.QPS, config.Burst = 1000, 1000
	recorded := rest.CopyConfig(config)
	recorded.Wrap(func(inner http.RoundTripper) http.RoundTripper { return recording{inner} })
	client = kubernetes.NewForConfigOrDie(recorded)
	must(create("a"))
	answers()
	connections()
	reads()
	informed()
	illegal()
	fmt.Println("all steps passed")
}
