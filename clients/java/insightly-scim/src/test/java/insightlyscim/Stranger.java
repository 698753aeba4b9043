package insightlyscim;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.function.BiFunction;

/** A server that is not of this version; what it is not told to answer, it answers emptily. */
final class Stranger implements AutoCloseable {
  private final HttpServer server;

  /** The answer to a path and query; null for the empty one. */
  Stranger(String version, BiFunction<String, String, String> answers) {
    try {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    } catch (IOException error) {
      throw new UncheckedIOException(error);
    }
    server.createContext("/", exchange -> {
      var path = exchange.getRequestURI().getPath();
      var query = exchange.getRequestURI().getRawQuery();
      var answer = answers.apply(path, query);
      if (answer == null)
        answer = path.endsWith("/_emulator") ? "{\"version\": \"" + version + "\"}"
            : path.endsWith("/users") ? "[]" : "{\"name\": \"default\"}";
      var bytes = answer.getBytes(StandardCharsets.UTF_8);
      exchange.sendResponseHeaders(query != null && query.contains("wait=") ? 408 : 200, bytes.length);
      exchange.getResponseBody().write(bytes);
      exchange.close();
    });
    server.start();
  }

  String controlUrl() {
    return "http://127.0.0.1:" + server.getAddress().getPort() + "/_emulator";
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
