// UnboundID's client: the life of a user.

import com.fasterxml.jackson.databind.node.TextNode;
import com.unboundid.scim2.client.ScimService;
import com.unboundid.scim2.common.exceptions.ResourceConflictException;
import com.unboundid.scim2.common.exceptions.ScimException;
import com.unboundid.scim2.common.messages.PatchOperation;
import com.unboundid.scim2.common.types.Name;
import com.unboundid.scim2.common.types.UserResource;
import jakarta.ws.rs.client.Client;
import jakarta.ws.rs.client.ClientBuilder;
import jakarta.ws.rs.client.ClientRequestFilter;
import java.util.List;
import org.glassfish.jersey.apache.connector.ApacheConnectorProvider;
import org.glassfish.jersey.client.ClientConfig;

public final class UnboundId {
  private static ScimService service;

  private static UserResource ann() {
    return new UserResource()
        .setUserName(Steps.USER_NAME)
        .setName(new Name().setGivenName("Ann").setFamilyName("Lee"));
  }

  private static List<String> find(String filter) throws ScimException {
    return service.search("Users", filter, UserResource.class).getResources().stream()
        .map(UserResource::getId)
        .toList();
  }

  public static void main(String[] arguments) throws ScimException {
    // The connector of the JDK knows no PATCH.
    Client client = ClientBuilder.newClient(new ClientConfig().connectorProvider(new ApacheConnectorProvider()));
    ClientRequestFilter authorize = request -> request.getHeaders().add("Authorization", "Bearer " + Steps.TOKEN);
    service = new ScimService(client.register(authorize).target(Steps.URL));

    Steps.step("discovers", () ->
        service.getServiceProviderConfig().getPatch().isSupported()
            && service.getSchemas().getTotalResults() > 0
            && service.getResourceTypes().getResources().get(0).getName().equals("User"));

    UserResource made = service.create("Users", ann());
    String id = made.getId();
    Steps.step("creates", () -> made.getUserName().equals(Steps.USER_NAME) && made.getActive());
    Steps.step("finds by userName", () -> find("userName eq \"ann@example.com\"").equals(List.of(id)));
    Steps.step("finds by familyName", () -> find("name.familyName eq \"Lee\"").equals(List.of(id)));
    Steps.step("replaces an attribute", () ->
        service.modifyRequest(made).replaceValue("displayName", "Ann of Lee").invoke()
            .getDisplayName().equals("Ann of Lee"));
    Steps.step("adds an attribute", () ->
        service.modifyRequest(made).addOperation(PatchOperation.add("externalId", TextNode.valueOf("e-1"))).invoke()
            .getExternalId().equals("e-1"));
    Steps.step("replaces the user", () -> {
      UserResource user = service.retrieve(made);
      user.getName().setGivenName("Anna");
      return service.replace(user).getName().getGivenName().equals("Anna");
    });
    Steps.step("deactivates", () -> !service.modifyRequest(made).replaceValue("active", false).invoke().getActive());
    Steps.step("reads a refusal", () -> {
      try {
        service.create("Users", ann());
        return false;
      } catch (ResourceConflictException refusal) {
        return refusal.getScimError().getScimType().equals("uniqueness");
      }
    });
    Steps.step("deletes", () -> {
      service.delete(made);
      return true;
    });
    Steps.step("finds nobody who was deleted", () -> find("userName eq \"ann@example.com\"").isEmpty());
  }
}
