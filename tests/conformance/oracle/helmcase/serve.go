// Package helmcase is what the oracles of Helm 3 and Helm 4 have in common: how cases are asked for, and what
// `helm template` does around Helm's libraries.
package helmcase

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"log/slog"
	"maps"
	"os"
	"slices"
	"strings"
)

// Case is a chart below `chart/`, values files below `values/`, and flags, one a line, in `flags`. Without a chart the
// merged values are the answer.
type Case struct {
	Files map[string][]byte `json:"files"`
}

type response struct {
	Output string `json:"output"`
	Error  string `json:"error,omitempty"`
}

// Serve answers the cases on the standard input, one JSON object a line. A panic is an answer too.
func Serve(run func(*Case) (string, error)) {
	log.SetOutput(io.Discard)
	slog.SetDefault(slog.New(slog.DiscardHandler))
	in := bufio.NewReaderSize(os.Stdin, 1<<20)
	out := bufio.NewWriter(os.Stdout)
	for {
		line, err := in.ReadBytes('\n')
		if len(bytes.TrimSpace(line)) > 0 {
			data, err := json.Marshal(answer(line, run))
			if err != nil {
				data = []byte(`{"error":"response"}`)
			}
			out.Write(append(data, '\n'))
			out.Flush()
		}
		if err != nil {
			return
		}
	}
}

func answer(line []byte, run func(*Case) (string, error)) (said response) {
	defer func() {
		if thrown := recover(); thrown != nil {
			said = response{Error: fmt.Sprintf("panic: %v", thrown)}
		}
	}()
	var asked Case
	if err := json.Unmarshal(line, &asked); err != nil {
		return response{Error: "question: " + err.Error()}
	}
	output, err := run(&asked)
	if err != nil {
		return response{Error: err.Error()}
	}
	return response{Output: output}
}

// Below gives the names of the files in a folder, in order.
func (c *Case) Below(folder string) []string {
	var names []string
	for _, name := range slices.Sorted(maps.Keys(c.Files)) {
		if strings.HasPrefix(name, folder) {
			names = append(names, name)
		}
	}
	return names
}
