package dev.firn.postgres.redo.sequence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.postgres.LittleEndian;
import dev.firn.postgres.page.LinePointer;
import dev.firn.postgres.page.PageFlyweight;
import dev.firn.postgres.redo.ConsistencyCheck.Verdict;
import dev.firn.postgres.redo.RecordBytes;
import dev.firn.postgres.redo.RedoException;
import dev.firn.postgres.redo.RedoFixture;
import dev.firn.postgres.redo.RedoOutcome;
import dev.firn.postgres.version.PostgresVersion;
import dev.firn.postgres.wal.ResourceManager;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SequenceRedoTest {
    private final RedoFixture fixture = new RedoFixture(PostgresVersion.V17);
    private final MemorySegment page = fixture.newPage();
    private final PageFlyweight flyweight = new PageFlyweight().wrap(page, 0);

    @AfterEach
    void close() {
        fixture.close();
    }

    private static RecordBytes main(final int tupleBytes) {
        return new RecordBytes().u32(1663).u32(5).u32(16384).fill(tupleBytes, 0x42);
    }

    @Test
    void shouldMakeThePageAnewFromItsTuple() {
        page.fill((byte) 0x99);
        fixture.record(ResourceManager.SEQUENCE, 0).block(0, 0).willInit().main(main(41));
        assertThat(fixture.apply(0, page)).isEqualTo(RedoOutcome.APPLIED);
        assertThat(flyweight.lsn()).isEqualTo(fixture.read().nextLsn());
        assertThat(flyweight.lower()).isEqualTo(28);
        assertThat(flyweight.upper()).isEqualTo(8184 - 48);
        assertThat(flyweight.special()).isEqualTo(8184);
        assertThat(flyweight.linePointer(1)).isEqualTo(LinePointer.of(8136, LinePointer.NORMAL, 41));
        assertThat(page.get(ValueLayout.JAVA_BYTE, 8136)).isEqualTo((byte) 0x42);
        assertThat(page.get(ValueLayout.JAVA_BYTE, 8176)).isEqualTo((byte) 0x42);
        assertThat(page.get(ValueLayout.JAVA_BYTE, 8177)).isZero();
        assertThat(LittleEndian.getInt(page, 8184)).isEqualTo(0x1717);
        assertThat(LittleEndian.getInt(page, 8188)).isZero();
        assertThat(flyweight.checksum()).isZero();
    }

    @Test
    void shouldRefuseWhatIsNoSequenceRecord() {
        fixture.record(ResourceManager.SEQUENCE, 0).block(0, 0).main(main(41));
        final MemorySegment old = fixture.emptyPage(8);
        assertThatThrownBy(() -> fixture.apply(0, old))
                .isInstanceOf(RedoException.class)
                .hasMessageContaining("redo makes this page anew, but the record does not mark it so");
        fixture.record(ResourceManager.SEQUENCE, 0x10).block(0, 0).willInit().main(main(41));
        assertThatThrownBy(() -> fixture.apply(0, page))
                .isInstanceOf(RedoException.class)
                .hasMessageContaining("SEQUENCE has no operation 0x10");
        fixture.record(ResourceManager.SEQUENCE, 0).block(1, 0).willInit().main(main(41));
        assertThatThrownBy(() -> fixture.apply(1, page))
                .isInstanceOf(RedoException.class)
                .hasMessageContaining("this kind of record has no block reference #1");
        fixture.record(ResourceManager.SEQUENCE, 0).block(0, 0).willInit().main(new byte[11]);
        assertThatThrownBy(() -> fixture.apply(0, page)).isInstanceOf(RedoException.class);
        fixture.record(ResourceManager.SEQUENCE, 0).block(0, 0).willInit().main(main(9000));
        assertThatThrownBy(() -> fixture.apply(0, page))
                .isInstanceOf(RedoException.class)
                .hasMessageContaining("a tuple of 9000 bytes does not fit");
    }

    @Test
    void shouldCompareAllButLsnChecksumAndHole() {
        fixture.record(ResourceManager.SEQUENCE, 0)
                .block(0, 0)
                .willInit()
                .expect(fixture.emptyPage(4))
                .main(main(41));
        final MemorySegment replayed = fixture.emptyPage(4);
        final PageFlyweight header = new PageFlyweight().wrap(replayed, 0);
        header.lsn(1);
        header.checksum(2);
        replayed.set(ValueLayout.JAVA_BYTE, 4000, (byte) 3);
        assertThat(fixture.compare(0, replayed)).isEqualTo(Verdict.EQUAL);
        header.pruneXid(4);
        assertThat(fixture.compare(0, replayed)).isEqualTo(Verdict.DIFFERENT);
    }
}
