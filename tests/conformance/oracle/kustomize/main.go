// Oracle answers what `kustomize build` says: cases as JSON lines on the standard input, answers as JSON lines on the
// standard output, in the same order.
package main

import (
	"bufio"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"os"
	"path/filepath"
	"strings"

	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/api/types"
	"sigs.k8s.io/kustomize/kyaml/filesys"
	"sigs.k8s.io/kustomize/kyaml/openapi"
)

// shownRoot stands in messages for the directory that holds the case.
const shownRoot = "{ROOT}"

type question struct {
	// Files by path; contents in base64, since they need not be UTF-8.
	Files map[string]string `json:"files"`
	// Folder on the disk that holds the case already, instead of Files.
	Folder string `json:"folder"`
	// Unrestricted builds may name files above their directory.
	Unrestricted bool `json:"unrestricted"`
	// Dir is the directory to build.
	Dir string `json:"dir"`
}

type answer struct {
	Output string `json:"output,omitempty"`
	Error  string `json:"error,omitempty"`
}

func main() {
	log.SetOutput(io.Discard)
	if err := serve(os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func serve(in io.Reader, out io.Writer) error {
	decoder := json.NewDecoder(bufio.NewReaderSize(in, 1<<20))
	encoder := json.NewEncoder(out)
	for {
		var asked question
		if err := decoder.Decode(&asked); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
		said, err := build(asked)
		if err != nil {
			return err
		}
		if err := encoder.Encode(said); err != nil {
			return err
		}
	}
}

// build writes the case to the disk and builds it; its error is a failure of the oracle, not of the build.
func build(asked question) (answer, error) {
	if asked.Folder != "" {
		return buildIn(asked.Folder, asked)
	}
	root, err := os.MkdirTemp("", "kustomize-oracle-")
	if err != nil {
		return answer{}, err
	}
	defer os.RemoveAll(root)
	for path, encoded := range asked.Files {
		if err := write(filepath.Join(root, path), encoded); err != nil {
			return answer{}, err
		}
	}
	return buildIn(root, asked)
}

func buildIn(root string, asked question) (answer, error) {
	root, err := filepath.EvalSymlinks(root)
	if err != nil {
		return answer{}, err
	}
	output, err := run(filepath.Join(root, asked.Dir), asked.Unrestricted)
	if err != nil {
		return answer{Error: strings.ReplaceAll(err.Error(), root, shownRoot)}, nil
	}
	return answer{Output: strings.ReplaceAll(output, root, shownRoot)}, nil
}

func write(path, encoded string) error {
	content, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	return os.WriteFile(path, content, 0o600)
}

// run does what the program's build command does. A panic is a refusal: the program ends without output.
func run(dir string, unrestricted bool) (output string, err error) {
	defer func() {
		if thrown := recover(); thrown != nil {
			output, err = "", fmt.Errorf("panic: %v", thrown)
		}
	}()
	// The schema is global: without this, one case would decide for the next ones.
	openapi.ResetOpenAPI()
	options := krusty.MakeDefaultOptions()
	options.Reorder = krusty.ReorderOptionUnspecified
	if unrestricted {
		options.LoadRestrictions = types.LoadRestrictionsNone
	}
	resources, err := krusty.MakeKustomizer(options).Run(filesys.MakeFsOnDisk(), dir)
	if err != nil {
		return "", err
	}
	yaml, err := resources.AsYaml()
	return string(yaml), err
}
