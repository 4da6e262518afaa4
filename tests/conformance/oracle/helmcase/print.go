package helmcase

import (
	"bytes"
	"errors"
	"fmt"
	"path/filepath"
	"regexp"
	"strings"
)

// Hook is as much of a release's hook as is printed.
type Hook struct {
	Path, Manifest string
	IsTest         bool
}

var source = regexp.MustCompile("# Source: [^/]+/(.+)")

// Print gives manifests and hooks as the program prints them; split makes documents of a text, in order.
func (f *Flags) Print(manifest string, hooks []Hook, split func(string) []string) (string, error) {
	var manifests bytes.Buffer
	fmt.Fprintln(&manifests, strings.TrimSpace(manifest))
	for _, hook := range hooks {
		if f.NoHooks || f.SkipTests && hook.IsTest {
			continue
		}
		fmt.Fprintf(&manifests, "---\n# Source: %s\n%s\n", hook.Path, hook.Manifest)
	}
	if len(f.ShowOnly) == 0 {
		return manifests.String(), nil
	}
	documents := split(manifests.String())
	var out strings.Builder
	for _, wanted := range f.ShowOnly {
		found := false
		for _, document := range documents {
			match := source.FindStringSubmatch(document)
			if len(match) == 0 {
				continue
			}
			if ok, _ := filepath.Match(wanted, match[1]); ok {
				fmt.Fprintf(&out, "---\n%s\n", document)
				found = true
			}
		}
		if !found {
			return "", errors.New("could not find template " + wanted + " in chart")
		}
	}
	return out.String(), nil
}
