package insightlyscim.testcontainers;

import insightlyscim.Insightly;
import insightlyscim.InstanceOptions;
import java.util.UUID;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.wait.strategy.Wait;
import org.testcontainers.utility.DockerImageName;

/**
 * A container of insightly-scim, in memory unless {@code INSIGHTLY_SCIM_DATA} says otherwise:
 *
 * <pre>{@code
 * @Container
 * static final InsightlyContainer SERVER = new InsightlyContainer("insightly-scim");
 * }</pre>
 *
 * <p>{@link #createInstance()} gives a test an account of its own.
 */
public class InsightlyContainer extends GenericContainer<InsightlyContainer> {
  private static final int PORT = 8080;

  private final DockerImageName image;
  private final String adminKey = UUID.randomUUID().toString();

  /**
   * A container of an image.
   *
   * @param image its name, such as {@code insightly-scim}
   */
  public InsightlyContainer(String image) {
    this(DockerImageName.parse(image));
  }

  /**
   * A container of an image.
   *
   * @param image its name
   */
  public InsightlyContainer(DockerImageName image) {
    super(image);
    this.image = image;
    withExposedPorts(PORT);
    withEnv("INSIGHTLY_SCIM_DATA", "");
    withEnv("INSIGHTLY_SCIM_ADMIN_KEY", adminKey);
    waitingFor(Wait.forHttp("/readyz").forPort(PORT));
  }

  /** Starts the server and waits until it answers. */
  @Override
  public void start() {
    try {
      super.start();
    } catch (RuntimeException error) {
      Throwable reason = error;
      while (reason.getCause() != null) reason = reason.getCause();
      var words = String.valueOf(reason.getMessage()).replaceAll("\\s*\n\\s*", "; ");
      throw new IllegalStateException(
          "The image " + image + " cannot be run; is Docker running, and the image built? (" + words + ")", error);
    }
  }

  /**
   * Where the control API is, once the container runs.
   *
   * @return the URL, as {@link Insightly#connect(String, String)} takes it
   */
  public String controlUrl() {
    return "http://" + getHost() + ":" + getMappedPort(PORT) + "/_emulator";
  }

  /**
   * The key of the control API.
   *
   * @return the key, as {@link Insightly#connect(String, String)} takes it
   */
  public String adminKey() {
    return adminKey;
  }

  /**
   * The instance that the server made at its start.
   *
   * @return the instance; closing it does nothing
   */
  public Insightly insightly() {
    return Insightly.connect(controlUrl(), adminKey);
  }

  /**
   * Makes an instance that shares nothing with others.
   *
   * @return the instance; closing it deletes it
   */
  public Insightly createInstance() {
    return insightly().createInstance();
  }

  /**
   * Makes an instance that shares nothing with others.
   *
   * @param options what it is made with
   * @return the instance; closing it deletes it
   */
  public Insightly createInstance(InstanceOptions options) {
    return insightly().createInstance(options);
  }
}
