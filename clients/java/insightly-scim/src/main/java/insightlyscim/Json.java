package insightlyscim;

import com.google.gson.FieldNamingPolicy;
import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonElement;
import com.google.gson.JsonParseException;
import com.google.gson.ToNumberPolicy;
import com.google.gson.TypeAdapter;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonWriter;
import java.io.IOException;
import java.time.Instant;
import java.util.Set;

/** How values of this package become JSON, and JSON becomes them. What is not known in an answer is passed over. */
final class Json {
  private static final Set<Class<?>> INSIGHTLY_RECORDS = Set.of(User.class, UserAddition.class, UserEdit.class);

  /** Dates as ISO 8601, or as Insightly writes them: 2026-03-02 09:14:07, in UTC. */
  private static final TypeAdapter<Instant> INSTANTS = new TypeAdapter<Instant>() {
    @Override
    public Instant read(JsonReader in) throws IOException {
      var text = in.nextString();
      return Instant.parse(text.contains(" ") ? text.replace(' ', 'T') + "Z" : text);
    }

    @Override
    public void write(JsonWriter out, Instant value) throws IOException {
      out.value(value.toString());
    }
  }.nullSafe();

  private static final Gson GSON = new GsonBuilder()
      .disableHtmlEscaping()
      .registerTypeAdapter(Instant.class, INSTANTS)
      .setObjectToNumberStrategy(ToNumberPolicy.LONG_OR_DOUBLE)
      // Insightly's names are in the case of its API; all others are as they are in Java.
      .setFieldNamingStrategy(field ->
          (INSIGHTLY_RECORDS.contains(field.getDeclaringClass())
                  ? FieldNamingPolicy.UPPER_CASE_WITH_UNDERSCORES
                  : FieldNamingPolicy.IDENTITY)
              .translateName(field))
      .create();

  private static final Gson WITH_NULLS = GSON.newBuilder().serializeNulls().create();

  private Json() {}

  /** The JSON of a value, without what is null. */
  static String write(Object value) {
    return GSON.toJson(value);
  }

  /** The JSON of a value, in which null says that something ends. */
  static String writeWithNulls(Object value) {
    return WITH_NULLS.toJson(value);
  }

  /** A value as JSON without what is null, to be written as part of another. */
  static JsonElement withoutNulls(Object value) {
    return GSON.toJsonTree(value);
  }

  /** The name of a constant in JSON. */
  static String name(Enum<?> constant) {
    return GSON.toJsonTree(constant).getAsString();
  }

  /** The value of JSON; null where it is none of its kind. */
  static <T> T find(String text, Class<T> type) {
    try {
      return GSON.fromJson(text, type);
    } catch (JsonParseException error) {
      return null;
    }
  }

  /** The value of an answer's JSON. */
  static <T> T read(String text, Class<T> type) {
    var value = find(text, type);
    if (value == null) throw new IllegalStateException("The control API answered what cannot be read: " + text);
    return value;
  }
}
