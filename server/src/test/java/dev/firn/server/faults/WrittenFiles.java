package dev.firn.server.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.server.FirnProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * What a command writes below a folder.
 *
 * @param root need not be there.
 */
record WrittenFiles(Path root) {
    private static final int LOOK_MS = 20;

    /** All that there are now, by their paths below the folder. */
    Map<String, Path> now() throws IOException {
        final Map<String, Path> files = new TreeMap<>();
        if (Files.exists(root)) {
            final List<Path> found = new ArrayList<>();
            try (Stream<Path> all = Files.walk(root)) {
                all.filter(Files::isRegularFile).forEach(found::add);
            }
            found.forEach(file -> files.put(root.relativize(file).toString(), file));
        }
        return files;
    }

    /** Waits until a command, which goes on, has written so much. */
    void awaitBytes(final FirnProcess command, final long bytes, final Duration limit)
            throws IOException, InterruptedException {
        final Semaphore never = new Semaphore(0);
        for (long leftMs = limit.toMillis(); leftMs > 0; leftMs -= LOOK_MS) {
            long found = 0;
            for (final Path file : now().values()) {
                found += size(file);
            }
            if (found >= bytes) {
                return;
            }
            assertThat(command.process().isAlive())
                    .as("it goes on: %s", command.err())
                    .isTrue();
            assertThat(never.tryAcquire(LOOK_MS, TimeUnit.MILLISECONDS)).isFalse();
        }
        throw new AssertionError("it comes to nothing: " + command.err());
    }

    private static long size(final Path file) throws IOException {
        try {
            return Files.size(file);
        } catch (final NoSuchFileException e) {
            // It has got its own name meanwhile.
            return 0;
        }
    }

    /** @param but paths whose contents may differ. */
    void requireSameAs(final WrittenFiles others, final Set<String> but) throws IOException {
        final Map<String, Path> expected = others.now();
        final Map<String, Path> found = now();
        assertThat(found.keySet()).isEqualTo(expected.keySet()).containsAll(but);
        for (final Map.Entry<String, Path> file : found.entrySet()) {
            if (!but.contains(file.getKey())) {
                assertThat(file.getValue()).as(file.getKey()).hasSameBinaryContentAs(expected.get(file.getKey()));
            }
        }
    }
}
