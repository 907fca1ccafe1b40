package dev.firn.postgres.effect;

import static dev.firn.postgres.file.TransactionStatus.ABORTED;
import static dev.firn.postgres.file.TransactionStatus.COMMITTED;
import static dev.firn.postgres.file.TransactionStatus.IN_PROGRESS;
import static dev.firn.postgres.file.TransactionStatus.SUB_COMMITTED;
import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.postgres.file.CommitTimestamps;
import dev.firn.postgres.file.MultiXactMembers;
import dev.firn.postgres.file.MultiXactOffsets;
import dev.firn.postgres.file.Slru;
import dev.firn.postgres.file.TransactionStatus;
import dev.firn.postgres.page.PageLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;

class SlruRedoTest {
    /** The page is the second of three: what it is not must stay zero. */
    private static final long AT = PageLayout.PAGE_BYTES;

    private final MemorySegment pages = MemorySegment.ofArray(new byte[3 * PageLayout.PAGE_BYTES]);

    @Test
    void shouldSetAStatusWhateverWasThere() {
        final int xid = 3 * 32768 + 32767;
        for (final int before : new int[] {IN_PROGRESS, COMMITTED, ABORTED, SUB_COMMITTED}) {
            for (final int after : new int[] {COMMITTED, ABORTED, SUB_COMMITTED}) {
                TransactionStatus.set(pages, AT, xid, before);
                SlruRedo.transactionStatus(pages, AT, xid, after);
                final boolean kept = before == COMMITTED && after == SUB_COMMITTED;
                assertThat(TransactionStatus.get(pages, AT, xid))
                        .as("%s to %s", before, after)
                        .isEqualTo(kept ? COMMITTED : after);
            }
        }
        assertOthersZero(2 * PageLayout.PAGE_BYTES - 1, 1);
    }

    @Test
    void shouldSetTimestampsAtTheirEntries() {
        SlruRedo.commitTimestamp(pages, AT, 819 * 7 + 818, 0x0102030405060708L, 0xFFFE);
        assertThat(CommitTimestamps.time(pages, AT, 818)).isEqualTo(0x0102030405060708L);
        assertThat(CommitTimestamps.origin(pages, AT, 818)).isEqualTo(0xFFFE);
        assertOthersZero((int) AT + 8180, 10);
    }

    @Test
    void shouldSetOffsetsAtTheirEntries() {
        SlruRedo.multiXactOffset(pages, AT, -1, -2);
        assertThat(MultiXactOffsets.get(pages, AT, 2047)).isEqualTo(-2);
        assertThat(MultiXactOffsets.get(pages, AT, 2046)).isZero();
        assertOthersZero(2 * PageLayout.PAGE_BYTES - 4, 4);
        assertThat(Slru.MULTIXACT_OFFSETS.page(-1)).isEqualTo(2_097_151);
    }

    @Test
    void shouldSetMembersAndTheirStatus() {
        final int member = 1636 + 5;
        SlruRedo.multiXactMember(pages, AT, member, 701, 4);
        SlruRedo.multiXactMember(pages, AT, member, 700, 3);
        assertThat(MultiXactMembers.xid(pages, AT, member)).isEqualTo(700);
        assertThat(MultiXactMembers.status(pages, AT, member)).isEqualTo(3);
        assertThat(MultiXactMembers.xid(pages, AT, member + 1)).isZero();
        assertOthersZero((int) AT + 20, 20);
    }

    private void assertOthersZero(final int from, final int length) {
        for (int i = 0; i < pages.byteSize(); i++) {
            if (i < from || i >= from + length) {
                assertThat(pages.get(ValueLayout.JAVA_BYTE, i)).as("byte %s", i).isZero();
            }
        }
    }
}
