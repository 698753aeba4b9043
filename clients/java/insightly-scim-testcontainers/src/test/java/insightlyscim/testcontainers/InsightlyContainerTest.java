package insightlyscim.testcontainers;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import insightlyscim.InstanceOptions;
import insightlyscim.Operation;
import insightlyscim.RequestMatch;
import insightlyscim.Times;
import insightlyscim.UserAddition;
import insightlyscim.UserMatch;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import org.junit.jupiter.api.Test;

class InsightlyContainerTest {
  @Test
  void aContainerServes() throws Exception {
    var image = System.getenv("INSIGHTLY_SCIM_IMAGE");
    assumeTrue(image != null, "INSIGHTLY_SCIM_IMAGE names no image to be run with Docker.");
    try (var container = new InsightlyContainer(image)) {
      container.start();
      var options = new InstanceOptions().users(UserAddition.of("ann@example.com", "Ann", "Lee"));
      try (var insightly = container.createInstance(options)) {
        var request = HttpRequest.newBuilder(URI.create(insightly.scimUrl() + "/Users/1"))
            .header("Authorization", "Bearer " + insightly.scimToken()).DELETE().build();
        assertEquals(204, HttpClient.newHttpClient().send(request, BodyHandlers.discarding()).statusCode());
        insightly.waitForUser(UserMatch.of("ann@example.com").active(false));
        insightly.verify(RequestMatch.of(Operation.DELETE), Times.exactly(1));
      }
      assertEquals(1, container.insightly().users().size());
    }
  }

  @Test
  void whereItCannotRunOneLineSaysWhatToDo() {
    try (var container = new InsightlyContainer("127.0.0.1:1/insightly-scim")) {
      var message = assertThrows(IllegalStateException.class, container::start).getMessage();
      assertTrue(message.startsWith("The image 127.0.0.1:1/insightly-scim:latest cannot be run; is Docker running"), message);
      assertFalse(message.contains("\n"), message);
    }
  }

  @Test
  void itIsInMemoryAndWaitsForItsServer() {
    try (var container = new InsightlyContainer("insightly-scim")) {
      assertEquals("", container.getEnvMap().get("INSIGHTLY_SCIM_DATA"));
      assertEquals(container.adminKey(), container.getEnvMap().get("INSIGHTLY_SCIM_ADMIN_KEY"));
      assertTrue(container.getExposedPorts().contains(8080));
    }
  }
}
