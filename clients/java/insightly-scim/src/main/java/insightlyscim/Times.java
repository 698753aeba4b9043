package insightlyscim;

/**
 * How often a request must have been made.
 *
 * @param exactly so often, or null
 * @param atLeast so often or more, or null
 * @param atMost so often or less, or null
 */
public record Times(Integer exactly, Integer atLeast, Integer atMost) {

  /**
   * So often.
   *
   * @param count how often
   * @return the times
   */
  public static Times exactly(int count) {
    return new Times(count, null, null);
  }

  /**
   * Not once.
   *
   * @return the times
   */
  public static Times never() {
    return exactly(0);
  }

  /**
   * So often or more.
   *
   * @param count how often
   * @return the times
   */
  public static Times atLeast(int count) {
    return new Times(null, count, null);
  }

  /**
   * So often or less.
   *
   * @param count how often
   * @return the times
   */
  public static Times atMost(int count) {
    return new Times(null, null, count);
  }

  /**
   * From so often to so often.
   *
   * @param least how often at least
   * @param most how often at most
   * @return the times
   */
  public static Times between(int least, int most) {
    return new Times(null, least, most);
  }
}
