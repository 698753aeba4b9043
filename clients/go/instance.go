package insightly

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"
)

// description is what the control API tells of an instance.
type description struct {
	Name       string
	InstanceID int64
	SCIMURL    string
	SCIMToken  string
	APIURL     string
	APIKey     string
}

// Instance is one emulated Insightly account on a server that runs: where it is, and everything that a test may want to
// know of it or do to it. It may be used by several goroutines at once.
type Instance struct {
	// Clock is the time of the instance.
	Clock *Clock
	// Settings are what Insightly's SAML and SCIM page sets, and the stand-in's own.
	Settings *InstanceSettings

	control *control
	path    string
	close   func() error
	mutex   sync.Mutex
	told    description
}

func toInstance(control *control, told description, close func() error) *Instance {
	made := &Instance{control: control, path: toInstancePath(told.Name), close: sync.OnceValue(close), told: told}
	made.Clock = &Clock{made}
	made.Settings = &InstanceSettings{made}
	return made
}

func (i *Instance) description() description {
	i.mutex.Lock()
	defer i.mutex.Unlock()
	return i.told
}

// Name is the instance's name on its server.
func (i *Instance) Name() string { return i.description().Name }

// InstanceID is Insightly's INSTANCE_ID.
func (i *Instance) InstanceID() int64 { return i.description().InstanceID }

// URL is the server's.
func (i *Instance) URL() string { return strings.TrimSuffix(i.control.url, "/_emulator") }

// SCIMURL is where an identity provider, or the code under test, provisions users.
func (i *Instance) SCIMURL() string { return i.description().SCIMURL }

// SCIMToken is the SCIM token as this handle last learned it; empty before SCIM was ever enabled.
func (i *Instance) SCIMToken() string { return i.description().SCIMToken }

// APIURL is where Insightly's REST API is.
func (i *Instance) APIURL() string { return i.description().APIURL }

// APIKey acts as the account owner, else as the first active user; empty when there is none.
func (i *Instance) APIKey() string { return i.description().APIKey }

// ControlURL is where the server's control API is.
func (i *Instance) ControlURL() string { return i.control.url }

// AdminKey is the key of the server's control API.
func (i *Instance) AdminKey() string { return i.control.adminKey }

// Users returns the users that match, ascending by USER_ID.
func (i *Instance) Users(ctx context.Context, match UserMatch) ([]User, error) {
	var users []User
	err := i.ask(ctx, "GET", toQuery(match.members(), nil).path("/users"), nil, &users)
	return users, err
}

// User returns one user; for an unknown id, the error is an *Error of status 404.
func (i *Instance) User(ctx context.Context, id int64) (User, error) {
	var user User
	err := i.ask(ctx, "GET", fmt.Sprintf("/users/%d", id), nil, &user)
	return user, err
}

// AddUser adds a user as an administrator does by hand.
func (i *Instance) AddUser(ctx context.Context, user UserAddition) (User, error) {
	var added User
	err := i.change(ctx, "POST", "/users", user, &added)
	return added, err
}

// EditUser changes a user as an administrator does by hand, licences included.
func (i *Instance) EditUser(ctx context.Context, id int64, edit UserEdit) (User, error) {
	var edited User
	err := i.change(ctx, "PATCH", fmt.Sprintf("/users/%d", id), edit, &edited)
	return edited, err
}

// WaitForUser returns the first user that matches, now or within 4 s unless told. The error, where none came, is an
// *Error of status 408 that tells which users there are.
func (i *Instance) WaitForUser(ctx context.Context, match UserMatch, options ...QueryOption) (User, error) {
	query := toQuery(match.members(), options)
	waited := query.wait(ctx)
	status, text, err := i.send(ctx, "GET", query.path("/users"), nil)
	if err != nil {
		return User{}, err
	}
	if status != 200 && status != 408 {
		return User{}, toRefusal(status, text)
	}
	var users []User
	if err := read(text, &users); err != nil {
		return User{}, err
	}
	if status == 200 && len(users) > 0 {
		return users[0], nil
	}
	// What matched is nothing, by definition; what there is instead says more.
	users, err = i.Users(ctx, UserMatch{})
	if err != nil {
		return User{}, err
	}
	lines := []string{}
	for _, user := range users {
		state := "inactive"
		if user.Active {
			state = "active"
		}
		lines = append(lines, user.EmailAddress+", "+state)
	}
	message := fmt.Sprintf("No user with %s within %s. %s", query.words(), waited, toShown("user", lines))
	return User{}, &Error{Status: 408, Message: message, Body: text}
}

// Requests returns the SCIM and REST requests that were made and match, oldest first.
func (i *Instance) Requests(ctx context.Context, match RequestMatch, options ...QueryOption) ([]Entry, error) {
	var journal struct{ Requests []Entry }
	err := i.ask(ctx, "GET", toQuery(match.members(), options).path("/requests"), nil, &journal)
	return journal.Requests, err
}

// WaitForRequest returns the first request that matches, now or within 4 s unless told. The error, where none came, is
// an *Error of status 408 that tells which requests were made.
func (i *Instance) WaitForRequest(ctx context.Context, match RequestMatch, options ...QueryOption) (Entry, error) {
	query := toQuery(match.members(), options)
	waited := query.wait(ctx)
	status, text, err := i.send(ctx, "GET", query.path("/requests"), nil)
	if err != nil {
		return Entry{}, err
	}
	if status != 200 && status != 408 {
		return Entry{}, toRefusal(status, text)
	}
	var journal struct{ Requests []Entry }
	if err := read(text, &journal); err != nil {
		return Entry{}, err
	}
	if status == 200 && len(journal.Requests) > 0 {
		return journal.Requests[0], nil
	}
	made, err := i.Requests(ctx, RequestMatch{}, options...)
	if err != nil {
		return Entry{}, err
	}
	lines := []string{}
	for _, entry := range made {
		lines = append(lines, entry.line())
	}
	message := fmt.Sprintf("No request with %s within %s. %s", query.words(), waited, toShown("request", lines))
	return Entry{}, &Error{Status: 408, Message: message, Body: text}
}

// line is the entry in one line.
func (e Entry) line() string {
	parts := []string{fmt.Sprintf("%s %s %d %s", e.Method, e.Path, e.Status, e.Operation)}
	if e.UserName != "" {
		parts = append(parts, e.UserName)
	}
	for _, note := range e.Notes {
		if note.Rule != "" {
			note.Text += " (" + note.Rule + ")"
		}
		parts = append(parts, note.Text)
	}
	return strings.Join(parts, "; ")
}

// Verify asserts that a request was made: at least once, or as often as times say. Where it was not, the test fails
// with the nearest misses and why they missed. It returns how many requests match.
func (i *Instance) Verify(t TB, match RequestMatch, times ...Times) int {
	t.Helper()
	matched, err := i.CheckRequests(context.Background(), match, times...)
	if err != nil {
		t.Error(err)
	}
	return matched
}

// CheckRequests is Verify without a test: it returns how many requests match, and an *Error of status 409 with the
// nearest misses and why they missed where that is not as often as times say.
func (i *Instance) CheckRequests(ctx context.Context, match RequestMatch, times ...Times) (int, error) {
	expected := map[string]int{}
	for _, each := range times {
		for name, count := range map[string]*int{"exactly": each.exactly, "atLeast": each.atLeast, "atMost": each.atMost} {
			if count != nil {
				expected[name] = *count
			}
		}
	}
	body := map[string]any{"match": match}
	if len(expected) > 0 {
		body["times"] = expected
	}
	status, text, err := i.send(ctx, "POST", "/requests/verify", body)
	if err != nil {
		return 0, err
	}
	var verified struct {
		Matched int
		Nearest []struct {
			Entry
			Why []string
		}
	}
	if err := json.Unmarshal(text, &verified); status == 200 {
		return verified.Matched, err
	}
	refusal := toRefusal(status, text)
	for _, miss := range verified.Nearest {
		refusal.Message += "\n  " + miss.line() + "; missed, since " + strings.Join(miss.Why, " and ")
	}
	return verified.Matched, refusal
}

// ClearRequests forgets the requests made so far.
func (i *Instance) ClearRequests(ctx context.Context) error {
	return i.ask(ctx, "DELETE", "/requests", nil, nil)
}

// SetFaults replaces the faults by these; without any, it ends them all.
func (i *Instance) SetFaults(ctx context.Context, faults ...Fault) error {
	return i.ask(ctx, "PUT", "/faults", append([]Fault{}, faults...), nil)
}

// Faults returns the faults, each with how often it fired.
func (i *Instance) Faults(ctx context.Context) ([]Fault, error) {
	var faults []Fault
	err := i.ask(ctx, "GET", "/faults", nil, &faults)
	return faults, err
}

// RegenerateToken gives the instance a new SCIM token, which SCIMToken tells from then on; the old one is dead at once.
func (i *Instance) RegenerateToken(ctx context.Context) (string, error) {
	err := i.change(ctx, "POST", "/scim-token/regenerate", nil, nil)
	return i.SCIMToken(), err
}

// ExportState returns settings, behaviours and users as one JSON document.
func (i *Instance) ExportState(ctx context.Context) ([]byte, error) {
	var state json.RawMessage
	err := i.ask(ctx, "GET", "/state", nil, &state)
	return state, err
}

// ImportState replaces settings, behaviours and users by those of a JSON document such as ExportState gives.
func (i *Instance) ImportState(ctx context.Context, state []byte) error {
	return i.change(ctx, "PUT", "/state", json.RawMessage(state), nil)
}

// Reset goes back to the state that the instance was created with. Requests, faults and clock are cleared, token and
// key stay.
func (i *Instance) Reset(ctx context.Context) error {
	return i.change(ctx, "POST", "/reset", nil, nil)
}

// CreateInstance makes another instance on the same server, which shares nothing with this one; closing it deletes it.
func (i *Instance) CreateInstance(ctx context.Context, options ...Option) (*Instance, error) {
	body := creation{}
	for _, option := range options {
		option(&body)
	}
	if body.err != nil {
		return nil, body.err
	}
	var made description
	if err := i.control.ask(ctx, "POST", "/instances", body, &made); err != nil {
		return nil, err
	}
	return toInstance(i.control, made, func() error {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		err := i.control.ask(ctx, "DELETE", toInstancePath(made.Name), nil, nil)
		if refusal := (*Error)(nil); errors.As(err, &refusal) && refusal.Status == 404 {
			return nil
		}
		return err
	}), nil
}

// NewInstance makes an instance on the same server for one test; it is gone when the test ends.
func (i *Instance) NewInstance(t TB, options ...Option) *Instance {
	t.Helper()
	made, err := i.CreateInstance(context.Background(), options...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := made.Close(); err != nil {
			t.Error(err)
		}
	})
	return made
}

// Close ends what this handle stands for: of Start a server, of NewInstance and CreateInstance an instance, of Connect
// nothing. To close it twice is no error.
func (i *Instance) Close() error { return i.close() }

func (i *Instance) send(ctx context.Context, method, path string, body any) (int, []byte, error) {
	return i.control.send(ctx, method, i.path+path, body)
}

func (i *Instance) ask(ctx context.Context, method, path string, body, answer any) error {
	return i.control.ask(ctx, method, i.path+path, body, answer)
}

// change is ask for what may change token, key and URLs, which are then learned anew.
func (i *Instance) change(ctx context.Context, method, path string, body, answer any) error {
	if err := i.ask(ctx, method, path, body, answer); err != nil {
		return err
	}
	var told description
	if err := i.ask(ctx, "GET", "", nil, &told); err != nil {
		return err
	}
	i.mutex.Lock()
	defer i.mutex.Unlock()
	i.told = told
	return nil
}

// InstanceSettings are the settings of an instance, to be read and changed.
type InstanceSettings struct{ instance *Instance }

// Get returns the settings.
func (s *InstanceSettings) Get(ctx context.Context) (Settings, error) {
	var settings Settings
	err := s.instance.ask(ctx, "GET", "/settings", nil, &settings)
	return settings, err
}

// Change changes some settings. To enable SCIM while SAML is off is an *Error of status 409.
func (s *InstanceSettings) Change(ctx context.Context, change SettingsChange) (Settings, error) {
	var settings Settings
	err := s.instance.change(ctx, "PATCH", "/settings", change, &settings)
	return settings, err
}

// ClockMode is how a clock goes.
type ClockMode string

// The modes of a clock.
const (
	ClockReal   ClockMode = "real"
	ClockFrozen ClockMode = "frozen"
	ClockOffset ClockMode = "offset"
)

// Clock is the time of an instance, which the dates of users, rate limits and the journal obey.
type Clock struct{ instance *Instance }

// Get returns how the clock goes and what it shows.
func (c *Clock) Get(ctx context.Context) (ClockMode, time.Time, error) {
	var clock struct {
		Mode ClockMode
		Now  time.Time
	}
	err := c.instance.ask(ctx, "GET", "/clock", nil, &clock)
	return clock.Mode, clock.Now, err
}

// Freeze stops the clock where it is.
func (c *Clock) Freeze(ctx context.Context) error { return c.set(ctx, ClockFrozen, time.Time{}) }

// FreezeAt stops the clock at this time.
func (c *Clock) FreezeAt(ctx context.Context, now time.Time) error {
	return c.set(ctx, ClockFrozen, now)
}

// Set lets the clock go on from this time.
func (c *Clock) Set(ctx context.Context, now time.Time) error { return c.set(ctx, ClockOffset, now) }

// Reset goes back to the real time.
func (c *Clock) Reset(ctx context.Context) error { return c.set(ctx, ClockReal, time.Time{}) }

// Advance moves the clock, in whole milliseconds; a frozen one stays frozen.
func (c *Clock) Advance(ctx context.Context, by time.Duration) error {
	body := map[string]string{"by": fmt.Sprintf("%dms", by.Milliseconds())}
	return c.instance.ask(ctx, "POST", "/clock/advance", body, nil)
}

func (c *Clock) set(ctx context.Context, mode ClockMode, now time.Time) error {
	body := map[string]any{"mode": mode}
	if !now.IsZero() {
		body["now"] = now.UTC()
	}
	return c.instance.ask(ctx, "PUT", "/clock", body, nil)
}
