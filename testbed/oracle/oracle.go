// Package oracle asks kube-scheduler's own framework and plugins, without an API server: a v1 List as JSON per line in, an
// answer per line out. Each pending pod is judged alone against the given state, by the default profile (less
// DynamicResources, which needs a device manager). The answer is
// [{pod, feasible: [node…], reasons: {node: [text…]}, scores: {node: {plugin: weighted score}}, total: {node: n}}].
package oracle

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"sort"

	v1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/sets"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes/fake"
	clientscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/klog/v2"
	schedulerv1 "k8s.io/kube-scheduler/config/v1"
	fwk "k8s.io/kube-scheduler/framework"
	podutil "k8s.io/kubernetes/pkg/api/v1/pod"
	"k8s.io/kubernetes/pkg/scheduler/apis/config"
	"k8s.io/kubernetes/pkg/scheduler/apis/config/scheme"
	"k8s.io/kubernetes/pkg/scheduler/backend/cache"
	"k8s.io/kubernetes/pkg/scheduler/framework"
	"k8s.io/kubernetes/pkg/scheduler/framework/plugins"
	"k8s.io/kubernetes/pkg/scheduler/framework/plugins/names"
	"k8s.io/kubernetes/pkg/scheduler/framework/plugins/nodevolumelimits"
	frameworkruntime "k8s.io/kubernetes/pkg/scheduler/framework/runtime"
	"k8s.io/kubernetes/pkg/scheduler/metrics"
)

type answer struct {
	Pod      string                      `json:"pod"`
	Feasible []string                    `json:"feasible"`
	Reasons  map[string][]string         `json:"reasons"`
	Scores   map[string]map[string]int64 `json:"scores"`
	Total    map[string]int64            `json:"total"`
}

// Run answers every line of stdin.
func Run() error {
	klog.SetLogger(klog.NewKlogr().V(99)) // quiet: stdout is the answer, stderr what went wrong
	metrics.Register()
	profile, err := defaultProfile()
	if err != nil {
		return err
	}
	in := bufio.NewReaderSize(os.Stdin, 1<<20)
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	for number := 1; ; number++ {
		line, ended := in.ReadBytes('\n')
		if len(line) > 1 {
			answers, err := judge(line, profile)
			if err != nil {
				return fmt.Errorf("line %d: %w", number, err)
			}
			if err := encoder.Encode(answers); err != nil {
				return err
			}
			if err := out.Flush(); err != nil {
				return err
			}
		}
		if ended != nil {
			return nil
		}
	}
}

// defaultProfile is what kube-scheduler runs without configuration, less DynamicResources.
func defaultProfile() (*config.KubeSchedulerProfile, error) {
	versioned := schedulerv1.KubeSchedulerConfiguration{}
	scheme.Scheme.Default(&versioned)
	internal := config.KubeSchedulerConfiguration{}
	if err := scheme.Scheme.Convert(&versioned, &internal, nil); err != nil {
		return nil, err
	}
	profile := internal.Profiles[0]
	kept := profile.Plugins.MultiPoint.Enabled[:0]
	for _, plugin := range profile.Plugins.MultiPoint.Enabled {
		if plugin.Name != names.DynamicResources {
			kept = append(kept, plugin)
		}
	}
	profile.Plugins.MultiPoint.Enabled = kept
	return &profile, nil
}

func decode(line []byte) ([]runtime.Object, error) {
	list := v1.List{}
	if err := json.Unmarshal(line, &list); err != nil {
		return nil, err
	}
	var found []runtime.Object
	decoder := clientscheme.Codecs.UniversalDeserializer()
	for _, item := range list.Items {
		object, _, err := decoder.Decode(item.Raw, nil, nil)
		if err != nil {
			return nil, err
		}
		clientscheme.Scheme.Default(object)
		found = append(found, object)
	}
	return found, nil
}

func judge(line []byte, profile *config.KubeSchedulerProfile) ([]answer, error) {
	objects, err := decode(line)
	if err != nil {
		return nil, err
	}
	var nodes []*v1.Node
	var placed, pending []*v1.Pod
	known := sets.New[string]()
	for _, object := range objects {
		if node, ok := object.(*v1.Node); ok {
			nodes = append(nodes, node)
			known.Insert(node.Name)
		}
	}
	for _, object := range objects {
		pod, ok := object.(*v1.Pod)
		switch {
		case !ok || podutil.IsPodTerminal(pod):
		case pod.Spec.NodeName == "" && pod.DeletionTimestamp == nil:
			pending = append(pending, pod)
		case known.Has(pod.Spec.NodeName):
			placed = append(placed, pod)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	client := fake.NewSimpleClientset(objects...)
	factory := informers.NewSharedInformerFactory(client, 0)
	snapshot := cache.NewSnapshot(placed, nodes)
	csi := nodevolumelimits.NewCSIManager(factory.Storage().V1().CSINodes().Lister())
	schedule, err := frameworkruntime.NewFramework(ctx, plugins.NewInTreeRegistry(), profile,
		frameworkruntime.WithClientSet(client),
		frameworkruntime.WithInformerFactory(factory),
		frameworkruntime.WithSnapshotSharedLister(snapshot),
		frameworkruntime.WithSharedCSIManager(csi),
		frameworkruntime.WithParallelism(1),
	)
	if err != nil {
		return nil, err
	}
	factory.Start(ctx.Done())
	factory.WaitForCacheSync(ctx.Done())
	sort.Slice(nodes, func(i, j int) bool { return nodes[i].Name < nodes[j].Name })
	answers := make([]answer, 0, len(pending))
	for _, pod := range pending {
		found, err := judgePod(ctx, schedule, snapshot, nodes, pod)
		if err != nil {
			return nil, err
		}
		answers = append(answers, found)
	}
	return answers, nil
}

func judgePod(ctx context.Context, schedule framework.Framework, snapshot *cache.Snapshot, nodes []*v1.Node, pod *v1.Pod) (answer, error) {
	found := answer{
		Pod:      pod.Namespace + "/" + pod.Name,
		Feasible: []string{},
		Reasons:  map[string][]string{},
		Scores:   map[string]map[string]int64{},
		Total:    map[string]int64{},
	}
	refuse := func(node string, status *fwk.Status) {
		reasons := append([]string{}, status.Reasons()...)
		sort.Strings(reasons)
		found.Reasons[node] = reasons
	}
	for _, plugin := range schedule.PreEnqueuePlugins() {
		if status := plugin.PreEnqueue(ctx, pod); !status.IsSuccess() {
			for _, node := range nodes {
				refuse(node.Name, status)
			}
			return found, nil
		}
	}
	state := framework.NewCycleState()
	result, status, narrowing := schedule.RunPreFilterPlugins(ctx, state, pod)
	if !status.IsSuccess() {
		for _, node := range nodes {
			refuse(node.Name, status)
		}
		return found, nil
	}
	var feasible []fwk.NodeInfo
	for _, node := range nodes {
		info, err := snapshot.Get(node.Name)
		if err != nil {
			return found, err
		}
		if !result.AllNodes() && !result.NodeNames.Has(node.Name) {
			refuse(node.Name, fwk.NewStatus(fwk.UnschedulableAndUnresolvable, fmt.Sprintf("node(s) didn't satisfy plugin(s) %v", sets.List(narrowing))))
			continue
		}
		if status := schedule.RunFilterPlugins(ctx, state, pod, info); !status.IsSuccess() {
			refuse(node.Name, status)
			continue
		}
		feasible = append(feasible, info)
		found.Feasible = append(found.Feasible, node.Name)
	}
	if len(feasible) == 0 {
		return found, nil
	}
	if status := schedule.RunPreScorePlugins(ctx, state, pod, feasible); !status.IsSuccess() {
		return found, status.AsError()
	}
	scores, status := schedule.RunScorePlugins(ctx, state, pod, feasible)
	if !status.IsSuccess() {
		return found, status.AsError()
	}
	for _, node := range scores {
		plugins := map[string]int64{}
		for _, score := range node.Scores {
			plugins[score.Name] = score.Score
		}
		found.Scores[node.Name] = plugins
		found.Total[node.Name] = node.TotalScore
	}
	return found, nil
}
