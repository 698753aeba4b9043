package insightlyscim;

/**
 * Which requests are meant; null matches all.
 *
 * @param method the method, in any letter case
 * @param path the start of the full path
 * @param status the status of the answer
 * @param operation what the request did
 * @param userName that of the user whom the request concerned, in any letter case
 */
public record RequestMatch(String method, String path, Integer status, Operation operation, String userName) {

  /**
   * All requests.
   *
   * @return the match
   */
  public static RequestMatch any() {
    return new RequestMatch(null, null, null, null, null);
  }

  /**
   * The requests that did this.
   *
   * @param operation what they did
   * @return the match
   */
  public static RequestMatch of(Operation operation) {
    return any().operation(operation);
  }

  /**
   * Those of this method.
   *
   * @param method the method, in any letter case
   * @return the match
   */
  public RequestMatch method(String method) {
    return new RequestMatch(method, path, status, operation, userName);
  }

  /**
   * Those whose path starts so.
   *
   * @param path the start of the full path
   * @return the match
   */
  public RequestMatch path(String path) {
    return new RequestMatch(method, path, status, operation, userName);
  }

  /**
   * Those that got this status.
   *
   * @param status the status of the answer
   * @return the match
   */
  public RequestMatch status(int status) {
    return new RequestMatch(method, path, status, operation, userName);
  }

  /**
   * Those that did this.
   *
   * @param operation what they did
   * @return the match
   */
  public RequestMatch operation(Operation operation) {
    return new RequestMatch(method, path, status, operation, userName);
  }

  /**
   * Those that concerned this user.
   *
   * @param userName in any letter case
   * @return the match
   */
  public RequestMatch userName(String userName) {
    return new RequestMatch(method, path, status, operation, userName);
  }

  /**
   * Those after an entry of the journal.
   *
   * @param id the id of the entry
   * @return the query
   */
  public RequestQuery since(long id) {
    return new RequestQuery(this, id, null, null);
  }

  /**
   * At most so many.
   *
   * @param count how many
   * @return the query
   */
  public RequestQuery limit(int count) {
    return new RequestQuery(this, null, count, null);
  }

  /**
   * Those that a search finds.
   *
   * @param text as the box of the console takes it: {@code status:409 op:create "supports only"}
   * @return the query
   */
  public RequestQuery search(String text) {
    return new RequestQuery(this, null, null, text);
  }
}
