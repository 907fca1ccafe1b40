package dev.firn.server.quorum;

import dev.firn.server.role.RoleHealth;
import dev.firn.transport.aeron.AddressTable;
import dev.firn.transport.aeron.AeronNetwork;
import dev.firn.transport.aeron.DriverChoice;
import dev.firn.transport.aeron.DriverProfile;
import java.util.Map;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The media driver that the other roles of a host share. Roles that use it fail when it goes, and find the next one by its record. */
public final class MediaDriverRole implements QuorumRole {
    private static final Logger LOG = LoggerFactory.getLogger("media-driver");

    private final DriverProfile profile;
    private final Consumer<String> onDirectory;
    private AeronNetwork driver;

    /** @param onDirectory told where it is, as soon as it serves. */
    public MediaDriverRole(final DriverProfile profile, final Consumer<String> onDirectory) {
        this.profile = profile;
        this.onDirectory = onDirectory;
    }

    @Override
    public void start() {
        driver = new AeronNetwork(AddressTable.of(Map.of(0, "ipc")), DriverChoice.embedded(profile));
        driver.warnings().forEach(LOG::warn);
        onDirectory.accept(driver.driverDirectory().toString());
    }

    @Override
    public RoleHealth health() {
        final String directory = driver.driverDirectory().toString();
        final long errors = driver.errorCount();
        return RoleHealth.healthy(
                directory + ", profile " + profile.configName() + (errors == 0 ? "" : ", " + errors + " errors"));
    }

    @Override
    public QuorumSnapshot quorum() {
        return QuorumSnapshot.NONE;
    }

    @Override
    public void stop() {
        if (driver != null) {
            driver.close();
        }
    }
}
