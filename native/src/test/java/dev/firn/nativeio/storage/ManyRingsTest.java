package dev.firn.nativeio.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.firn.nativeio.file.HostStorage;
import dev.firn.nativeio.seam.SystemRandom;
import dev.firn.nativeio.uring.UringSupport;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ManyRingsTest {
    private static final int THREADS = 8;
    private static final int ROUNDS = 200;
    private static final int WARM_UP_ROUNDS = 20;

    /** What a process may gain over the rounds for other reasons: class data, compiled code, the collector's own. */
    private static final long RESIDENT_SLACK_BYTES = 96L << 20;

    @TempDir
    Path directory;

    @ParameterizedTest
    @EnumSource(
            value = RingBackend.class,
            names = {"URING", "PORTABLE"})
    void shouldServeManyRingsInManyThreads(final RingBackend backend) throws Exception {
        assumeTrue(backend != RingBackend.URING || UringSupport.host().available());
        final ExecutorService threads = Executors.newFixedThreadPool(THREADS);
        try (Storage storage = new HostStorage(directory)) {
            final List<Future<Long>> digests = new ArrayList<>();
            for (int i = 0; i < THREADS; i++) {
                final String name = "t" + i;
                storage.createDirectories(name);
                digests.add(threads.submit(() -> {
                    try (Storage own = new HostStorage(directory.resolve(name))) {
                        return RandomOperations.run(
                                own, RingConfig.ofCapacity(128).withBackend(backend), SystemRandom.seeded(42), 20_000);
                    }
                }));
            }
            for (final Future<Long> digest : digests) {
                assertThat(digest.get()).isEqualTo(digests.getFirst().get());
            }
        } finally {
            threads.shutdownNow();
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = RingBackend.class,
            names = {"URING", "PORTABLE"})
    void shouldGiveEverythingBackWhenClosedWithOperationsInFlight(final RingBackend backend) throws Exception {
        assumeTrue(backend != RingBackend.URING || UringSupport.host().available());
        try (Storage storage = new HostStorage(directory);
                StorageFile file = storage.createDurably("data", Access.DIRECT, 1 << 20)) {
            openAndClose(storage, file, backend, WARM_UP_ROUNDS);
            final int descriptors = openDescriptors();
            final int threads = liveThreads();
            final long resident = residentBytes();

            openAndClose(storage, file, backend, ROUNDS);

            assertThat(openDescriptors()).as("descriptors").isEqualTo(descriptors);
            assertThat(liveThreads()).as("threads of the pool").isEqualTo(threads);
            assertThat(residentBytes()).as("resident memory").isLessThan(resident + RESIDENT_SLACK_BYTES);
        }
    }

    /** Each round registers 4 MiB, so that memory kept for even a part of the rounds shows. */
    private static void openAndClose(
            final Storage storage, final StorageFile opened, final RingBackend backend, final int rounds) {
        for (int round = 0; round < rounds; round++) {
            try (Arena arena = Arena.ofConfined();
                    Ring ring = storage.openRing(RingConfig.ofCapacity(256).withBackend(backend))) {
                final MemorySegment region = arena.allocate(4 << 20, 4096);
                ring.registerBuffers(region);
                final RingFile file = ring.attach(opened);
                for (int i = 0; i < 64; i++) {
                    ring.read(file, i * 4096L, region.asSlice(i * 4096L, 4096), i, 0);
                }
                ring.timeout(Long.MAX_VALUE, 99, 0);
                ring.submit();
                ring.write(file, 0, region.asSlice(0, 4096), 100, 0);
            }
        }
    }

    private static int openDescriptors() throws IOException {
        try (Stream<Path> entries = Files.list(Path.of("/proc/self/fd"))) {
            return (int) entries.count();
        }
    }

    private static int liveThreads() {
        return (int) Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith("firn-portable-ring"))
                .count();
    }

    private static long residentBytes() throws IOException {
        final String statm = Files.readString(Path.of("/proc/self/statm"));
        return Long.parseLong(statm.split(" ", -1)[1]) * 4096;
    }
}
