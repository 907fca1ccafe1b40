package dev.firn.server.faults;

import dev.firn.nativeio.file.HostStorage;
import dev.firn.nativeio.seam.SystemClock;
import dev.firn.nativeio.seam.SystemRandom;
import dev.firn.pagestore.layer.LayerCompression;
import dev.firn.pagestore.layer.LayerConfig;
import dev.firn.pagestore.memory.MemoryTableConfig;
import dev.firn.pagestore.timeline.ShardConfig;
import dev.firn.pagestore.upkeep.UpkeepConfig;
import dev.firn.s3tier.store.CallOptions;
import dev.firn.s3tier.store.ObjectWriter;
import dev.firn.server.CommandException;
import dev.firn.server.config.PageServerConfig;
import dev.firn.server.pages.PageServerRole;
import dev.firn.server.pages.PageServerSetup;
import dev.firn.server.pages.PageServerSizes;
import dev.firn.server.process.RoleProcess;
import dev.firn.server.quorum.RoleSettings;
import dev.firn.server.up.OneLineLog;
import dev.firn.server.up.StopSignal;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * {@code firn run page-server} with memory tables as small as can be, and merges, images and collection at every occasion: nearly all
 * goes through layers, and a fault at any moment meets one of them under way.
 */
final class EagerPageServer {
    private static final Duration STOP_LIMIT = Duration.ofSeconds(20);
    private static final Duration WATCH_INTERVAL = Duration.ofMillis(100);

    /** Both fit several times into a test's minute. */
    private static final long TABLE_AGE_NS = TimeUnit.SECONDS.toNanos(1);

    private static final long SWEEP_NS = TimeUnit.SECONDS.toNanos(3);
    /** As little as a block cache may be. */
    private static final long CACHE_BYTES = 64L << 20;

    private static final long RETRY_NS = TimeUnit.MILLISECONDS.toNanos(200);

    private EagerPageServer() {}

    /** @param arguments the configuration, how many seconds of history are kept, and how large memory tables are. */
    public static void main(final String[] arguments) throws InterruptedException {
        OneLineLog.install(false);
        final StopSignal signal = StopSignal.install(STOP_LIMIT);
        int code = 1;
        try (RoleProcess role =
                start(Path.of(arguments[0]), Long.parseLong(arguments[1]), Long.parseLong(arguments[2]))) {
            Optional<String> loss = Optional.empty();
            while (loss.isEmpty() && !signal.await(WATCH_INTERVAL)) {
                loss = role.awaitLoss(Duration.ZERO).map(status -> status.detail());
            }
            loss.ifPresent(why -> System.err.println("firn: " + why));
            code = loss.isPresent() ? 1 : 0;
        } catch (final CommandException e) {
            System.err.println("firn: " + e.getMessage());
        } finally {
            signal.finish(code);
        }
        Runtime.getRuntime().exit(code);
    }

    private static RoleProcess start(final Path file, final long historySeconds, final long tableBytes)
            throws InterruptedException {
        final PageServerConfig config = PageServerConfig.read(file);
        return RoleProcess.start(
                PageServerConfig.NAME,
                config.network().node(),
                config.role(),
                config.memoryBytes(),
                (directory, memory, process) -> new PageServerRole(
                        new PageServerSetup(
                                RoleSettings.network(config.role(), config.network()),
                                config.store(),
                                sizes(config.memoryBytes(), historySeconds, tableBytes),
                                directory.path(),
                                HostStorage::new),
                        memory,
                        SystemClock.INSTANCE,
                        SystemRandom.secure(),
                        process::abandonMemory),
                HostStorage::new,
                SystemClock.INSTANCE);
    }

    private static PageServerSizes sizes(final long memoryBytes, final long historySeconds, final long tableBytes) {
        return new PageServerSizes(
                memoryBytes,
                CACHE_BYTES,
                new ShardConfig(
                        64, 64, 16 << 20, 4, new MemoryTableConfig(tableBytes), 2, TABLE_AGE_NS, 16, 8, 1L << 30),
                new UpkeepConfig(
                        new LayerConfig(8 << 10, LayerCompression.ZSTD, 12, 20, 10, 4 << 20, 8 << 20),
                        ObjectWriter.Shape.DEFAULT,
                        CallOptions.within(Duration.ofSeconds(30)),
                        3,
                        2,
                        1 << 20,
                        100,
                        16,
                        4,
                        16,
                        6,
                        TimeUnit.SECONDS.toNanos(historySeconds),
                        256 << 10,
                        4 << 20,
                        1_024,
                        RETRY_NS,
                        SWEEP_NS));
    }
}
