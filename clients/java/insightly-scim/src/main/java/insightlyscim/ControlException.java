package insightlyscim;

/** A refusal by the control API of the server; the message tells why. */
public final class ControlException extends RuntimeException {
  private static final long serialVersionUID = 1;

  /** The status of the answer. */
  private final int status;

  /** The body of the answer. */
  private final String body;

  ControlException(String message, int status, String body) {
    super(message);
    this.status = status;
    this.body = body;
  }

  /**
   * The status of the answer.
   *
   * @return such as 404
   */
  public int status() {
    return status;
  }

  /**
   * The body of the answer.
   *
   * @return its JSON
   */
  public String body() {
    return body;
  }
}
