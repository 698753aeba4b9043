package insightlyscim;

import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * One emulated Insightly account on a server that runs: where it is, and everything that a test may want to know of it
 * or do to it. Several threads may use it at once. What the server refuses is a {@link ControlException}.
 */
public final class Insightly implements AutoCloseable {
  /** The version of this package, and of the server that it was made with. */
  public static final String VERSION = "0.1.0";

  /** How long a wait lasts unless told. */
  private static final Duration PATIENCE = Duration.ofSeconds(4);

  private final Control control;
  private final String path;
  private final Runnable ending;
  private final InstanceClock clock = new InstanceClock(this);
  private final InstanceSettings settings = new InstanceSettings(this);
  private volatile Description told;
  private boolean isClosed;

  private record Description(
      String name, long instanceId, String scimUrl, String scimToken, String apiUrl, String apiKey) {}

  private Insightly(Control control, Description told, Runnable ending) {
    this.control = control;
    this.path = "/instances/" + told.name;
    this.told = told;
    this.ending = ending;
  }

  /**
   * Starts a server of its own, in memory and on a free port. It ends with this process, too, however that ends. No
   * INSIGHTLY_SCIM_* variable reaches it. The command is that of INSIGHTLY_SCIM_COMMAND, else insightly-scim on PATH,
   * else node_modules/.bin/insightly-scim in the working folder or the nearest folder above it.
   *
   * @param flags those of the command, such as {@code "--profile", "rfc7644"}
   * @return its default instance; closing that stops the server
   * @throws IllegalStateException when it does not start, or not within 30 s
   */
  public static Insightly start(String... flags) {
    return start(ServerProcess.START_TIMEOUT, flags);
  }

  /**
   * Starts a server of its own, and gives it up after some time.
   *
   * @param timeout when to give up
   * @param flags those of the command
   * @return its default instance; closing that stops the server
   * @throws IllegalStateException when it does not start in time
   */
  public static Insightly start(Duration timeout, String... flags) {
    return ServerProcess.start(System.getenv(), Path.of(""), timeout, flags);
  }

  /**
   * Finds the default instance of a server that runs elsewhere: another process, a container.
   *
   * @param controlUrl as the ready message of the server tells it; it ends in {@code /_emulator}
   * @param adminKey as the ready message tells it, or as the server was told
   * @return the instance; closing it does nothing
   */
  public static Insightly connect(String controlUrl, String adminKey) {
    return connect(controlUrl, adminKey, "default");
  }

  /**
   * Finds an instance of a server that runs elsewhere.
   *
   * @param controlUrl as the ready message of the server tells it; it ends in {@code /_emulator}
   * @param adminKey as the ready message tells it, or as the server was told
   * @param instance the name of the instance
   * @return the instance; closing it does nothing
   */
  public static Insightly connect(String controlUrl, String adminKey, String instance) {
    return connect(new Control(controlUrl, adminKey, null), instance, () -> {});
  }

  static Insightly connect(Control control, String instance, Runnable ending) {
    control.checkVersion();
    var told = control.ask("GET", "/instances/" + Control.encode(instance), null);
    return new Insightly(control, Json.read(told, Description.class), ending);
  }

  /**
   * The name of the instance.
   *
   * @return its name on its server
   */
  public String name() {
    return told.name;
  }

  /**
   * Insightly's INSTANCE_ID.
   *
   * @return the number
   */
  public long instanceId() {
    return told.instanceId;
  }

  /**
   * Where the server is.
   *
   * @return its URL
   */
  public String url() {
    return control.url.replaceFirst("/_emulator$", "");
  }

  /**
   * Where an identity provider, or the code under test, provisions users.
   *
   * @return the URL
   */
  public String scimUrl() {
    return told.scimUrl;
  }

  /**
   * The SCIM token as this handle last learned it.
   *
   * @return the token; empty before SCIM was ever enabled
   */
  public String scimToken() {
    return told.scimToken == null ? "" : told.scimToken;
  }

  /**
   * Where Insightly's REST API is.
   *
   * @return the URL
   */
  public String apiUrl() {
    return told.apiUrl;
  }

  /**
   * The key of the REST API, which acts as the account owner, else as the first active user.
   *
   * @return the key; empty when there is no such user
   */
  public String apiKey() {
    return told.apiKey == null ? "" : told.apiKey;
  }

  /**
   * Where the control API of the server is.
   *
   * @return the URL
   */
  public String controlUrl() {
    return control.url;
  }

  /**
   * The key of the control API.
   *
   * @return the key
   */
  public String adminKey() {
    return control.adminKey;
  }

  /**
   * The time of the instance, which the dates of users, rate limits and the journal obey.
   *
   * @return the clock
   */
  public InstanceClock clock() {
    return clock;
  }

  /**
   * What Insightly's SAML and SCIM page sets, and the stand-in's own settings.
   *
   * @return the settings, to be read and changed
   */
  public InstanceSettings settings() {
    return settings;
  }

  /**
   * All users.
   *
   * @return the users, ascending by USER_ID
   */
  public List<User> users() {
    return users(UserMatch.any());
  }

  /**
   * Some users.
   *
   * @param match which
   * @return the users, ascending by USER_ID
   */
  public List<User> users(UserMatch match) {
    return List.of(Json.read(ask("GET", "/users" + Control.toQuery(toMembers(match)), null), User[].class));
  }

  /**
   * One user.
   *
   * @param id its USER_ID
   * @return the user
   */
  public User user(long id) {
    return Json.read(ask("GET", "/users/" + id, null), User.class);
  }

  /**
   * Adds a user as an administrator does by hand.
   *
   * @param user the user
   * @return the user as it is stored
   */
  public User addUser(UserAddition user) {
    return Json.read(change("POST", "/users", Json.write(user)), User.class);
  }

  /**
   * Changes a user as an administrator does by hand, licences included.
   *
   * @param id its USER_ID
   * @param edit what to change
   * @return the user as it is then
   */
  public User editUser(long id, UserEdit edit) {
    return Json.read(change("PATCH", "/users/" + id, Json.write(edit)), User.class);
  }

  /**
   * Waits for a user, 4 s at most.
   *
   * @param match which
   * @return the first user that matches
   * @throws AssertionError that tells which users there are, when none matches in time
   */
  public User waitForUser(UserMatch match) {
    return waitForUser(match, PATIENCE);
  }

  /**
   * Waits for a user.
   *
   * @param match which
   * @param timeout how long, at most a minute
   * @return the first user that matches
   * @throws AssertionError that tells which users there are, when none matches in time
   */
  public User waitForUser(UserMatch match, Duration timeout) {
    var members = toMembers(match);
    var found = Json.read(wait("/users", members, timeout), User[].class);
    if (found.length > 0) return found[0];
    // What matched is nothing, by definition; what there is instead says more.
    var lines = users().stream().map(user -> user.emailAddress() + (user.active() ? ", active" : ", inactive"));
    throw new AssertionError("No user with " + toWords(members) + " within " + timeout.toMillis() + "ms. "
        + toShown("user", lines.toList()));
  }

  /**
   * All SCIM and REST requests that were made.
   *
   * @return the requests, oldest first
   */
  public List<Entry> requests() {
    return requests(RequestMatch.any());
  }

  /**
   * Some of the SCIM and REST requests that were made.
   *
   * @param match which
   * @return the requests, oldest first
   */
  public List<Entry> requests(RequestMatch match) {
    return requests(new RequestQuery(match, null, null, null));
  }

  /**
   * Some of the SCIM and REST requests that were made.
   *
   * @param query which, and how many
   * @return the requests, oldest first
   */
  public List<Entry> requests(RequestQuery query) {
    return Json.read(ask("GET", "/requests" + Control.toQuery(toMembers(query)), null), Journal.class).requests;
  }

  private record Journal(List<Entry> requests) {}

  /**
   * Waits for a request, 4 s at most.
   *
   * @param match which
   * @return the first request that matches
   * @throws AssertionError that tells which requests there were, when none matches in time
   */
  public Entry waitForRequest(RequestMatch match) {
    return waitForRequest(match, PATIENCE);
  }

  /**
   * Waits for a request.
   *
   * @param match which
   * @param timeout how long, at most a minute
   * @return the first request that matches
   * @throws AssertionError that tells which requests there were, when none matches in time
   */
  public Entry waitForRequest(RequestMatch match, Duration timeout) {
    return waitForRequest(new RequestQuery(match, null, null, null), timeout);
  }

  /**
   * Waits for a request.
   *
   * @param query which
   * @param timeout how long, at most a minute
   * @return the first request that matches
   * @throws AssertionError that tells which requests there were, when none matches in time
   */
  public Entry waitForRequest(RequestQuery query, Duration timeout) {
    var members = toMembers(query);
    var found = Json.read(wait("/requests", members, timeout), Journal.class).requests;
    if (!found.isEmpty()) return found.get(0);
    var made = requests(new RequestQuery(RequestMatch.any(), query.since(), null, null));
    throw new AssertionError("No request with " + toWords(members) + " within " + timeout.toMillis() + "ms. "
        + toShown("request", made.stream().map(Entry::toString).toList()));
  }

  /**
   * Asserts that a request was made, at least once.
   *
   * @param match which
   * @return how many requests match
   * @throws AssertionError with the nearest misses and why they missed
   */
  public int verify(RequestMatch match) {
    return verify(match, Times.atLeast(1));
  }

  /**
   * Asserts how often a request was made.
   *
   * @param match which
   * @param times how often
   * @return how many requests match
   * @throws AssertionError with the nearest misses and why they missed
   */
  public int verify(RequestMatch match, Times times) {
    var body = Json.write(Map.of("match", match, "times", times));
    var answer = control.send("POST", path + "/requests/verify", body);
    if (answer.status() == 200) return Json.read(answer.text(), Verification.class).matched;
    if (answer.status() != 409) throw answer.toException();
    var misses = Stream.of(Json.read(answer.text(), Verification.class).nearest);
    throw new AssertionError(misses
        .map(miss -> "\n  " + miss.toLine() + "; missed, since " + String.join(" and ", miss.why))
        .collect(Collectors.joining("", answer.toRefusal(), "")));
  }

  private record Verification(int matched, Miss[] nearest) {}

  private record Miss(
      String method, String path, Integer status, Operation operation, String userName, List<Entry.Note> notes,
      List<String> why) {
    String toLine() {
      return Entry.toLine(method, path, status, operation, userName, notes);
    }
  }

  /** Forgets the requests made so far. */
  public void clearRequests() {
    ask("DELETE", "/requests", null);
  }

  /**
   * Replaces the faults by these; without any, it ends them all.
   *
   * @param faults the faults; the first that matches and fires counts
   */
  public void setFaults(Fault... faults) {
    ask("PUT", "/faults", Json.write(faults));
  }

  /**
   * The faults.
   *
   * @return the faults, each with how often it fired
   */
  public List<Fault> faults() {
    return List.of(Json.read(ask("GET", "/faults", null), Fault[].class));
  }

  /**
   * Gives the instance a new SCIM token; the old one is dead at once.
   *
   * @return the token, which {@link #scimToken()} tells from then on
   */
  public String regenerateToken() {
    change("POST", "/scim-token/regenerate", null);
    return scimToken();
  }

  /**
   * Settings, behaviours and users.
   *
   * @return one JSON document
   */
  public String exportState() {
    return ask("GET", "/state", null);
  }

  /**
   * Replaces settings, behaviours and users.
   *
   * @param state a JSON document such as {@link #exportState()} gives
   */
  public void importState(String state) {
    change("PUT", "/state", state);
  }

  /**
   * Goes back to the state that the instance was created with. Requests, faults and clock are cleared, token and key
   * stay.
   */
  public void reset() {
    change("POST", "/reset", null);
  }

  /**
   * Makes another instance on the same server, which shares nothing with this one.
   *
   * @return the instance; closing it deletes it
   */
  public Insightly createInstance() {
    return createInstance(new InstanceOptions());
  }

  /**
   * Makes another instance on the same server, which shares nothing with this one.
   *
   * @param options what it is made with
   * @return the instance; closing it deletes it
   */
  public Insightly createInstance(InstanceOptions options) {
    var made = Json.read(control.ask("POST", "/instances", Json.writeWithNulls(options.members())), Description.class);
    return new Insightly(control, made, () -> {
      var answer = control.send("DELETE", "/instances/" + made.name, null);
      if (answer.status() >= 300 && answer.status() != 404) throw answer.toException();
    });
  }

  /**
   * Ends what this handle stands for: a server that it started, an instance that was created, of {@link #connect}
   * nothing. To close it twice does nothing more.
   */
  @Override
  public synchronized void close() {
    if (isClosed) return;
    isClosed = true;
    ending.run();
  }

  /** The instance in a few words. */
  @Override
  public String toString() {
    return "Insightly " + told.name + " at " + told.scimUrl;
  }

  String ask(String method, String below, String body) {
    return control.ask(method, path + below, body);
  }

  /** Asks for what may change token, key and URLs, which are then learned anew. */
  String change(String method, String below, String body) {
    var answer = ask(method, below, body);
    told = Json.read(ask("GET", "", null), Description.class);
    return answer;
  }

  /** Asks for a list that is not empty, or, after some time, is; both answers have the same form. */
  private String wait(String list, Map<String, Object> members, Duration timeout) {
    var query = new LinkedHashMap<>(members);
    query.put("wait", timeout.toMillis() + "ms");
    var answer = control.send("GET", path + list + Control.toQuery(query), null);
    if (answer.status() != 200 && answer.status() != 408) throw answer.toException();
    return answer.text();
  }

  private static Map<String, Object> toMembers(UserMatch match) {
    var members = new LinkedHashMap<String, Object>();
    members.put("userName", match.userName());
    members.put("active", match.active());
    return members;
  }

  private static Map<String, Object> toMembers(RequestQuery query) {
    var match = query.match();
    var members = new LinkedHashMap<String, Object>();
    members.put("method", match.method());
    members.put("path", match.path());
    members.put("status", match.status());
    members.put("operation", match.operation());
    members.put("userName", match.userName());
    members.put("since", query.since());
    members.put("limit", query.limit());
    members.put("q", query.search());
    return members;
  }

  private static String toWords(Map<String, Object> members) {
    var words = members.entrySet().stream()
        .filter(member -> member.getValue() != null)
        .map(member -> member.getKey() + " " + Json.write(member.getValue()))
        .collect(Collectors.joining(" and "));
    return words.isEmpty() ? "anything" : words;
  }

  /** What there is, the last ten of it, under a heading. */
  private static String toShown(String noun, List<String> lines) {
    if (lines.isEmpty()) return "There is no " + noun + " at all.";
    var last = lines.subList(Math.max(lines.size() - 10, 0), lines.size());
    return (lines.size() == 1 ? "There is 1 " + noun : "There are " + lines.size() + " " + noun + "s")
        + (last.size() < lines.size() ? ", the last " + last.size() + " being" : "")
        + ":\n  " + String.join("\n  ", last);
  }
}
