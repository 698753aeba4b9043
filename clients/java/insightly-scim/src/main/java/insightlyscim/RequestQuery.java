package insightlyscim;

/**
 * A query of the journal; a {@link RequestMatch} makes it.
 *
 * @param match which requests
 * @param since only those after the entry of this id; null for all
 * @param limit how many at most; null for the server's 1,000
 * @param search what a search finds, as the box of the console takes it; null for all
 */
public record RequestQuery(RequestMatch match, Long since, Integer limit, String search) {

  /**
   * Those after an entry of the journal.
   *
   * @param id the id of the entry
   * @return the query
   */
  public RequestQuery since(long id) {
    return new RequestQuery(match, id, limit, search);
  }

  /**
   * At most so many.
   *
   * @param count how many
   * @return the query
   */
  public RequestQuery limit(int count) {
    return new RequestQuery(match, since, count, search);
  }

  /**
   * Those that a search finds.
   *
   * @param text as the box of the console takes it
   * @return the query
   */
  public RequestQuery search(String text) {
    return new RequestQuery(match, since, limit, text);
  }
}
