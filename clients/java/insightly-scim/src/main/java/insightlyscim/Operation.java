package insightlyscim;

import com.google.gson.annotations.SerializedName;

/** What a request did, in the words of provisioning. */
public enum Operation {
  /** A look-up that cannot match, or a tiny first page, by which providers test a connection. */
  @SerializedName("test-connection")
  TEST_CONNECTION,
  /** A search by userName. */
  @SerializedName("lookup")
  LOOKUP,
  /** A list of users. */
  @SerializedName("import")
  IMPORT,
  /** A POST that made a user. */
  @SerializedName("create")
  CREATE,
  /** A change of userName. */
  @SerializedName("rename")
  RENAME,
  /** Any other change. */
  @SerializedName("update")
  UPDATE,
  /** A change of active to false. */
  @SerializedName("deactivate")
  DEACTIVATE,
  /** A change of active to true. */
  @SerializedName("reactivate")
  REACTIVATE,
  /** A DELETE, which deactivates. */
  @SerializedName("delete")
  DELETE,
  /** A GET of one user. */
  @SerializedName("read")
  READ,
  /** A request for schemas and their like. */
  @SerializedName("discover")
  DISCOVER,
  /** A request that got an error. */
  @SerializedName("refused")
  REFUSED
}
