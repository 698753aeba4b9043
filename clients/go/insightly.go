// Package insightly gives a Go test an emulated Insightly account to provision users into: its SCIM URL and token for
// the code under test, and everything that the test may want to know of it or do to it.
//
//	func TestALeaverIsDeactivated(t *testing.T) {
//		crm := insightly.NewInstance(t, insightly.WithUsers(insightly.StateUser{
//			EmailAddress: "ann@example.com", FirstName: "Ann", LastName: "Lee",
//		}))
//		offboard(crm.SCIMURL(), crm.SCIMToken(), "ann@example.com")
//		crm.Verify(t, insightly.RequestMatch{Operation: insightly.OperationDelete}, insightly.Exactly(1))
//	}
//
// One server serves all tests of a process; it is started by the first of them and ends with the process, however that
// ends. Where INSIGHTLY_SCIM_CONTROL_URL and INSIGHTLY_SCIM_ADMIN_KEY are set, as "insightly-scim exec" does, that
// server is used instead.
package insightly

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
)

// Version is this package's version, and that of the server that it was made with.
const Version = "0.1.0"

// TB is what this package uses of a testing.TB.
type TB interface {
	Helper()
	Cleanup(func())
	Error(args ...any)
	Fatal(args ...any)
}

// shared is the server of this process.
var shared = sync.OnceValues(func() (*Instance, error) { return open(context.Background()) })

// NewInstance makes an instance that only this test uses; it is gone when the test ends. The test fails at once where
// there is no server to be had.
func NewInstance(t TB, options ...Option) *Instance {
	t.Helper()
	server, err := shared()
	if err != nil {
		t.Fatal(err)
	}
	return server.NewInstance(t, options...)
}

// open finds the server that the environment names, or starts one.
func open(ctx context.Context) (*Instance, error) {
	controlURL, adminKey := os.Getenv("INSIGHTLY_SCIM_CONTROL_URL"), os.Getenv("INSIGHTLY_SCIM_ADMIN_KEY")
	switch {
	case controlURL == "" && adminKey == "":
		return Start(ctx)
	case controlURL == "":
		return nil, errors.New("insightly: INSIGHTLY_SCIM_ADMIN_KEY is set without INSIGHTLY_SCIM_CONTROL_URL; set both to use a server that runs, or neither to have one started")
	case adminKey == "":
		return nil, errors.New("insightly: INSIGHTLY_SCIM_CONTROL_URL is set without INSIGHTLY_SCIM_ADMIN_KEY; set both to use a server that runs, or neither to have one started")
	}
	server, err := Connect(ctx, Address{ControlURL: controlURL, AdminKey: adminKey})
	if err != nil {
		return nil, fmt.Errorf("%w (INSIGHTLY_SCIM_CONTROL_URL and INSIGHTLY_SCIM_ADMIN_KEY say where that server is: correct them, or unset both to have one started)", err)
	}
	return server, nil
}

// Address says where an instance is that runs elsewhere.
type Address struct {
	// ControlURL is as the server's ready message tells it; it ends in /_emulator.
	ControlURL string
	// AdminKey is as the server's ready message tells it, or as the server was told.
	AdminKey string
	// Instance is the name of the instance; the one made at the server's start unless given.
	Instance string
}

// Connect finds an instance of a server that runs elsewhere: another process, a container. Closing it does nothing.
// The error is an *Error of status 401 for a wrong key, 404 for an unknown instance.
func Connect(ctx context.Context, address Address) (*Instance, error) {
	control := &control{url: strings.TrimRight(address.ControlURL, "/"), adminKey: address.AdminKey}
	if err := control.checkVersion(ctx); err != nil {
		return nil, err
	}
	name := address.Instance
	if name == "" {
		name = "default"
	}
	var found description
	if err := control.ask(ctx, "GET", toInstancePath(name), nil, &found); err != nil {
		return nil, err
	}
	return toInstance(control, found, func() error { return nil }), nil
}

// Option is something that an instance is made with.
type Option func(*creation)

// creation is the body that makes an instance.
type creation struct {
	Name        string          `json:"name,omitempty"`
	SCIMToken   string          `json:"scimToken,omitempty"`
	Profile     any             `json:"profile,omitempty"`
	Behaviours  Behaviours      `json:"behaviours,omitempty"`
	SAMLEnabled *bool           `json:"samlEnabled,omitempty"`
	SCIMEnabled *bool           `json:"scimEnabled,omitempty"`
	State       json.RawMessage `json:"state,omitempty"`
	err         error
}

// WithUsers makes an instance of these users, in place of the account owner that an instance has otherwise.
func WithUsers(users ...StateUser) Option {
	return func(made *creation) {
		state, err := json.Marshal(map[string]any{"users": append([]StateUser{}, users...)})
		made.setState(state, err)
	}
}

// WithState makes an instance of settings, behaviours and users, a JSON document such as ExportState gives.
func WithState(state []byte) Option {
	return func(made *creation) {
		var err error
		if !json.Valid(state) {
			err = errors.New("insightly: the state is not JSON")
		}
		made.setState(state, err)
	}
}

func (made *creation) setState(state json.RawMessage, err error) {
	if made.State != nil {
		err = errors.New("insightly: an instance has one state; give WithUsers or WithState, once")
	}
	made.State, made.err = state, errors.Join(made.err, err)
}

// WithName names an instance: lower-case letters, digits and dashes, at most 63. A name is made up unless given.
func WithName(name string) Option {
	return func(made *creation) { made.Name = name }
}

// WithSCIMToken gives an instance its SCIM token, which is made up unless given.
func WithSCIMToken(token string) Option {
	return func(made *creation) { made.SCIMToken = token }
}

// WithProfile chooses all behaviour switches by the name of a preset, such as "rfc7644".
func WithProfile(preset string) Option {
	return func(made *creation) { made.Profile = preset }
}

// WithBehaviours sets some behaviour switches.
func WithBehaviours(behaviours Behaviours) Option {
	return func(made *creation) { made.Behaviours = behaviours }
}

// WithSAML says whether SAML is enabled, which it is unless told; without it there is no SCIM.
func WithSAML(enabled bool) Option {
	return func(made *creation) { made.SAMLEnabled = &enabled }
}

// WithSCIM says whether SCIM is enabled, which it is unless told; SCIM that was never on has no token yet.
func WithSCIM(enabled bool) Option {
	return func(made *creation) { made.SCIMEnabled = &enabled }
}
