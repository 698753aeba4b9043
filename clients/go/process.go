package insightly

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

const (
	startTimeout = 30 * time.Second
	stopTimeout  = 10 * time.Second
	// keptWords is how much of what the server said last is kept for an error.
	keptWords = 4096
)

// Start starts a server of its own, in memory and on a free port, and returns its default instance; closing that stops
// the server. It ends with this process, too, however that ends. Flags are those of the command, such as "--profile",
// "rfc7644"; no INSIGHTLY_SCIM_* variable reaches it. It is given up when the context ends, or after 30 s.
//
// The command is that of INSIGHTLY_SCIM_COMMAND, else insightly-scim on PATH, else node_modules/.bin/insightly-scim in
// the working folder or the nearest folder above it.
func Start(ctx context.Context, flags ...string) (*Instance, error) {
	command, err := findCommand()
	if err != nil {
		return nil, err
	}
	server, err := launch(command, flags)
	if err != nil {
		return nil, err
	}
	instance, err := server.connect(ctx)
	if err != nil {
		server.stop(time.Second)
		return nil, err
	}
	return instance, nil
}

// findCommand is the program that serves, with its arguments.
func findCommand() ([]string, error) {
	if given := os.Getenv("INSIGHTLY_SCIM_COMMAND"); strings.TrimSpace(given) != "" {
		command := strings.Fields(given)
		if _, err := exec.LookPath(given); err == nil {
			command = []string{given}
		}
		if _, err := exec.LookPath(command[0]); err != nil {
			return nil, fmt.Errorf("insightly: INSIGHTLY_SCIM_COMMAND is %q, which cannot be run (%w); set it to the path of insightly-scim, or unset it", given, err)
		}
		return command, nil
	}
	if path, err := exec.LookPath("insightly-scim"); err == nil {
		return []string{path}, nil
	}
	here, err := os.Getwd()
	if err != nil {
		return nil, fmt.Errorf("insightly: %w", err)
	}
	for folder := here; ; folder = filepath.Dir(folder) {
		if path, err := exec.LookPath(filepath.Join(folder, "node_modules", ".bin", "insightly-scim")); err == nil {
			return []string{path}, nil
		}
		if folder == filepath.Dir(folder) {
			return nil, fmt.Errorf("insightly: there is no insightly-scim on PATH, nor in node_modules/.bin of %s or a folder above it; install it there with npm, or set INSIGHTLY_SCIM_COMMAND to its path", here)
		}
	}
}

// process is a server that we started.
type process struct {
	command *exec.Cmd
	stdin   io.Closer
	stdout  *bufio.Reader
	stderr  *words
	// ended is closed when it has ended.
	ended chan struct{}
}

func launch(command, flags []string) (*process, error) {
	given := append(append([]string{}, command[1:]...), "--port", "0", "--format", "json", "--log-level", "error", "--exit-with-stdin")
	made := &process{command: exec.Command(command[0], append(given, flags...)...), stderr: &words{}, ended: make(chan struct{})}
	for _, variable := range os.Environ() {
		if !strings.HasPrefix(variable, "INSIGHTLY_SCIM_") {
			made.command.Env = append(made.command.Env, variable)
		}
	}
	made.command.Stderr = made.stderr
	// What it started may keep stderr open when it has ended itself.
	made.command.WaitDelay = time.Second
	ownGroup(made.command)
	// Nobody writes to it: it ends when we do.
	stdin, err := made.command.StdinPipe()
	if err != nil {
		return nil, fmt.Errorf("insightly: %w", err)
	}
	// Not StdoutPipe, which Wait closes before all is read.
	reader, writer, err := os.Pipe()
	if err != nil {
		return nil, fmt.Errorf("insightly: %w", err)
	}
	made.stdin, made.stdout, made.command.Stdout = stdin, bufio.NewReader(reader), writer
	err = made.command.Start()
	writer.Close()
	if err != nil {
		reader.Close()
		return nil, fmt.Errorf("insightly: the server did not start: %w", err)
	}
	go func() {
		made.command.Wait()
		close(made.ended)
	}()
	return made, nil
}

// connect waits for the ready message and connects to what that names.
func (p *process) connect(ctx context.Context) (*Instance, error) {
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	started := time.Now()
	lines := make(chan string, 1)
	go func() {
		line, _ := p.stdout.ReadString('\n')
		lines <- line
		io.Copy(io.Discard, p.stdout)
	}()
	var line string
	select {
	case line = <-lines:
	case <-p.ended:
		// It may have said what it had to say and gone.
		line = <-lines
	case <-ctx.Done():
		return nil, fmt.Errorf("insightly: the server said nothing for %s and was given up; it was started as %s%s: %w", time.Since(started).Round(time.Millisecond), p.command, p.stderr.after(" and wrote: "), ctx.Err())
	}
	if line == "" {
		<-p.ended
		return nil, fmt.Errorf("insightly: the server did not start: %s", p.findEnd())
	}
	var ready struct{ ControlURL, AdminKey string }
	if json.Unmarshal([]byte(line), &ready) != nil || ready.ControlURL == "" {
		return nil, fmt.Errorf("insightly: the server did not say where its control API is; %s printed %q", p.command, strings.TrimSpace(line))
	}
	p.stderr.show()
	found, err := Connect(ctx, Address{ControlURL: ready.ControlURL, AdminKey: ready.AdminKey})
	if err != nil {
		return nil, err
	}
	found.control.process = p
	found.close = sync.OnceValue(func() error { return p.stop(stopTimeout) })
	return found, nil
}

// stop ends it: by closing its standard input, by force where that was not enough in this time.
func (p *process) stop(grace time.Duration) error {
	p.stdin.Close()
	select {
	case <-p.ended:
		return nil
	case <-time.After(grace):
		killGroup(p.command)
		<-p.ended
		return fmt.Errorf("insightly: the server did not end within %s and was killed", grace)
	}
}

// findEnd says how it ended, in its own words; empty while it runs, or where we started none.
func (p *process) findEnd() string {
	if p == nil {
		return ""
	}
	select {
	case <-p.ended:
	default:
		return ""
	}
	end := p.command.ProcessState.String() + p.stderr.after(": ")
	// The status by which env and shells say that they did not find a program, which is most likely Node.
	if p.command.ProcessState.ExitCode() == 127 {
		end += "; insightly-scim needs Node on PATH"
	}
	return end
}

// words keeps what a server wrote to stderr last, and shows the rest once it serves.
type words struct {
	mutex   sync.Mutex
	kept    []byte
	isShown bool
}

func (w *words) Write(text []byte) (int, error) {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	w.kept = append(w.kept, text...)
	w.kept = w.kept[max(len(w.kept)-keptWords, 0):]
	if w.isShown {
		os.Stderr.Write(text)
	}
	return len(text), nil
}

func (w *words) show() {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	w.isShown = true
}

// after returns the words without stack traces, after a text where there are any.
func (w *words) after(text string) string {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	said := []string{}
	for _, line := range strings.Split(string(w.kept), "\n") {
		if line = strings.TrimRight(line, " \r"); line != "" && !strings.HasPrefix(line, "    at ") {
			said = append(said, line)
		}
	}
	if len(said) == 0 {
		return ""
	}
	return text + strings.Join(said, "\n")
}
