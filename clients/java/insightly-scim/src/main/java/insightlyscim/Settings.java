package insightlyscim;

import java.util.Map;

/**
 * What Insightly's SAML and SCIM page sets, and the stand-in's own settings.
 *
 * @param samlEnabled whether SAML is on, without which there is no SCIM
 * @param scimEnabled whether SCIM requests are let in
 * @param behaviours every behaviour switch, by its name
 * @param rateLimit how many SCIM and REST requests are let in, or null
 * @param publicUrl the start of meta.location, in place of the server's, or null
 */
public record Settings(
    boolean samlEnabled, boolean scimEnabled, Map<String, String> behaviours, RateLimit rateLimit, String publicUrl) {

  /**
   * How many SCIM and REST requests are let in.
   *
   * @param requestsPerSecond per second of the clock of the instance
   */
  public record RateLimit(int requestsPerSecond) {}
}
