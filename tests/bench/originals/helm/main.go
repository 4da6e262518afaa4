// Renders loaded charts with Helm's own library, from their default values to manifests, as `helm template` does.
package main

import (
	"bytes"
	"fmt"
	"strings"

	"helm.sh/helm/v3/pkg/action"
	"helm.sh/helm/v3/pkg/chart/loader"
	"helm.sh/helm/v3/pkg/chartutil"
	"weir.dev/bench/originals/measure"
)

const name = "bench"

var kubernetes = &chartutil.KubeVersion{Version: "v1.31.0", Major: "1", Minor: "31"}

func main() {
	measure.Main(func(folder string) (func() ([]byte, error), error) {
		chart, err := loader.Load(folder)
		if err != nil {
			return nil, err
		}
		return func() ([]byte, error) {
			install := action.NewInstall(&action.Configuration{Log: func(string, ...any) {}})
			install.DryRun, install.ClientOnly, install.Replace, install.IncludeCRDs = true, true, true, true
			install.ReleaseName, install.Namespace, install.KubeVersion = name, "default", kubernetes
			release, err := install.Run(chart, map[string]any{})
			if err != nil {
				return nil, err
			}
			var out bytes.Buffer
			fmt.Fprintln(&out, strings.TrimSpace(release.Manifest))
			for _, hook := range release.Hooks {
				fmt.Fprintf(&out, "---\n# Source: %s\n%s\n", hook.Path, hook.Manifest)
			}
			return out.Bytes(), nil
		}, nil
	})
}
