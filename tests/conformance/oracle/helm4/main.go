// The oracle: Helm 4 itself, in process, asked over standard input, one JSON object a line.
//
// What `helm template` does around the action (values, dependency check, printing) is repeated here in its order, because
// that part of Helm is not a library.
package main

import (
	"archive/tar"
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"regexp"
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
)

// question is a chart below `chart/`, values files below `values/`, and flags, one a line, in `flags`. Without a chart the
// merged values are the answer.
type question struct {
	Files map[string][]byte `json:"files"`
}

type response struct {
	Output string `json:"output"`
	Error  string `json:"error,omitempty"`
}

type flags struct {
	set, text, json, literal, apis, showOnly []string
	upgrade, noHooks, skipTests, crds        bool
	kubeVersion                              string
}

func main() {
	in := bufio.NewReaderSize(os.Stdin, 1<<20)
	out := bufio.NewWriter(os.Stdout)
	for {
		line, err := in.ReadBytes('\n')
		if len(bytes.TrimSpace(line)) > 0 {
			answer(line, out)
		}
		if err != nil {
			return
		}
	}
}

func answer(line []byte, out *bufio.Writer) {
	var (
		asked question
		res   response
	)
	log.SetOutput(io.Discard)
	slog.SetDefault(slog.New(slog.DiscardHandler))
	if err := json.Unmarshal(line, &asked); err != nil {
		res.Error = "question: " + err.Error()
	} else {
		res = serve(&asked)
	}
	data, err := json.Marshal(&res)
	if err != nil {
		data = []byte(`{"error":"response"}`)
	}
	out.Write(append(data, '\n'))
	out.Flush()
}

func serve(asked *question) (res response) {
	defer func() {
		if r := recover(); r != nil {
			res.Error = fmt.Sprintf("panic: %v", r)
		}
	}()
	output, err := run(asked)
	if err != nil {
		return response{Error: err.Error()}
	}
	return response{Output: output}
}

func run(asked *question) (string, error) {
	given := parse(string(asked.Files["flags"]))
	values, err := merged(asked, given)
	if err != nil {
		return "", err
	}
	packed, err := pack(asked.Files)
	if err != nil {
		return "", err
	}
	if packed == nil {
		data, err := yaml.Marshal(values)
		return string(data), err
	}
	return template(packed, values, given)
}

// pack makes an archive of the chart, which is how Flux hands it to Helm. Without a chart it is nil.
func pack(files map[string][]byte) (io.Reader, error) {
	var packed bytes.Buffer
	zip := gzip.NewWriter(&packed)
	out := tar.NewWriter(zip)
	found := false
	for _, name := range slices.Sorted(maps.Keys(files)) {
		path, ok := strings.CutPrefix(name, "chart/")
		if !ok {
			continue
		}
		found = true
		data := files[name]
		if err := out.WriteHeader(&tar.Header{Name: "chart/" + path, Mode: 0o644, Size: int64(len(data))}); err != nil {
			return nil, err
		}
		if _, err := out.Write(data); err != nil {
			return nil, err
		}
	}
	if !found {
		return nil, nil
	}
	return &packed, errors.Join(out.Close(), zip.Close())
}

func parse(text string) *flags {
	given := &flags{kubeVersion: "1.31.0"}
	for _, line := range strings.Split(text, "\n") {
		name, value, _ := strings.Cut(line, " ")
		switch name {
		case "set":
			given.set = append(given.set, value)
		case "set-string":
			given.text = append(given.text, value)
		case "set-json":
			given.json = append(given.json, value)
		case "set-literal":
			given.literal = append(given.literal, value)
		case "api-versions":
			given.apis = append(given.apis, value)
		case "show-only":
			given.showOnly = append(given.showOnly, value)
		case "kube-version":
			given.kubeVersion = value
		case "is-upgrade":
			given.upgrade = true
		case "no-hooks":
			given.noHooks = true
		case "skip-tests":
			given.skipTests = true
		case "include-crds":
			given.crds = true
		}
	}
	return given
}

func merged(asked *question, given *flags) (map[string]any, error) {
	base := map[string]any{}
	for _, name := range slices.Sorted(maps.Keys(asked.Files)) {
		if !strings.HasPrefix(name, "values/") {
			continue
		}
		current, err := v2loader.LoadValues(bytes.NewReader(asked.Files[name]))
		if err != nil {
			return nil, fmt.Errorf("failed to parse %s: %w", name, err)
		}
		base = v2loader.MergeMaps(base, current)
	}
	for _, value := range given.json {
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
	for _, value := range given.set {
		if err := strvals.ParseInto(value, base); err != nil {
			return nil, fmt.Errorf("failed parsing --set data: %w", err)
		}
	}
	for _, value := range given.text {
		if err := strvals.ParseIntoString(value, base); err != nil {
			return nil, fmt.Errorf("failed parsing --set-string data: %w", err)
		}
	}
	for _, value := range given.literal {
		if err := strvals.ParseLiteralInto(value, base); err != nil {
			return nil, fmt.Errorf("failed parsing --set-literal data: %w", err)
		}
	}
	return base, nil
}

func template(packed io.Reader, values map[string]any, given *flags) (string, error) {
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
	client.APIVersions, client.IncludeCRDs, client.IsUpgrade = given.apis, given.crds, given.upgrade
	client.DisableHooks = given.noHooks
	version, err := common.ParseKubeVersion(given.kubeVersion)
	if err != nil {
		return "", fmt.Errorf("invalid kube version '%s': %w", given.kubeVersion, err)
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
	output, err := printed(given, rel)
	return output + "=== notes\n" + rel.Info.Notes, err
}

func printed(given *flags, rel *release.Release) (string, error) {
	var manifests bytes.Buffer
	fmt.Fprintln(&manifests, strings.TrimSpace(rel.Manifest))
	for _, hook := range rel.Hooks {
		if given.noHooks || given.skipTests && slices.Contains(hook.Events, release.HookTest) {
			continue
		}
		fmt.Fprintf(&manifests, "---\n# Source: %s\n%s\n", hook.Path, hook.Manifest)
	}
	if len(given.showOnly) == 0 {
		return manifests.String(), nil
	}
	split := releaseutil.SplitManifests(manifests.String())
	keys := slices.Collect(maps.Keys(split))
	sort.Sort(releaseutil.BySplitManifestsOrder(keys))
	source := regexp.MustCompile("# Source: [^/]+/(.+)")
	var out strings.Builder
	for _, wanted := range given.showOnly {
		found := false
		for _, key := range keys {
			match := source.FindStringSubmatch(split[key])
			if len(match) == 0 {
				continue
			}
			if ok, _ := filepath.Match(wanted, match[1]); ok {
				fmt.Fprintf(&out, "---\n%s\n", split[key])
				found = true
			}
		}
		if !found {
			return "", errors.New("could not find template " + wanted + " in chart")
		}
	}
	return out.String(), nil
}
