// A client that openapi-generator makes for Java. Prints a line for each step that went well.

import java.util.List;
import org.openapitools.client.ApiClient;
import org.openapitools.client.ApiException;
import org.openapitools.client.api.ScimUsersApi;
import org.openapitools.client.model.PatchOp;
import org.openapitools.client.model.PatchOpOperationsInner;
import org.openapitools.client.model.PatchOpOperationsInnerAnyOf;
import org.openapitools.client.model.PatchOpOperationsInnerAnyOf2;
import org.openapitools.client.model.PatchOpOperationsInnerAnyOf2Value;
import org.openapitools.client.model.ScimError;
import org.openapitools.client.model.User;
import org.openapitools.client.model.UserCreation;
import org.openapitools.client.model.UserCreationName;

public final class OpenApiGenerator {
  private static final List<String> SCHEMAS = List.of("urn:ietf:params:scim:api:messages:2.0:PatchOp");

  private static void step(String name, boolean isRight) {
    if (isRight) System.out.println(name);
  }

  private static UserCreation person(String userName, String givenName, String familyName) {
    return new UserCreation()
        .userName(userName)
        .name(new UserCreationName().givenName(givenName).familyName(familyName));
  }

  private static User patch(ScimUsersApi users, String id, PatchOpOperationsInner operation) throws ApiException {
    return users.patchUser(id, new PatchOp().schemas(SCHEMAS).operations(List.of(operation)), null, null);
  }

  public static void main(String[] args) throws Exception {
    ApiClient client = new ApiClient();
    client.updateBaseUri(System.getenv("SERVER_URL"));
    client.setRequestInterceptor(
        request -> request.header("Authorization", "Bearer " + System.getenv("SCIM_TOKEN")));
    ScimUsersApi users = new ScimUsersApi(client);

    User made = users.createUser(person("ann@example.com", "Ann", "Lee"), null, null);
    step("creates", made.getUserName().equals("ann@example.com"));

    User found = users.listUsers("userName eq \"ann@example.com\"", null, null, null, null).getResources().get(0);
    step("finds", found.getId().equals(made.getId()));

    PatchOpOperationsInnerAnyOf rename =
        new PatchOpOperationsInnerAnyOf()
            .op("replace")
            .path(PatchOpOperationsInnerAnyOf.PathEnum.NAME_GIVEN_NAME)
            .value("Anna");
    User renamed = patch(users, made.getId(), new PatchOpOperationsInner(rename));
    step("patches", renamed.getName().getGivenName().equals("Anna"));

    PatchOpOperationsInnerAnyOf2 leave =
        new PatchOpOperationsInnerAnyOf2()
            .op("replace")
            .path(PatchOpOperationsInnerAnyOf2.PathEnum.ACTIVE)
            .value(new PatchOpOperationsInnerAnyOf2Value(false));
    step("deactivates", !patch(users, made.getId(), new PatchOpOperationsInner(leave)).getActive());

    step("deletes", users.deleteUserWithHttpInfo(made.getId()).getStatusCode() == 204);

    try {
      users.createUser(person("", "", ""), null, null);
    } catch (ApiException refusal) {
      ScimError error = ApiClient.createDefaultObjectMapper().readValue(refusal.getResponseBody(), ScimError.class);
      step("reads a refusal", error.getStatus().equals("400"));
    }
  }
}
