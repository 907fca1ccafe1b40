package dev.firn.nativeio.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.management.ThreadMXBean;
import dev.firn.nativeio.file.HostStorage;
import dev.firn.nativeio.uring.UringSupport;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class RingAllocationTest {
    private static final int ROUNDS = 20_000;
    private static final int BATCH = 8;

    /** For the measuring itself. */
    private static final long ALLOWED_BYTES = 4096;

    @TempDir
    Path directory;

    @ParameterizedTest
    @EnumSource(
            value = RingBackend.class,
            names = {"URING", "PORTABLE"})
    void shouldAllocateNothingPerOperation(final RingBackend backend) {
        assumeTrue(backend != RingBackend.URING || UringSupport.host().available());
        final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        try (Storage storage = new HostStorage(directory);
                Arena arena = Arena.ofConfined();
                Ring ring = storage.openRing(RingConfig.ofCapacity(64).withBackend(backend));
                StorageFile opened = storage.createDurably("data", Access.BUFFERED, 1 << 20)) {
            final Operations operations = new Operations(ring, ring.attach(opened), arena);
            operations.run(ROUNDS);
            final long before = threads.getCurrentThreadAllocatedBytes();
            operations.run(ROUNDS);
            final long allocated = threads.getCurrentThreadAllocatedBytes() - before;

            assertThat(allocated)
                    .as("bytes allocated by " + ROUNDS * BATCH + " operations")
                    .isLessThan(ALLOWED_BYTES);
            ring.detach(operations.file);
        }
    }

    /** One of each kind a round. */
    private static final class Operations implements CompletionHandler {
        private final Ring ring;
        private final RingFile file;
        private final MemorySegment block;
        private final MemorySegment[] vector;
        private int done;

        Operations(final Ring ring, final RingFile file, final Arena arena) {
            this.ring = ring;
            this.file = file;
            this.block = arena.allocate(4096, 4096);
            this.vector = new MemorySegment[] {arena.allocate(512), arena.allocate(512)};
            ring.registerBuffers(block);
        }

        void run(final int rounds) {
            for (int i = 0; i < rounds; i++) {
                done = 0;
                ring.write(file, 0, block, 1, Ring.LINK);
                ring.read(file, 0, block, 1024L * (i % 4), 1024, 2, Ring.LINK);
                ring.nop(3, Ring.LINK);
                ring.linkTimeout(1_000_000_000L, 4, 0);
                ring.writeVectored(file, 8192, vector, 2, 5, 0);
                ring.readVectored(file, 16384, vector, 2, 6, 0);
                ring.timeout(0, 7, 0);
                ring.cancel(4711, 8, 0);
                ring.submitAndWait(BATCH, Long.MAX_VALUE);
                while (done < BATCH) {
                    ring.poll(this, BATCH);
                }
            }
        }

        @Override
        public void onCompletion(final Completion completion) {
            done++;
        }
    }
}
