package insightlyscim;

import com.google.gson.annotations.SerializedName;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A rule on which requests go wrong, and how: {@code Fault.status(503).on(Operation.DELETE).times(1)}.
 *
 * @param match which requests it concerns
 * @param when which of those it hits
 * @param effect what happens to those
 * @param fired how often it did so, as {@link Insightly#faults()} tells
 */
public record Fault(Match match, When when, @SerializedName("do") Effect effect, int fired) {

  /**
   * Which requests a fault concerns; null matches all.
   *
   * @param method the method, in any letter case
   * @param path the start of the full path
   * @param operation what the request asks for
   * @param userName in any letter case
   */
  public record Match(String method, String path, Operation operation, String userName) {}

  /**
   * Which of the matching requests a fault hits; null restricts nothing.
   *
   * @param times at most so many
   * @param after not the first so many
   * @param every of those that are left, every so-manyth
   * @param probability of those that are left, each with this probability, from 0 to 1
   * @param seed makes chance repeat itself
   */
  public record When(Integer times, Integer after, Integer every, Double probability, Long seed) {}

  /**
   * What happens to a request: one of these, where scimType, detail and headers belong to status.
   *
   * @param status it is not run and answered with this status
   * @param scimType the scimType of that answer
   * @param detail the detail of that answer
   * @param headers headers of that answer
   * @param delayMs it runs later, by so many milliseconds
   * @param reset the connection is reset before anything is done
   * @param hang no answer ever comes
   * @param html a 200 HTML page, as a broken proxy sends
   * @param malformed the JSON of the answer is cut in the middle
   * @param emptyBody the answer has its status and no body
   * @param commitThenReset the change is kept, the answer is lost
   * @param pageDrift a page of the list repeats or skips a user
   */
  public record Effect(
      Integer status,
      String scimType,
      String detail,
      Map<String, String> headers,
      Long delayMs,
      Boolean reset,
      Boolean hang,
      Boolean html,
      Boolean malformed,
      Boolean emptyBody,
      Boolean commitThenReset,
      Boolean pageDrift) {}

  private static Fault of(Effect effect) {
    return new Fault(new Match(null, null, null, null), new When(null, null, null, null, null), effect, 0);
  }

  /**
   * Answers with a status, without running the request.
   *
   * @param status the status, from 300 to 599
   * @return the fault
   */
  public static Fault status(int status) {
    return of(new Effect(status, null, null, null, null, null, null, null, null, null, null, null));
  }

  /**
   * Runs the request later.
   *
   * @param delay by how much
   * @return the fault
   */
  public static Fault delay(Duration delay) {
    return of(new Effect(null, null, null, null, delay.toMillis(), null, null, null, null, null, null, null));
  }

  /**
   * Resets the connection before anything is done.
   *
   * @return the fault
   */
  public static Fault reset() {
    return of(new Effect(null, null, null, null, null, true, null, null, null, null, null, null));
  }

  /**
   * Never answers.
   *
   * @return the fault
   */
  public static Fault hang() {
    return of(new Effect(null, null, null, null, null, null, true, null, null, null, null, null));
  }

  /**
   * Answers a 200 HTML page, as a broken proxy does.
   *
   * @return the fault
   */
  public static Fault html() {
    return of(new Effect(null, null, null, null, null, null, null, true, null, null, null, null));
  }

  /**
   * Cuts the JSON of the answer in the middle.
   *
   * @return the fault
   */
  public static Fault malformed() {
    return of(new Effect(null, null, null, null, null, null, null, null, true, null, null, null));
  }

  /**
   * Answers the status without a body.
   *
   * @return the fault
   */
  public static Fault emptyBody() {
    return of(new Effect(null, null, null, null, null, null, null, null, null, true, null, null));
  }

  /**
   * Keeps the change and loses the answer.
   *
   * @return the fault
   */
  public static Fault commitThenReset() {
    return of(new Effect(null, null, null, null, null, null, null, null, null, null, true, null));
  }

  /**
   * Repeats or skips a user in a page of the list.
   *
   * @return the fault
   */
  public static Fault pageDrift() {
    return of(new Effect(null, null, null, null, null, null, null, null, null, null, null, true));
  }

  /**
   * Of an answer with a status: its scimType.
   *
   * @param scimType such as {@code uniqueness}
   * @return the fault
   */
  public Fault scimType(String scimType) {
    return told(scimType, effect.detail, effect.headers);
  }

  /**
   * Of an answer with a status: its detail.
   *
   * @param detail a sentence
   * @return the fault
   */
  public Fault detail(String detail) {
    return told(effect.scimType, detail, effect.headers);
  }

  /**
   * Of an answer with a status: one more header.
   *
   * @param name its name
   * @param value its value
   * @return the fault
   */
  public Fault header(String name, String value) {
    var headers = new LinkedHashMap<String, String>();
    if (effect.headers != null) headers.putAll(effect.headers);
    headers.put(name, value);
    return told(effect.scimType, effect.detail, headers);
  }

  private Fault told(String scimType, String detail, Map<String, String> headers) {
    var told = new Effect(
        effect.status, scimType, detail, headers, effect.delayMs, effect.reset, effect.hang, effect.html,
        effect.malformed, effect.emptyBody, effect.commitThenReset, effect.pageDrift);
    return new Fault(match, when, told, fired);
  }

  /**
   * Only requests that ask for this.
   *
   * @param operation what they ask for
   * @return the fault
   */
  public Fault on(Operation operation) {
    return new Fault(new Match(match.method, match.path, operation, match.userName), when, effect, fired);
  }

  /**
   * Only requests of this method.
   *
   * @param method in any letter case
   * @return the fault
   */
  public Fault method(String method) {
    return new Fault(new Match(method, match.path, match.operation, match.userName), when, effect, fired);
  }

  /**
   * Only requests whose path starts so.
   *
   * @param path the start of the full path
   * @return the fault
   */
  public Fault path(String path) {
    return new Fault(new Match(match.method, path, match.operation, match.userName), when, effect, fired);
  }

  /**
   * Only requests that concern this user.
   *
   * @param userName in any letter case
   * @return the fault
   */
  public Fault userName(String userName) {
    return new Fault(new Match(match.method, match.path, match.operation, userName), when, effect, fired);
  }

  /**
   * At most so many of them.
   *
   * @param count how many
   * @return the fault
   */
  public Fault times(int count) {
    return new Fault(match, new When(count, when.after, when.every, when.probability, when.seed), effect, fired);
  }

  /**
   * Not the first so many of them.
   *
   * @param count how many
   * @return the fault
   */
  public Fault after(int count) {
    return new Fault(match, new When(when.times, count, when.every, when.probability, when.seed), effect, fired);
  }

  /**
   * Of those that are left, every so-manyth.
   *
   * @param count every how-manyth
   * @return the fault
   */
  public Fault every(int count) {
    return new Fault(match, new When(when.times, when.after, count, when.probability, when.seed), effect, fired);
  }

  /**
   * Of those that are left, each by chance, which repeats itself.
   *
   * @param probability from 0 to 1
   * @param seed which chance
   * @return the fault
   */
  public Fault probability(double probability, long seed) {
    return new Fault(match, new When(when.times, when.after, when.every, probability, seed), effect, fired);
  }
}
