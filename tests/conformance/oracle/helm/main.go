// The oracle: Helm itself, in process, asked over standard input, one JSON object a line.
//
// What `helm template` does around the action (values, dependency check, printing) is repeated here in its order, because
// that part of Helm is not a library.
package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"os"
	"path/filepath"
	"regexp"
	"sort"
	"strings"

	"helm.sh/helm/v3/pkg/action"
	"helm.sh/helm/v3/pkg/chart/loader"
	"helm.sh/helm/v3/pkg/chartutil"
	"helm.sh/helm/v3/pkg/release"
	"helm.sh/helm/v3/pkg/releaseutil"
	"helm.sh/helm/v3/pkg/strvals"
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
	var files []*loader.BufferedFile
	for name, data := range asked.Files {
		if path, ok := strings.CutPrefix(name, "chart/"); ok {
			files = append(files, &loader.BufferedFile{Name: path, Data: data})
		}
	}
	if len(files) == 0 {
		data, err := yaml.Marshal(values)
		return string(data), err
	}
	sort.Slice(files, func(i, j int) bool { return files[i].Name < files[j].Name })
	return template(files, values, given)
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

func merged(asked *question, given *flags) (map[string]interface{}, error) {
	var names []string
	for name := range asked.Files {
		if strings.HasPrefix(name, "values/") {
			names = append(names, name)
		}
	}
	sort.Strings(names)
	base := map[string]interface{}{}
	for _, name := range names {
		current := map[string]interface{}{}
		if err := yaml.Unmarshal(asked.Files[name], &current); err != nil {
			return nil, fmt.Errorf("failed to parse %s: %w", name, err)
		}
		base = mergeMaps(base, current)
	}
	for _, value := range given.json {
		if err := strvals.ParseJSON(value, base); err != nil {
			return nil, fmt.Errorf("failed parsing --set-json data %s", value)
		}
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

func mergeMaps(a, b map[string]interface{}) map[string]interface{} {
	out := make(map[string]interface{}, len(a))
	for k, v := range a {
		out[k] = v
	}
	for k, v := range b {
		inner, isMap := v.(map[string]interface{})
		before, wasMap := out[k].(map[string]interface{})
		if isMap && wasMap {
			v = mergeMaps(before, inner)
		}
		out[k] = v
	}
	return out
}

func template(files []*loader.BufferedFile, values map[string]interface{}, given *flags) (string, error) {
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
	client := action.NewInstall(&action.Configuration{Log: func(string, ...interface{}) {}})
	client.ReleaseName, client.Namespace = "rel", "ns"
	client.DryRun, client.DryRunOption, client.ClientOnly, client.Replace = true, "true", true, true
	client.APIVersions, client.IncludeCRDs, client.IsUpgrade = given.apis, given.crds, given.upgrade
	client.DisableHooks = given.noHooks
	version, err := chartutil.ParseKubeVersion(given.kubeVersion)
	if err != nil {
		return "", fmt.Errorf("invalid kube version '%s': %s", given.kubeVersion, err)
	}
	client.KubeVersion = version
	rel, err := client.Run(loaded, values)
	if err != nil {
		return "", err
	}
	output, err := printed(given, rel)
	return output + "=== notes\n" + rel.Info.Notes, err
}

func printed(given *flags, rel *release.Release) (string, error) {
	var manifests bytes.Buffer
	fmt.Fprintln(&manifests, strings.TrimSpace(rel.Manifest))
	for _, hook := range rel.Hooks {
		if given.noHooks || given.skipTests && isTest(hook) {
			continue
		}
		fmt.Fprintf(&manifests, "---\n# Source: %s\n%s\n", hook.Path, hook.Manifest)
	}
	if len(given.showOnly) == 0 {
		return manifests.String(), nil
	}
	split := releaseutil.SplitManifests(manifests.String())
	var keys []string
	for key := range split {
		keys = append(keys, key)
	}
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

func isTest(hook *release.Hook) bool {
	for _, event := range hook.Events {
		if event == release.HookTest {
			return true
		}
	}
	return false
}
