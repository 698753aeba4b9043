package insightlyscim;

import java.lang.reflect.Method;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolutionException;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * Gives each test that has a parameter of type {@link Insightly} an instance of its own, which is gone when the test
 * ends; {@code @BeforeEach} and {@code @AfterEach} get that of the test, {@code @BeforeAll} one of the class. The
 * server, one for all tests of the process, is the one that INSIGHTLY_SCIM_CONTROL_URL and INSIGHTLY_SCIM_ADMIN_KEY
 * name, else one that is started as {@link Insightly#start(String...)} does.
 *
 * <pre>{@code
 * @ExtendWith(InsightlyExtension.class)
 * class LeaverTest {
 *   @Test
 *   void aLeaverIsDeactivated(Insightly insightly) {
 *     insightly.addUser(UserAddition.of("ann@example.com", "Ann", "Lee"));
 *     offboard("ann@example.com", insightly.scimUrl(), insightly.scimToken());
 *     insightly.verify(RequestMatch.of(Operation.DELETE), Times.exactly(1));
 *   }
 * }
 * }</pre>
 */
public final class InsightlyExtension implements ParameterResolver, AfterEachCallback, AfterAllCallback {
  private static final Namespace NAMESPACE = Namespace.create(InsightlyExtension.class);

  private final InstanceOptions options;

  /** Makes instances with their account owner alone; {@code @ExtendWith} uses it. */
  public InsightlyExtension() {
    this(new InstanceOptions());
  }

  /**
   * Makes instances with these options, for a field with {@code @RegisterExtension}.
   *
   * @param options what they are made with
   */
  public InsightlyExtension(InstanceOptions options) {
    this.options = options;
  }

  /** Parameters of type {@link Insightly}. */
  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    return parameter.getParameter().getType() == Insightly.class;
  }

  /** The instance of the test, or of the class. */
  @Override
  public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
    if (!(parameter.getDeclaringExecutable() instanceof Method))
      throw new ParameterResolutionException(
          "A constructor gets no Insightly, since JUnit may make one object for several tests; give it to the test, or to @BeforeEach.");
    var store = context.getStore(NAMESPACE);
    // A store also finds what the contexts around it hold.
    var key = context.getUniqueId();
    var found = store.get(key, Insightly.class);
    if (found != null) return found;
    var made = ServerProcess.shared().createInstance(options);
    store.put(key, made);
    return made;
  }

  /** Deletes the instance of a test. */
  @Override
  public void afterEach(ExtensionContext context) {
    close(context);
  }

  /** Deletes the instance of a class. */
  @Override
  public void afterAll(ExtensionContext context) {
    close(context);
  }

  private static void close(ExtensionContext context) {
    var made = context.getStore(NAMESPACE).remove(context.getUniqueId(), Insightly.class);
    if (made != null) made.close();
  }
}
