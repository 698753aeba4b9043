// ConnId's bundle for SCIM 2: the life of a user, as an identity management such as Apache Syncope leads it.

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import net.tirasa.connid.bundles.scim.common.SCIMConnectorConfiguration;
import net.tirasa.connid.bundles.scim.v2.SCIMv2Connector;
import org.identityconnectors.framework.common.exceptions.ConnectorException;
import org.identityconnectors.framework.common.objects.Attribute;
import org.identityconnectors.framework.common.objects.AttributeBuilder;
import org.identityconnectors.framework.common.objects.ConnectorObject;
import org.identityconnectors.framework.common.objects.Name;
import org.identityconnectors.framework.common.objects.ObjectClass;
import org.identityconnectors.framework.common.objects.OperationOptions;
import org.identityconnectors.framework.common.objects.OperationOptionsBuilder;
import org.identityconnectors.framework.common.objects.OperationalAttributes;
import org.identityconnectors.framework.common.objects.Uid;
import org.identityconnectors.framework.common.objects.filter.Filter;
import org.identityconnectors.framework.common.objects.filter.FilterBuilder;

public final class Connid {
  private static final ObjectClass ACCOUNT = ObjectClass.ACCOUNT;
  private static final OperationOptions OPTIONS =
      new OperationOptionsBuilder().setAttributesToGet("userName", "name.givenName", "name.familyName", "active").build();
  private static final SCIMv2Connector connector = new SCIMv2Connector();

  private static Set<Attribute> ann(String givenName, boolean active) {
    return Set.of(
        new Name(Steps.USER_NAME),
        AttributeBuilder.build("userName", Steps.USER_NAME),
        AttributeBuilder.build("name.givenName", givenName),
        AttributeBuilder.build("name.familyName", "Lee"),
        AttributeBuilder.build(OperationalAttributes.ENABLE_NAME, active));
  }

  private static List<ConnectorObject> find(Filter filter) {
    List<ConnectorObject> found = new ArrayList<>();
    connector.executeQuery(ACCOUNT, filter, found::add, OPTIONS);
    return found;
  }

  private static List<String> find(String attribute, String value) {
    return find(FilterBuilder.equalTo(AttributeBuilder.build(attribute, value))).stream()
        .map(user -> user.getUid().getUidValue())
        .toList();
  }

  private static Object read(Uid id, String attribute) {
    return find(FilterBuilder.equalTo(id)).get(0).getAttributeByName(attribute).getValue().get(0);
  }

  public static void main(String[] arguments) {
    SCIMConnectorConfiguration configuration = new SCIMConnectorConfiguration();
    configuration.setBaseAddress(Steps.URL);
    configuration.setBearerToken(Steps.TOKEN);
    configuration.setUpdateUserMethod("PUT");
    connector.init(configuration);

    Steps.step("discovers", () -> {
      connector.test();
      return connector.schema().findObjectClassInfo(ObjectClass.ACCOUNT_NAME) != null;
    });
    Uid id = connector.create(ACCOUNT, ann("Ann", true), OPTIONS);
    Steps.step("creates", () -> read(id, "userName").equals(Steps.USER_NAME));
    Steps.step("finds by userName", () -> find("userName", Steps.USER_NAME).equals(List.of(id.getUidValue())));
    Steps.step("finds by familyName", () -> find("name.familyName", "Lee").equals(List.of(id.getUidValue())));
    Steps.step("replaces the user", () -> {
      connector.update(ACCOUNT, id, ann("Anna", true), OPTIONS);
      return read(id, "name.givenName").equals("Anna");
    });
    Steps.step("deactivates", () -> {
      connector.update(ACCOUNT, id, ann("Anna", false), OPTIONS);
      return read(id, "active").equals(false);
    });
    Steps.step("reads a refusal", () -> {
      try {
        connector.create(ACCOUNT, ann("Ann", true), OPTIONS);
        return false;
      } catch (ConnectorException refusal) {
        return refusal.getMessage().contains("belongs to another user");
      }
    });
    Steps.step("deletes", () -> {
      connector.delete(ACCOUNT, id, OPTIONS);
      return true;
    });
    Steps.step("finds nobody who was deleted", () -> find("userName", Steps.USER_NAME).isEmpty());
  }
}
