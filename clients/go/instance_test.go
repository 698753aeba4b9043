package insightly_test

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	insightly "github.com/example/insightly-scim/clients/go"
)

func TestAnInstance(t *testing.T) {
	t.Run("K-01 tells URLs and secrets that work", func(t *testing.T) {
		crm := insightly.NewInstance(t)
		status, _ := scim(t, crm, "GET", "/Users", nil)
		equal(t, status, 200)
		key := base64.StdEncoding.EncodeToString([]byte(crm.APIKey() + ":"))
		status, _ = send(t, "GET", crm.APIURL()+"/Users/Me", "Basic "+key, nil)
		equal(t, status, 200)
		status, _ = send(t, "GET", crm.ControlURL(), "Bearer "+crm.AdminKey(), nil)
		equal(t, status, 200)
		status, _ = send(t, "GET", crm.URL()+"/healthz", "", nil)
		equal(t, status, 200)
	})

	t.Run("K-02 adds and reads users", func(t *testing.T) {
		crm := insightly.NewInstance(t, insightly.WithUsers(ann))
		bob, err := crm.AddUser(ctx, insightly.UserAddition{EmailAddress: "bob@example.com", FirstName: "Bob", LastName: "Ray", Active: insightly.Ptr(false)})
		must(t, err)
		all, err := crm.Users(ctx, insightly.UserMatch{})
		must(t, err)
		equal(t, len(all), 2)
		named, err := crm.Users(ctx, insightly.UserMatch{UserName: "BOB@example.com"})
		must(t, err)
		equal(t, named[0].UserID, bob.UserID)
		active, err := crm.Users(ctx, insightly.UserMatch{Active: insightly.Ptr(true)})
		must(t, err)
		equal(t, active[0].EmailAddress, "ann@example.com")
		one, err := crm.User(ctx, bob.UserID)
		must(t, err)
		equal(t, one.FirstName, "Bob")
		equal(t, one.ProfileID == nil, true)
	})

	t.Run("K-03 edits users, licences included", func(t *testing.T) {
		crm := insightly.NewInstance(t, insightly.WithUsers(ann))
		licenses := []insightly.License{insightly.LicenseCRM, insightly.LicenseService}
		edited, err := crm.EditUser(ctx, 1, insightly.UserEdit{Licenses: &licenses, Active: insightly.Ptr(false)})
		must(t, err)
		equal(t, words(edited.Licenses), "[CRM Service]")
		edited, err = crm.EditUser(ctx, 1, insightly.UserEdit{LastName: insightly.Ptr("Ray"), Licenses: &[]insightly.License{}})
		must(t, err)
		equal(t, words(edited.LastName, edited.Licenses, edited.Active), "Ray [] false")
	})

	t.Run("K-04 waits for a user that a client is about to change", func(t *testing.T) {
		crm := insightly.NewInstance(t, insightly.WithUsers(ann))
		time.AfterFunc(50*time.Millisecond, func() { scim(t, crm, "DELETE", "/Users/1", nil) })
		user, err := crm.WaitForUser(ctx, insightly.UserMatch{UserName: "ann@example.com", Active: insightly.Ptr(false)})
		must(t, err)
		equal(t, user.UserID, 1)
	})

	t.Run("K-05 tells which users there are when the awaited one does not come", func(t *testing.T) {
		crm := insightly.NewInstance(t, insightly.WithUsers(ann))
		_, err := crm.WaitForUser(ctx, insightly.UserMatch{UserName: "ann@example.com", Active: insightly.Ptr(false)}, insightly.Within(20*time.Millisecond))
		equal(t, statusOf(err), 408)
		equal(t, err.Error(), "insightly: No user with userName \"ann@example.com\" and active false within 20ms. There is 1 user:\n  ann@example.com, active")
	})

	t.Run("K-06 lists and clears requests", func(t *testing.T) {
		crm := insightly.NewInstance(t)
		scim(t, crm, "GET", "/Users", nil)
		equal(t, createBob(t, crm), 201)
		all, err := crm.Requests(ctx, insightly.RequestMatch{})
		must(t, err)
		equal(t, words(all[0].Operation, all[1].Operation), "import create")
		created, err := crm.Requests(ctx, insightly.RequestMatch{Operation: insightly.OperationCreate, Status: 201})
		must(t, err)
		equal(t, words(len(created), created[0].Method, created[0].UserName, created[0].Notes[0].Rule), "1 POST bob@example.com U-12")
		equal(t, strings.Contains(string(created[0].Body), `"givenName":"Bob"`), true)
		later, err := crm.Requests(ctx, insightly.RequestMatch{}, insightly.Since(all[0].ID), insightly.Limit(5))
		must(t, err)
		equal(t, later[0].ID, all[1].ID)
		searched, err := crm.Requests(ctx, insightly.RequestMatch{}, insightly.Search("op:create bob"))
		must(t, err)
		equal(t, len(searched), 1)
		must(t, crm.ClearRequests(ctx))
		none, err := crm.Requests(ctx, insightly.RequestMatch{})
		must(t, err)
		equal(t, len(none), 0)
	})

	t.Run("K-07 waits for a request", func(t *testing.T) {
		crm := insightly.NewInstance(t)
		time.AfterFunc(50*time.Millisecond, func() { createBob(t, crm) })
		entry, err := crm.WaitForRequest(ctx, insightly.RequestMatch{Operation: insightly.OperationCreate})
		must(t, err)
		equal(t, entry.UserName, "bob@example.com")
	})

	t.Run("K-08 tells which requests there were when the awaited one does not come", func(t *testing.T) {
		crm := insightly.NewInstance(t)
		scim(t, crm, "GET", "/Users", nil)
		_, err := crm.WaitForRequest(ctx, insightly.RequestMatch{Operation: insightly.OperationDelete}, insightly.Within(20*time.Millisecond))
		equal(t, statusOf(err), 408)
		equal(t, err.Error(), "insightly: No request with operation \"delete\" within 20ms. There is 1 request:\n  GET /scim/v2/Users 200 import")
	})

	t.Run("K-09 verifies how often a request was made", func(t *testing.T) {
		crm := insightly.NewInstance(t)
		createBob(t, crm)
		equal(t, crm.Verify(t, insightly.RequestMatch{Operation: insightly.OperationCreate}), 1)
		equal(t, crm.Verify(t, insightly.RequestMatch{Operation: insightly.OperationCreate}, insightly.AtLeast(1), insightly.AtMost(1)), 1)
		equal(t, crm.Verify(t, insightly.RequestMatch{Operation: insightly.OperationDelete}, insightly.Exactly(0)), 0)
		_, err := crm.CheckRequests(ctx, insightly.RequestMatch{Operation: insightly.OperationCreate}, insightly.AtMost(0))
		equal(t, statusOf(err), 409)
		_, err = crm.CheckRequests(ctx, insightly.RequestMatch{Operation: insightly.OperationDelete})
		equal(t, statusOf(err), 409)
	})

	t.Run("K-10 K-11 fails a test with the nearest misses, their notes and why they missed", func(t *testing.T) {
		crm := insightly.NewInstance(t)
		createBob(t, crm)
		said := attempt(func(t insightly.TB) {
			crm.Verify(t, insightly.RequestMatch{Operation: insightly.OperationCreate, UserName: "ann@example.com"}, insightly.Exactly(1))
		})
		equal(t, fmt.Sprint(said...), "insightly: 0 requests matched; expected exactly 1.\n"+
			"  POST /scim/v2/Users 201 create; bob@example.com; `locale` was ignored: Insightly does not store it (U-12); "+
			"missed, since userName is \"bob@example.com\", not \"ann@example.com\"")
	})

	t.Run("K-12 sets faults, counts and ends them", func(t *testing.T) {
		crm := insightly.NewInstance(t)
		must(t, crm.SetFaults(ctx, insightly.Fault{
			Match: insightly.FaultMatch{Operation: insightly.OperationCreate},
			When:  insightly.FaultWhen{Times: 1},
			Do:    insightly.FaultEffect{Status: 503, Detail: "not now"},
		}))
		equal(t, createBob(t, crm), 503)
		equal(t, createBob(t, crm), 201)
		faults, err := crm.Faults(ctx)
		must(t, err)
		equal(t, faults[0].Fired, 1)
		must(t, crm.SetFaults(ctx, faults...))
		must(t, crm.SetFaults(ctx))
		faults, err = crm.Faults(ctx)
		must(t, err)
		equal(t, len(faults), 0)
	})

	t.Run("K-13 stops, moves, sets and frees the clock", func(t *testing.T) {
		crm := insightly.NewInstance(t)
		at := time.Date(2026, 3, 2, 9, 14, 7, 0, time.UTC)
		must(t, crm.Clock.FreezeAt(ctx, at))
		must(t, crm.Clock.Advance(ctx, time.Hour))
		createBob(t, crm)
		bob, err := crm.WaitForUser(ctx, insightly.UserMatch{UserName: "bob@example.com"})
		must(t, err)
		equal(t, bob.DateCreatedUTC, at.Add(time.Hour))
		mode, now, err := crm.Clock.Get(ctx)
		must(t, err)
		equal(t, words(mode, now), words(insightly.ClockFrozen, at.Add(time.Hour)))
		for _, each := range []struct {
			mode insightly.ClockMode
			set  func() error
		}{
			{insightly.ClockOffset, func() error { return crm.Clock.Set(ctx, at) }},
			{insightly.ClockFrozen, func() error { return crm.Clock.Freeze(ctx) }},
			{insightly.ClockReal, func() error { return crm.Clock.Reset(ctx) }},
		} {
			must(t, each.set())
			mode, _, err := crm.Clock.Get(ctx)
			must(t, err)
			equal(t, mode, each.mode)
		}
	})

	t.Run("K-14 reads and changes settings, and knows the token that enabling SCIM makes", func(t *testing.T) {
		crm := insightly.NewInstance(t, insightly.WithSCIM(false))
		equal(t, crm.SCIMToken(), "")
		changed, err := crm.Settings.Change(ctx, insightly.SettingsChange{
			SCIMEnabled: insightly.Ptr(true),
			Behaviours:  insightly.Behaviours{"groups": "empty"},
			RateLimit:   &insightly.RateLimit{RequestsPerSecond: 7},
			PublicURL:   insightly.Ptr("https://crm.example.com"),
		})
		must(t, err)
		equal(t, words(changed.SCIMEnabled, changed.Behaviours["groups"], changed.RateLimit, changed.PublicURL), "true empty {7} https://crm.example.com")
		equal(t, crm.SCIMURL(), "https://crm.example.com/scim/v2")
		equal(t, crm.SCIMToken() != "", true)
		_, err = crm.Settings.Change(ctx, insightly.SettingsChange{RateLimit: &insightly.RateLimit{}, PublicURL: insightly.Ptr("")})
		must(t, err)
		settings, err := crm.Settings.Get(ctx)
		must(t, err)
		equal(t, words(settings.SCIMEnabled, settings.RateLimit, settings.PublicURL), "true {0}")
		status, _ := scim(t, crm, "GET", "/Groups", nil)
		equal(t, status, 200)
	})

	t.Run("K-15 regenerates the token and goes on with the new one", func(t *testing.T) {
		crm := insightly.NewInstance(t)
		old := crm.SCIMToken()
		made, err := crm.RegenerateToken(ctx)
		must(t, err)
		equal(t, crm.SCIMToken(), made)
		status, _ := scim(t, crm, "GET", "/Users", nil)
		equal(t, status, 200)
		status, _ = send(t, "GET", crm.SCIMURL()+"/Users", "Bearer "+old, nil)
		equal(t, status, 401)
	})

	t.Run("K-16 exports what it imports", func(t *testing.T) {
		crm := insightly.NewInstance(t, insightly.WithUsers(ann))
		state, err := crm.ExportState(ctx)
		must(t, err)
		other := insightly.NewInstance(t)
		must(t, other.ImportState(ctx, state))
		again, err := other.ExportState(ctx)
		must(t, err)
		equal(t, bytes.Equal(again, state), true)
	})

	t.Run("K-17 resets to the state that it was created with", func(t *testing.T) {
		crm := insightly.NewInstance(t, insightly.WithUsers(ann))
		createBob(t, crm)
		must(t, crm.Reset(ctx))
		users, err := crm.Users(ctx, insightly.UserMatch{})
		must(t, err)
		equal(t, len(users), 1)
	})

	t.Run("K-18 creates instances that share nothing and go when they are closed", func(t *testing.T) {
		crm := insightly.NewInstance(t)
		other, err := crm.CreateInstance(ctx, insightly.WithName("go-other"), insightly.WithSCIMToken("a-token-of-mine"))
		must(t, err)
		equal(t, other.Name()+" "+other.SCIMToken(), "go-other a-token-of-mine")
		createBob(t, other)
		users, err := crm.Users(ctx, insightly.UserMatch{UserName: "bob@example.com"})
		must(t, err)
		equal(t, len(users), 0)
		same, err := insightly.Connect(ctx, insightly.Address{ControlURL: crm.ControlURL(), AdminKey: crm.AdminKey(), Instance: "go-other"})
		must(t, err)
		equal(t, same.InstanceID(), other.InstanceID())
		must(t, other.Close())
		must(t, other.Close())
		must(t, same.Close())
		deleted, err := crm.CreateInstance(ctx)
		must(t, err)
		send(t, "DELETE", crm.ControlURL()+"/instances/"+deleted.Name(), "Bearer "+crm.AdminKey(), nil)
		must(t, deleted.Close())
		_, err = other.Users(ctx, insightly.UserMatch{})
		equal(t, statusOf(err), 404)
	})

	t.Run("K-19 says what the control API refuses", func(t *testing.T) {
		crm := insightly.NewInstance(t)
		_, err := crm.Requests(ctx, insightly.RequestMatch{Operation: "creat"})
		equal(t, statusOf(err), 422)
		equal(t, strings.Contains(err.Error(), `"creat"`), true)
		_, err = crm.User(ctx, 99)
		equal(t, statusOf(err), 404)
		_, err = crm.CreateInstance(ctx, insightly.WithBehaviours(insightly.Behaviours{"group": "empty"}))
		equal(t, strings.Contains(err.Error(), "groups"), true)
		_, err = crm.CreateInstance(ctx, insightly.WithSAML(false), insightly.WithSCIM(true))
		equal(t, statusOf(err), 409)
		_, err = crm.CreateInstance(ctx, insightly.WithState([]byte(`{"users":`)))
		equal(t, err.Error(), "insightly: the state is not JSON")
	})

	t.Run("K-20 waits as long as it is told, and no longer than its context", func(t *testing.T) {
		told := make(chan string, 10)
		crm := connectTo(t, func(answer http.ResponseWriter, request *http.Request) bool {
			if wait := request.URL.Query().Get("wait"); wait != "" {
				told <- wait
				answer.WriteHeader(408)
				fmt.Fprint(answer, "[]")
				return true
			}
			return false
		})
		crm.WaitForUser(ctx, insightly.UserMatch{})
		equal(t, <-told, "4000ms")
		crm.WaitForUser(ctx, insightly.UserMatch{}, insightly.Within(time.Minute))
		equal(t, <-told, "60000ms")
		soon, cancel := contextWithin(2 * time.Second)
		defer cancel()
		crm.WaitForUser(soon, insightly.UserMatch{})
		waited, err := time.ParseDuration(<-told)
		must(t, err)
		equal(t, waited > time.Second && waited < 2*time.Second, true)
		gone, cancel := contextWithin(0)
		defer cancel()
		_, err = crm.Users(gone, insightly.UserMatch{})
		equal(t, strings.HasPrefix(err.Error(), "insightly: gave up on "), true)
	})

	t.Run("K-21 may be used by several goroutines at once", func(t *testing.T) {
		crm := insightly.NewInstance(t)
		var all sync.WaitGroup
		for n := range 20 {
			all.Add(1)
			go func() {
				defer all.Done()
				user := insightly.UserAddition{EmailAddress: fmt.Sprintf("user-%d@example.com", n), FirstName: "U", LastName: "V"}
				if _, err := crm.AddUser(ctx, user); err != nil {
					t.Error(err)
				}
				crm.SCIMToken()
			}()
		}
		all.Wait()
		users, err := crm.Users(ctx, insightly.UserMatch{})
		must(t, err)
		equal(t, len(users), 21)
	})

	t.Run("K-22 takes names and values as they are", func(t *testing.T) {
		crm := insightly.NewInstance(t)
		name := "ännä+β&<x>=?#%/ \"'\\@example.com"
		added, err := crm.AddUser(ctx, insightly.UserAddition{EmailAddress: name, FirstName: "<Ä&\u2028>", LastName: "😀"})
		must(t, err)
		equal(t, added.FirstName+added.LastName, "<Ä&\u2028>😀")
		found, err := crm.WaitForUser(ctx, insightly.UserMatch{UserName: name})
		must(t, err)
		equal(t, found.EmailAddress, name)
	})

	t.Run("K-23 reads answers of a newer server", func(t *testing.T) {
		crm := connectTo(t, func(answer http.ResponseWriter, request *http.Request) bool {
			if strings.HasSuffix(request.URL.Path, "/faults") {
				fmt.Fprint(answer, `[{"do":{"status":503,"colour":"red"},"fired":2,"shape":{"round":true}}]`)
				return true
			}
			return false
		})
		faults, err := crm.Faults(ctx)
		must(t, err)
		equal(t, words(len(faults), faults[0].Do.Status, faults[0].Fired), "1 503 2")
	})

	t.Run("K-35 is made with users, a state, a profile and settings", func(t *testing.T) {
		owner := insightly.StateUser{
			EmailAddress: "olga@example.com", FirstName: "Olga", LastName: "Orr", UserID: 7, AccountOwner: true, Administrator: true,
			Licenses: []insightly.License{insightly.LicenseCRM}, DisplayName: "O. Orr", ExternalID: "x7",
			DateCreatedUTC: insightly.Ptr(time.Date(2025, 1, 2, 3, 4, 5, 0, time.UTC)),
		}
		crm := insightly.NewInstance(t, insightly.WithUsers(owner), insightly.WithProfile("rfc7644"), insightly.WithBehaviours(insightly.Behaviours{"groups": "absent"}))
		user, err := crm.User(ctx, 7)
		must(t, err)
		equal(t, words(user.AccountOwner, user.Licenses, user.DateCreatedUTC.Year()), "true [CRM] 2025")
		_, document := scim(t, crm, "GET", "/Users/7", nil)
		equal(t, strings.Contains(document, `"externalId":"x7"`) && strings.Contains(document, `"O. Orr"`), true)
		settings, err := crm.Settings.Get(ctx)
		must(t, err)
		equal(t, settings.Behaviours["delete"]+" "+settings.Behaviours["groups"], "remove absent")
		empty := insightly.NewInstance(t, insightly.WithState([]byte(`{"users":[],"settings":{"scimEnabled":false}}`)))
		equal(t, empty.SCIMToken()+empty.APIKey(), "")
		_, err = crm.CreateInstance(ctx, insightly.WithUsers(ann), insightly.WithState([]byte("{}")))
		equal(t, err.Error(), "insightly: an instance has one state; give WithUsers or WithState, once")
	})
}

func statusOf(err error) int {
	var refusal *insightly.Error
	if errors.As(err, &refusal) {
		return refusal.Status
	}
	return 0
}

// connectTo connects to a server of another version that fits: what it does not answer itself, it answers as a server of
// this one would.
func connectTo(t *testing.T, answers func(http.ResponseWriter, *http.Request) bool) *insightly.Instance {
	server := httptest.NewServer(http.HandlerFunc(func(answer http.ResponseWriter, request *http.Request) {
		switch {
		case answers(answer, request):
		case request.URL.Path == "/_emulator":
			fmt.Fprintf(answer, `{"version":"%s9"}`, insightly.Version)
		case strings.HasSuffix(request.URL.Path, "/users"):
			fmt.Fprint(answer, "[]")
		default:
			fmt.Fprint(answer, `{"name":"default"}`)
		}
	}))
	t.Cleanup(server.Close)
	crm, err := insightly.Connect(ctx, insightly.Address{ControlURL: server.URL + "/_emulator"})
	must(t, err)
	return crm
}
