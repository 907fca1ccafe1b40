package dev.firn.pagestore.upkeep;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.nativeio.memory.LeakCheck;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.pagestore.ingest.SlruChanges;
import dev.firn.pagestore.key.EntryKind;
import dev.firn.pagestore.key.KeyClass;
import dev.firn.pagestore.key.PageKeys;
import dev.firn.pagestore.key.SortedEntries;
import dev.firn.pagestore.memory.MemoryTable;
import dev.firn.pagestore.memory.MemoryTableConfig;
import dev.firn.pagestore.memory.MemoryTableScan;
import dev.firn.pagestore.rebuild.HintHistory;
import dev.firn.pagestore.rebuild.PageBuilder;
import dev.firn.postgres.LittleEndian;
import dev.firn.postgres.file.Slru;
import dev.firn.postgres.page.PageLayout;
import dev.firn.postgres.version.PostgresVersion;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class BoundedChainsTest {
    private static final long START_LSN = 1_000;
    private static final int MAX_DELTAS = 8;
    private static final int HOT = 100;
    private static final long HIGH = PageKeys.high(KeyClass.SLRU_PAGE, 0);
    private static final int XIDS_A_PAGE = 4 * PageLayout.PAGE_BYTES;

    private final LeakCheck leaks = LeakCheck.start();
    private final OffHeapMemory memory = leaks.memory(32 << 20);
    private final PageBuilder builder = new PageBuilder(PostgresVersion.V17, memory);
    private final List<Long> needed = new ArrayList<>();

    @AfterEach
    void everythingIsFreed() {
        builder.close();
        leaks.close();
    }

    /** Of page 0 many changes, of the others a few. */
    private MemoryTable table() {
        final MemoryTable table =
                new MemoryTable(memory, new MemoryTableConfig(MemoryTableConfig.MIN_BYTES), START_LSN);
        for (int change = 0; change < HOT; change++) {
            for (int block = 0; block < (change < MAX_DELTAS - 1 ? 3 : 1); block++) {
                final long low = PageKeys.low(Slru.XACT.ordinal(), block);
                final MemorySegment committed = MemorySegment.ofArray(new byte[SlruChanges.BYTES]);
                LittleEndian.putByte(committed, 0, 1);
                LittleEndian.putInt(committed, Integer.BYTES, block * XIDS_A_PAGE + change);
                LittleEndian.putLong(committed, Long.BYTES, 1);
                table.add(
                        HIGH, 0, low, START_LSN + 1 + change, EntryKind.SLRU_CHANGES, committed, 0, SlruChanges.BYTES);
            }
        }
        table.endLsn(START_LSN + HOT);
        table.freeze();
        return table;
    }

    /** The kinds of what comes of page 0, and how many entries the others have; the longest chain must be within the bound. */
    private int images(final Predicate<BaseRead> ask) {
        int images = 0;
        int others = 0;
        try (MemoryTable table = table();
                MemoryTableScan scan = table.sorted();
                BoundedChains bounded = new BoundedChains(
                        scan,
                        table.payloadSegment(),
                        START_LSN,
                        MAX_DELTAS,
                        memory,
                        new PageChain.Rebuilding(builder, 0, ask))) {
            long lastLsn = 0;
            for (int step = bounded.advance(); step != SortedEntries.END; step = bounded.advance()) {
                if (step == SortedEntries.WAIT) {
                    continue;
                }
                if (PageKeys.block(bounded.low()) != 0) {
                    others++;
                } else if (EntryKind.kind(bounded.kindByte()) == EntryKind.IMAGE) {
                    assertThat(EntryKind.standsAlone(bounded.kindByte())).isTrue();
                    assertThat(bounded.lsn()).isEqualTo(lastLsn);
                    assertThat(lastLsn - START_LSN).isEqualTo((long) MAX_DELTAS * (images + 1));
                    images++;
                } else {
                    assertThat(bounded.lsn()).isEqualTo(lastLsn == 0 ? START_LSN + 1 : lastLsn + 1);
                    lastLsn = bounded.lsn();
                }
            }
            assertThat(lastLsn).isEqualTo(START_LSN + HOT);
        }
        assertThat(others).isEqualTo(2 * (MAX_DELTAS - 1));
        return images;
    }

    @Test
    void shouldPutAnImageBehindEachSoManyChanges() {
        assertThat(images(base -> {
                    if (base.needsPage(0)) {
                        needed.add(base.lsn());
                    }
                    base.done(0, HintHistory.NONE);
                    return true;
                }))
                .isEqualTo(HOT / MAX_DELTAS);
        // Only what is before the first: the others have an image before them.
        assertThat(needed).containsExactly(START_LSN + MAX_DELTAS);
    }

    @Test
    void shouldLeaveImagesOutThatCannotBeMade() {
        assertThat(images(base -> {
                    base.failed("the store is away");
                    return true;
                }))
                .isZero();
    }

    @Test
    void shouldMakeNoImageOfWhatLiesUnderAFloor() {
        assertThat(images(base -> {
                    base.done(base.lsn(), HintHistory.NONE);
                    return true;
                }))
                .isZero();
    }
}
