package insightlyscim;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;

/** A server that we started: how it is found, started, listened to and stopped; and the one that tests share. */
final class ServerProcess {
  static final Duration START_TIMEOUT = Duration.ofSeconds(30);
  private static final Duration STOP_TIMEOUT = Duration.ofSeconds(10);

  private static final String VARIABLES = "INSIGHTLY_SCIM_";
  private static final String COMMAND = VARIABLES + "COMMAND";
  private static final String CONTROL_URL = VARIABLES + "CONTROL_URL";
  private static final String ADMIN_KEY = VARIABLES + "ADMIN_KEY";

  private static final boolean IS_WINDOWS = File.separatorChar == '\\';

  private static Insightly shared;
  private static RuntimeException problem;

  private final List<String> command;
  private final Process process;
  private final CompletableFuture<String> firstLine = new CompletableFuture<>();
  private final Words words = new Words();

  /** The server that all tests of this process share. */
  static synchronized Insightly shared() {
    if (problem != null) throw problem;
    try {
      if (shared == null) shared = open(System.getenv(), Path.of(""));
    } catch (RuntimeException error) {
      problem = error;
      throw error;
    }
    return shared;
  }

  /** Finds the server that the environment names, or starts one. */
  static Insightly open(Map<String, String> environment, Path folder) {
    var controlUrl = environment.getOrDefault(CONTROL_URL, "");
    var adminKey = environment.getOrDefault(ADMIN_KEY, "");
    if (controlUrl.isEmpty() && adminKey.isEmpty()) return start(environment, folder, START_TIMEOUT);
    if (controlUrl.isEmpty() || adminKey.isEmpty())
      throw new IllegalStateException((controlUrl.isEmpty() ? ADMIN_KEY : CONTROL_URL) + " is set without "
          + (controlUrl.isEmpty() ? CONTROL_URL : ADMIN_KEY)
          + "; set both to use a server that runs, or neither to have one started.");
    try {
      return Insightly.connect(controlUrl, adminKey);
    } catch (RuntimeException error) {
      throw new IllegalStateException(error.getMessage() + " " + CONTROL_URL + " and " + ADMIN_KEY
          + " say where that server is: correct them, or unset both to have one started.", error);
    }
  }

  /** Starts a server by the command that the environment and the folder hold. */
  static Insightly start(Map<String, String> environment, Path folder, Duration timeout, String... flags) {
    var command = new ArrayList<>(findCommand(environment, folder.toAbsolutePath()));
    command.addAll(List.of("--port", "0", "--format", "json", "--log-level", "error", "--exit-with-stdin"));
    command.addAll(List.of(flags));
    var server = new ServerProcess(command, environment);
    try {
      var ready = server.awaitReady(timeout);
      var instance = Insightly.connect(new Control(ready.controlUrl, ready.adminKey, server), "default", server::stop);
      server.words.show();
      return instance;
    } catch (RuntimeException error) {
      server.kill();
      throw error;
    }
  }

  /** The program that serves, with its arguments. */
  static List<String> findCommand(Map<String, String> environment, Path folder) {
    var given = environment.getOrDefault(COMMAND, "").strip();
    if (!given.isEmpty()) return Files.isExecutable(Path.of(given)) ? List.of(given) : List.of(given.split("\\s+"));
    var places = Stream.of(environment.getOrDefault("PATH", "").split(File.pathSeparator))
        .filter(place -> !place.isEmpty())
        .map(Path::of);
    var modules = Stream.iterate(folder, at -> at != null, Path::getParent).map(at -> at.resolve("node_modules/.bin"));
    return Stream.concat(places, modules)
        .map(place -> place.resolve(IS_WINDOWS ? "insightly-scim.cmd" : "insightly-scim"))
        .filter(program -> Files.isRegularFile(program) && Files.isExecutable(program))
        .map(program -> List.of(program.toString()))
        .findFirst()
        .orElseThrow(() -> new IllegalStateException(
            "There is no insightly-scim on PATH, nor in node_modules/.bin of " + folder
                + " or a folder above it; install it there with npm, or set " + COMMAND + " to its path."));
  }

  private ServerProcess(List<String> command, Map<String, String> environment) {
    this.command = command;
    var builder = new ProcessBuilder(command);
    builder.environment().clear();
    builder.environment().putAll(environment);
    builder.environment().keySet().removeIf(name -> name.startsWith(VARIABLES));
    try {
      process = builder.start();
    } catch (IOException error) {
      var given = environment.getOrDefault(COMMAND, "");
      var advice = given.isEmpty() ? "" : "; " + COMMAND + " is \"" + given + "\": set it to the path of insightly-scim, or unset it";
      throw new IllegalStateException("The server cannot be run (" + error.getMessage() + ")" + advice + ".", error);
    }
    // What it started may keep its output open when it has ended itself.
    process.onExit().thenRun(() -> firstLine.completeOnTimeout(null, 1, TimeUnit.SECONDS));
    read(process.inputReader(), firstLine::complete);
    read(process.errorReader(), words::add);
  }

  private static void read(BufferedReader reader, java.util.function.Consumer<String> hear) {
    var thread = new Thread(() -> {
      try {
        for (var line = reader.readLine(); line != null; line = reader.readLine()) hear.accept(line);
      } catch (IOException error) {
        // It has ended.
      }
    }, "insightly-scim");
    thread.setDaemon(true);
    thread.start();
  }

  private record Ready(String controlUrl, String adminKey) {}

  private Ready awaitReady(Duration timeout) {
    try {
      var line = firstLine.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
      if (line == null) throw new IllegalStateException("The server did not start: " + findEnd());
      var ready = Json.find(line, Ready.class);
      if (ready == null || ready.controlUrl == null)
        throw new IllegalStateException("The server did not say where its control API is; " + command.get(0) + " printed: " + line);
      return ready;
    } catch (TimeoutException error) {
      throw new IllegalStateException("The server said nothing for " + timeout.toMillis() + "ms and was given up; it was started as "
          + String.join(" ", command) + words.after(" and wrote: "), error);
    } catch (ExecutionException error) {
      throw new IllegalStateException(error);
    } catch (InterruptedException error) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("Interrupted while a server started.", error);
    }
  }

  /** How it ended, in its own words; null while it runs. */
  String findEnd() {
    if (process.isAlive()) return null;
    var status = process.exitValue();
    // The status by which env and shells say that they did not find a program, which is most likely Node.
    return "exit status " + status + words.after(": ") + (status == 127 ? "; insightly-scim needs Node on PATH" : "");
  }

  /** Ends it: by closing its standard input, by force where that is not enough. */
  private void stop() {
    try {
      // Nobody writes to it: it ends when we do.
      process.getOutputStream().close();
      if (process.waitFor(STOP_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS)) return;
      kill();
      throw new IllegalStateException("The server did not end within " + STOP_TIMEOUT.toSeconds() + " s and was killed.");
    } catch (IOException error) {
      throw new UncheckedIOException(error);
    } catch (InterruptedException error) {
      Thread.currentThread().interrupt();
      kill();
    }
  }

  private void kill() {
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
  }

  /** What the server wrote to stderr last; the rest is shown once it serves. */
  private static final class Words {
    private static final int KEPT = 40;
    private final Deque<String> lines = new ArrayDeque<>();
    private boolean isShown;

    synchronized void add(String line) {
      if (isShown) System.err.println(line);
      if (line.isBlank() || line.startsWith("    at ")) return;
      lines.add(line);
      if (lines.size() > KEPT) lines.remove();
    }

    synchronized void show() {
      isShown = true;
    }

    synchronized String after(String text) {
      return lines.isEmpty() ? "" : text + String.join("\n", lines);
    }
  }
}
