package insightlyscim;

/** The settings of an instance, to be read and changed. */
public final class InstanceSettings {
  private final Insightly instance;

  InstanceSettings(Insightly instance) {
    this.instance = instance;
  }

  /**
   * Reads the settings.
   *
   * @return as they are
   */
  public Settings get() {
    return Json.read(instance.ask("GET", "/settings", null), Settings.class);
  }

  /**
   * Changes settings.
   *
   * @param change what changes
   * @return the settings as they are then
   * @throws ControlException of status 409 when SCIM is to be on while SAML is off
   */
  public Settings change(SettingsChange change) {
    return Json.read(instance.change("PATCH", "/settings", Json.writeWithNulls(change.members())), Settings.class);
  }
}
