package dev.firn.pagestore.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.nativeio.seam.SystemRandom;
import dev.firn.postgres.MalformedDataException;
import dev.firn.postgres.effect.SlruRedo;
import dev.firn.postgres.file.Slru;
import dev.firn.postgres.file.TransactionStatus;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

class SlruChangesTest {
    private static final int PAGE_BYTES = 8192;

    private final MemorySegment page = MemorySegment.ofArray(new byte[PAGE_BYTES]);
    private final MemorySegment expected = MemorySegment.ofArray(new byte[PAGE_BYTES]);
    private final MemorySegment payload = MemorySegment.ofArray(new byte[4 * SlruChanges.BYTES]);

    private void apply(final Slru slru, final int number, final int length) {
        SlruChanges.apply(slru, number, page, 0, payload, 0, length);
    }

    private void expectEqual() {
        assertThat(page.toArray(ValueLayout.JAVA_BYTE)).isEqualTo(expected.toArray(ValueLayout.JAVA_BYTE));
    }

    @Test
    void shouldSetWhatRedoSets() {
        final int xid = 5 * Slru.XACT.entriesPerPage() + 77;
        SlruChanges.put(payload, 0, SlruChanges.STATUS, 0, xid, TransactionStatus.COMMITTED);
        SlruChanges.put(payload, SlruChanges.BYTES, SlruChanges.STATUS, 0, xid + 1, TransactionStatus.ABORTED);
        apply(Slru.XACT, 5, 2 * SlruChanges.BYTES);
        SlruRedo.transactionStatus(expected, 0, xid, TransactionStatus.COMMITTED);
        SlruRedo.transactionStatus(expected, 0, xid + 1, TransactionStatus.ABORTED);
        expectEqual();
    }

    @Test
    void shouldKeepWideValues() {
        final int xid = -3;
        SlruChanges.put(payload, 0, SlruChanges.COMMIT_TIME, 0xFFFE, xid, -77_000_000_000L);
        apply(Slru.COMMIT_TS, Slru.COMMIT_TS.page(xid), SlruChanges.BYTES);
        SlruRedo.commitTimestamp(expected, 0, xid, -77_000_000_000L, 0xFFFE);
        expectEqual();
    }

    @Test
    void shouldSetMultixactsAndTheirMembers() {
        SlruChanges.put(payload, 0, SlruChanges.OFFSET, 0, 9, 0xFFFF_FFF0L);
        apply(Slru.MULTIXACT_OFFSETS, 0, SlruChanges.BYTES);
        SlruRedo.multiXactOffset(expected, 0, 9, 0xFFFF_FFF0);
        expectEqual();
        page.fill((byte) 0);
        expected.fill((byte) 0);
        SlruChanges.put(payload, 0, SlruChanges.MEMBER, 0, 6, 5L << Integer.SIZE | 0x8000_0001L);
        apply(Slru.MULTIXACT_MEMBERS, 0, SlruChanges.BYTES);
        SlruRedo.multiXactMember(expected, 0, 6, 0x8000_0001, 5);
        expectEqual();
    }

    @Test
    void shouldRefuseChangesOfAnotherPage() {
        SlruChanges.put(payload, 0, SlruChanges.STATUS, 0, 7, TransactionStatus.COMMITTED);
        assertThatThrownBy(() -> apply(Slru.XACT, 1, SlruChanges.BYTES))
                .isInstanceOf(MalformedDataException.class)
                .hasMessage("change 1 of 7 to 1 is not of page 1 of pg_xact");
        assertThatThrownBy(() -> apply(Slru.COMMIT_TS, 0, SlruChanges.BYTES))
                .isInstanceOf(MalformedDataException.class);
        assertThatThrownBy(() -> apply(Slru.XACT, 0, SlruChanges.BYTES - 1))
                .isInstanceOf(MalformedDataException.class)
                .hasMessageContaining("15 bytes");
    }

    @Test
    void shouldRefuseOrApplyWhateverBytesItIsGiven() {
        final long seed = 6;
        final RandomGenerator random = SystemRandom.seeded(seed);
        final byte[] bytes = new byte[SlruChanges.BYTES];
        int refused = 0;
        for (int i = 0; i < 50_000; i++) {
            random.nextBytes(bytes);
            bytes[0] = (byte) random.nextInt(6);
            bytes[6] = 0;
            bytes[7] = 0;
            if (random.nextBoolean()) {
                Arrays.fill(bytes, 9, 16, (byte) 0);
            }
            final Slru slru = Slru.values()[random.nextInt(Slru.values().length)];
            try {
                SlruChanges.apply(slru, random.nextInt(3), page, 0, MemorySegment.ofArray(bytes), 0, bytes.length);
            } catch (final MalformedDataException e) {
                refused++;
            }
        }
        assertThat(refused).as("seed %d", seed).isBetween(1, 49_999);
    }
}
