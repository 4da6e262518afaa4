// The oracle: Helm 3 itself, in process.
//
// What `helm template` does around the action (values, dependency check, printing) is repeated here and in helmcase in its
// order, because that part of Helm is not a library.
package main

import (
	"fmt"
	"slices"
	"sort"
	"strings"

	"helm.sh/helm/v3/pkg/action"
	"helm.sh/helm/v3/pkg/chart/loader"
	"helm.sh/helm/v3/pkg/chartutil"
	"helm.sh/helm/v3/pkg/release"
	"helm.sh/helm/v3/pkg/releaseutil"
	"helm.sh/helm/v3/pkg/strvals"
	"sigs.k8s.io/yaml"
	"weir.dev/oracle/helmcase"
)

func main() {
	helmcase.Serve(run)
}

func run(asked *helmcase.Case) (string, error) {
	given := asked.Flags()
	values, err := merged(asked, given)
	if err != nil {
		return "", err
	}
	var files []*loader.BufferedFile
	for _, name := range asked.Below("chart/") {
		path := strings.TrimPrefix(name, "chart/")
		files = append(files, &loader.BufferedFile{Name: path, Data: asked.Files[name]})
	}
	if len(files) == 0 {
		data, err := yaml.Marshal(values)
		return string(data), err
	}
	return template(files, values, given)
}

func merged(asked *helmcase.Case, given *helmcase.Flags) (map[string]any, error) {
	base := map[string]any{}
	for _, name := range asked.Below("values/") {
		current := map[string]any{}
		if err := yaml.Unmarshal(asked.Files[name], &current); err != nil {
			return nil, fmt.Errorf("failed to parse %s: %w", name, err)
		}
		base = mergeMaps(base, current)
	}
	for _, value := range given.JSON {
		if err := strvals.ParseJSON(value, base); err != nil {
			return nil, fmt.Errorf("failed parsing --set-json data %s", value)
		}
	}
	return base, given.SetAll(base, strvals.ParseInto, strvals.ParseIntoString, strvals.ParseLiteralInto)
}

func mergeMaps(a, b map[string]any) map[string]any {
	out := make(map[string]any, len(a))
	for k, v := range a {
		out[k] = v
	}
	for k, v := range b {
		inner, isMap := v.(map[string]any)
		before, wasMap := out[k].(map[string]any)
		if isMap && wasMap {
			v = mergeMaps(before, inner)
		}
		out[k] = v
	}
	return out
}

func template(files []*loader.BufferedFile, values map[string]any, given *helmcase.Flags) (string, error) {
	loaded, err := loader.LoadFiles(files)
	if err != nil {
		return "", err
	}
	if kind := loaded.Metadata.Type; kind != "" && kind != "application" {
		return "", fmt.Errorf("%s charts are not installable", kind)
	}
	if wanted := loaded.Metadata.Dependencies; wanted != nil {
		if err := action.CheckDependencies(loaded, wanted); err != nil {
			return "", fmt.Errorf("An error occurred while checking for chart dependencies. You may need to run `helm dependency build` to fetch missing dependencies: %w", err)
		}
	}
	client := action.NewInstall(&action.Configuration{Log: func(string, ...any) {}})
	client.ReleaseName, client.Namespace = "rel", "ns"
	client.DryRun, client.DryRunOption, client.ClientOnly, client.Replace = true, "true", true, true
	client.APIVersions, client.IncludeCRDs, client.IsUpgrade = given.APIs, given.CRDs, given.Upgrade
	client.DisableHooks = given.NoHooks
	version, err := chartutil.ParseKubeVersion(given.KubeVersion)
	if err != nil {
		return "", fmt.Errorf("invalid kube version '%s': %s", given.KubeVersion, err)
	}
	client.KubeVersion = version
	rel, err := client.Run(loaded, values)
	if err != nil {
		return "", err
	}
	output, err := given.Print(rel.Manifest, hooks(rel), split)
	return output + "=== notes\n" + rel.Info.Notes, err
}

func hooks(rel *release.Release) []helmcase.Hook {
	var all []helmcase.Hook
	for _, hook := range rel.Hooks {
		isTest := slices.Contains(hook.Events, release.HookTest)
		all = append(all, helmcase.Hook{Path: hook.Path, Manifest: hook.Manifest, IsTest: isTest})
	}
	return all
}

func split(text string) []string {
	documents := releaseutil.SplitManifests(text)
	var keys []string
	for key := range documents {
		keys = append(keys, key)
	}
	sort.Sort(releaseutil.BySplitManifestsOrder(keys))
	for i, key := range keys {
		keys[i] = documents[key]
	}
	return keys
}
