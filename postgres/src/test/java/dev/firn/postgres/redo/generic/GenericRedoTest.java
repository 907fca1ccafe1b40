package dev.firn.postgres.redo.generic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.postgres.page.PageFlyweight;
import dev.firn.postgres.page.PageLayout;
import dev.firn.postgres.redo.ConsistencyCheck.Verdict;
import dev.firn.postgres.redo.RecordBytes;
import dev.firn.postgres.redo.RedoException;
import dev.firn.postgres.redo.RedoFixture;
import dev.firn.postgres.redo.RedoOutcome;
import dev.firn.postgres.version.PostgresVersion;
import dev.firn.postgres.wal.ResourceManager;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class GenericRedoTest {
    private static final long SEED = 20261121;
    private static final int FUZZ_RECORDS = 1_000;

    private final RedoFixture fixture = new RedoFixture(PostgresVersion.V15);
    private final MemorySegment page = fixture.emptyPage(8);
    private final PageFlyweight flyweight = new PageFlyweight().wrap(page, 0);

    @AfterEach
    void close() {
        fixture.close();
    }

    private RedoFixture.Draft record(final RecordBytes delta) {
        return fixture.record(ResourceManager.GENERIC, 0).block(0, 3).data(delta);
    }

    @Test
    void shouldPutTheFragmentsInAndZeroTheHole() {
        flyweight.lower(40);
        flyweight.upper(8000);
        page.asSlice(24, 8160).fill((byte) 0x55);
        record(new RecordBytes()
                .u16(30)
                .u16(3)
                .raw((byte) 1, (byte) 2, (byte) 3)
                .u16(8189)
                .u16(3)
                .raw((byte) 4, (byte) 5, (byte) 6)
                .u16(100)
                .u16(1)
                .u8(9));
        assertThat(fixture.apply(0, page)).isEqualTo(RedoOutcome.APPLIED);
        assertThat(flyweight.lsn()).isEqualTo(fixture.read().nextLsn());
        assertThat(page.asSlice(29, 5).toArray(ValueLayout.JAVA_BYTE)).containsExactly(0x55, 1, 2, 3, 0x55);
        assertThat(page.asSlice(8188, 4).toArray(ValueLayout.JAVA_BYTE)).containsExactly(0, 4, 5, 6);
        assertThat(page.get(ValueLayout.JAVA_BYTE, 39)).isEqualTo((byte) 0x55);
        assertThat(page.asSlice(40, 7960).mismatch(MemorySegment.ofArray(new byte[7960])))
                .isEqualTo(-1);
        assertThat(page.get(ValueLayout.JAVA_BYTE, 8000)).isEqualTo((byte) 0x55);
    }

    @Test
    void shouldTakeTheHoleFromTheChangedHeader() {
        page.asSlice(24, 100).fill((byte) 0x55);
        record(new RecordBytes().u16(12).u16(2).u16(60));
        assertThat(fixture.apply(0, page)).isEqualTo(RedoOutcome.APPLIED);
        assertThat(page.get(ValueLayout.JAVA_BYTE, 59)).isEqualTo((byte) 0x55);
        assertThat(page.get(ValueLayout.JAVA_BYTE, 60)).isZero();
    }

    @Test
    void shouldRefuseFragmentsThatDoNotFit() {
        record(new RecordBytes().u16(8190).u16(3).fill(3, 1));
        assertThatThrownBy(() -> fixture.apply(0, page))
                .isInstanceOf(RedoException.class)
                .hasMessageContaining("a fragment of 3 bytes at 8190 passes the page's end");
        record(new RecordBytes().u16(100).u16(4).fill(3, 1));
        assertThatThrownBy(() -> fixture.apply(0, page))
                .isInstanceOf(RedoException.class)
                .hasMessageContaining("has 7 bytes here, and asks for 4 at 4");
        record(new RecordBytes().u16(100).u8(4));
        assertThatThrownBy(() -> fixture.apply(0, page)).isInstanceOf(RedoException.class);
        record(new RecordBytes().u16(12).u16(2).u16(8190));
        assertThatThrownBy(() -> fixture.apply(0, page))
                .isInstanceOf(RedoException.class)
                .hasMessageContaining("the page has lower 8190 and upper 8184 after the change");
    }

    @Test
    void shouldRefuseAPageThatIsMadeAnew() {
        fixture.record(ResourceManager.GENERIC, 0).block(0, 3).willInit();
        assertThatThrownBy(() -> fixture.apply(0, page)).isInstanceOf(RedoException.class);
    }

    @Test
    void shouldCompareTheHeadersHintsButNotTheHole() {
        final MemorySegment image = fixture.emptyPage(8);
        fixture.record(ResourceManager.GENERIC, 0).block(0, 3).expect(image);
        page.set(ValueLayout.JAVA_BYTE, 4000, (byte) 1);
        flyweight.checksum(7);
        assertThat(fixture.compare(0, page)).isEqualTo(Verdict.EQUAL);
        flyweight.setFlag(PageLayout.PAGE_FULL);
        assertThat(fixture.compare(0, page)).isEqualTo(Verdict.DIFFERENT);
    }

    @Test
    void shouldFailClearlyWhateverTheBytes() {
        final SplittableRandom random = new SplittableRandom(SEED);
        final RecordBytes delta = new RecordBytes()
                .u16(30)
                .u16(4)
                .u32(7)
                .u16(12)
                .u16(2)
                .u16(60)
                .u16(8000)
                .u16(9)
                .fill(9, 5);
        for (int i = 0; i < FUZZ_RECORDS; i++) {
            final MemorySegment mutated = fixture.emptyPage(8);
            RedoFixture.mutate(mutated, 4, random);
            record(delta).mutate(6, random);
            try {
                fixture.apply(0, mutated);
            } catch (final RedoException e) {
                assertThat(e.getMessage()).as("seed %d, record %d", SEED, i).contains("fork MAIN block 3");
            }
        }
    }
}
