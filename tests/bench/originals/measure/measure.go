// Package measure runs work many times in this process and tells what it took, as JSON.
package measure

import (
	"encoding/json"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// Task is one line of the list on standard input.
type Task struct {
	// Folder that holds the input.
	Folder string `json:"folder"`
	// Runs. The first one warms up: the figures are those of the others, if there are others.
	Times int `json:"times"`
	// File that the result of the first run is written to.
	Output string `json:"output"`
}

// Figures of one task.
type Figures struct {
	// Wall-clock time of each run, the first one included, in nanoseconds.
	Wall []int64 `json:"wall"`
	// CPU time of a run in nanoseconds, the mean of all.
	CPU int64 `json:"cpu"`
	// Bytes that a run allocates, the mean of all.
	Allocated uint64 `json:"allocated"`
	// Bytes resident at the highest point above what was resident before.
	Peak uint64 `json:"peak"`
	// Why there are no figures.
	Error string `json:"error,omitempty"`
}

// Work makes ready what a folder holds and gives what is timed.
type Work func(folder string) (func() ([]byte, error), error)

// Main works off the tasks on standard input and prints the figures of each on a line as soon as they are known.
func Main(work Work) {
	tasks := json.NewDecoder(os.Stdin)
	out := json.NewEncoder(os.Stdout)
	for tasks.More() {
		var task Task
		if err := tasks.Decode(&task); err != nil {
			fmt.Fprintln(os.Stderr, "error: bad list of tasks:", err)
			os.Exit(1)
		}
		figures, err := run(work, task)
		if err != nil {
			figures.Error = err.Error()
		}
		if err := out.Encode(figures); err != nil {
			os.Exit(1)
		}
	}
}

func run(work Work, task Task) (Figures, error) {
	var figures Figures
	once, err := work(task.Folder)
	if err != nil {
		return figures, err
	}
	started := begin()
	for index := range task.Times {
		from := time.Now()
		result, err := once()
		if err != nil {
			return figures, err
		}
		figures.Wall = append(figures.Wall, time.Since(from).Nanoseconds())
		if index == 0 {
			figures.add(started, 1)
			if err := write(task.Output, result); err != nil {
				return figures, err
			}
			started = begin()
		}
	}
	if warm := task.Times - 1; warm > 0 {
		figures.add(started, warm)
	}
	return figures, nil
}

// What the process has used at some point.
type usage struct {
	cpu       int64
	allocated uint64
	resident  uint64
}

func begin() usage {
	debug.FreeOSMemory()
	var memory runtime.MemStats
	runtime.ReadMemStats(&memory)
	return usage{cpu: processorTime(), allocated: memory.TotalAlloc, resident: resetPeak()}
}

// Puts in what each of the runs since then took.
func (figures *Figures) add(since usage, runs int) {
	figures.CPU = (processorTime() - since.cpu) / int64(runs)
	var memory runtime.MemStats
	runtime.ReadMemStats(&memory)
	figures.Allocated = (memory.TotalAlloc - since.allocated) / uint64(runs)
	figures.Peak = 0
	if peak := status("VmHWM:"); peak > since.resident {
		figures.Peak = peak - since.resident
	}
}

func write(path string, result []byte) error {
	if path == "" {
		return nil
	}
	return os.WriteFile(path, result, 0o644)
}

func processorTime() int64 {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		return 0
	}
	return usage.Utime.Nano() + usage.Stime.Nano()
}

// resetPeak makes the kernel forget the highest point of resident memory and gives what is resident now.
func resetPeak() uint64 {
	_ = os.WriteFile("/proc/self/clear_refs", []byte("5"), 0o200)
	return status("VmRSS:")
}

// status gives a line of /proc/self/status in bytes; zero where there is none.
func status(name string) uint64 {
	text, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	for line := range strings.SplitSeq(string(text), "\n") {
		if rest, found := strings.CutPrefix(line, name); found {
			kibibytes, _ := strconv.ParseUint(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(rest), "kB")), 10, 64)
			return kibibytes * 1024
		}
	}
	return 0
}
