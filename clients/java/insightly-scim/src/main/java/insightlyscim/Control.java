package insightlyscim;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Sends requests to the control API of one server. */
final class Control {
  private static final HttpClient HTTP =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  /** What two versions have in common that fit: the major number, before 1.0 the minor number too. */
  private static final Pattern LINE = Pattern.compile("^(0\\.\\d+|[1-9]\\d*)\\.");

  final String url;
  final String adminKey;

  /** The server, where we started it, else null. */
  private final ServerProcess process;

  Control(String url, String adminKey, ServerProcess process) {
    this.url = url.replaceFirst("/+$", "");
    this.adminKey = adminKey;
    this.process = process;
  }

  record Answer(int status, String text) {
    private record Problem(String detail) {}

    /** Why the control API refused. */
    String toRefusal() {
      var problem = Json.find(text, Problem.class);
      return problem != null && problem.detail != null
          ? problem.detail
          : "The control API answered " + status + ": " + text.substring(0, Math.min(text.length(), 200));
    }

    ControlException toException() {
      return new ControlException(toRefusal(), status, text);
    }
  }

  /** Makes one request; an answer of any status is returned. */
  Answer send(String method, String path, String body) {
    var request = HttpRequest.newBuilder(URI.create(url + path))
        .header("Authorization", "Bearer " + adminKey)
        .method(method, body == null ? BodyPublishers.noBody() : BodyPublishers.ofString(body));
    if (body != null) request.header("Content-Type", "application/json");
    try {
      var answer = HTTP.send(request.build(), BodyHandlers.ofString());
      return new Answer(answer.statusCode(), answer.body());
    } catch (IOException error) {
      var end = process == null ? null : process.findEnd();
      var said = error.getMessage() == null ? error.getClass().getSimpleName() : error.getMessage();
      var message = end == null ? "Nothing answers at " + url + " (" + said + ")." : "The server has ended: " + end;
      throw new UncheckedIOException(message, error);
    } catch (InterruptedException error) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("Interrupted while " + url + " was asked.", error);
    }
  }

  /**
   * Makes one request.
   *
   * @return the text of its answer
   * @throws ControlException when it is refused
   */
  String ask(String method, String path, String body) {
    var answer = send(method, path, body);
    if (answer.status >= 300) throw answer.toException();
    return answer.text;
  }

  private record ServerInfo(String version) {}

  /** Refuses a server that does not speak as this package does. */
  void checkVersion() {
    var version = String.valueOf(Json.read(ask("GET", "", null), ServerInfo.class).version);
    if (!toLine(version).equals(toLine(Insightly.VERSION)))
      throw new IllegalStateException("The server at " + url + " is insightly-scim " + version
          + ", and this package is of " + Insightly.VERSION + "; use the same version of both.");
  }

  private static String toLine(String version) {
    var line = LINE.matcher(version);
    return line.find() ? line.group() : version;
  }

  /** The members that are not null, as the query of a URL. */
  static String toQuery(Map<String, Object> members) {
    return members.entrySet().stream()
        .filter(member -> member.getValue() != null)
        .map(member -> member.getKey() + "=" + encode(toText(member.getValue())))
        .collect(Collectors.joining("&", "?", ""));
  }

  static String encode(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  private static String toText(Object value) {
    return value instanceof Enum<?> named ? Json.name(named) : Objects.toString(value);
  }
}
