package dev.firn.compute.instance;

import java.util.Map;

/** The environment of Postgres' programs: nothing of the caller's changes what they do, and their messages are English. */
final class PostgresEnvironment {
    private PostgresEnvironment() {}

    static void cleanse(final Map<String, String> variables) {
        variables.keySet().removeIf(name -> name.startsWith("PG") || name.startsWith("LC_"));
        variables.put("LC_ALL", "C.UTF-8");
        variables.put("LANGUAGE", "C");
        variables.put("TZ", "UTC");
    }
}
