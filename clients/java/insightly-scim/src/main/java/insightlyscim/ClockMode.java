package insightlyscim;

import com.google.gson.annotations.SerializedName;

/** How a clock goes. */
public enum ClockMode {
  /** It shows the real time. */
  @SerializedName("real")
  REAL,
  /** It stands. */
  @SerializedName("frozen")
  FROZEN,
  /** It goes on at a distance from the real time. */
  @SerializedName("offset")
  OFFSET
}
