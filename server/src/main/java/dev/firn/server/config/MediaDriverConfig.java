package dev.firn.server.config;

import dev.firn.transport.aeron.DriverProfile;
import java.nio.file.Path;

/**
 * What {@code firn run media-driver} is told.
 *
 * @param profile how much of the host it takes.
 */
public record MediaDriverConfig(RoleConfig role, DriverProfile profile) {
    public static final String NAME = "media-driver";

    public static MediaDriverConfig read(final Path file) {
        final ConfigReader reader = ConfigReader.open(file);
        final RoleConfig role = RoleConfig.read(reader, NAME);
        final MediaDriverConfig config = new MediaDriverConfig(role, NetworkConfig.profile(reader, "profile"));
        reader.end();
        return config;
    }
}
