package insightlyscim;

import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import java.util.LinkedHashMap;
import java.util.Map;

/** What an instance is made with. All of it may be left out. */
public final class InstanceOptions {
  private final Map<String, Object> members;

  /** An instance with its account owner alone, SAML and SCIM on, that behaves as the server does. */
  public InstanceOptions() {
    this(Map.of());
  }

  private InstanceOptions(Map<String, Object> members) {
    this.members = members;
  }

  private InstanceOptions with(String name, Object value) {
    var more = new LinkedHashMap<>(members);
    more.put(name, value);
    return new InstanceOptions(more);
  }

  /** The members; a state may hold nulls, which mean what they say. */
  Map<String, Object> members() {
    return members;
  }

  /**
   * Makes it of these users, in place of the account owner that it has otherwise.
   *
   * @param users the users
   * @return the options
   */
  public InstanceOptions users(UserAddition... users) {
    return withState(Map.of("users", Json.withoutNulls(users)));
  }

  /**
   * Makes it of settings, behaviours and users.
   *
   * @param state a JSON document such as {@link Insightly#exportState()} gives
   * @return the options
   */
  public InstanceOptions state(String state) {
    try {
      return withState(JsonParser.parseString(state));
    } catch (JsonParseException error) {
      throw new IllegalArgumentException("The state is not JSON: " + error.getMessage(), error);
    }
  }

  private InstanceOptions withState(Object state) {
    if (members.containsKey("state"))
      throw new IllegalArgumentException("An instance has one state; give users or state, once.");
    return with("state", state);
  }

  /**
   * Names it; a name is made up unless given.
   *
   * @param name lower-case letters, digits and dashes, at most 63
   * @return the options
   */
  public InstanceOptions name(String name) {
    return with("name", name);
  }

  /**
   * Gives it its SCIM token, which is made up unless given.
   *
   * @param token the token
   * @return the options
   */
  public InstanceOptions scimToken(String token) {
    return with("scimToken", token);
  }

  /**
   * Chooses all behaviour switches by the name of a preset.
   *
   * @param preset such as {@code rfc7644}
   * @return the options
   */
  public InstanceOptions profile(String preset) {
    return with("profile", preset);
  }

  /**
   * Sets a behaviour switch.
   *
   * @param name its name; docs/fidelity.md of the server lists them
   * @param value one of its values
   * @return the options
   */
  public InstanceOptions behaviour(String name, String value) {
    var behaviours = new LinkedHashMap<Object, Object>();
    if (members.get("behaviours") instanceof Map<?, ?> before) behaviours.putAll(before);
    behaviours.put(name, value);
    return with("behaviours", behaviours);
  }

  /**
   * Says whether SAML is on, which it is unless told; without it there is no SCIM.
   *
   * @param enabled whether it is on
   * @return the options
   */
  public InstanceOptions samlEnabled(boolean enabled) {
    return with("samlEnabled", enabled);
  }

  /**
   * Says whether SCIM is on, which it is unless told; SCIM that was never on has no token yet.
   *
   * @param enabled whether it is on
   * @return the options
   */
  public InstanceOptions scimEnabled(boolean enabled) {
    return with("scimEnabled", enabled);
  }
}
