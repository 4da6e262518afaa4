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
	"log"
	"os"
	"path/filepath"
	"regexp"
	"sort"
	"strings"

	"helm.sh/helm/v3/pkg/action"
	"helm.sh/helm/v3/pkg/chart"
	"helm.sh/helm/v3/pkg/chart/loader"
	"helm.sh/helm/v3/pkg/chartutil"
	"helm.sh/helm/v3/pkg/release"
	"helm.sh/helm/v3/pkg/releaseutil"
	"helm.sh/helm/v3/pkg/strvals"
	"sigs.k8s.io/yaml"
)

type file struct {
	Name string `json:"name"`
	Data []byte `json:"data"`
}

type request struct {
	// template, values (the merged flags as YAML) or files (the parts of a rendered release).
	Mode string `json:"mode"`
	// The chart: a folder or archive on disk, or its files, or an archive's bytes.
	Path    string `json:"path"`
	Files   []file `json:"files"`
	Archive []byte `json:"archive"`

	ValueFiles []string          `json:"valueFiles"`
	JSON       []string          `json:"setJson"`
	Set        []string          `json:"set"`
	String     []string          `json:"setString"`
	File       []string          `json:"setFile"`
	FileData   map[string]string `json:"fileData"`
	Literal    []string          `json:"setLiteral"`

	Name        string   `json:"releaseName"`
	Namespace   string   `json:"namespace"`
	KubeVersion string   `json:"kubeVersion"`
	APIVersions []string `json:"apiVersions"`
	IncludeCRDs bool     `json:"includeCrds"`
	IsUpgrade   bool     `json:"isUpgrade"`
	NoHooks     bool     `json:"noHooks"`
	SkipTests   bool     `json:"skipTests"`
	SkipSchema  bool     `json:"skipSchema"`
	ShowOnly    []string `json:"showOnly"`
}

type response struct {
	Output string `json:"output"`
	Notes  string `json:"notes,omitempty"`
	Error  string `json:"error,omitempty"`
	Log    string `json:"log,omitempty"`
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
		req request
		res response
	)
	var warnings bytes.Buffer
	log.SetOutput(&warnings)
	log.SetFlags(0)
	if err := json.Unmarshal(line, &req); err != nil {
		res.Error = "request: " + err.Error()
	} else {
		res = serve(&req)
	}
	res.Log = warnings.String()
	data, err := json.Marshal(&res)
	if err != nil {
		data = []byte(`{"error":"response"}`)
	}
	out.Write(append(data, '\n'))
	out.Flush()
}

func serve(req *request) (res response) {
	defer func() {
		if r := recover(); r != nil {
			res.Error = fmt.Sprintf("panic: %v", r)
		}
	}()
	values, err := merged(req)
	if err != nil {
		return response{Error: err.Error()}
	}
	if req.Mode == "values" {
		data, err := yaml.Marshal(values)
		if err != nil {
			return response{Error: err.Error()}
		}
		return response{Output: string(data)}
	}
	output, notes, err := template(req, values)
	res = response{Output: output, Notes: notes}
	if err != nil {
		res.Output, res.Error = "", err.Error()
	}
	return res
}

func load(req *request) (*chart.Chart, error) {
	if req.Path != "" {
		return loader.Load(req.Path)
	}
	if req.Archive != nil {
		return loader.LoadArchive(bytes.NewReader(req.Archive))
	}
	var files []*loader.BufferedFile
	for _, f := range req.Files {
		files = append(files, &loader.BufferedFile{Name: f.Name, Data: f.Data})
	}
	return loader.LoadFiles(files)
}

func merged(req *request) (map[string]interface{}, error) {
	base := map[string]interface{}{}
	for _, text := range req.ValueFiles {
		current := map[string]interface{}{}
		if err := yaml.Unmarshal([]byte(text), &current); err != nil {
			return nil, fmt.Errorf("failed to parse %s: %w", "values.yaml", err)
		}
		base = mergeMaps(base, current)
	}
	for _, value := range req.JSON {
		if err := strvals.ParseJSON(value, base); err != nil {
			return nil, fmt.Errorf("failed parsing --set-json data %s", value)
		}
	}
	for _, value := range req.Set {
		if err := strvals.ParseInto(value, base); err != nil {
			return nil, fmt.Errorf("failed parsing --set data: %w", err)
		}
	}
	for _, value := range req.String {
		if err := strvals.ParseIntoString(value, base); err != nil {
			return nil, fmt.Errorf("failed parsing --set-string data: %w", err)
		}
	}
	read := func(name []rune) (interface{}, error) {
		if data, ok := req.FileData[string(name)]; ok {
			return data, nil
		}
		return nil, fmt.Errorf("open %s: no such file or directory", string(name))
	}
	for _, value := range req.File {
		if err := strvals.ParseIntoFile(value, base, read); err != nil {
			return nil, fmt.Errorf("failed parsing --set-file data: %w", err)
		}
	}
	for _, value := range req.Literal {
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

func template(req *request, values map[string]interface{}) (string, string, error) {
	loaded, err := load(req)
	if err != nil {
		return "", "", err
	}
	if kind := loaded.Metadata.Type; kind != "" && kind != "application" {
		return "", "", fmt.Errorf("%s charts are not installable", kind)
	}
	if reqs := loaded.Metadata.Dependencies; reqs != nil {
		if err := action.CheckDependencies(loaded, reqs); err != nil {
			return "", "", fmt.Errorf("An error occurred while checking for chart dependencies. You may need to run `helm dependency build` to fetch missing dependencies: %w", err)
		}
	}
	client := action.NewInstall(&action.Configuration{Log: func(string, ...interface{}) {}})
	client.ReleaseName, client.Namespace = req.Name, req.Namespace
	client.DryRun, client.DryRunOption, client.ClientOnly, client.Replace = true, "true", true, true
	client.APIVersions, client.IncludeCRDs, client.IsUpgrade = req.APIVersions, req.IncludeCRDs, req.IsUpgrade
	client.SkipSchemaValidation, client.DisableHooks = req.SkipSchema, req.NoHooks
	if req.KubeVersion != "" {
		version, err := chartutil.ParseKubeVersion(req.KubeVersion)
		if err != nil {
			return "", "", fmt.Errorf("invalid kube version '%s': %s", req.KubeVersion, err)
		}
		client.KubeVersion = version
	}
	rel, err := client.Run(loaded, values)
	if err != nil {
		if rel != nil {
			err = fmt.Errorf("%w\n\nUse --debug flag to render out invalid YAML", err)
		}
		return "", "", err
	}
	output, err := printed(req, rel)
	return output, rel.Info.Notes, err
}

func printed(req *request, rel *release.Release) (string, error) {
	var manifests bytes.Buffer
	fmt.Fprintln(&manifests, strings.TrimSpace(rel.Manifest))
	for _, hook := range rel.Hooks {
		if req.NoHooks || req.SkipTests && isTest(hook) {
			continue
		}
		fmt.Fprintf(&manifests, "---\n# Source: %s\n%s\n", hook.Path, hook.Manifest)
	}
	if len(req.ShowOnly) == 0 {
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
	for _, wanted := range req.ShowOnly {
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
