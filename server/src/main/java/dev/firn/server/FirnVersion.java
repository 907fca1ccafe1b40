package dev.firn.server;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;

/** The version of this build, as the build wrote it down. */
public final class FirnVersion {
    private FirnVersion() {}

    public static String current() {
        try (InputStream resource = FirnVersion.class.getResourceAsStream("version.properties")) {
            final Properties properties = new Properties();
            properties.load(resource);
            return properties.getProperty("version");
        } catch (final IOException e) {
            throw new UncheckedIOException("version.properties of the build cannot be read", e);
        }
    }
}
