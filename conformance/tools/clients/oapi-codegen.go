// A client that oapi-codegen makes. Prints a line for each step that went well.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"

	"judges/generated"
)

func step(name string, isRight bool) {
	if isRight {
		fmt.Println(name)
	}
}

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

// decode reads a body: the generated code does so only where a Content-Type names no charset.
func decode[T any](body []byte) T {
	var value T
	if err := json.Unmarshal(body, &value); err != nil {
		panic(err)
	}
	return value
}

func patch(client *generated.ClientWithResponses, id string, operation any) generated.User {
	var item generated.PatchOp_Operations_Item
	if err := item.UnmarshalJSON(must(json.Marshal(operation))); err != nil {
		panic(err)
	}
	body := generated.PatchOp{Schemas: []string{"urn:ietf:params:scim:api:messages:2.0:PatchOp"}, Operations: []generated.PatchOp_Operations_Item{item}}
	return decode[generated.User](must(client.PatchUserWithApplicationScimPlusJSONBodyWithResponse(context.Background(), id, nil, body)).Body)
}

func main() {
	ctx := context.Background()
	authorize := func(_ context.Context, request *http.Request) error {
		request.Header.Set("Authorization", "Bearer "+os.Getenv("SCIM_TOKEN"))
		return nil
	}
	client := must(generated.NewClientWithResponses(os.Getenv("SERVER_URL"), generated.WithRequestEditorFn(authorize)))

	var creation generated.UserCreation
	creation.UserName = "ann@example.com"
	creation.Name.GivenName = "Ann"
	creation.Name.FamilyName = "Lee"
	made := decode[generated.User](must(client.CreateUserWithApplicationScimPlusJSONBodyWithResponse(ctx, nil, creation)).Body)
	step("creates", *made.UserName == "ann@example.com")

	filter := `userName eq "ann@example.com"`
	found := decode[generated.ListResponse](must(client.ListUsersWithResponse(ctx, &generated.ListUsersParams{Filter: &filter})).Body)
	step("finds", found.Resources[0].Id == made.Id)

	renamed := patch(client, made.Id, generated.PatchOpOperations0{Op: "replace", Path: "name.givenName", Value: "Anna"})
	step("patches", *renamed.Name.GivenName == "Anna")

	deactivated := patch(client, made.Id, map[string]any{"op": "replace", "path": "active", "value": false})
	step("deactivates", !*deactivated.Active)

	step("deletes", must(client.DeleteUserWithResponse(ctx, made.Id)).StatusCode() == 204)

	refused := must(client.CreateUserWithApplicationScimPlusJSONBodyWithResponse(ctx, nil, generated.UserCreation{}))
	step("reads a refusal", decode[generated.ScimError](refused.Body).Status == "400")
}
