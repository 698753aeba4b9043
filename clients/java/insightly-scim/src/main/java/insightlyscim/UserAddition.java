package insightlyscim;

import java.util.List;

/**
 * A user that an administrator adds by hand, or that an instance starts with. Insightly chooses what is null.
 *
 * @param emailAddress the userName of SCIM
 * @param firstName SCIM's name.givenName
 * @param lastName SCIM's name.familyName
 * @param administrator whether it administers the account; it does not unless told
 * @param active whether it may sign in; it may unless told
 * @param licenses the products that it is licensed for; none unless told
 */
public record UserAddition(
    String emailAddress,
    String firstName,
    String lastName,
    Boolean administrator,
    Boolean active,
    List<License> licenses) {

  /**
   * A user with what it must have.
   *
   * @param emailAddress the userName of SCIM
   * @param firstName SCIM's name.givenName
   * @param lastName SCIM's name.familyName
   * @return the user
   */
  public static UserAddition of(String emailAddress, String firstName, String lastName) {
    return new UserAddition(emailAddress, firstName, lastName, null, null, null);
  }

  /**
   * The same user, an administrator or not.
   *
   * @param administrator whether it administers the account
   * @return the user
   */
  public UserAddition administrator(boolean administrator) {
    return new UserAddition(emailAddress, firstName, lastName, administrator, active, licenses);
  }

  /**
   * The same user, active or not.
   *
   * @param active whether it may sign in
   * @return the user
   */
  public UserAddition active(boolean active) {
    return new UserAddition(emailAddress, firstName, lastName, administrator, active, licenses);
  }

  /**
   * The same user with these licences.
   *
   * @param licenses the products that it is licensed for
   * @return the user
   */
  public UserAddition licenses(License... licenses) {
    return new UserAddition(emailAddress, firstName, lastName, administrator, active, List.of(licenses));
  }
}
