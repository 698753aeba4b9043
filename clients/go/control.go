package insightly

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Error is a refusal by the server's control API, which tells why. Find it with errors.As.
type Error struct {
	// Status is that of the answer; 408 where a wait ended without what was waited for.
	Status int
	// Message tells why.
	Message string
	// Body is the answer's JSON.
	Body []byte
}

func (e *Error) Error() string { return "insightly: " + e.Message }

// client is not the default one, which tests replace or wrap for what they test.
var client = &http.Client{Transport: &http.Transport{Proxy: http.ProxyFromEnvironment}}

// control sends requests to the control API of one server.
type control struct {
	url      string
	adminKey string
	// process is the server where we started it, else nil.
	process *process
}

// send makes one request; an answer of any status is no error.
func (c *control) send(ctx context.Context, method, path string, body any) (int, []byte, error) {
	var content io.Reader
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			return 0, nil, fmt.Errorf("insightly: what is to be sent cannot be written as JSON: %w", err)
		}
		content = bytes.NewReader(text)
	}
	request, err := http.NewRequestWithContext(ctx, method, c.url+path, content)
	if err != nil {
		return 0, nil, fmt.Errorf("insightly: %w", err)
	}
	request.Header.Set("Authorization", "Bearer "+c.adminKey)
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	answer, err := client.Do(request)
	if err != nil {
		return 0, nil, c.toUnreachable(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		return 0, nil, c.toUnreachable(err)
	}
	return answer.StatusCode, text, nil
}

func (c *control) toUnreachable(err error) error {
	var failed *url.Error
	if errors.As(err, &failed) {
		err = failed.Err
	}
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("insightly: gave up on %s: %w", c.url, err)
	}
	if end := c.process.findEnd(); end != "" {
		return fmt.Errorf("insightly: the server has ended (%s): %w", end, err)
	}
	return fmt.Errorf("insightly: nothing answers at %s: %w", c.url, err)
}

// ask makes one request and reads its answer into what answer points to, unless that is nil; a refusal is an *Error.
func (c *control) ask(ctx context.Context, method, path string, body, answer any) error {
	status, text, err := c.send(ctx, method, path, body)
	if err != nil {
		return err
	}
	if status >= 300 {
		return toRefusal(status, text)
	}
	return read(text, answer)
}

func read(text []byte, answer any) error {
	if answer == nil {
		return nil
	}
	if err := json.Unmarshal(text, answer); err != nil {
		return fmt.Errorf("insightly: the control API answered what cannot be read: %w", err)
	}
	return nil
}

// toRefusal is the error of an answer, with what its problem body says in words.
func toRefusal(status int, text []byte) *Error {
	var problem struct{ Detail string }
	if json.Unmarshal(text, &problem) != nil || problem.Detail == "" {
		problem.Detail = fmt.Sprintf("the control API answered %d: %.200s", status, text)
	}
	return &Error{Status: status, Message: problem.Detail, Body: text}
}

// checkVersion refuses a server that does not speak as this package does.
func (c *control) checkVersion(ctx context.Context) error {
	var server struct{ Version string }
	if err := c.ask(ctx, "GET", "", nil, &server); err != nil {
		return err
	}
	if toLine(server.Version) != toLine(Version) {
		return fmt.Errorf("insightly: the server at %s is insightly-scim %s, and this package is of %s; use the same version of both", c.url, server.Version, Version)
	}
	return nil
}

var lineForm = regexp.MustCompile(`^(0\.\d+|[1-9]\d*)\.`)

// toLine is what two versions have in common that fit: the major number, before 1.0 the minor number too.
func toLine(version string) string {
	if line := lineForm.FindString(version); line != "" {
		return line
	}
	return version
}

func toInstancePath(name string) string { return "/instances/" + url.PathEscape(name) }

// QueryOption restricts or prolongs a query of users or requests.
type QueryOption func(*query)

// Within says how long to wait, at most a minute; 4 s unless told, and no longer than the context's deadline allows.
func Within(timeout time.Duration) QueryOption {
	return func(q *query) { q.timeout = timeout }
}

// Since asks only for requests after this one, an Entry's ID.
func Since(id int64) QueryOption {
	return func(q *query) { q.parameters.Set("since", strconv.FormatInt(id, 10)) }
}

// Limit asks for so many requests at most, of which the server answers 1,000 unless told.
func Limit(count int) QueryOption {
	return func(q *query) { q.parameters.Set("limit", strconv.Itoa(count)) }
}

// Search asks only for requests that a search finds, as the box of the console takes it: status:409 op:create "supports only".
func Search(text string) QueryOption {
	return func(q *query) { q.parameters.Set("q", text) }
}

// member is a member of a match that is given.
type member struct {
	name  string
	value any
}

// query is what a request asks of a list.
type query struct {
	members    []member
	parameters url.Values
	timeout    time.Duration
}

func toQuery(members []member, options []QueryOption) *query {
	made := &query{members: members, parameters: url.Values{}, timeout: 4 * time.Second}
	for _, each := range members {
		made.parameters.Set(each.name, fmt.Sprint(each.value))
	}
	for _, option := range options {
		option(made)
	}
	return made
}

func (q *query) path(list string) string { return list + "?" + q.parameters.Encode() }

// wait makes it a query that waits; it returns how long, in words.
func (q *query) wait(ctx context.Context) string {
	timeout := q.timeout
	// The answer that tells what is there instead has to come before the context gives up.
	if deadline, isSet := ctx.Deadline(); isSet {
		timeout = min(timeout, time.Until(deadline)*9/10)
	}
	words := strconv.FormatInt(max(timeout.Milliseconds(), 0), 10) + "ms"
	q.parameters.Set("wait", words)
	return words
}

func (q *query) words() string {
	words := []string{}
	for _, each := range q.members {
		value, _ := json.Marshal(each.value)
		words = append(words, each.name+" "+string(value))
	}
	if len(words) == 0 {
		return "anything"
	}
	return strings.Join(words, " and ")
}

// toShown lists what there is, the last ten of it, under a heading.
func toShown(noun string, lines []string) string {
	if len(lines) == 0 {
		return "There is no " + noun + " at all."
	}
	count := fmt.Sprintf("There are %d %ss", len(lines), noun)
	if len(lines) == 1 {
		count = "There is 1 " + noun
	}
	last := lines[max(len(lines)-10, 0):]
	if len(last) < len(lines) {
		count += fmt.Sprintf(", the last %d being", len(last))
	}
	return count + ":\n  " + strings.Join(last, "\n  ")
}
