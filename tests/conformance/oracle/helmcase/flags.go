package helmcase

import (
	"fmt"
	"strings"
)

// Flags are those of `helm template`.
type Flags struct {
	Set, Text, JSON, Literal, APIs, ShowOnly []string
	Upgrade, NoHooks, SkipTests, CRDs        bool
	KubeVersion                              string
}

// Flags reads the flags of a case.
func (c *Case) Flags() *Flags {
	given := &Flags{KubeVersion: "1.31.0"}
	for _, line := range strings.Split(string(c.Files["flags"]), "\n") {
		name, value, _ := strings.Cut(line, " ")
		switch name {
		case "set":
			given.Set = append(given.Set, value)
		case "set-string":
			given.Text = append(given.Text, value)
		case "set-json":
			given.JSON = append(given.JSON, value)
		case "set-literal":
			given.Literal = append(given.Literal, value)
		case "api-versions":
			given.APIs = append(given.APIs, value)
		case "show-only":
			given.ShowOnly = append(given.ShowOnly, value)
		case "kube-version":
			given.KubeVersion = value
		case "is-upgrade":
			given.Upgrade = true
		case "no-hooks":
			given.NoHooks = true
		case "skip-tests":
			given.SkipTests = true
		case "include-crds":
			given.CRDs = true
		}
	}
	return given
}

// Setter is a function of Helm's package strvals.
type Setter func(value string, into map[string]any) error

// SetAll adds the values of flags but those of `--set-json`, in the order of the program.
func (f *Flags) SetAll(into map[string]any, set, text, literal Setter) error {
	for _, kind := range []struct {
		name   string
		values []string
		set    Setter
	}{{"--set", f.Set, set}, {"--set-string", f.Text, text}, {"--set-literal", f.Literal, literal}} {
		for _, value := range kind.values {
			if err := kind.set(value, into); err != nil {
				return fmt.Errorf("failed parsing %s data: %w", kind.name, err)
			}
		}
	}
	return nil
}
