package dev.firn.pagestore.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.nativeio.memory.LeakCheck;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.nativeio.seam.SystemRandom;
import dev.firn.pagestore.key.EntryKind;
import dev.firn.pagestore.memory.MemoryTable;
import dev.firn.pagestore.memory.MemoryTableConfig;
import dev.firn.postgres.effect.SlruRedo;
import dev.firn.postgres.file.Slru;
import dev.firn.postgres.file.TransactionStatus;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** One record's changes in any order, on few pages or many, come to what redo makes of the pages one by one. */
class SlruBatchTest {
    private static final int PAGE_BYTES = 8192;

    private final LeakCheck leaks = LeakCheck.start();
    private final OffHeapMemory memory = leaks.memory(32 << 20);

    @AfterEach
    void everythingIsFreed() {
        leaks.close();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 5, 16, 17, 40, 300})
    void shouldTellEachPageOnce(final int pages) {
        final RandomGenerator random = SystemRandom.seeded(pages);
        try (MemoryTable table = new MemoryTable(memory, new MemoryTableConfig(8 << 20), 0);
                SlruBatch batch = new SlruBatch(memory)) {
            final EntryWriter writer = new EntryWriter(table);
            final TreeMap<Integer, MemorySegment> model = new TreeMap<>();
            for (long lsn = 8; lsn <= 80; lsn += 8) {
                writer.lsn(lsn);
                change(batch, model, random, pages);
                batch.flush(writer);
                table.endLsn(lsn);
            }
            model.forEach((page, expected) -> assertThat(read(table, page))
                    .as("page %d", page)
                    .isEqualTo(expected.toArray(ValueLayout.JAVA_BYTE)));
            assertThat(table.keys()).isEqualTo(model.size());
        }
    }

    private static void change(
            final SlruBatch batch,
            final TreeMap<Integer, MemorySegment> model,
            final RandomGenerator random,
            final int pages) {
        for (int i = 0; i < 10 * pages; i++) {
            final int page = random.nextInt(pages);
            final boolean fresh = !model.containsKey(page);
            final MemorySegment bytes = model.computeIfAbsent(page, any -> MemorySegment.ofArray(new byte[PAGE_BYTES]));
            if (random.nextInt(20) == 0) {
                batch.zero(Slru.XACT, page);
                bytes.fill((byte) 0);
            } else {
                final int xid = page * Slru.XACT.entriesPerPage() + random.nextInt(Slru.XACT.entriesPerPage());
                final int status = random.nextBoolean() ? TransactionStatus.COMMITTED : TransactionStatus.SUB_COMMITTED;
                batch.add(Slru.XACT, page, fresh, SlruChanges.STATUS, 0, xid, status);
                SlruRedo.transactionStatus(bytes, 0, xid, status);
            }
        }
    }

    private static byte[] read(final MemoryTable table, final int page) {
        final MemorySegment bytes = MemorySegment.ofArray(new byte[PAGE_BYTES]);
        apply(table, table.newest(StateKeys.SLRU_PAGE, 0, StateKeys.low(Slru.XACT, page), 80), page, bytes);
        return bytes.toArray(ValueLayout.JAVA_BYTE);
    }

    private static void apply(final MemoryTable table, final long entry, final int page, final MemorySegment bytes) {
        if (!EntryKind.standsAlone(table.kindByte(entry))) {
            apply(table, table.older(entry), page, bytes);
        }
        if (EntryKind.kind(table.kindByte(entry)) == EntryKind.SLRU_CHANGES) {
            SlruChanges.apply(
                    Slru.XACT,
                    page,
                    bytes,
                    0,
                    table.payloadSegment(),
                    table.payloadOffset(entry),
                    table.payloadLength(entry));
        }
    }
}
