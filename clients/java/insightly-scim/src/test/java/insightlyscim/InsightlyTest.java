package insightlyscim;

import static insightlyscim.Scim.createBob;
import static insightlyscim.Scim.later;
import static insightlyscim.Scim.send;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class InsightlyTest {
  static final UserAddition ANN = UserAddition.of("ann@example.com", "Ann", "Lee");

  /** Each test starts with Ann as user 1, and nobody else. */
  @RegisterExtension
  static final InsightlyExtension INSIGHTLY = new InsightlyExtension(new InstanceOptions().users(ANN));

  @Test
  void k01TellsUrlsAndSecretsThatWork(Insightly insightly) {
    assertEquals(200, send(insightly, "GET", "/Users", null).statusCode());
    var basic = Base64.getEncoder().encodeToString((insightly.apiKey() + ":").getBytes(StandardCharsets.UTF_8));
    assertEquals(200, send("GET", insightly.apiUrl() + "/Users/Me", "Basic " + basic, null).statusCode());
    assertEquals(200, send("GET", insightly.controlUrl(), "Bearer " + insightly.adminKey(), null).statusCode());
    assertEquals(200, send("GET", insightly.url() + "/healthz", null, null).statusCode());
  }

  @Test
  void k02AddsAndReadsUsers(Insightly insightly) {
    var bob = insightly.addUser(UserAddition.of("bob@example.com", "Bob", "Ray").active(false).administrator(true));
    assertEquals(List.of("ann@example.com", "bob@example.com"), insightly.users().stream().map(User::emailAddress).toList());
    assertEquals(List.of(bob), insightly.users(UserMatch.of("BOB@example.com")));
    assertEquals(List.of(bob), insightly.users(UserMatch.any().active(false)));
    assertEquals("Bob", insightly.user(bob.userId()).firstName());
    assertTrue(bob.administrator());
    assertNull(bob.profileId());
  }

  @Test
  void k03EditsUsersLicencesIncluded(Insightly insightly) {
    var edited = insightly.editUser(1, new UserEdit().licenses(License.CRM, License.APP_CONNECT).active(false));
    assertEquals(List.of(License.CRM, License.APP_CONNECT), edited.licenses());
    edited = insightly.editUser(1, new UserEdit().lastName("Ray").noLicenses());
    assertEquals("Ray [] false", edited.lastName() + " " + edited.licenses() + " " + edited.active());
  }

  @Test
  void k04WaitsForAUserThatAClientIsAboutToChange(Insightly insightly) {
    later(() -> send(insightly, "DELETE", "/Users/1", null));
    assertEquals(1, insightly.waitForUser(UserMatch.of("ann@example.com").active(false)).userId());
  }

  @Test
  void k05TellsWhichUsersThereAreWhenTheAwaitedOneDoesNotCome(Insightly insightly) {
    var match = UserMatch.of("ann@example.com").active(false);
    var error = assertThrows(AssertionError.class, () -> insightly.waitForUser(match, Duration.ofMillis(20)));
    assertEquals("""
        No user with userName "ann@example.com" and active false within 20ms. There is 1 user:
          ann@example.com, active""", error.getMessage());
  }

  @Test
  void k06ListsAndClearsRequests(Insightly insightly) {
    send(insightly, "GET", "/Users", null);
    assertEquals(201, createBob(insightly));
    var all = insightly.requests();
    assertEquals(List.of(Operation.IMPORT, Operation.CREATE), all.stream().map(Entry::operation).toList());
    assertEquals(1L, ((Map<?, ?>) all.get(0).answer()).get("totalResults"));
    var created = insightly.requests(RequestMatch.any().method("post").path("/scim/v2").status(201)).get(0);
    assertEquals("POST /scim/v2/Users 201 create; bob@example.com; `locale` was ignored: Insightly does not store it (U-12)", created.toString());
    assertEquals(Map.of("givenName", "Bob", "familyName", "Ray"), ((Map<?, ?>) created.body()).get("name"));
    assertEquals(List.of(all.get(1)), insightly.requests(RequestMatch.any().since(all.get(0).id()).limit(5)));
    assertEquals(List.of(created), insightly.requests(RequestMatch.any().search("op:create bob")));
    insightly.clearRequests();
    assertEquals(List.of(), insightly.requests());
  }

  @Test
  void k07WaitsForARequest(Insightly insightly) {
    later(() -> createBob(insightly));
    assertEquals("bob@example.com", insightly.waitForRequest(RequestMatch.of(Operation.CREATE)).userName());
  }

  @Test
  void k08TellsWhichRequestsThereWereWhenTheAwaitedOneDoesNotCome(Insightly insightly) {
    send(insightly, "GET", "/Users", null);
    var match = RequestMatch.of(Operation.DELETE);
    var error = assertThrows(AssertionError.class, () -> insightly.waitForRequest(match, Duration.ofMillis(20)));
    assertEquals("""
        No request with operation "delete" within 20ms. There is 1 request:
          GET /scim/v2/Users 200 import""", error.getMessage());
  }

  @Test
  void k09VerifiesHowOftenARequestWasMade(Insightly insightly) {
    createBob(insightly);
    var created = RequestMatch.of(Operation.CREATE);
    assertEquals(1, insightly.verify(created));
    assertEquals(1, insightly.verify(created, Times.between(1, 1)));
    assertEquals(0, insightly.verify(RequestMatch.of(Operation.DELETE), Times.never()));
    assertThrows(AssertionError.class, () -> insightly.verify(created, Times.atMost(0)));
    assertThrows(AssertionError.class, () -> insightly.verify(created, Times.atLeast(2)));
    assertThrows(AssertionError.class, () -> insightly.verify(RequestMatch.of(Operation.DELETE)));
  }

  @Test
  void k10FailsWithTheNearestMisses_k11AndTheirNotes(Insightly insightly) {
    createBob(insightly);
    var match = RequestMatch.of(Operation.CREATE).userName("ann@example.com");
    var error = assertThrows(AssertionError.class, () -> insightly.verify(match, Times.exactly(1)));
    assertEquals("""
        0 requests matched; expected exactly 1.
          POST /scim/v2/Users 201 create; bob@example.com; `locale` was ignored: Insightly does not store it (U-12); \
        missed, since userName is "bob@example.com", not "ann@example.com\"""", error.getMessage());
  }

  @Test
  void k12SetsFaultsCountsAndEndsThem(Insightly insightly) {
    insightly.setFaults(Fault.status(429).on(Operation.CREATE).times(1).detail("not now").header("Retry-After", "7"));
    var refused = send(insightly, "POST", "/Users", "{}");
    assertEquals("429 7", refused.statusCode() + " " + refused.headers().firstValue("retry-after").orElse(null));
    assertTrue(refused.body().contains("not now"));
    assertEquals(201, createBob(insightly));
    assertEquals(1, insightly.faults().get(0).fired());
    insightly.setFaults(insightly.faults().toArray(Fault[]::new));
    assertEquals(0, insightly.faults().get(0).fired());
    insightly.setFaults();
    assertEquals(List.of(), insightly.faults());
  }

  @Test
  void k12KnowsEveryKindOfFault(Insightly insightly) {
    var every = new Fault[] {
      Fault.status(400).scimType("invalidValue"), Fault.delay(Duration.ofSeconds(1)), Fault.reset(), Fault.hang(), Fault.html(),
      Fault.malformed(), Fault.emptyBody(), Fault.commitThenReset(),
      Fault.pageDrift().method("GET").path("/scim").userName("a").after(1).every(2).probability(0.5, 7)
    };
    insightly.setFaults(every);
    assertEquals(List.of(every), insightly.faults());
  }

  @Test
  void k13StopsMovesSetsAndFreesTheClock(Insightly insightly) {
    var at = Instant.parse("2026-03-02T09:14:07Z");
    var clock = insightly.clock();
    clock.freeze(at);
    clock.advance(Duration.ofHours(1));
    createBob(insightly);
    assertEquals(at.plusSeconds(3600), insightly.users(UserMatch.of("bob@example.com")).get(0).dateCreatedUtc());
    assertEquals(new InstanceClock.Reading(ClockMode.FROZEN, at.plusSeconds(3600)), clock.get());
    clock.set(at);
    assertEquals(ClockMode.OFFSET, clock.get().mode());
    clock.freeze();
    assertEquals(ClockMode.FROZEN, clock.get().mode());
    clock.reset();
    assertEquals(ClockMode.REAL, clock.get().mode());
  }

  @Test
  void k14ReadsAndChangesSettingsAndKnowsTheTokenThatEnablingScimMakes(Insightly insightly) {
    try (var made = insightly.createInstance(new InstanceOptions().scimEnabled(false))) {
      assertEquals("", made.scimToken());
      var changed = made.settings().change(new SettingsChange()
          .scimEnabled(true).behaviour("groups", "empty").behaviour("delete", "remove").rateLimit(7).publicUrl("https://crm.example.com"));
      assertEquals("empty remove", changed.behaviours().get("groups") + " " + changed.behaviours().get("delete"));
      assertEquals(new Settings.RateLimit(7), changed.rateLimit());
      assertEquals("https://crm.example.com/scim/v2", made.scimUrl());
      made.settings().change(new SettingsChange().noRateLimit().publicUrl(null));
      var settings = made.settings().get();
      assertEquals("true null null", settings.scimEnabled() + " " + settings.rateLimit() + " " + settings.publicUrl());
      assertEquals(200, send(made, "GET", "/Groups", null).statusCode());
      made.settings().change(new SettingsChange().samlEnabled(false));
      assertEquals(403, send(made, "GET", "/Users", null).statusCode());
    }
  }

  @Test
  void k15RegeneratesTheTokenAndGoesOnWithTheNewOne(Insightly insightly) {
    var old = insightly.scimToken();
    assertEquals(insightly.regenerateToken(), insightly.scimToken());
    assertEquals(200, send(insightly, "GET", "/Users", null).statusCode());
    assertEquals(401, send("GET", insightly.scimUrl() + "/Users", "Bearer " + old, null).statusCode());
  }

  @Test
  void k16ExportsWhatItImports(Insightly insightly) {
    var state = insightly.exportState();
    try (var other = insightly.createInstance()) {
      other.importState(state);
      assertEquals(state, other.exportState());
    }
  }

  @Test
  void k17ResetsToTheStateThatItWasCreatedWith(Insightly insightly) {
    createBob(insightly);
    insightly.reset();
    assertEquals(List.of("ann@example.com"), insightly.users().stream().map(User::emailAddress).toList());
  }

  @Test
  void k18CreatesInstancesThatShareNothingAndGoWhenTheyAreClosed(Insightly insightly) {
    var other = insightly.createInstance(new InstanceOptions().name("java-other").scimToken("a-token-of-mine"));
    assertEquals("java-other a-token-of-mine", other.name() + " " + other.scimToken());
    createBob(other);
    assertEquals(List.of(), insightly.users(UserMatch.of("bob@example.com")));
    var same = Insightly.connect(insightly.controlUrl(), insightly.adminKey(), "java-other");
    assertEquals(other.instanceId(), same.instanceId());
    other.close();
    other.close();
    same.close();
    var deleted = insightly.createInstance();
    send("DELETE", insightly.controlUrl() + "/instances/" + deleted.name(), "Bearer " + insightly.adminKey(), null);
    deleted.close();
    assertEquals(404, assertThrows(ControlException.class, other::users).status());
  }

  @Test
  void k19SaysWhatTheControlApiRefuses(Insightly insightly) {
    var unknown = assertThrows(ControlException.class, () -> insightly.user(99));
    assertEquals(404, unknown.status());
    assertTrue(unknown.body().contains("\"status\":404"), unknown.body());
    var misspelt = new InstanceOptions().behaviour("group", "empty");
    var refused = assertThrows(ControlException.class, () -> insightly.createInstance(misspelt));
    assertEquals(422, refused.status());
    assertTrue(refused.getMessage().contains("groups"), refused.getMessage());
    var withoutSaml = new InstanceOptions().samlEnabled(false).scimEnabled(true);
    assertEquals(409, assertThrows(ControlException.class, () -> insightly.createInstance(withoutSaml)).status());
    assertThrows(IllegalArgumentException.class, () -> new InstanceOptions().state("{\"users\":"));
    assertThrows(IllegalArgumentException.class, () -> new InstanceOptions().users(ANN).state("{}"));
  }

  @Test
  void k20WaitsAsLongAsItIsTold() {
    var told = new ArrayBlockingQueue<String>(2);
    try (var stranger = new Stranger(Insightly.VERSION, (path, query) -> {
      if (query != null && query.contains("wait=")) told.add(query);
      return null;
    })) {
      var insightly = Insightly.connect(stranger.controlUrl(), "key");
      assertThrows(AssertionError.class, () -> insightly.waitForUser(UserMatch.any()));
      assertEquals("?wait=4000ms", "?" + told.remove());
      assertThrows(AssertionError.class, () -> insightly.waitForUser(UserMatch.any(), Duration.ofMinutes(1)));
      assertEquals("?wait=60000ms", "?" + told.remove());
    }
  }

  @Test
  void k21MayBeUsedBySeveralThreadsAtOnce(Insightly insightly) {
    IntStream.range(0, 20).parallel().forEach(n -> {
      insightly.addUser(UserAddition.of("user-" + n + "@example.com", "U", "V"));
      assertNotEquals("", insightly.scimToken());
    });
    assertEquals(21, insightly.users().size());
  }

  @Test
  void k22TakesNamesAndValuesAsTheyAre(Insightly insightly) {
    var name = "ännä+β&<x>=?#%/ \"'\\@example.com";
    var added = insightly.addUser(UserAddition.of(name, "<Ä&\u2028>", "😀"));
    assertEquals("<Ä&\u2028>😀", added.firstName() + added.lastName());
    assertEquals(added, insightly.waitForUser(UserMatch.of(name)));
  }

  @Test
  void k23ReadsAnswersOfANewerServer() {
    try (var stranger = new Stranger(Insightly.VERSION + "9", (path, query) -> path.endsWith("/faults") ? """
        [{"match": {"operation": "teleport"}, "do": {"status": 503, "colour": "red"}, "fired": 2, "shape": {"round": true}}]""" : null)) {
      var fault = Insightly.connect(stranger.controlUrl(), "key").faults().get(0);
      assertEquals("503 2 null", fault.effect().status() + " " + fault.fired() + " " + fault.match().operation());
    }
  }

  @Test
  void k35IsMadeWithUsersAStateAProfileAndSettings(Insightly insightly) {
    var options = new InstanceOptions().profile("rfc7644").behaviour("groups", "absent").state("""
        {
          "settings": {"rateLimit": {"requestsPerSecond": 9}},
          "users": [
            {"USER_ID": 7, "EMAIL_ADDRESS": "olga@example.com", "FIRST_NAME": "Olga", "LAST_NAME": null, "ACCOUNT_OWNER": true}
          ]
        }""");
    try (var made = insightly.createInstance(options)) {
      assertTrue(made.user(7).accountOwner());
      assertNull(made.user(7).lastName());
      var settings = made.settings().get();
      assertEquals("remove absent 9", settings.behaviours().get("delete") + " " + settings.behaviours().get("groups") + " "
          + settings.rateLimit().requestsPerSecond());
    }
    assertEquals("ann@example.com", insightly.user(1).emailAddress());
  }
}
