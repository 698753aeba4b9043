package insightlyscim;

/**
 * Which users are meant; null matches all.
 *
 * @param userName the e-mail address, in any letter case
 * @param active whether the user may sign in
 */
public record UserMatch(String userName, Boolean active) {

  /**
   * All users.
   *
   * @return the match
   */
  public static UserMatch any() {
    return new UserMatch(null, null);
  }

  /**
   * The user of this userName.
   *
   * @param userName the e-mail address, in any letter case
   * @return the match
   */
  public static UserMatch of(String userName) {
    return new UserMatch(userName, null);
  }

  /**
   * Those of the same users that may sign in, or that may not.
   *
   * @param active whether they may
   * @return the match
   */
  public UserMatch active(boolean active) {
    return new UserMatch(userName, active);
  }
}
