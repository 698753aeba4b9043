package insightlyscim;

import java.util.LinkedHashMap;
import java.util.Map;

/** A change of settings; what is not told stays as it is. */
public final class SettingsChange {
  private final Map<String, Object> members;

  /** A change that changes nothing yet. */
  public SettingsChange() {
    this(Map.of());
  }

  private SettingsChange(Map<String, Object> members) {
    this.members = members;
  }

  private SettingsChange with(String name, Object value) {
    var more = new LinkedHashMap<>(members);
    more.put(name, value);
    return new SettingsChange(more);
  }

  /** The members, a null among them where a setting ends. */
  Map<String, Object> members() {
    return members;
  }

  /**
   * Turns SAML on or off; without it there is no SCIM.
   *
   * @param enabled whether it is on
   * @return the change
   */
  public SettingsChange samlEnabled(boolean enabled) {
    return with("samlEnabled", enabled);
  }

  /**
   * Turns SCIM on or off.
   *
   * @param enabled whether it is on
   * @return the change
   */
  public SettingsChange scimEnabled(boolean enabled) {
    return with("scimEnabled", enabled);
  }

  /**
   * Sets a behaviour switch.
   *
   * @param name its name; docs/fidelity.md of the server lists them
   * @param value one of its values
   * @return the change
   */
  public SettingsChange behaviour(String name, String value) {
    var behaviours = new LinkedHashMap<Object, Object>();
    if (members.get("behaviours") instanceof Map<?, ?> before) behaviours.putAll(before);
    behaviours.put(name, value);
    return with("behaviours", behaviours);
  }

  /**
   * Lets in so many SCIM and REST requests.
   *
   * @param requestsPerSecond per second of the clock of the instance
   * @return the change
   */
  public SettingsChange rateLimit(int requestsPerSecond) {
    return with("rateLimit", new Settings.RateLimit(requestsPerSecond));
  }

  /**
   * Lets all requests in.
   *
   * @return the change
   */
  public SettingsChange noRateLimit() {
    return with("rateLimit", null);
  }

  /**
   * Sets the start of meta.location.
   *
   * @param url in place of the server's, or null to end that
   * @return the change
   */
  public SettingsChange publicUrl(String url) {
    return with("publicUrl", url);
  }
}
