// The steps of a program: a step that gives true prints its name, any other says on standard error what went wrong.

import java.util.concurrent.Callable;

final class Steps {
  static final String URL = System.getenv("SCIM_URL");
  static final String TOKEN = System.getenv("SCIM_TOKEN");
  static final String USER_NAME = "ann@example.com";

  private Steps() {}

  static void step(String name, Callable<Boolean> body) {
    try {
      if (body.call()) System.out.println(name);
      else System.err.println(name + ": not as it should be");
    } catch (Exception problem) {
      System.err.println(name + ": " + String.valueOf(problem).lines().findFirst().orElse(""));
    }
  }
}
