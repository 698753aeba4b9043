package insightlyscim;

import com.google.gson.annotations.SerializedName;

/** A product that an Insightly administrator can license a user for. */
public enum License {
  /** Insightly CRM. */
  CRM,
  /** Insightly Marketing. */
  @SerializedName("Marketing")
  MARKETING,
  /** Insightly Service. */
  @SerializedName("Service")
  SERVICE,
  /** Insightly AppConnect. */
  @SerializedName("AppConnect")
  APP_CONNECT
}
