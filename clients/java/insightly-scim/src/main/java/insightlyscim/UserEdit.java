package insightlyscim;

import java.util.List;

/**
 * What an administrator changes of a user by hand; what is null stays as it is.
 *
 * @param emailAddress the userName of SCIM
 * @param firstName SCIM's name.givenName
 * @param lastName SCIM's name.familyName
 * @param administrator whether it administers the account
 * @param active whether it may sign in
 * @param licenses the products that it is licensed for; an empty list takes all away
 */
public record UserEdit(
    String emailAddress,
    String firstName,
    String lastName,
    Boolean administrator,
    Boolean active,
    List<License> licenses) {

  /** An edit that changes nothing yet. */
  public UserEdit() {
    this(null, null, null, null, null, null);
  }

  /**
   * Changes the address, too.
   *
   * @param emailAddress the userName of SCIM
   * @return the edit
   */
  public UserEdit emailAddress(String emailAddress) {
    return new UserEdit(emailAddress, firstName, lastName, administrator, active, licenses);
  }

  /**
   * Changes the first name, too.
   *
   * @param firstName SCIM's name.givenName
   * @return the edit
   */
  public UserEdit firstName(String firstName) {
    return new UserEdit(emailAddress, firstName, lastName, administrator, active, licenses);
  }

  /**
   * Changes the last name, too.
   *
   * @param lastName SCIM's name.familyName
   * @return the edit
   */
  public UserEdit lastName(String lastName) {
    return new UserEdit(emailAddress, firstName, lastName, administrator, active, licenses);
  }

  /**
   * Changes whether it administers the account, too.
   *
   * @param administrator whether it does
   * @return the edit
   */
  public UserEdit administrator(boolean administrator) {
    return new UserEdit(emailAddress, firstName, lastName, administrator, active, licenses);
  }

  /**
   * Changes whether it may sign in, too.
   *
   * @param active whether it may
   * @return the edit
   */
  public UserEdit active(boolean active) {
    return new UserEdit(emailAddress, firstName, lastName, administrator, active, licenses);
  }

  /**
   * Changes the licences, too.
   *
   * @param licenses all that it has from then on
   * @return the edit
   */
  public UserEdit licenses(License... licenses) {
    return new UserEdit(emailAddress, firstName, lastName, administrator, active, List.of(licenses));
  }

  /**
   * Takes all licences away, too.
   *
   * @return the edit
   */
  public UserEdit noLicenses() {
    return new UserEdit(emailAddress, firstName, lastName, administrator, active, List.of());
  }
}
