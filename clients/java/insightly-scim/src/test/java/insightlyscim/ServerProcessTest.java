package insightlyscim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

class ServerProcessTest {
  static final String COMMAND = System.getenv("INSIGHTLY_SCIM_COMMAND");

  @TempDir
  Path folder;

  @Test
  void k24TheServerThatTheEnvironmentNamesIsUsedAndGoesOn() {
    try (var running = Insightly.start()) {
      var environment = with(Map.of(
          "INSIGHTLY_SCIM_CONTROL_URL", running.controlUrl() + "/",
          "INSIGHTLY_SCIM_ADMIN_KEY", running.adminKey(),
          "INSIGHTLY_SCIM_COMMAND", "/no/such/program"));
      var found = ServerProcess.open(environment, folder);
      assertEquals(running.url(), found.url());
      found.close();
      assertEquals(1, running.users().size());
    }
  }

  @Test
  void k25OneLineSaysWhatToDoWhereItIsNotNamedInFullOrDoesNotAnswer() {
    try (var running = Insightly.start()) {
      expectLine("INSIGHTLY_SCIM_CONTROL_URL is set without INSIGHTLY_SCIM_ADMIN_KEY; set both", () -> attach(running.controlUrl(), ""));
      expectLine("INSIGHTLY_SCIM_ADMIN_KEY is set without INSIGHTLY_SCIM_CONTROL_URL; set both", () -> attach("", "a-key"));
      expectLine("correct them, or unset both", () -> attach(running.controlUrl(), "a-key"));
      expectLine("Nothing answers at http://127.0.0.1:1/_emulator", () -> attach("http://127.0.0.1:1/_emulator", "a-key"));
    }
  }

  private Insightly attach(String controlUrl, String adminKey) {
    return ServerProcess.open(with(Map.of("INSIGHTLY_SCIM_CONTROL_URL", controlUrl, "INSIGHTLY_SCIM_ADMIN_KEY", adminKey)), folder);
  }

  @Test
  void k26TheCommandIsAPathOrAProgramWithArguments() {
    var path = writeScript("a folder/my server", "exec " + COMMAND + " \"$@\"");
    start(Map.of("INSIGHTLY_SCIM_COMMAND", path.toString())).close();
    start(Map.of("INSIGHTLY_SCIM_COMMAND", "env " + COMMAND)).close();
    expectLine("INSIGHTLY_SCIM_COMMAND is \"/no/such/program\": set it to the path",
        () -> start(Map.of("INSIGHTLY_SCIM_COMMAND", "/no/such/program")));
  }

  @Test
  void k27ItIsTheOneOnPathElseThatInNodeModulesOfTheFolderOrAbove() {
    var above = writeScript("node_modules/.bin/insightly-scim", "exit 1");
    var onPath = writeScript("bin/insightly-scim", "exit 1");
    var below = folder.resolve("some/where");
    assertEquals(List.of(above.toString()), ServerProcess.findCommand(Map.of("PATH", "/usr/bin"), below));
    assertEquals(List.of(onPath.toString()), ServerProcess.findCommand(Map.of("PATH", "/usr/bin:" + onPath.getParent()), below));
  }

  @Test
  void k28OneLineSaysWhatToInstallOrToSet() {
    expectLine("install it there with npm, or set INSIGHTLY_SCIM_COMMAND", () -> start(Map.of("INSIGHTLY_SCIM_COMMAND", "")));
  }

  @Test
  void k29ItsOwnWordsSayWhyItDoesNotStart() {
    expectLine("The server did not start: exit status 2: insightly-scim: --profle is not known", () -> Insightly.start("--profle", "rfc7644"));
    var fails = writeScript("fails", "printf 'Error: the disk is full\\n    at open (node:fs:1:2)\\n' >&2; exit 3");
    expectLine("The server did not start: exit status 3: Error: the disk is full", () -> start(Map.of("INSIGHTLY_SCIM_COMMAND", fails.toString())));
    var noNode = writeScript("no-node", "exec env no-node-here");
    expectLine("insightly-scim needs Node on PATH", () -> start(Map.of("INSIGHTLY_SCIM_COMMAND", noNode.toString())));
    expectLine("The server did not say where its control API is", () -> start(Map.of("INSIGHTLY_SCIM_COMMAND", "echo hello")));
  }

  @Test
  void k30AServerThatSaysNothingIsGivenUpAndStopped() throws IOException {
    var pid = folder.resolve("pid");
    var hangs = writeScript("hangs", "echo 'loading a seed' >&2; sleep 60 & echo $! > " + pid + "; wait");
    var environment = with(Map.of("INSIGHTLY_SCIM_COMMAND", hangs.toString()));
    var error = assertThrows(IllegalStateException.class,
        () -> ServerProcess.start(environment, folder, Duration.ofSeconds(1)));
    assertTrue(error.getMessage().startsWith("The server said nothing for 1000ms and was given up"), error.getMessage());
    assertTrue(error.getMessage().endsWith("and wrote: loading a seed"), error.getMessage());
    var started = Long.parseLong(Files.readString(pid).strip());
    eventually(() -> ProcessHandle.of(started).map(process -> !process.isAlive()).orElse(true));
    assertEquals(Duration.ofSeconds(30), ServerProcess.START_TIMEOUT);
  }

  @Test
  void k31AServerOfAnotherVersionIsRefusedInOneLineAndStopped() {
    for (var version : List.of("0.2.0", "0.10.0", "1.1.0", "none")) {
      try (var stranger = new Stranger(version, (path, query) -> null)) {
        var words = "is insightly-scim " + version + ", and this package is of " + Insightly.VERSION;
        expectLine(words, () -> Insightly.connect(stranger.controlUrl(), "key"));
        var pid = folder.resolve("pid-" + version);
        var script = writeScript("stranger-" + version, "echo $$ > " + pid + "; echo '{\"controlUrl\":\"" + stranger.controlUrl()
            + "\",\"adminKey\":\"k\"}'; exec cat");
        expectLine(words, () -> start(Map.of("INSIGHTLY_SCIM_COMMAND", script.toString())));
        eventually(() -> !ProcessHandle.of(Long.parseLong(readString(pid).strip())).map(ProcessHandle::isAlive).orElse(false));
      }
    }
    try (var stranger = new Stranger("0.1.99", (path, query) -> null)) {
      assertEquals("default", Insightly.connect(stranger.controlUrl(), "key").name());
    }
  }

  @Test
  void k32ItHeedsWhatTheTestSaysAndNoVariable() throws IOException {
    var data = Files.createDirectory(folder.resolve("data"));
    var environment = Map.of(
        "INSIGHTLY_SCIM_COMMAND", COMMAND, "INSIGHTLY_SCIM_PROFILE", "rfc7644",
        "INSIGHTLY_SCIM_TOKEN", "from-the-environment", "INSIGHTLY_SCIM_DATA", data.toString());
    try (var server = start(environment)) {
      assertEquals("deactivate", server.settings().get().behaviours().get("delete"));
      assertNotEquals("from-the-environment", server.scimToken());
    }
    try (var files = Files.list(data)) {
      assertEquals(0, files.count());
    }
    try (var server = start(environment, "--profile", "rfc7644", "--scim-token", "from-the-test")) {
      assertEquals("remove", server.settings().get().behaviours().get("delete"));
      assertEquals("from-the-test", server.scimToken());
    }
  }

  @Test
  void k33ItEndsWhenItIsClosed() {
    var server = Insightly.start();
    server.close();
    server.close();
    expectLine("The server has ended: exit status 0", server::users);
  }

  @Test
  void k33ItEndsWithItsTestProcessHoweverThatEnds() throws IOException {
    var java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    var process = new ProcessBuilder(java, "-cp", System.getProperty("java.class.path"), PlayedTestProcess.class.getName())
        .redirectError(ProcessBuilder.Redirect.INHERIT).start();
    try (BufferedReader reader = process.inputReader()) {
      var url = reader.readLine();
      assertTrue(answers(url));
      process.destroyForcibly();
      eventually(() -> !answers(url));
    }
  }

  /** A test process, to be killed. */
  static final class PlayedTestProcess {
    public static void main(String[] arguments) throws InterruptedException {
      System.out.println(Insightly.start().url());
      Thread.sleep(60_000);
    }
  }

  @Test
  void k36ThePackagesVersionIsTheServers() {
    try (var server = Insightly.start()) {
      var told = Scim.send("GET", server.controlUrl(), "Bearer " + server.adminKey(), null).body();
      assertTrue(told.contains("\"version\":\"" + Insightly.VERSION + "\""), told);
    }
  }

  private static boolean answers(String url) {
    try {
      URI.create(url + "/healthz").toURL().openStream().close();
      return true;
    } catch (IOException error) {
      return false;
    }
  }

  private Insightly start(Map<String, String> variables, String... flags) {
    return ServerProcess.start(with(variables), folder, ServerProcess.START_TIMEOUT, flags);
  }

  private static Map<String, String> with(Map<String, String> variables) {
    var environment = new HashMap<>(System.getenv());
    environment.putAll(variables);
    return environment;
  }

  private static void expectLine(String words, Executable action) {
    var message = assertThrows(RuntimeException.class, action).getMessage();
    assertTrue(message.contains(words), message);
    assertFalse(message.contains("\n"), message);
  }

  private static void eventually(BooleanSupplier isSo) {
    for (var tries = 0; tries < 500 && !isSo.getAsBoolean(); tries += 1) {
      try {
        Thread.sleep(20);
      } catch (InterruptedException error) {
        throw new IllegalStateException(error);
      }
    }
    assertTrue(isSo.getAsBoolean());
  }

  private static String readString(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException error) {
      throw new IllegalStateException(error);
    }
  }

  private Path writeScript(String name, String text) {
    var script = folder.resolve(name);
    try {
      Files.createDirectories(script.getParent());
      Files.writeString(script, "#!/bin/sh\n" + text + "\n");
      return Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxr-xr-x"));
    } catch (IOException error) {
      throw new IllegalStateException(error);
    }
  }
}
