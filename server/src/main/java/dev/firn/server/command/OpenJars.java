package dev.firn.server.command;

/** The jars that this process runs from. */
final class OpenJars {
    private OpenJars() {}

    /**
     * A rebuild unlinks the jars. They are opened when a class is first looked for in them, so a search for what none of them
     * holds opens all, and the process is whole until its end.
     */
    static void openAll() {
        if (OpenJars.class.getClassLoader().getResource("META-INF/firn-is-in-no-jar") != null) {
            throw new IllegalStateException("a jar holds META-INF/firn-is-in-no-jar");
        }
    }
}
