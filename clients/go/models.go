package insightly

import (
	"encoding/json"
	"time"
)

// Ptr makes a pointer to a value, for members that may be left out.
func Ptr[T any](value T) *T { return &value }

// License is a product that an Insightly administrator can license a user for.
type License string

// The products.
const (
	LicenseCRM        License = "CRM"
	LicenseMarketing  License = "Marketing"
	LicenseService    License = "Service"
	LicenseAppConnect License = "AppConnect"
)

// User is a user as Insightly's REST API shows it, with its licences. What is null there is empty, or nil, here.
type User struct {
	UserID                 int64     `json:"USER_ID"`
	ContactID              int64     `json:"CONTACT_ID"`
	FirstName              string    `json:"FIRST_NAME"`
	LastName               string    `json:"LAST_NAME"`
	TimezoneID             string    `json:"TIMEZONE_ID"`
	EmailAddress           string    `json:"EMAIL_ADDRESS"`
	EmailDropboxIdentifier string    `json:"EMAIL_DROPBOX_IDENTIFIER"`
	EmailDropboxAddress    string    `json:"EMAIL_DROPBOX_ADDRESS"`
	Administrator          bool      `json:"ADMINISTRATOR"`
	AccountOwner           bool      `json:"ACCOUNT_OWNER"`
	Active                 bool      `json:"ACTIVE"`
	DateCreatedUTC         time.Time `json:"DATE_CREATED_UTC"`
	DateUpdatedUTC         time.Time `json:"DATE_UPDATED_UTC"`
	UserCurrency           string    `json:"USER_CURRENCY"`
	ContactDisplay         string    `json:"CONTACT_DISPLAY"`
	ContactOrder           string    `json:"CONTACT_ORDER"`
	TaskWeekStart          int       `json:"TASK_WEEK_START"`
	InstanceID             int64     `json:"INSTANCE_ID"`
	ProfileID              *int64    `json:"PROFILE_ID"`
	RoleID                 *int64    `json:"ROLE_ID"`
	Licenses               []License `json:"LICENSES"`
}

// UnmarshalJSON reads dates as Insightly writes them: 2026-03-02 09:14:07, in UTC.
func (u *User) UnmarshalJSON(text []byte) error {
	type members User
	shown := struct {
		*members
		Created string `json:"DATE_CREATED_UTC"`
		Updated string `json:"DATE_UPDATED_UTC"`
	}{members: (*members)(u)}
	err := json.Unmarshal(text, &shown)
	if err != nil {
		return err
	}
	if u.DateCreatedUTC, err = time.Parse(time.DateTime, shown.Created); err != nil {
		return err
	}
	u.DateUpdatedUTC, err = time.Parse(time.DateTime, shown.Updated)
	return err
}

// UserAddition is a user that an administrator adds by hand. The address and the names must be given.
type UserAddition struct {
	EmailAddress  string    `json:"EMAIL_ADDRESS"`
	FirstName     string    `json:"FIRST_NAME"`
	LastName      string    `json:"LAST_NAME"`
	Administrator bool      `json:"ADMINISTRATOR"`
	Licenses      []License `json:"LICENSES,omitempty"`
	// Active is true unless given.
	Active *bool `json:"ACTIVE,omitempty"`
}

// UserEdit is what an administrator changes of a user by hand. What is left out stays; an empty Licenses takes all away.
type UserEdit struct {
	EmailAddress  *string    `json:"EMAIL_ADDRESS,omitempty"`
	FirstName     *string    `json:"FIRST_NAME,omitempty"`
	LastName      *string    `json:"LAST_NAME,omitempty"`
	Administrator *bool      `json:"ADMINISTRATOR,omitempty"`
	Licenses      *[]License `json:"LICENSES,omitempty"`
	Active        *bool      `json:"ACTIVE,omitempty"`
}

// StateUser is a user to start from. The address and the names must be given; Insightly chooses what is left out.
type StateUser struct {
	EmailAddress           string     `json:"EMAIL_ADDRESS"`
	FirstName              string     `json:"FIRST_NAME"`
	LastName               string     `json:"LAST_NAME"`
	UserID                 int64      `json:"USER_ID,omitempty"`
	ContactID              int64      `json:"CONTACT_ID,omitempty"`
	TimezoneID             string     `json:"TIMEZONE_ID,omitempty"`
	EmailDropboxIdentifier string     `json:"EMAIL_DROPBOX_IDENTIFIER,omitempty"`
	EmailDropboxAddress    string     `json:"EMAIL_DROPBOX_ADDRESS,omitempty"`
	Administrator          bool       `json:"ADMINISTRATOR"`
	AccountOwner           bool       `json:"ACCOUNT_OWNER"`
	Active                 *bool      `json:"ACTIVE,omitempty"` // True unless given.
	DateCreatedUTC         *time.Time `json:"DATE_CREATED_UTC,omitempty"`
	DateUpdatedUTC         *time.Time `json:"DATE_UPDATED_UTC,omitempty"`
	UserCurrency           string     `json:"USER_CURRENCY,omitempty"`
	ContactDisplay         string     `json:"CONTACT_DISPLAY,omitempty"`
	ContactOrder           string     `json:"CONTACT_ORDER,omitempty"`
	TaskWeekStart          *int       `json:"TASK_WEEK_START,omitempty"`
	ProfileID              *int64     `json:"PROFILE_ID,omitempty"`
	RoleID                 *int64     `json:"ROLE_ID,omitempty"`
	Licenses               []License  `json:"LICENSES,omitempty"`
	// DisplayName is what SCIM shows as displayName; it follows the names unless given.
	DisplayName string `json:"DISPLAY_NAME,omitempty"`
	ExternalID  string `json:"EXTERNAL_ID,omitempty"`
}

// UserMatch says which users are meant. What is left out matches all.
type UserMatch struct {
	// UserName is the e-mail address, in any letter case.
	UserName string
	// Active is whether the user may sign in.
	Active *bool
}

func (m UserMatch) members() []member {
	given := []member{}
	if m.UserName != "" {
		given = append(given, member{"userName", m.UserName})
	}
	if m.Active != nil {
		given = append(given, member{"active", *m.Active})
	}
	return given
}

// Operation is what a request did, in the words of provisioning.
type Operation string

// The operations.
const (
	OperationTestConnection Operation = "test-connection"
	OperationLookup         Operation = "lookup"
	OperationImport         Operation = "import"
	OperationCreate         Operation = "create"
	OperationRename         Operation = "rename"
	OperationUpdate         Operation = "update"
	OperationDeactivate     Operation = "deactivate"
	OperationReactivate     Operation = "reactivate"
	OperationDelete         Operation = "delete"
	OperationRead           Operation = "read"
	OperationDiscover       Operation = "discover"
	// OperationRefused is that of a request which got an error.
	OperationRefused Operation = "refused"
)

// Entry is a request in the journal, with its answer. What is null there is empty here.
type Entry struct {
	ID   int64     `json:"id"`
	When time.Time `json:"when"`
	// Client is the identity provider or program, recognised by its user agent.
	Client    string            `json:"client"`
	UserAgent string            `json:"userAgent"`
	Method    string            `json:"method"`
	Path      string            `json:"path"`
	URL       string            `json:"url"`
	Query     map[string]string `json:"query"`
	Headers   map[string]string `json:"headers"`
	// Body is the JSON of the body; null where there was none, or it was no JSON.
	Body json.RawMessage `json:"body"`
	// RawBody is the text as it was received, JSON or not; empty when it is longer than 64 KiB.
	RawBody    string `json:"rawBody"`
	BodyLength int64  `json:"bodyLength"`
	// Status is 0 when no answer was sent.
	Status int `json:"status"`
	// Answer is the JSON of the answer, a JSON string where it was other text, or null.
	Answer        json.RawMessage   `json:"answer"`
	AnswerHeaders map[string]string `json:"answerHeaders"`
	DurationMs    float64           `json:"durationMs"`
	Operation     Operation         `json:"operation"`
	UserID        string            `json:"userId"`
	UserName      string            `json:"userName"`
	Changes       []Change          `json:"changes"`
	Fault         string            `json:"fault"`
	// Behaviours are the switches in force that differ from the preset insightly.
	Behaviours Behaviours `json:"behaviours"`
	Notes      []Note     `json:"notes"`
	// Shadow is nil unless the request was passed on to a real endpoint.
	Shadow *ShadowAnswer `json:"shadow"`
	// Curl is the command that sends the request again.
	Curl string `json:"curl"`
}

// ShadowAnswer is what the server itself would have answered to a request that a real endpoint answered.
type ShadowAnswer struct {
	// Uncompared is why that is not known; empty when it is.
	Uncompared string `json:"uncompared"`
	Status     int    `json:"status"`
	// Answer is the JSON of the answer, a JSON string where it was other text, or null.
	Answer      json.RawMessage `json:"answer"`
	Notes       []Note          `json:"notes"`
	Differences []Difference    `json:"differences"`
}

// Difference is one thing in which two answers differ: there at the real endpoint, here in the server.
type Difference struct {
	What  string `json:"what"`
	There string `json:"there"`
	Here  string `json:"here"`
}

// Change is one field that a request changed, and the SCIM attribute that is stored in it.
type Change struct {
	Field     string `json:"field"`
	Attribute string `json:"attribute"`
	Before    any    `json:"before"`
	After     any    `json:"after"`
}

// Note tells why something in a request was refused or ignored, and which rule says so, such as U-14.
type Note struct {
	Rule string `json:"rule"`
	Text string `json:"text"`
}

// RequestMatch says which requests are meant. What is left out matches all.
type RequestMatch struct {
	// Method is in any letter case.
	Method string `json:"method,omitempty"`
	// Path is the start of the full path.
	Path string `json:"path,omitempty"`
	// Status is that of the answer.
	Status    int       `json:"status,omitempty"`
	Operation Operation `json:"operation,omitempty"`
	// UserName is that of the user whom the request concerned, in any letter case.
	UserName string `json:"userName,omitempty"`
}

func (m RequestMatch) members() []member {
	given := []member{}
	add := func(name, value string) {
		if value != "" {
			given = append(given, member{name, value})
		}
	}
	add("method", m.Method)
	add("path", m.Path)
	if m.Status != 0 {
		given = append(given, member{"status", m.Status})
	}
	add("operation", string(m.Operation))
	add("userName", m.UserName)
	return given
}

// Times says how often a request must have been made. Several are heeded together, as in AtLeast(1), AtMost(3).
type Times struct {
	exactly, atLeast, atMost *int
}

// Exactly asks for so many requests.
func Exactly(count int) Times { return Times{exactly: &count} }

// AtLeast asks for so many requests or more.
func AtLeast(count int) Times { return Times{atLeast: &count} }

// AtMost asks for so many requests or fewer.
func AtMost(count int) Times { return Times{atMost: &count} }

// Fault is a rule on which requests go wrong, and how.
type Fault struct {
	// Match says which requests it concerns.
	Match FaultMatch `json:"match"`
	// When says which of those it hits.
	When FaultWhen `json:"when"`
	// Do is what happens to those.
	Do FaultEffect `json:"do"`
	// Fired is how often it did so; Faults tells it.
	Fired int `json:"fired,omitempty"`
}

// FaultMatch says which requests a fault concerns. What is left out matches all.
type FaultMatch struct {
	// Method is in any letter case.
	Method string `json:"method,omitempty"`
	// Path is the start of the full path.
	Path string `json:"path,omitempty"`
	// Operation is what the request asks for.
	Operation Operation `json:"operation,omitempty"`
	// UserName is in any letter case.
	UserName string `json:"userName,omitempty"`
}

// FaultWhen says which of the matching requests a fault hits. What is left out restricts nothing.
type FaultWhen struct {
	// Times: at most so many.
	Times int `json:"times,omitempty"`
	// After: not the first so many.
	After int `json:"after,omitempty"`
	// Every: of those that are left, every so-manyth.
	Every int `json:"every,omitempty"`
	// Probability: of those that are left, each with this probability, from 0 to 1.
	Probability *float64 `json:"probability,omitempty"`
	// Seed makes chance repeat itself.
	Seed int64 `json:"seed,omitempty"`
}

// FaultEffect is what happens to a request: exactly one of these, where SCIMType, Detail and Headers belong to Status.
type FaultEffect struct {
	// Status answers with this status, without running the request.
	Status   int               `json:"status,omitempty"`
	SCIMType string            `json:"scimType,omitempty"`
	Detail   string            `json:"detail,omitempty"`
	Headers  map[string]string `json:"headers,omitempty"`
	// DelayMs runs the request later, by so many milliseconds.
	DelayMs int `json:"delayMs,omitempty"`
	// Reset resets the connection before anything is done.
	Reset bool `json:"reset,omitempty"`
	// Hang never answers.
	Hang bool `json:"hang,omitempty"`
	// HTML answers a 200 HTML page, as a broken proxy does.
	HTML bool `json:"html,omitempty"`
	// Malformed cuts the answer's JSON in the middle.
	Malformed bool `json:"malformed,omitempty"`
	// EmptyBody answers the status without a body.
	EmptyBody bool `json:"emptyBody,omitempty"`
	// CommitThenReset keeps the change and loses the answer.
	CommitThenReset bool `json:"commitThenReset,omitempty"`
	// PageDrift repeats or skips a user in a page of the list.
	PageDrift bool `json:"pageDrift,omitempty"`
}

// Behaviours are behaviour switches by their names. The server's docs/fidelity.md lists them with their values.
type Behaviours map[string]string

// RateLimit is how many SCIM and REST requests are let in; a limit of 0 lets all in.
type RateLimit struct {
	RequestsPerSecond int `json:"requestsPerSecond"`
}

// MarshalJSON writes no limit as null.
func (r RateLimit) MarshalJSON() ([]byte, error) {
	type members RateLimit
	if r.RequestsPerSecond == 0 {
		return []byte("null"), nil
	}
	return json.Marshal(members(r))
}

// Settings are what Insightly's SAML and SCIM page sets, and the stand-in's own settings.
type Settings struct {
	SAMLEnabled bool       `json:"samlEnabled"`
	SCIMEnabled bool       `json:"scimEnabled"`
	Behaviours  Behaviours `json:"behaviours"`
	// RateLimit is counted per second of the instance's clock.
	RateLimit RateLimit `json:"rateLimit"`
	// PublicURL is the start of meta.location, in place of the server's; empty where none is set.
	PublicURL string `json:"publicUrl"`
}

// SettingsChange is a change of settings. What is left out stays.
type SettingsChange struct {
	// SAMLEnabled false turns SCIM off, too.
	SAMLEnabled *bool `json:"samlEnabled,omitempty"`
	// SCIMEnabled cannot be true without SAML.
	SCIMEnabled *bool      `json:"scimEnabled,omitempty"`
	Behaviours  Behaviours `json:"behaviours,omitempty"`
	RateLimit   *RateLimit `json:"rateLimit,omitempty"`
	// PublicURL may be empty, to have none.
	PublicURL *string `json:"publicUrl,omitempty"`
}

// MarshalJSON writes an empty PublicURL as null.
func (c SettingsChange) MarshalJSON() ([]byte, error) {
	type members SettingsChange
	if c.PublicURL == nil || *c.PublicURL != "" {
		return json.Marshal(members(c))
	}
	return json.Marshal(struct {
		members
		PublicURL *string `json:"publicUrl"`
	}{members: members(c)})
}
