package dev.firn.nativeio.storage;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every ring promises, whatever stands behind it. Subclasses say which storage, and with which configuration. */
public abstract class RingContract {
    protected static final int CAPACITY = 32;
    protected static final int BLOCK = 4096;
    private static final long MILLISECOND = 1_000_000L;
    private static final long LONG_TIME = 3_600_000 * MILLISECOND;

    protected Storage storage;
    protected Arena arena;
    protected Ring ring;

    protected abstract Storage openStorage() throws Exception;

    protected abstract RingConfig config();

    @BeforeEach
    void open() throws Exception {
        storage = openStorage();
        arena = Arena.ofShared();
        ring = storage.openRing(config());
    }

    @AfterEach
    void close() {
        ring.close();
        storage.close();
        arena.close();
    }

    protected MemorySegment block(final int fill) {
        return buffer(BLOCK, fill);
    }

    protected MemorySegment buffer(final long lengthBytes, final int fill) {
        return arena.allocate(lengthBytes, BLOCK).fill((byte) fill);
    }

    private RingFile attachNew(final String name) {
        return ring.attach(storage.create(name, Access.DIRECT));
    }

    private void detach(final RingFile file) {
        ring.detach(file);
    }

    @Test
    void shouldReadBackWhatWasWritten() {
        final RingFile file = attachNew("data");
        final MemorySegment read = block(0);

        assertThat(ring.write(file, 3 * BLOCK, block(7), 1, 0)).isTrue();
        assertThat(Completed.all(ring).result(1)).isEqualTo(BLOCK);
        assertThat(ring.read(file, 3 * BLOCK, read, 2, 0)).isTrue();
        assertThat(Completed.all(ring).result(2)).isEqualTo(BLOCK);

        assertThat(read.mismatch(block(7))).isEqualTo(-1);
        detach(file);
    }

    @Test
    void shouldReadAndWriteRegisteredBuffers() {
        final RingFile file = attachNew("data");
        final MemorySegment region = buffer(8 * BLOCK, 0);
        ring.registerBuffers(region);
        final MemorySegment written = region.asSlice(0, BLOCK).fill((byte) 9);
        final MemorySegment read = region.asSlice(5 * BLOCK, BLOCK);

        ring.write(file, 0, written, 1, Ring.LINK);
        ring.read(file, 0, read, 2, 0);
        final Completed completed = Completed.all(ring);

        assertThat(completed.result(1)).isEqualTo(BLOCK);
        assertThat(completed.result(2)).isEqualTo(BLOCK);
        assertThat(read.mismatch(written)).isEqualTo(-1);
        assertThat(ring.registerBuffers()).isTrue();
        detach(file);
    }

    @Test
    void shouldTakeFurtherRegionsWhileOperationsAreInFlight() {
        final RingFile file = attachNew("data");
        final MemorySegment[] regions = new MemorySegment[4];
        for (int i = 0; i < regions.length; i++) {
            regions[i] = buffer(2 * BLOCK, 0).fill((byte) (i + 1));
            ring.addBuffers(regions[i]);
            ring.write(file, (long) i * BLOCK, regions[i].asSlice(BLOCK, BLOCK), i, 0);
        }
        Completed.all(ring);
        ring.removeBuffers(regions[1]);
        ring.addBuffers(regions[1].asSlice(BLOCK));
        for (int i = 0; i < regions.length; i++) {
            ring.read(file, (long) i * BLOCK, regions[regions.length - 1 - i].asSlice(BLOCK, BLOCK), i, 0);
        }
        final Completed completed = Completed.all(ring);

        for (int i = 0; i < regions.length; i++) {
            assertThat(completed.result(i)).isEqualTo(BLOCK);
            assertThat(regions[regions.length - 1 - i].get(JAVA_BYTE, BLOCK)).isEqualTo((byte) (i + 1));
        }
        for (final MemorySegment region : regions) {
            ring.removeBuffers(region);
        }
        detach(file);
    }

    @Test
    void shouldGoOnWithoutRegisteringWhenItsTableIsFull() {
        final RingFile file = attachNew("data");
        final MemorySegment many = buffer(200 * BLOCK, 0);
        for (int i = 0; i < 200; i++) {
            ring.addBuffers(many.asSlice((long) i * BLOCK, BLOCK));
        }
        final MemorySegment last = many.asSlice(199L * BLOCK, BLOCK).fill((byte) 5);
        ring.write(file, 0, last, 1, Ring.LINK);
        ring.read(file, 0, many.asSlice(0, BLOCK), 2, 0);
        final Completed completed = Completed.all(ring);

        assertThat(completed.result(1)).isEqualTo(BLOCK);
        assertThat(completed.result(2)).isEqualTo(BLOCK);
        assertThat(many.get(JAVA_BYTE, 0)).isEqualTo((byte) 5);
        detach(file);
    }

    @Test
    void shouldReadAndWritePartsOfBuffers() {
        final RingFile file = attachNew("data");
        final MemorySegment out = buffer(4 * BLOCK, 0);
        out.asSlice(2 * BLOCK, BLOCK).fill((byte) 7);
        final MemorySegment in = buffer(4 * BLOCK, 0);

        ring.write(file, BLOCK, out, 2 * BLOCK, BLOCK, 1, Ring.LINK | Ring.DURABLE);
        ring.read(file, BLOCK, in, 3 * BLOCK, BLOCK, 2, 0);
        final Completed completed = Completed.all(ring);

        assertThat(completed.result(1)).isEqualTo(BLOCK);
        assertThat(completed.result(2)).isEqualTo(BLOCK);
        assertThat(in.asSlice(3 * BLOCK).mismatch(block(7))).isEqualTo(-1);
        assertThat(in.asSlice(0, 3 * BLOCK).mismatch(buffer(3 * BLOCK, 0))).isEqualTo(-1);
        assertThatThrownBy(() -> ring.read(file, 0, in, 4 * BLOCK, BLOCK, 3, 0))
                .isInstanceOf(IndexOutOfBoundsException.class);
        detach(file);
    }

    @Test
    void shouldMoveVectorsInOrder() {
        final RingFile file = attachNew("data");
        final MemorySegment[] out = {block(1), block(2), block(3)};
        final MemorySegment[] in = {block(0), buffer(2 * BLOCK, 0)};

        ring.writeVectored(file, 0, out, 3, 1, Ring.LINK);
        ring.readVectored(file, 0, in, 2, 2, 0);
        final Completed completed = Completed.all(ring);

        assertThat(completed.result(1)).isEqualTo(3 * BLOCK);
        assertThat(completed.result(2)).isEqualTo(3 * BLOCK);
        assertThat(in[0].get(JAVA_BYTE, 0)).isEqualTo((byte) 1);
        assertThat(in[1].get(JAVA_BYTE, 0)).isEqualTo((byte) 2);
        assertThat(in[1].get(JAVA_BYTE, BLOCK)).isEqualTo((byte) 3);
        detach(file);
    }

    @Test
    void shouldSyncAllocateAndDoNothing() {
        final StorageFile opened = storage.create("data", Access.DIRECT);
        final RingFile file = ring.attach(opened);

        ring.allocate(file, 0, 16 * BLOCK, 1, 0);
        ring.sync(file, 2, 0);
        ring.dataSync(file, 3, 0);
        ring.nop(4, 0);
        final Completed completed = Completed.all(ring);

        for (long token = 1; token <= 4; token++) {
            assertThat(completed.result(token)).as("token " + token).isZero();
        }
        assertThat(opened.lengthBytes()).isEqualTo(16 * BLOCK);
        detach(file);
        opened.close();
    }

    @Test
    void shouldTakeDurableWrites() {
        final RingFile file = attachNew("data");
        final MemorySegment[] pair = {block(2), block(3)};
        final MemorySegment read = buffer(3 * BLOCK, 0);

        ring.write(file, 0, block(1), 1, Ring.DURABLE | Ring.LINK);
        ring.writeVectored(file, BLOCK, pair, 2, 2, Ring.DURABLE | Ring.LINK);
        ring.read(file, 0, read, 3, 0);
        final Completed completed = Completed.all(ring);

        assertThat(completed.result(1)).isEqualTo(BLOCK);
        assertThat(completed.result(2)).isEqualTo(2 * BLOCK);
        assertThat(completed.result(3)).isEqualTo(3 * BLOCK);
        assertThat(read.get(JAVA_BYTE, 2 * BLOCK)).isEqualTo((byte) 3);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ring.read(file, 0, read, 4, Ring.DURABLE))
                .withMessageContaining("READ");
        assertThatIllegalArgumentException().isThrownBy(() -> ring.sync(file, 4, Ring.DURABLE));
        detach(file);
    }

    @Test
    void shouldReadShortAtTheEndOfTheFile() {
        final RingFile file = attachNew("data");
        final MemorySegment two = buffer(2 * BLOCK, 0);

        ring.write(file, 0, block(5), 1, 0);
        Completed.all(ring);
        ring.read(file, 0, two, 2, 0);
        ring.read(file, BLOCK, two, 3, 0);
        final Completed completed = Completed.all(ring);

        assertThat(completed.result(2)).isEqualTo(BLOCK);
        assertThat(completed.result(3)).isZero();
        detach(file);
    }

    @Test
    void shouldSayWhichOperationOnWhichFileFailedWhere() {
        storage.create("data", Access.DIRECT).close();
        final RingFile file = ring.attach(storage.openForRead("data", Access.DIRECT));

        ring.write(file, 8 * BLOCK, block(1), 1, 0);
        final Completed completed = Completed.all(ring);

        assertThat(completed.result(1)).isEqualTo(-Errno.EBADF);
        assertThat(completed.failure(1))
                .hasMessageContaining("WRITE")
                .hasMessageContaining("data")
                .hasMessageContaining(String.valueOf(8 * BLOCK))
                .hasMessageContaining("EBADF");
        detach(file);
    }

    @Test
    void shouldRefuseMisalignedDirectWrites() {
        final StorageFile opened = storage.create("data", Access.DIRECT);
        org.junit.jupiter.api.Assumptions.assumeTrue(opened.direct(), "the file system refuses O_DIRECT");
        final RingFile file = ring.attach(opened);

        ring.write(file, 1, block(1), 1, 0);
        ring.write(file, 0, block(1).asSlice(1, BLOCK - 1), 2, 0);
        final Completed completed = Completed.all(ring);

        assertThat(completed.result(1)).isEqualTo(-Errno.EINVAL);
        assertThat(completed.result(2)).isEqualTo(-Errno.EINVAL);
        detach(file);
    }

    @Test
    void shouldBreakAChainInTheMiddle() {
        final RingFile file = attachNew("data");

        ring.write(file, 0, block(1), 1, Ring.LINK);
        ring.read(file, 0, buffer(2 * BLOCK, 0), 2, Ring.LINK);
        ring.write(file, BLOCK, block(2), 3, Ring.LINK);
        ring.dataSync(file, 4, 0);
        ring.nop(5, 0);
        final Completed completed = Completed.all(ring);

        assertThat(completed.result(1)).isEqualTo(BLOCK);
        assertThat(completed.result(2)).as("short read").isEqualTo(BLOCK);
        assertThat(completed.result(3)).isEqualTo(-Errno.ECANCELED);
        assertThat(completed.result(4)).isEqualTo(-Errno.ECANCELED);
        assertThat(completed.result(5)).as("outside of the chain").isZero();
        detach(file);
    }

    @Test
    void shouldGoOnAfterAFailureWhenHardLinked() {
        final RingFile file = attachNew("data");

        ring.read(file, 0, block(0), 1, Ring.HARD_LINK);
        ring.write(file, 0, block(2), 2, 0);
        final Completed completed = Completed.all(ring);

        assertThat(completed.result(1)).as("end of an empty file").isZero();
        assertThat(completed.result(2)).isEqualTo(BLOCK);
        detach(file);
    }

    @Test
    void shouldRunAChainInOrder() {
        final RingFile file = attachNew("data");
        final MemorySegment read = block(0);

        for (int i = 0; i < 8; i++) {
            ring.write(file, 0, block(i), i, Ring.LINK);
        }
        ring.read(file, 0, read, 8, 0);
        final Completed completed = Completed.all(ring);

        assertThat(completed.order()).containsExactly(0L, 1L, 2L, 3L, 4L, 5L, 6L, 7L, 8L);
        assertThat(read.get(JAVA_BYTE, 0)).isEqualTo((byte) 7);
        detach(file);
    }

    @Test
    void shouldDrainBeforeAndAfterADrainedOperation() {
        final RingFile file = attachNew("data");
        final MemorySegment read = buffer(8 * BLOCK, 0);

        for (int i = 0; i < 8; i++) {
            ring.write(file, (long) i * BLOCK, block(i + 1), i, 0);
        }
        ring.read(file, 0, read, 100, Ring.DRAIN);
        ring.write(file, 0, block(77), 101, 0);
        final Completed completed = Completed.all(ring);

        assertThat(completed.result(100)).isEqualTo(8 * BLOCK);
        assertThat(completed.order().subList(8, 10)).containsExactly(100L, 101L);
        for (int i = 0; i < 8; i++) {
            assertThat(read.get(JAVA_BYTE, (long) i * BLOCK)).isEqualTo((byte) (i + 1));
        }
        detach(file);
    }

    @Test
    void shouldFireATimeout() {
        ring.timeout(5 * MILLISECOND, 1, 0);

        assertThat(Completed.all(ring).result(1)).isEqualTo(-Errno.ETIME);
    }

    @Test
    void shouldCancelATimeout() {
        ring.timeout(LONG_TIME, 1, 0);
        ring.submit();
        ring.cancel(1, 2, 0);
        final Completed completed = Completed.all(ring);

        assertThat(completed.result(1)).isEqualTo(-Errno.ECANCELED);
        assertThat(completed.result(2)).isZero();
    }

    @Test
    void shouldSayThatThereIsNothingToCancel() {
        ring.cancel(4711, 1, 0);

        assertThat(Completed.all(ring).result(1)).isEqualTo(-Errno.ENOENT);
    }

    @Test
    void shouldCancelTheOperationThatItsLinkTimeoutBounds() {
        ring.timeout(LONG_TIME, 1, Ring.LINK);
        ring.linkTimeout(5 * MILLISECOND, 2, 0);
        final Completed completed = Completed.all(ring);

        assertThat(completed.result(1)).isEqualTo(-Errno.ECANCELED);
        assertThat(completed.result(2)).isEqualTo(-Errno.ETIME);
    }

    @Test
    void shouldDisarmALinkTimeoutWhenItsOperationIsDone() {
        final RingFile file = attachNew("data");

        ring.write(file, 0, block(1), 1, Ring.LINK);
        ring.linkTimeout(LONG_TIME, 2, 0);
        final Completed completed = Completed.all(ring);

        assertThat(completed.result(1)).isEqualTo(BLOCK);
        assertThat(completed.result(2)).isEqualTo(-Errno.ECANCELED);
        detach(file);
    }

    @Test
    void shouldRefuseALinkTimeoutWithoutAnOperation() {
        assertThatIllegalStateException().isThrownBy(() -> ring.linkTimeout(1, 1, 0));
    }

    @Test
    void shouldReturnWithFewerCompletionsWhenTheTimeIsOver() {
        ring.timeout(LONG_TIME, 1, 0);

        assertThat(ring.submitAndWait(1, 3 * MILLISECOND)).isZero();
        assertThat(ring.inFlight()).isEqualTo(1);
    }

    @Test
    void shouldPushBackWhenFullAndLoseNothing() {
        final int capacity = ring.capacity();
        for (int i = 0; i < capacity; i++) {
            assertThat(ring.nop(i, 0)).isTrue();
        }
        assertThat(ring.room()).isZero();
        assertThat(ring.nop(capacity, 0)).isFalse();
        ring.submit();
        ring.submitAndWait(capacity, Long.MAX_VALUE);
        assertThat(ring.nop(capacity, 0)).as("nothing was polled yet").isFalse();

        assertThat(Completed.all(ring).count()).isEqualTo(capacity);
        assertThat(ring.room()).isEqualTo(capacity);
    }

    @Test
    void shouldTakeNewOperationsFromAHandlerWhenFull() {
        final int capacity = ring.capacity();
        final AtomicInteger left = new AtomicInteger(10 * capacity);
        final AtomicInteger done = new AtomicInteger();
        for (int i = 0; i < capacity; i++) {
            ring.nop(i, 0);
        }
        ring.submit();
        while (ring.inFlight() > 0) {
            ring.submitAndWait(1, Long.MAX_VALUE);
            ring.poll(
                    completion -> {
                        done.incrementAndGet();
                        if (left.decrementAndGet() >= 0) {
                            assertThat(ring.nop(completion.token(), 0)).isTrue();
                        }
                    },
                    capacity);
        }
        assertThat(done.get()).isEqualTo(11 * capacity);
    }

    @Test
    void shouldPollNoMoreThanTheLimit() {
        for (int i = 0; i < 5; i++) {
            ring.nop(i, 0);
        }
        assertThat(ring.submitAndWait(5, Long.MAX_VALUE)).isEqualTo(5);
        final Completed completed = new Completed();

        assertThat(ring.poll(completed, 2)).isEqualTo(2);
        assertThat(ring.poll(completed, 10)).isEqualTo(3);
        assertThat(ring.poll(completed, 10)).isZero();
    }

    @Test
    void shouldDeliverWithoutWaitingWhenPolledInALoop() {
        ring.nop(1, 0);
        ring.submit();
        final Completed completed = new Completed();
        while (completed.count() == 0) {
            if (ring.poll(completed, 1) == 0) {
                ring.submitAndWait(0, 0);
            }
        }
        assertThat(completed.result(1)).isZero();
    }

    @Test
    void shouldRefuseOtherThreads() throws Exception {
        final AtomicReference<Throwable> thrown = new AtomicReference<>();
        final Thread other = new Thread(() -> {
            try {
                ring.nop(1, 0);
            } catch (final IllegalStateException e) {
                thrown.set(e);
            }
        });
        other.start();
        other.join();

        assertThat(thrown.get()).hasMessageContaining("owned by");
        assertThat(ring.inFlight()).isZero();
    }

    @Test
    void shouldRefuseToSubmitAnOpenChain() {
        ring.nop(1, Ring.LINK);
        assertThatIllegalStateException().isThrownBy(() -> ring.submit()).withMessageContaining("link");
        ring.nop(2, 0);
        assertThat(Completed.all(ring).count()).isEqualTo(2);
    }

    @Test
    void shouldRefuseToPollFromAHandler() {
        ring.nop(1, 0);
        ring.submitAndWait(1, Long.MAX_VALUE);
        assertThatIllegalStateException()
                .isThrownBy(() -> ring.poll(completion -> ring.poll(inner -> {}, 1), 1))
                .withMessageContaining("handler");
    }

    @Test
    void shouldRefuseBadArguments() {
        final RingFile file = attachNew("data");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ring.write(file, 0, MemorySegment.ofArray(new byte[BLOCK]), 1, 0))
                .withMessageContaining("native");
        assertThatIllegalArgumentException().isThrownBy(() -> ring.read(file, -1, block(0), 1, 0));
        assertThatIllegalArgumentException().isThrownBy(() -> ring.nop(1, 1 << 20));
        assertThatIllegalArgumentException().isThrownBy(() -> ring.timeout(-1, 1, 0));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ring.readVectored(file, 0, new MemorySegment[0], 0, 1, 0));
        assertThat(ring.inFlight()).isZero();
        detach(file);
    }

    @Test
    void shouldRefuseFilesOfAnotherRingAndDetachedOnes() {
        final StorageFile opened = storage.create("data", Access.DIRECT);
        final RingFile here = ring.attach(opened);
        ring.detach(here);
        assertThatIllegalStateException().isThrownBy(() -> ring.read(here, 0, block(0), 1, 0));
        try (Ring other = storage.openRing(config())) {
            final RingFile there = other.attach(opened);
            assertThatIllegalStateException().isThrownBy(() -> ring.sync(there, 1, 0));
            other.detach(there);
        }
        opened.close();
    }

    @Test
    void shouldKeepAFileThatIsInUse() {
        final StorageFile opened = storage.create("data", Access.DIRECT);
        final RingFile file = ring.attach(opened);
        ring.write(file, 0, block(1), 1, 0);
        assertThatIllegalStateException().isThrownBy(() -> ring.detach(file)).withMessageContaining("in flight");
        assertThatIllegalStateException().isThrownBy(opened::close).withMessageContaining("detach");
        Completed.all(ring);
        ring.detach(file);
        opened.close();
    }

    @Test
    void shouldCloseWithOperationsInFlight() {
        final RingFile file = attachNew("data");
        ring.timeout(LONG_TIME, 1, 0);
        ring.timeout(LONG_TIME, 2, Ring.LINK);
        ring.nop(3, 0);
        for (int i = 0; i < 8; i++) {
            ring.write(file, (long) i * BLOCK, block(i), 10 + i, 0);
        }
        ring.submit();
        ring.write(file, 0, block(1), 20, 0);

        ring.close();
        ring.close();

        assertThatIllegalStateException().isThrownBy(() -> ring.nop(1, 0)).withMessageContaining("closed");
    }

    @Test
    void shouldSurviveALongChain() {
        final int capacity = ring.capacity();
        for (int i = 0; i < capacity; i++) {
            ring.nop(i, i == capacity - 1 ? 0 : Ring.LINK);
        }
        assertThat(Completed.all(ring).order()).hasSize(capacity).isSorted();
    }

    @Test
    void shouldCarryTokensUnchanged() {
        final long[] tokens = {0, -1, Long.MIN_VALUE, Long.MAX_VALUE, 0x1234_5678_9abc_def0L};
        for (final long token : tokens) {
            ring.nop(token, 0);
        }
        assertThat(Completed.all(ring).order())
                .containsExactlyInAnyOrder(0L, -1L, Long.MIN_VALUE, Long.MAX_VALUE, 0x1234_5678_9abc_def0L);
        assertThat(buffer(8, 0).get(JAVA_LONG, 0)).isZero();
    }
}
