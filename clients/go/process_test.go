package insightly

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestMain plays the test process that is killed, where TestAServer asks it to.
func TestMain(m *testing.M) {
	if os.Getenv("PLAY_A_TEST_PROCESS") == "" {
		os.Exit(m.Run())
	}
	server, err := Start(context.Background())
	if err != nil {
		panic(err)
	}
	fmt.Println(server.URL())
	select {}
}

func TestAServer(t *testing.T) {
	command := os.Getenv("INSIGHTLY_SCIM_COMMAND")
	ctx := context.Background()
	start := func(t *testing.T, flags ...string) *Instance {
		t.Helper()
		server, err := Start(ctx, flags...)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { server.Close() })
		return server
	}

	t.Run("K-24 is the one that the environment names, and goes on when the tests end", func(t *testing.T) {
		running := start(t)
		t.Setenv("INSIGHTLY_SCIM_CONTROL_URL", running.ControlURL()+"/")
		t.Setenv("INSIGHTLY_SCIM_ADMIN_KEY", running.AdminKey())
		t.Setenv("INSIGHTLY_SCIM_COMMAND", "/no/such/program")
		found, err := open(ctx)
		if err != nil || found.URL() != running.URL() {
			t.Fatal(found, err)
		}
		found.Close()
		if _, err := running.Users(ctx, UserMatch{}); err != nil {
			t.Error(err)
		}
	})

	t.Run("K-25 is named in full, and answers, or one line says what to do", func(t *testing.T) {
		running := start(t)
		for _, each := range []struct{ url, key, says string }{
			{running.ControlURL(), "", "INSIGHTLY_SCIM_CONTROL_URL is set without INSIGHTLY_SCIM_ADMIN_KEY; set both"},
			{"", "a-key", "INSIGHTLY_SCIM_ADMIN_KEY is set without INSIGHTLY_SCIM_CONTROL_URL; set both"},
			{running.ControlURL(), "a-key", "correct them, or unset both"},
			{"http://127.0.0.1:1/_emulator", "a-key", "nothing answers at http://127.0.0.1:1/_emulator"},
		} {
			t.Setenv("INSIGHTLY_SCIM_CONTROL_URL", each.url)
			t.Setenv("INSIGHTLY_SCIM_ADMIN_KEY", each.key)
			_, err := open(ctx)
			expectLine(t, err, each.says)
		}
	})

	t.Run("K-26 is started by INSIGHTLY_SCIM_COMMAND, a path or a program with arguments", func(t *testing.T) {
		folder := filepath.Join(t.TempDir(), "a folder")
		path := writeScript(t, filepath.Join(folder, "my server"), `exec `+command+` "$@"`)
		for _, each := range []string{path, "env " + command} {
			t.Setenv("INSIGHTLY_SCIM_COMMAND", each)
			start(t)
		}
		t.Setenv("INSIGHTLY_SCIM_COMMAND", "/no/such/program")
		_, err := Start(ctx)
		expectLine(t, err, `INSIGHTLY_SCIM_COMMAND is "/no/such/program", which cannot be run`)
	})

	t.Run("K-27 is the one on PATH, else that in node_modules of the folder or above", func(t *testing.T) {
		t.Setenv("INSIGHTLY_SCIM_COMMAND", "")
		folder := t.TempDir()
		above := writeScript(t, filepath.Join(folder, "node_modules/.bin/insightly-scim"), `exit 1`)
		below := filepath.Join(folder, "some/where")
		onPath := writeScript(t, filepath.Join(below, "bin/insightly-scim"), `exit 1`)
		change(t, below)
		found, err := findCommand()
		if err != nil || found[0] != above {
			t.Error(found, err)
		}
		t.Setenv("PATH", filepath.Dir(onPath)+":"+os.Getenv("PATH"))
		found, err = findCommand()
		if err != nil || found[0] != onPath {
			t.Error(found, err)
		}
	})

	t.Run("K-28 is missing: one line says what to install or to set", func(t *testing.T) {
		t.Setenv("INSIGHTLY_SCIM_COMMAND", "")
		change(t, t.TempDir())
		_, err := Start(ctx)
		expectLine(t, err, "install it there with npm, or set INSIGHTLY_SCIM_COMMAND")
	})

	t.Run("K-29 does not start: its own words say why", func(t *testing.T) {
		_, err := Start(ctx, "--profle", "rfc7644")
		expectLine(t, err, `insightly: the server did not start: exit status 2: insightly-scim: --profle is not known; did you mean --profile`)
		t.Setenv("INSIGHTLY_SCIM_COMMAND", writeScript(t, filepath.Join(t.TempDir(), "fails"),
			`printf 'Error: the disk is full\n    at open (node:fs:1:2)\n' >&2; exit 3`))
		_, err = Start(ctx)
		expectLine(t, err, "insightly: the server did not start: exit status 3: Error: the disk is full")
		t.Setenv("INSIGHTLY_SCIM_COMMAND", writeScript(t, filepath.Join(t.TempDir(), "no-node"), `exec env no-node-here`))
		_, err = Start(ctx)
		expectLine(t, err, "insightly-scim needs Node on PATH")
		t.Setenv("INSIGHTLY_SCIM_COMMAND", "echo hello")
		_, err = Start(ctx)
		expectLine(t, err, "the server did not say where its control API is")
	})

	t.Run("K-30 says nothing: it is given up and stopped", func(t *testing.T) {
		told := filepath.Join(t.TempDir(), "pid")
		t.Setenv("INSIGHTLY_SCIM_COMMAND", writeScript(t, filepath.Join(t.TempDir(), "hangs"),
			`echo 'loading a seed' >&2; sleep 60 & echo $! > `+told+`; wait`))
		soon, cancel := context.WithTimeout(ctx, 3*time.Second)
		defer cancel()
		_, err := Start(soon)
		expectLine(t, err, "the server said nothing for ")
		expectLine(t, err, "and wrote: loading a seed")
		pid, _ := os.ReadFile(told)
		eventually(t, "what it started is gone", func() bool {
			state, err := os.ReadFile("/proc/" + strings.TrimSpace(string(pid)) + "/stat")
			return err != nil || strings.Contains(string(state), ") Z ")
		})
		if startTimeout != 30*time.Second {
			t.Error(startTimeout)
		}
	})

	t.Run("K-31 is of another version: one line names both, and it is stopped", func(t *testing.T) {
		for version, fits := range map[string]bool{"0.1.0": true, "0.1.99": true, "0.2.0": false, "0.10.0": false, "1.1.0": false} {
			stranger := httptest.NewServer(http.HandlerFunc(func(answer http.ResponseWriter, _ *http.Request) {
				fmt.Fprintf(answer, `{"version":%q,"name":"default"}`, version)
			}))
			defer stranger.Close()
			address := Address{ControlURL: stranger.URL + "/_emulator"}
			_, err := Connect(ctx, address)
			if fits != (err == nil) {
				t.Error(version, err)
			}
			if fits {
				continue
			}
			expectLine(t, err, "is insightly-scim "+version+", and this package is of "+Version)
			told := filepath.Join(t.TempDir(), "end")
			t.Setenv("INSIGHTLY_SCIM_COMMAND", writeScript(t, filepath.Join(t.TempDir(), "stranger"),
				`echo '{"controlUrl":"`+address.ControlURL+`","adminKey":"k"}'; cat; echo ended > `+told))
			_, err = Start(ctx)
			expectLine(t, err, version)
			if _, err := os.Stat(told); err != nil {
				t.Error("it was not stopped", err)
			}
		}
	})

	t.Run("K-32 heeds what the test says and no variable", func(t *testing.T) {
		t.Setenv("INSIGHTLY_SCIM_PROFILE", "rfc7644")
		t.Setenv("INSIGHTLY_SCIM_TOKEN", "from-the-environment")
		t.Setenv("INSIGHTLY_SCIM_DATA", t.TempDir())
		server := start(t, "--profile", "insightly")
		settings, err := server.Settings.Get(ctx)
		if err != nil || settings.Behaviours["delete"] != "deactivate" || server.SCIMToken() == "from-the-environment" {
			t.Error(settings, err)
		}
		if files, _ := os.ReadDir(os.Getenv("INSIGHTLY_SCIM_DATA")); len(files) > 0 {
			t.Error("it kept", files)
		}
		other := start(t, "--profile", "rfc7644", "--scim-token", "from-the-test")
		settings, err = other.Settings.Get(ctx)
		if err != nil || settings.Behaviours["delete"] != "remove" || other.SCIMToken() != "from-the-test" {
			t.Error(settings, err)
		}
	})

	t.Run("K-33 ends with its Close", func(t *testing.T) {
		server := start(t)
		if err := errors.Join(server.Close(), server.Close()); err != nil {
			t.Error(err)
		}
		_, err := server.Users(ctx, UserMatch{})
		expectLine(t, err, "the server has ended (exit status 0)")
	})

	t.Run("K-33 ends with its test process, however that ends", func(t *testing.T) {
		process := exec.Command(os.Args[0])
		process.Env = append(os.Environ(), "PLAY_A_TEST_PROCESS=1")
		process.Stderr = os.Stderr
		stdout, err := process.StdoutPipe()
		if err != nil || process.Start() != nil {
			t.Fatal(err)
		}
		line, _ := bufio.NewReader(stdout).ReadString('\n')
		url := strings.TrimSpace(line)
		answers := func() bool {
			answer, err := http.Get(url + "/healthz")
			if err == nil {
				answer.Body.Close()
			}
			return err == nil
		}
		if !answers() {
			t.Fatal("nothing answers at", url)
		}
		process.Process.Kill()
		process.Wait()
		eventually(t, "the server is gone", func() bool { return !answers() })
	})

	t.Run("K-36 is of this package's version", func(t *testing.T) {
		server := start(t)
		var told struct{ Version string }
		if err := server.control.ask(ctx, "GET", "", nil, &told); err != nil || told.Version != Version {
			t.Error(told, err)
		}
	})
}

// expectLine expects an error of one line that holds these words.
func expectLine(t *testing.T, err error, words string) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), words) || strings.Contains(err.Error(), "\n") {
		t.Errorf("is      %v\nwanted  one line with %s", err, words)
	}
}

// eventually waits for what happens elsewhere.
func eventually(t *testing.T, what string, isSo func() bool) {
	t.Helper()
	for range 500 {
		if isSo() {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Error("in vain: ", what)
}

func writeScript(t *testing.T, path, text string) string {
	t.Helper()
	err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte("#!/bin/sh\n"+text+"\n"), 0o755))
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// change goes to a folder for the time of a test.
func change(t *testing.T, folder string) {
	t.Helper()
	here, err := os.Getwd()
	if err == nil {
		err = errors.Join(os.MkdirAll(folder, 0o755), os.Chdir(folder))
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.Chdir(here) })
}
