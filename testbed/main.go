// Testbed is one binary that holds the control plane of Kubernetes: kube-apiserver, kube-controller-manager,
// kube-scheduler and etcd. Which one runs is told by the name it is called by, or by its first argument. One binary
// shares most of its code between the four, so that it links once and stays small enough for a test cache.
// `keys DIRECTORY` writes the certificates and keys that one run needs; `oracle` judges scheduling cases without a cluster.
package main

import (
	"fmt"
	"os"
	"path/filepath"
	_ "time/tzdata" // CronJob time zones

	"github.com/spf13/cobra"
	"go.etcd.io/etcd/server/v3/etcdmain"
	"k8s.io/component-base/cli"
	apiserver "k8s.io/kubernetes/cmd/kube-apiserver/app"
	controllermanager "k8s.io/kubernetes/cmd/kube-controller-manager/app"
	scheduler "k8s.io/kubernetes/cmd/kube-scheduler/app"
	"seakeep.dev/testbed/oracle"
)

// Commands are made only when they run: making one registers flags and feature gates for the whole process.
var commands = map[string]func() *cobra.Command{
	"kube-apiserver":          func() *cobra.Command { return apiserver.NewAPIServerCommand() },
	"kube-controller-manager": controllermanager.NewControllerManagerCommand,
	"kube-scheduler":          func() *cobra.Command { return scheduler.NewSchedulerCommand() },
	"etcd":                    nil, // reads os.Args itself
}

func main() {
	name, args := filepath.Base(os.Args[0]), os.Args[1:]
	if _, ok := commands[name]; !ok {
		if len(args) == 2 && args[0] == "keys" {
			if err := keys(args[1]); err != nil {
				fmt.Fprintln(os.Stderr, err)
				os.Exit(1)
			}
			return
		}
		if len(args) == 1 && args[0] == "oracle" {
			if err := oracle.Run(); err != nil {
				fmt.Fprintln(os.Stderr, err)
				os.Exit(1)
			}
			return
		}
		if len(args) == 0 {
			usage(name)
		}
		if _, ok := commands[args[0]]; !ok {
			usage(name)
		}
		name, args = args[0], args[1:]
	}
	os.Args = append([]string{name}, args...)
	if name == "etcd" {
		etcdmain.Main(os.Args)
		return
	}
	os.Exit(cli.Run(commands[name]()))
}

func usage(name string) {
	fmt.Fprintf(os.Stderr, "usage: %s kube-apiserver|kube-controller-manager|kube-scheduler|etcd [flags]\n", name)
	fmt.Fprintf(os.Stderr, "       %s keys DIRECTORY\n", name)
	fmt.Fprintf(os.Stderr, "       %s oracle < LISTS\n", name)
	os.Exit(2)
}
