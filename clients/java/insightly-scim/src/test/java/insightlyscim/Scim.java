package insightlyscim;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** The code under test: what provisions users by SCIM. */
final class Scim {
  private Scim() {}

  static HttpResponse<String> send(String method, String url, String authorization, String body) {
    var content = body == null ? BodyPublishers.noBody() : BodyPublishers.ofString(body);
    var request = HttpRequest.newBuilder(URI.create(url)).method(method, content);
    if (authorization != null) request.header("Authorization", authorization);
    if (body != null) request.header("Content-Type", "application/scim+json");
    try {
      return HttpClient.newHttpClient().send(request.build(), BodyHandlers.ofString());
    } catch (IOException | InterruptedException error) {
      throw new IllegalStateException(error);
    }
  }

  static HttpResponse<String> send(Insightly insightly, String method, String path, String body) {
    return send(method, insightly.scimUrl() + path, "Bearer " + insightly.scimToken(), body);
  }

  /** Provisions a user and returns the status. */
  static int createBob(Insightly insightly) {
    return send(insightly, "POST", "/Users", """
        {"userName": "bob@example.com", "name": {"givenName": "Bob", "familyName": "Ray"}, "locale": "en"}""")
        .statusCode();
  }

  /** Does something a little later, on another thread. */
  static void later(Runnable action) {
    CompletableFuture.runAsync(action, CompletableFuture.delayedExecutor(50, TimeUnit.MILLISECONDS));
  }
}
