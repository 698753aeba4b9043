package insightlyscim;

import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * A request in the journal, with its answer. JSON is a Map, List, String, Number or Boolean, or null.
 *
 * @param id its number in the journal
 * @param when when it came, by the clock of the instance
 * @param client the identity provider or program, recognised by its user agent; null when it sent none
 * @param userAgent the user agent; null when it sent none
 * @param method the method
 * @param path the path, without query
 * @param url the whole URL
 * @param query the parameters of the query
 * @param headers the headers, by their names in lower case
 * @param body the JSON of the body; null where there was none, or it was no JSON
 * @param rawBody the text of the body as it was received; null where there was none, or it is longer than 64 KiB
 * @param bodyLength how many bytes the body has
 * @param status the status of the answer; null when none was sent
 * @param answer the JSON of the answer, a String where it was other text, or null
 * @param answerHeaders the headers of the answer
 * @param durationMs how long it took, in milliseconds
 * @param operation what it did
 * @param userId the user whom it concerned, or null
 * @param userName the user whom it concerned, or null
 * @param changes what it changed
 * @param fault the kind of fault that hit it, or null
 * @param behaviours the switches in force that differ from the preset insightly
 * @param notes why something in it was refused or ignored
 * @param shadow what the server itself would have answered; null unless it passed the request on to a real endpoint
 * @param curl the command that sends it again
 */
public record Entry(
    long id,
    Instant when,
    String client,
    String userAgent,
    String method,
    String path,
    String url,
    Map<String, String> query,
    Map<String, String> headers,
    Object body,
    String rawBody,
    long bodyLength,
    Integer status,
    Object answer,
    Map<String, String> answerHeaders,
    double durationMs,
    Operation operation,
    String userId,
    String userName,
    List<Change> changes,
    String fault,
    Map<String, String> behaviours,
    List<Note> notes,
    ShadowAnswer shadow,
    String curl) {

  /**
   * One field that a request changed.
   *
   * @param field Insightly's field
   * @param attribute the SCIM attribute that is stored in it
   * @param before what it was
   * @param after what it is
   */
  public record Change(String field, String attribute, Object before, Object after) {}

  /**
   * Why something in a request was refused or ignored.
   *
   * @param rule the rule that says so, such as U-14, or null
   * @param text why
   */
  public record Note(String rule, String text) {}

  /**
   * What the server itself would have answered to a request that a real endpoint answered.
   *
   * @param uncompared why that is not known; null when it is
   * @param status the status
   * @param answer the JSON of the answer, a String where it was other text, or null
   * @param notes why something would have been refused or ignored
   * @param differences in what the two answers differ
   */
  public record ShadowAnswer(
      String uncompared, Integer status, Object answer, List<Note> notes, List<Difference> differences) {}

  /**
   * One thing in which two answers differ.
   *
   * @param what the status, the scimType, a place in the body, or what became of an attribute
   * @param there how it is at the real endpoint
   * @param here how it is in this server
   */
  public record Difference(String what, String there, String here) {}

  /** The entry in one line. */
  @Override
  public String toString() {
    return toLine(method, path, status, operation, userName, notes);
  }

  static String toLine(
      String method, String path, Integer status, Operation operation, String userName, List<Note> notes) {
    var line = new StringBuilder(method + " " + path + " " + status);
    // A newer server may know operations that this package does not.
    if (operation != null) line.append(" ").append(Json.name(operation));
    if (userName != null) line.append("; ").append(userName);
    for (var note : notes) line.append("; ").append(note.text).append(note.rule == null ? "" : " (" + note.rule + ")");
    return line.toString();
  }
}
