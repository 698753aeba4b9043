package insightlyscim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.platform.testkit.engine.EngineExecutionResults;
import org.junit.platform.testkit.engine.EngineTestKit;

class InsightlyExtensionTest {
  private static final List<Insightly> GIVEN = new ArrayList<>();

  private static EngineExecutionResults run(Class<?> tests) {
    GIVEN.clear();
    return EngineTestKit.engine("junit-jupiter").selectors(selectClass(tests)).execute();
  }

  @Test
  void k34EachTestHasAnInstanceOfItsOwnOnOneServerGoneWhenItEnds() {
    run(Tests.class).testEvents().assertStatistics(each -> each.started(3).succeeded(2).failed(1));
    var names = new HashSet<String>();
    for (var given : GIVEN) {
      names.add(given.name());
      assertEquals(GIVEN.get(0).url(), given.url());
      assertEquals(404, assertThrows(ControlException.class, given::users).status());
    }
    // One of the class and one of each test.
    assertEquals(4, names.size());
  }

  @ExtendWith(InsightlyExtension.class)
  static class Tests {
    private Insightly before;

    @BeforeAll
    static void ofTheClass(Insightly insightly) {
      GIVEN.add(insightly);
    }

    @BeforeEach
    void ofTheTest(Insightly insightly) {
      before = insightly;
    }

    @Test
    void one(Insightly insightly) {
      GIVEN.add(insightly);
      assertSame(before, insightly);
      assertNotEquals(GIVEN.get(0).name(), insightly.name());
    }

    @Test
    void two(Insightly insightly) {
      GIVEN.add(insightly);
    }

    @Test
    void fails(Insightly insightly) {
      GIVEN.add(insightly);
      fail("on purpose");
    }

    @AfterEach
    void isStillThere(Insightly insightly) {
      assertSame(before, insightly);
      assertEquals(1, insightly.users().size());
    }
  }

  @Test
  void k34WhereAnInstanceCannotBeMadeTheTestFailsWithTheReason() {
    var failed = run(Unmakable.class).testEvents().failed().list();
    assertTrue(failed.toString().contains("\"No Name\""), failed.toString());
  }

  static class Unmakable {
    @RegisterExtension
    final InsightlyExtension insightly = new InsightlyExtension(new InstanceOptions().name("No Name"));

    @Test
    void neverRuns(Insightly insightly) {}
  }

  @Test
  void aConstructorIsToldWhyItGetsNone() {
    var failed = run(Constructed.class).testEvents().failed().list();
    assertTrue(failed.toString().contains("A constructor gets no Insightly"), failed.toString());
  }

  @ExtendWith(InsightlyExtension.class)
  static class Constructed {
    Constructed(Insightly insightly) {}

    @Test
    void neverRuns() {}
  }
}
