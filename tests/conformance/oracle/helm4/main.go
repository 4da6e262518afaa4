// The oracle: Helm 4 itself, in process.
//
// What `helm template` does around the action (values, dependency check, printing) is repeated here and in helmcase in its
// order, because that part of Helm is not a library.
package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"sort"
	"strings"

	"helm.sh/helm/v4/pkg/action"
	"helm.sh/helm/v4/pkg/chart"
	"helm.sh/helm/v4/pkg/chart/common"
	"helm.sh/helm/v4/pkg/chart/loader"
	v2loader "helm.sh/helm/v4/pkg/chart/v2/loader"
	release "helm.sh/helm/v4/pkg/release/v1"
	releaseutil "helm.sh/helm/v4/pkg/release/v1/util"
	"helm.sh/helm/v4/pkg/strvals"
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
	names := asked.Below("chart/")
	if len(names) == 0 {
		data, err := yaml.Marshal(values)
		return string(data), err
	}
	packed, err := pack(asked, names)
	if err != nil {
		return "", err
	}
	return template(packed, values, given)
}

// pack makes an archive of the chart, which is how Flux hands it to Helm.
func pack(asked *helmcase.Case, names []string) (io.Reader, error) {
	var packed bytes.Buffer
	zip := gzip.NewWriter(&packed)
	out := tar.NewWriter(zip)
	for _, name := range names {
		data := asked.Files[name]
		if err := out.WriteHeader(&tar.Header{Name: name, Mode: 0o644, Size: int64(len(data))}); err != nil {
			return nil, err
		}
		if _, err := out.Write(data); err != nil {
			return nil, err
		}
	}
	return &packed, errors.Join(out.Close(), zip.Close())
}

func merged(asked *helmcase.Case, given *helmcase.Flags) (map[string]any, error) {
	base := map[string]any{}
	for _, name := range asked.Below("values/") {
		current, err := v2loader.LoadValues(bytes.NewReader(asked.Files[name]))
		if err != nil {
			return nil, fmt.Errorf("failed to parse %s: %w", name, err)
		}
		base = v2loader.MergeMaps(base, current)
	}
	for _, value := range given.JSON {
		trimmed := strings.TrimSpace(value)
		if !strings.HasPrefix(trimmed, "{") {
			if err := strvals.ParseJSON(value, base); err != nil {
				return nil, fmt.Errorf("failed parsing --set-json data %s", value)
			}
			continue
		}
		var whole map[string]any
		if err := json.Unmarshal([]byte(trimmed), &whole); err != nil {
			return nil, fmt.Errorf("failed parsing --set-json data JSON: %s", value)
		}
		base = v2loader.MergeMaps(base, whole)
	}
	return base, given.SetAll(base, strvals.ParseInto, strvals.ParseIntoString, strvals.ParseLiteralInto)
}

func template(packed io.Reader, values map[string]any, given *helmcase.Flags) (string, error) {
	loaded, err := loader.LoadArchive(packed)
	if err != nil {
		return "", err
	}
	access, err := chart.NewAccessor(loaded)
	if err != nil {
		return "", err
	}
	if kind := access.MetadataAsMap()["Type"]; kind != "" && kind != "application" {
		return "", fmt.Errorf("%s charts are not installable", kind)
	}
	if wanted := access.MetaDependencies(); len(wanted) > 0 {
		if err := action.CheckDependencies(loaded, wanted); err != nil {
			return "", fmt.Errorf("an error occurred while checking for chart dependencies. You may need to run 'helm dependency build' to fetch missing dependencies: %w", err)
		}
	}
	client := action.NewInstall(action.NewConfiguration())
	client.ReleaseName, client.Namespace = "rel", "ns"
	client.DryRunStrategy, client.Replace = action.DryRunClient, true
	client.APIVersions, client.IncludeCRDs, client.IsUpgrade = given.APIs, given.CRDs, given.Upgrade
	client.DisableHooks = given.NoHooks
	version, err := common.ParseKubeVersion(given.KubeVersion)
	if err != nil {
		return "", fmt.Errorf("invalid kube version '%s': %w", given.KubeVersion, err)
	}
	client.KubeVersion = version
	result, err := client.Run(loaded, values)
	if err != nil {
		return "", err
	}
	rel, ok := result.(*release.Release)
	if !ok {
		return "", fmt.Errorf("a release of another kind: %T", result)
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
	keys := slices.Collect(maps.Keys(documents))
	sort.Sort(releaseutil.BySplitManifestsOrder(keys))
	for i, key := range keys {
		keys[i] = documents[key]
	}
	return keys
}
