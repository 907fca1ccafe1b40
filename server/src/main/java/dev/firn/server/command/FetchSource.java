package dev.firn.server.command;

import dev.firn.nativeio.file.HostStorage;
import dev.firn.nativeio.seam.SystemClock;
import dev.firn.nativeio.seam.SystemRandom;
import dev.firn.s3tier.location.StoreLocation;
import dev.firn.server.CommandException;
import dev.firn.server.config.FetchConfig;
import dev.firn.server.home.DataDirectory;
import dev.firn.server.home.UpRecord;
import dev.firn.server.quorum.RoleSettings;
import dev.firn.server.up.ReaderSeat;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Option;

/** Where the commands that fetch find a timeline: the data directory of an {@code up}, or a configuration on several hosts. */
final class FetchSource {
    /** A reader of the archive, one of the WAL nodes, and what the catalogue is read into. */
    static final long MEMORY_BYTES = 128L << 20;

    @Option(
            names = "--dir",
            paramLabel = "DIR",
            defaultValue = DataDirectory.DEFAULT,
            description = "The data directory (default: ${DEFAULT-VALUE}).")
    private Path directory;

    @Option(
            names = "--config",
            paramLabel = "FILE",
            description =
                    "In place of --dir, where roles run on hosts of their own: a JSON file with cluster, node, nodes, walNodes,"
                            + " secretFile and store, as theirs.")
    private Path config;

    private FetchConfig read;

    private Optional<FetchConfig> configured() {
        if (config != null && read == null) {
            read = FetchConfig.read(config);
        }
        return Optional.ofNullable(read);
    }

    /** Which timeline is meant by a name. */
    String timeline(final String name) {
        return configured().isPresent() ? name : TimelineName.resolve(directory, name);
    }

    /** Where base backups and archive are. */
    StoreLocation store() {
        return configured().map(FetchConfig::store).orElseGet(() -> storeOf(directory));
    }

    /** Where a data directory keeps its objects. */
    static StoreLocation storeOf(final Path directory) {
        return DataDirectory.storeOf(directory)
                .orElseThrow(
                        () -> new CommandException(directory.toAbsolutePath().normalize()
                                + " is no data directory that was ever up: name another with --dir"));
    }

    /** The WAL nodes; empty when the system on the data directory is not up. The caller closes it. */
    Optional<ReaderSeat> seat() {
        final Optional<FetchConfig> found = configured();
        if (found.isPresent()) {
            return Optional.of(ReaderSeat.at(
                    RoleSettings.network(found.get().cluster(), found.get().network()),
                    List.copyOf(found.get().network().walNodes()),
                    SystemClock.INSTANCE,
                    SystemRandom.secure()));
        }
        return UpRecord.read(directory)
                .filter(system -> system.process().alive())
                .map(system ->
                        ReaderSeat.take(directory, HostStorage::new, SystemClock.INSTANCE, SystemRandom.secure()));
    }
}
