package insightlyscim;

import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;

/** The time of an instance, which the dates of users, rate limits and the journal obey. */
public final class InstanceClock {
  private final Insightly instance;

  InstanceClock(Insightly instance) {
    this.instance = instance;
  }

  /**
   * What a clock shows.
   *
   * @param mode how it goes
   * @param now the time
   */
  public record Reading(ClockMode mode, Instant now) {}

  /**
   * Reads the clock.
   *
   * @return what it shows
   */
  public Reading get() {
    return Json.read(instance.ask("GET", "/clock", null), Reading.class);
  }

  /** Stops the clock where it is. */
  public void freeze() {
    set(ClockMode.FROZEN, null);
  }

  /**
   * Stops the clock at a time.
   *
   * @param now the time
   */
  public void freeze(Instant now) {
    set(ClockMode.FROZEN, now);
  }

  /**
   * Lets the clock go on from a time.
   *
   * @param now the time
   */
  public void set(Instant now) {
    set(ClockMode.OFFSET, now);
  }

  /**
   * Moves the clock, in whole milliseconds; a frozen one stays frozen.
   *
   * @param by how far
   */
  public void advance(Duration by) {
    instance.ask("POST", "/clock/advance", Json.write(Map.of("by", by.toMillis() + "ms")));
  }

  /** Goes back to the real time. */
  public void reset() {
    set(ClockMode.REAL, null);
  }

  private void set(ClockMode mode, Instant now) {
    var body = new LinkedHashMap<String, Object>();
    body.put("mode", mode);
    body.put("now", now);
    instance.ask("PUT", "/clock", Json.write(body));
  }
}
