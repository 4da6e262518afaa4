// Answers what Go's text/template makes of templates that call Sprig's and Helm's functions.
//
// Reads and writes what the oracle of the template language does; see gotmpl/main.go.
package main

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"reflect"
	"runtime/debug"
	"sort"
	"strconv"
	"strings"
	"text/template"
	"time"

	"github.com/BurntSushi/toml"
	"github.com/Masterminds/sprig/v3"
	"sigs.k8s.io/yaml"
	goyaml "sigs.k8s.io/yaml/goyaml.v3"
)

// functions is what Helm's templates can call, but keys and values are in order.
func functions() template.FuncMap {
	all := sprig.TxtFuncMap()
	delete(all, "env")
	delete(all, "expandenv")
	all["keys"] = func(maps ...map[string]any) []string {
		result := []string{}
		for _, m := range maps {
			result = append(result, sorted(m)...)
		}
		return result
	}
	all["values"] = func(m map[string]any) []any {
		result := []any{}
		for _, key := range sorted(m) {
			result = append(result, m[key])
		}
		return result
	}
	all["toYaml"] = func(value any) string {
		text, _ := yaml.Marshal(value)
		return strings.TrimSuffix(string(text), "\n")
	}
	all["toYamlPretty"] = func(value any) string {
		var text bytes.Buffer
		encoder := goyaml.NewEncoder(&text)
		encoder.SetIndent(2)
		if encoder.Encode(value) != nil {
			return ""
		}
		return strings.TrimSuffix(text.String(), "\n")
	}
	all["toJson"] = func(value any) string {
		text, _ := json.Marshal(value)
		return string(text)
	}
	all["toToml"] = func(value any) string {
		var text bytes.Buffer
		if err := toml.NewEncoder(&text).Encode(value); err != nil {
			return err.Error()
		}
		return text.String()
	}
	all["fromYaml"] = mapReader(func(text []byte, into any) error { return yaml.Unmarshal(text, into) })
	all["fromJson"] = mapReader(json.Unmarshal)
	all["fromToml"] = mapReader(toml.Unmarshal)
	all["fromYamlArray"] = listReader(func(text []byte, into any) error { return yaml.Unmarshal(text, into) })
	all["fromJsonArray"] = listReader(json.Unmarshal)
	return all
}

func sorted(m map[string]any) []string {
	var keys []string
	for key := range m {
		keys = append(keys, key)
	}
	sort.Strings(keys)
	return keys
}

func mapReader(read func([]byte, any) error) func(string) map[string]any {
	return func(text string) map[string]any {
		result := map[string]any{}
		if err := read([]byte(text), &result); err != nil {
			result["Error"] = err.Error()
		}
		return result
	}
}

func listReader(read func([]byte, any) error) func(string) []any {
	return func(text string) []any {
		result := []any{}
		if err := read([]byte(text), &result); err != nil {
			return []any{err.Error()}
		}
		return result
	}
}

type request struct {
	Template   string
	Data       json.RawMessage
	MissingKey string
}

type typed struct {
	T   string
	E   string
	V   json.RawMessage
	Nil bool
}

type answer struct {
	Output *string `json:"output,omitempty"`
	Error  *string `json:"error,omitempty"`
}

var types = map[string]reflect.Type{
	"any":     reflect.TypeFor[any](),
	"bool":    reflect.TypeFor[bool](),
	"int":     reflect.TypeFor[int](),
	"int8":    reflect.TypeFor[int8](),
	"int16":   reflect.TypeFor[int16](),
	"int32":   reflect.TypeFor[int32](),
	"int64":   reflect.TypeFor[int64](),
	"uint":    reflect.TypeFor[uint](),
	"uint8":   reflect.TypeFor[uint8](),
	"uint16":  reflect.TypeFor[uint16](),
	"uint32":  reflect.TypeFor[uint32](),
	"uint64":  reflect.TypeFor[uint64](),
	"float32": reflect.TypeFor[float32](),
	"float64": reflect.TypeFor[float64](),
	"string":  reflect.TypeFor[string](),
}

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

func decode(raw json.RawMessage) reflect.Value {
	var value *typed
	if err := json.Unmarshal(raw, &value); err != nil {
		panic(err)
	}
	if value == nil {
		return reflect.Value{}
	}
	switch value.T {
	case "[]":
		slice := reflect.SliceOf(types[value.E])
		if value.Nil {
			return reflect.Zero(slice)
		}
		var items []json.RawMessage
		if err := json.Unmarshal(value.V, &items); err != nil {
			panic(err)
		}
		// As long as it is: what slicing beyond the length does depends on the capacity.
		list := reflect.MakeSlice(slice, len(items), len(items))
		for i, item := range items {
			if value := decode(item); value.IsValid() {
				list.Index(i).Set(value)
			}
		}
		return list
	case "map":
		typ := reflect.MapOf(types["string"], types[value.E])
		if value.Nil {
			return reflect.Zero(typ)
		}
		var items map[string]json.RawMessage
		if err := json.Unmarshal(value.V, &items); err != nil {
			panic(err)
		}
		result := reflect.MakeMap(typ)
		for key, item := range items {
			element := decode(item)
			if !element.IsValid() {
				element = reflect.Zero(types[value.E])
			}
			result.SetMapIndex(reflect.ValueOf(key), element)
		}
		return result
	}
	var text string
	if err := json.Unmarshal(value.V, &text); err != nil {
		panic(err)
	}
	result := reflect.New(types[value.T]).Elem()
	switch result.Kind() {
	case reflect.Bool:
		result.SetBool(text == "true")
	case reflect.String:
		// Bytes, as Go's strings may hold any.
		result.SetString(string(must(base64.StdEncoding.DecodeString(text))))
	case reflect.Float32, reflect.Float64:
		result.SetFloat(must(strconv.ParseFloat(text, 64)))
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		result.SetInt(must(strconv.ParseInt(text, 10, 64)))
	default:
		result.SetUint(must(strconv.ParseUint(text, 10, 64)))
	}
	return result
}

func execute(request request) (answer, error) {
	parsed, err := template.New("t").Funcs(functions()).Option("missingkey=" + request.MissingKey).Parse(request.Template)
	if err != nil {
		return answer{}, err
	}
	var data any
	if value := decode(request.Data); value.IsValid() {
		data = value.Interface()
	}
	var out bounded
	if err := parsed.Execute(&out, data); err != nil {
		return answer{}, err
	}
	output := base64.StdEncoding.EncodeToString(out.Bytes())
	return answer{Output: &output}, nil
}

// bounded keeps templates that execute each other many times from filling the memory.
type bounded struct {
	bytes.Buffer
}

func (b *bounded) Write(p []byte) (int, error) {
	if b.Len()+len(p) > 1<<20 {
		return 0, errTimeout
	}
	return b.Buffer.Write(p)
}

// inTime gives up on a template that counts for too long.
func inTime(request request) (answer, error) {
	type both struct {
		answer answer
		err    error
	}
	done := make(chan both, 1)
	go func() {
		result, err := execute(request)
		done <- both{result, err}
	}()
	select {
	case result := <-done:
		return result.answer, result.err
	case <-time.After(limit):
		return answer{}, errTimeout
	}
}

const limit = 5 * time.Second

// errTimeout is what is answered for a template that costs too much. The process ends then: the template still runs.
var errTimeout = errors.New("timeout")

func main() {
	debug.SetMemoryLimit(1 << 30)
	debug.SetMaxStack(256 << 20)
	in := bufio.NewReader(os.Stdin)
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	for {
		line, err := in.ReadBytes('\n')
		if len(line) > 0 {
			var request request
			if err := json.Unmarshal(line, &request); err != nil {
				fmt.Fprintln(os.Stderr, err)
				os.Exit(1)
			}
			result, err := inTime(request)
			if err != nil {
				// As bytes: a message may quote what is not UTF-8.
				text := base64.StdEncoding.EncodeToString([]byte(err.Error()))
				result = answer{Error: &text}
			}
			encoded := must(json.Marshal(result))
			out.Write(append(encoded, '\n'))
			if in.Buffered() == 0 || errors.Is(err, errTimeout) {
				out.Flush()
			}
			if errors.Is(err, errTimeout) {
				return
			}
		}
		if err != nil {
			return
		}
	}
}
