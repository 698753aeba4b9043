// SCIM-SDK's client: the life of a user.

import de.captaingoldfish.scim.sdk.client.ScimClientConfig;
import de.captaingoldfish.scim.sdk.client.ScimRequestBuilder;
import de.captaingoldfish.scim.sdk.client.response.ServerResponse;
import de.captaingoldfish.scim.sdk.common.constants.enums.Comparator;
import de.captaingoldfish.scim.sdk.common.constants.enums.PatchOp;
import de.captaingoldfish.scim.sdk.common.resources.User;
import de.captaingoldfish.scim.sdk.common.resources.complex.Name;
import de.captaingoldfish.scim.sdk.common.response.ListResponse;
import java.util.List;
import java.util.Map;

public final class ScimSdk {
  private static final String USERS = "/Users";
  private static ScimRequestBuilder requests;

  private static User ann(String givenName) {
    return User.builder()
        .userName(Steps.USER_NAME)
        .name(Name.builder().givenName(givenName).familyName("Lee").build())
        .build();
  }

  /** What an answer holds; it says itself why it holds nothing. */
  private static <T extends de.captaingoldfish.scim.sdk.common.resources.base.ScimObjectNode> T get(
      ServerResponse<T> response) {
    if (response.isSuccess()) return response.getResource();
    throw new IllegalStateException(response.getHttpStatus() + " " + response.getResponseBody());
  }

  private static List<String> find(String attribute, String value) {
    ListResponse<User> found =
        get(requests.list(User.class, USERS).filter(attribute, Comparator.EQ, value).build().get().sendRequest());
    return found.getListedResources().stream().map(user -> user.getId().orElseThrow()).toList();
  }

  private static ServerResponse<User> create(User user) {
    return requests.create(User.class, USERS).setResource(user).sendRequest();
  }

  public static void main(String[] arguments) {
    requests =
        new ScimRequestBuilder(
            Steps.URL,
            ScimClientConfig.builder()
                .connectTimeout(10)
                .requestTimeout(10)
                .socketTimeout(10)
                .httpHeaders(Map.of("Authorization", "Bearer " + Steps.TOKEN))
                .build());

    Steps.step("discovers", () -> get(requests.loadMetaConfiguration().sendRequest()) != null
        && requests.loadServiceProviderConfiguration().getPatchConfig().isSupported());

    User made = get(create(ann("Ann")));
    String id = made.getId().orElseThrow();
    Steps.step("creates", () -> made.getUserName().orElseThrow().equals(Steps.USER_NAME) && made.isActive().orElse(false));
    Steps.step("finds by userName", () -> find("userName", Steps.USER_NAME).equals(List.of(id)));
    Steps.step("finds by familyName", () -> find("name.familyName", "Lee").equals(List.of(id)));
    Steps.step("replaces an attribute", () ->
        get(requests.patch(User.class, USERS, id)
                .addOperation().op(PatchOp.REPLACE).path("displayName").value("Ann of Lee").build()
                .sendRequest())
            .getDisplayName().orElseThrow().equals("Ann of Lee"));
    Steps.step("adds an attribute", () ->
        get(requests.patch(User.class, USERS, id)
                .addOperation().op(PatchOp.ADD).path("externalId").value("e-1").build()
                .sendRequest())
            .getExternalId().orElseThrow().equals("e-1"));
    Steps.step("replaces the user", () ->
        get(requests.update(User.class, USERS, id).setResource(ann("Anna")).sendRequest())
            .getName().orElseThrow().getGivenName().orElseThrow().equals("Anna"));
    Steps.step("deactivates", () ->
        !get(requests.patch(User.class, USERS, id)
                .addOperation().op(PatchOp.REPLACE).path("active").value("false").build()
                .sendRequest())
            .isActive().orElse(true));
    Steps.step("reads a refusal", () ->
        create(ann("Ann")).getErrorResponse().getScimType().orElseThrow().equals("uniqueness"));
    Steps.step("deletes", () -> requests.delete(User.class, USERS, id).sendRequest().isSuccess());
    Steps.step("finds nobody who was deleted", () -> find("userName", Steps.USER_NAME).isEmpty());
  }
}
