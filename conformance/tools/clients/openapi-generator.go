// A client that openapi-generator makes for Go. Prints a line for each step that went well.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	insightly "judges/generated"
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

func main() {
	configuration := insightly.NewConfiguration()
	configuration.Servers = insightly.ServerConfigurations{{URL: os.Getenv("SERVER_URL")}}
	users := insightly.NewAPIClient(configuration).SCIMUsersAPI
	ctx := context.WithValue(context.Background(), insightly.ContextAccessToken, os.Getenv("SCIM_TOKEN"))

	creation := insightly.NewUserCreation("ann@example.com", *insightly.NewUserCreationName("Lee", "Ann"))
	made, _, err := users.CreateUser(ctx).UserCreation(*creation).Execute()
	step("creates", must(made, err).GetUserName() == "ann@example.com")

	found, _, err := users.ListUsers(ctx).Filter(`userName eq "ann@example.com"`).Execute()
	step("finds", must(found, err).Resources[0].Id == made.Id)

	patch := func(operation insightly.PatchOpOperationsInner) *insightly.User {
		schemas := []string{"urn:ietf:params:scim:api:messages:2.0:PatchOp"}
		body := insightly.NewPatchOp(schemas, []insightly.PatchOpOperationsInner{operation})
		user, _, err := users.PatchUser(ctx, made.Id).PatchOp(*body).Execute()
		return must(user, err)
	}
	rename := insightly.NewPatchOpOperationsInnerAnyOf("replace", "name.givenName", "Anna")
	renamed := patch(insightly.PatchOpOperationsInner{PatchOpOperationsInnerAnyOf: rename})
	step("patches", *renamed.Name.GivenName == "Anna")

	inactive := false
	leave := insightly.NewPatchOpOperationsInnerAnyOf2("replace", "active", insightly.PatchOpOperationsInnerAnyOf2Value{Bool: &inactive})
	deactivated := patch(insightly.PatchOpOperationsInner{PatchOpOperationsInnerAnyOf2: leave})
	step("deactivates", !deactivated.GetActive())

	response, err := users.DeleteUser(ctx, made.Id).Execute()
	step("deletes", must(response, err).StatusCode == 204)

	nobody := insightly.NewUserCreation("", *insightly.NewUserCreationName("", ""))
	_, _, err = users.CreateUser(ctx).UserCreation(*nobody).Execute()
	var refusal *insightly.GenericOpenAPIError
	isRefusal := errors.As(err, &refusal)
	step("reads a refusal", isRefusal && refusal.Model().(insightly.CreateUser400Response).Status == "400")
}
