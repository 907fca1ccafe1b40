package dev.firn.postgres.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.nativeio.checksum.Crc32c;
import dev.firn.nativeio.seam.SystemRandom;
import dev.firn.postgres.LittleEndian;
import dev.firn.postgres.MalformedDataException;
import dev.firn.postgres.version.PostgresVersion;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class FilesFormatTest {
    private static final long SEED = 17;

    private final Arena arena = Arena.ofConfined();
    private final RandomGenerator random = SystemRandom.seeded(SEED);

    @AfterEach
    void close() {
        arena.close();
    }

    @ParameterizedTest
    @EnumSource(PostgresVersion.class)
    void shouldReadTheControlFileThatItWrites(final PostgresVersion version) {
        final MemorySegment memory = arena.allocate(ControlFile.FILE_BYTES);
        final ControlFile written = new ControlFile().wrapNew(version, memory, 0);
        written.systemIdentifier(0x1234_5678_9ABC_DEF0L);
        written.state(ClusterState.IN_PRODUCTION);
        written.checkpointLsn(0x28);
        written.checkpoint().redo(0x30);
        written.checkpoint().nextXid(7L << 32 | 1000);
        written.checkpoint().fullPageWrites(true);
        written.seal();
        final ControlFile read = new ControlFile().wrap(memory.asReadOnly(), 0);
        assertThat(read.version()).isSameAs(version);
        assertThat(read.systemIdentifier()).isEqualTo(0x1234_5678_9ABC_DEF0L);
        assertThat(read.state()).isSameAs(ClusterState.IN_PRODUCTION);
        assertThat(read.checkpoint().nextXid()).isEqualTo(7L << 32 | 1000);
        assertThat(read.checkpoint().fullPageWrites()).isTrue();
        assertThat(read.relationSegmentBlocks()).isEqualTo(131072);
        if (version.checkpointCarriesWalLevel()) {
            written.checkpoint().walLevel(2);
            assertThat(written.checkpoint().walLevel()).isEqualTo(2);
            assertThat(written.checkpoint().fullPageWrites()).isTrue();
        } else {
            assertThatThrownBy(() -> read.checkpoint().walLevel()).hasMessageContaining("no WAL level");
        }
    }

    @Test
    void shouldRefuseAControlFileWithAnyBitWrong() {
        final MemorySegment memory = arena.allocate(ControlFile.FILE_BYTES);
        new ControlFile().wrapNew(PostgresVersion.V17, memory, 0).seal();
        for (int bit = 0; bit < 292 * 8; bit++) {
            flip(memory, bit);
            assertThatThrownBy(() -> new ControlFile().wrap(memory, 0)).isInstanceOf(MalformedDataException.class);
            flip(memory, bit);
        }
        LittleEndian.putInt(memory, 8, 1100);
        LittleEndian.putInt(memory, 288, Crc32c.compute(memory, 0, 288));
        assertThatThrownBy(() -> new ControlFile().wrap(memory, 0)).hasMessageContaining("control version 1100");
    }

    @ParameterizedTest
    @EnumSource(PostgresVersion.class)
    void shouldReadTheRelationMapThatItWrites(final PostgresVersion version) {
        final MemorySegment memory = arena.allocate(version.relationMapBytes());
        final RelationMap map = new RelationMap().wrapNew(version, memory, 0);
        for (int i = 1; i <= version.relationMapEntries(); i++) {
            map.put(1000 + i, i);
        }
        map.put(1007, 70_000);
        assertThatThrownBy(() -> map.put(5, 5)).hasMessageContaining("holds " + version.relationMapEntries());
        map.seal();
        final RelationMap read = new RelationMap().wrap(version, memory.asReadOnly(), 0);
        assertThat(read.count()).isEqualTo(version.relationMapEntries());
        assertThat(read.find(1007)).isEqualTo(70_000);
        assertThat(read.find(1001)).isEqualTo(1);
        assertThat(read.find(4)).isZero();
        final int checked = 8 + 8 * version.relationMapEntries() + 4;
        for (int bit = 0; bit < checked * 8; bit++) {
            flip(memory, bit);
            assertThatThrownBy(() -> new RelationMap().wrap(version, memory, 0))
                    .isInstanceOf(MalformedDataException.class);
            flip(memory, bit);
        }
    }

    @Test
    void shouldAddressSlruEntries() {
        assertThat(Slru.XACT.page(32767)).isZero();
        assertThat(Slru.XACT.page(32768)).isEqualTo(1);
        assertThat(Slru.XACT.page(-1)).isEqualTo(131071);
        assertThat(Slru.XACT.path(Slru.XACT.segment(131071))).isEqualTo("pg_xact/0FFF");
        assertThat(Slru.MULTIXACT_MEMBERS.entriesPerPage()).isEqualTo(1636);
        assertThat(Slru.MULTIXACT_MEMBERS.path(Slru.MULTIXACT_MEMBERS.segment(Slru.MULTIXACT_MEMBERS.page(-1))))
                .isEqualTo("pg_multixact/members/14078");
        assertThat(Slru.COMMIT_TS.entriesPerPage()).isEqualTo(819);
        assertThat(Slru.SUBTRANS.offsetInSegment(33)).isEqualTo(8192);
        assertThat(Slru.MULTIXACT_OFFSETS.entry(4097)).isEqualTo(1);
    }

    @Test
    void shouldKeepSlruEntriesApart() {
        final MemorySegment page = arena.allocate(2L * 8192);
        final int[] status = new int[Slru.XACT.entriesPerPage()];
        for (int i = 0; i < 50_000; i++) {
            final int xid = random.nextInt(status.length);
            status[xid] = random.nextInt(4);
            TransactionStatus.set(page, 8192, 0xFFFF_8000 + xid, status[xid]);
        }
        for (int xid = 0; xid < status.length; xid++) {
            assertThat(TransactionStatus.get(page, 8192, 0xFFFF_8000 + xid)).isEqualTo(status[xid]);
        }
        for (int offset = 0; offset < 1636; offset++) {
            MultiXactMembers.set(page, 0, 1636 * 1000 + offset, offset * 7, offset % 6);
        }
        for (int offset = 0; offset < 1636; offset++) {
            assertThat(MultiXactMembers.xid(page, 0, offset)).isEqualTo(offset * 7);
            assertThat(MultiXactMembers.status(page, 0, offset)).isEqualTo(offset % 6);
        }
        for (int xid = 0; xid < 819; xid++) {
            CommitTimestamps.set(page, 0, xid, xid * 1_000_003L, xid);
        }
        for (int xid = 0; xid < 819; xid++) {
            assertThat(CommitTimestamps.time(page, 0, 819 + xid)).isEqualTo(xid * 1_000_003L);
            assertThat(CommitTimestamps.origin(page, 0, xid)).isEqualTo(xid);
        }
        assertThat(TransactionStatus.get(page, 8192, 5)).as("the page behind").isEqualTo(status[5]);
        assertThatThrownBy(() -> TransactionStatus.get(page, 8193, 5)).isInstanceOf(IndexOutOfBoundsException.class);
    }

    @Test
    void shouldReadTwoPhaseStateAndRefuseWhatDoesNotFit() {
        final int length = 72 + 8 + 16 + 24 + 8 + 4;
        final MemorySegment memory = arena.allocate(length);
        LittleEndian.putInt(memory, 0, 0x57F94534);
        LittleEndian.putInt(memory, 4, length);
        LittleEndian.putInt(memory, 8, 777);
        LittleEndian.putInt(memory, 28, 3);
        LittleEndian.putInt(memory, 32, 2);
        LittleEndian.putShort(memory, 54, 4);
        MemorySegment.copy("gid".getBytes(StandardCharsets.UTF_8), 0, memory, ValueLayout.JAVA_BYTE, 72, 3);
        LittleEndian.putInt(memory, 88, 780);
        seal(memory);
        final TwoPhaseFile file = new TwoPhaseFile().wrapFile(memory, 0, length);
        assertThat(file.xid()).isEqualTo(777);
        assertThat(file.name()).isEqualTo("gid");
        assertThat(file.subtransactionCount()).isEqualTo(3);
        assertThat(file.subtransaction(2)).isEqualTo(780);
        assertThat(file.commitRelationCount()).isEqualTo(2);
        assertThat(file.recordsOffset()).isEqualTo(72 + 8 + 16 + 24);
        assertThat(file.recordsEnd()).isEqualTo(length - 4);
        assertThat(new TwoPhaseFile().wrapRecord(memory, 0, length - 4).xid()).isEqualTo(777);
        int refused = 0;
        for (int round = 0; round < 20_000; round++) {
            final int at = random.nextInt(length - 4);
            final byte old = memory.get(ValueLayout.JAVA_BYTE, at);
            memory.set(ValueLayout.JAVA_BYTE, at, (byte) random.nextInt());
            seal(memory);
            try {
                file.wrapFile(memory, 0, length);
                assertThat(file.recordsOffset()).isBetween(72L, file.recordsEnd());
                file.name();
                for (int i = 0; i < file.subtransactionCount(); i++) {
                    file.subtransaction(i);
                }
            } catch (final MalformedDataException e) {
                refused++;
            }
            memory.set(ValueLayout.JAVA_BYTE, at, old);
        }
        assertThat(refused).as("seed %d", SEED).isPositive();
        assertThatThrownBy(() -> file.wrapFile(memory, 0, length)).hasMessageContaining("checksum");
        assertThatThrownBy(() -> file.wrapFile(memory, 0, length - 3)).hasMessageContaining("bytes");
    }

    private static void seal(final MemorySegment memory) {
        final long content = memory.byteSize() - 4;
        LittleEndian.putInt(memory, content, Crc32c.compute(memory, 0, content));
    }

    private static void flip(final MemorySegment memory, final int bit) {
        final int old = LittleEndian.getUnsignedByte(memory, bit / 8);
        LittleEndian.putByte(memory, bit / 8, old ^ (1 << bit % 8));
    }
}
