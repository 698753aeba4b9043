package insightly_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"

	insightly "github.com/example/insightly-scim/clients/go"
)

var ctx = context.Background()

var ann = insightly.StateUser{EmailAddress: "ann@example.com", FirstName: "Ann", LastName: "Lee"}

// scim sends a SCIM request as the code under test would, and returns the answer's status and body.
func scim(t *testing.T, crm *insightly.Instance, method, path string, body any) (int, string) {
	t.Helper()
	return send(t, method, crm.SCIMURL()+path, "Bearer "+crm.SCIMToken(), body)
}

func send(t *testing.T, method, url, authorization string, body any) (int, string) {
	t.Helper()
	content := &bytes.Buffer{}
	if body != nil {
		must(t, json.NewEncoder(content).Encode(body))
	}
	request, err := http.NewRequest(method, url, content)
	must(t, err)
	request.Header.Set("Authorization", authorization)
	if body != nil {
		request.Header.Set("Content-Type", "application/scim+json")
	}
	answer, err := http.DefaultClient.Do(request)
	must(t, err)
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	must(t, err)
	return answer.StatusCode, string(text)
}

// createBob provisions a user by SCIM and returns the status.
func createBob(t *testing.T, crm *insightly.Instance) int {
	t.Helper()
	status, _ := scim(t, crm, "POST", "/Users", map[string]any{
		"userName": "bob@example.com",
		"name":     map[string]string{"givenName": "Bob", "familyName": "Ray"},
		"locale":   "en",
	})
	return status
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func equal[T comparable](t *testing.T, is, wanted T) {
	t.Helper()
	if is != wanted {
		t.Errorf("is      %v\nwanted  %v", is, wanted)
	}
}

// words are values as a line.
func words(values ...any) string { return strings.TrimSpace(fmt.Sprintln(values...)) }

// attempt runs what a test would, and returns what it said when it failed.
func attempt(test func(insightly.TB)) []any {
	run := &recorded{}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		defer run.end()
		test(run)
	}()
	<-ended
	return run.said
}

// recorded is a test that may fail without failing ours.
type recorded struct {
	said     []any
	cleanups []func()
}

func (r *recorded) Helper()           {}
func (r *recorded) Cleanup(f func())  { r.cleanups = append(r.cleanups, f) }
func (r *recorded) Error(said ...any) { r.said = append(r.said, said...) }
func (r *recorded) Fatal(said ...any) { r.Error(said...); runtime.Goexit() }
func (r *recorded) end() {
	for len(r.cleanups) > 0 {
		last := len(r.cleanups) - 1
		cleanup := r.cleanups[last]
		r.cleanups = r.cleanups[:last]
		cleanup()
	}
}

func contextWithin(timeout time.Duration) (context.Context, context.CancelFunc) {
	return context.WithTimeout(ctx, timeout)
}
