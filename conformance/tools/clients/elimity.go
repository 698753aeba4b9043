// elimity-com/scim, a library for servers in Go, as judge of what this server answers: its validators of schemas and
// resources, and its filters. Prints a line for each step that went well.
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"slices"

	"github.com/elimity-com/scim/filter"
	"github.com/elimity-com/scim/schema"
)

type object = map[string]any

// ask sends a request and gives what came back, an error where that is a refusal.
func ask(method, path string, body any) ([]byte, error) {
	sent, err := json.Marshal(body)
	if err != nil {
		return nil, err
	}
	request, err := http.NewRequest(method, os.Getenv("SCIM_URL")+path, bytes.NewReader(sent))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Authorization", "Bearer "+os.Getenv("SCIM_TOKEN"))
	request.Header.Set("Content-Type", "application/scim+json")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	answered, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode >= 400 {
		err = fmt.Errorf("%s", answered)
	}
	return answered, err
}

func read[T any](method, path string, body any) (T, error) {
	var value T
	answered, err := ask(method, path, body)
	if err == nil {
		err = json.Unmarshal(answered, &value)
	}
	return value, err
}

func step(name string, problem error) {
	if problem == nil {
		fmt.Println(name)
	} else {
		fmt.Fprintf(os.Stderr, "%s: %v\n", name, problem)
	}
}

// validate holds what is served below a path against a schema.
func validate(against schema.Schema, method, path string, body any) (object, error) {
	served, err := read[object](method, path, body)
	if err != nil {
		return served, err
	}
	if _, refusal := against.Validate(served); refusal != nil {
		return served, refusal
	}
	return served, nil
}

// sameUsers compares what the server finds by a filter with the users that pass it here.
func sameUsers(text string, of schema.Schema, users []object) error {
	validator, err := filter.NewValidator(text, of)
	if err != nil {
		return err
	}
	var expected, found []string
	for _, user := range users {
		if validator.PassesFilter(user) == nil {
			expected = append(expected, user["id"].(string))
		}
	}
	list, err := read[struct{ Resources []object }]("GET", "/Users?filter="+url.QueryEscape(text), nil)
	if err != nil {
		return err
	}
	for _, user := range list.Resources {
		found = append(found, user["id"].(string))
	}
	slices.Sort(expected)
	slices.Sort(found)
	if !slices.Equal(expected, found) {
		return fmt.Errorf("%s finds %v; expected %v", text, found, expected)
	}
	return nil
}

func main() {
	_, err := validate(schema.ServiceProviderConfigSchema(), "GET", "/ServiceProviderConfig", nil)
	step("serves a configuration", err)
	_, err = validate(schema.ResourceTypeSchema(), "GET", "/ResourceTypes/User", nil)
	step("serves a resource type", err)
	user, err := read[schema.Schema]("GET", "/Schemas/"+schema.UserSchema, nil)
	step("serves a schema", err)

	err = nil
	for _, person := range [][2]string{{"Ann", "Lee"}, {"Bob", "Lee"}, {"Cy", "Fox"}} {
		_, created := validate(user, "POST", "/Users", object{
			"schemas":  []string{schema.UserSchema},
			"userName": person[0] + "@example.com",
			"name":     object{"givenName": person[0], "familyName": person[1]},
		})
		if created != nil {
			err = created
		}
	}
	step("creates users of its schema", err)
	list, err := read[struct{ Resources []object }]("GET", "/Users", nil)
	for _, each := range list.Resources {
		if _, refusal := schema.CoreUserSchema().Validate(each); refusal != nil {
			err = refusal
		}
	}
	step("lists users of the core schema", err)

	step("finds by userName", sameUsers(`userName eq "ann@example.com"`, user, list.Resources))
	err = nil
	for _, text := range []string{
		`name.familyName eq "Lee"`,
		`userName sw "a" or name.familyName eq "Fox"`,
		`name.familyName eq "Lee" and not (name.givenName eq "Bob")`,
		`emails[type eq "work" and value co "bob"]`,
		`displayName pr and active eq true`,
	} {
		if problem := sameUsers(text, user, list.Resources); problem != nil {
			err = problem
		}
	}
	step("finds by other filters", err)
}
