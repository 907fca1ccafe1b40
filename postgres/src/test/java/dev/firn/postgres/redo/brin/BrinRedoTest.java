package dev.firn.postgres.redo.brin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.postgres.LittleEndian;
import dev.firn.postgres.page.LinePointer;
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

class BrinRedoTest {
    private static final int CREATE_INDEX = 0x00;
    private static final int INSERT = 0x10;
    private static final int UPDATE = 0x20;
    private static final int SAMEPAGE_UPDATE = 0x30;
    private static final int REVMAP_EXTEND = 0x40;
    private static final int DESUMMARIZE = 0x50;
    private static final int INIT_PAGE = 0x80;

    private static final int PAGES_PER_RANGE = 128;

    /** The range with index 2 of the second page of the range map. */
    private static final int HEAP_BLOCK = (BrinPage.REVMAP_ITEMS + 2) * PAGES_PER_RANGE + 5;

    /** Where that range's ItemPointerData lies. */
    private static final int ITEM_POINTER = 24 + 2 * 6;

    private static final long SEED = 47;
    private static final int FUZZ_RECORDS = 400;
    private static final int PAGES_PER_RECORD = 12;

    private final RedoFixture fixture = new RedoFixture(PostgresVersion.V17);

    @AfterEach
    void close() {
        fixture.close();
    }

    private MemorySegment pageOf(final int type) {
        final MemorySegment page = fixture.emptyPage(0);
        final PageFlyweight flyweight = new PageFlyweight().wrap(page, 0);
        final long lsn = flyweight.lsn();
        BrinPage.initialize(flyweight, type);
        flyweight.lsn(lsn);
        return page;
    }

    private static PageFlyweight of(final MemorySegment page) {
        return new PageFlyweight().wrap(page, 0);
    }

    private static RecordBytes tuple(final int heapBlock, final int bytes, final int fill) {
        return new RecordBytes().u32(heapBlock).fill(bytes - 4, fill);
    }

    private static RecordBytes insertion(final int offsetNumber) {
        return new RecordBytes().u32(HEAP_BLOCK).u32(PAGES_PER_RANGE).u16(offsetNumber);
    }

    private RedoFixture.Draft insert(final int offsetNumber, final int bytes, final int fill) {
        return fixture.record(ResourceManager.BRIN, INSERT)
                .block(0, 7)
                .data(tuple(HEAP_BLOCK, bytes, fill))
                .block(1, 1)
                .main(insertion(offsetNumber));
    }

    private MemorySegment pageWithTuples(final int count) {
        final MemorySegment page = pageOf(BrinPage.REGULAR);
        for (int i = 1; i <= count; i++) {
            insert(i, 10 + i, i);
            assertThat(fixture.apply(0, page)).isEqualTo(RedoOutcome.APPLIED);
        }
        return page;
    }

    private int[] itemPointer(final MemorySegment page, final int at) {
        return new int[] {
            LittleEndian.getUnsignedShort(page, at),
            LittleEndian.getUnsignedShort(page, at + 2),
            LittleEndian.getUnsignedShort(page, at + 4)
        };
    }

    @Test
    void shouldMakeTheMetapage() {
        final MemorySegment page = fixture.newPage();
        fixture.record(ResourceManager.BRIN, CREATE_INDEX)
                .block(0, 0)
                .willInit()
                .main(new RecordBytes().u32(32).u16(1));
        assertThat(fixture.apply(0, page)).isEqualTo(RedoOutcome.APPLIED);
        assertThat(of(page).lower()).isEqualTo(40);
        assertThat(of(page).special()).isEqualTo(8184);
        assertThat(BrinPage.type(of(page))).isEqualTo(BrinPage.META);
        assertThat(LittleEndian.getInt(page, 24)).isEqualTo(0xA8109CFA);
        assertThat(LittleEndian.getInt(page, 28)).isEqualTo(1);
        assertThat(LittleEndian.getInt(page, 32)).isEqualTo(32);
        assertThat(LittleEndian.getInt(page, 36)).isZero();
        assertThat(of(page).lsn()).isEqualTo(fixture.read().nextLsn());
    }

    @Test
    void shouldInsertATupleAndPointAtIt() {
        final MemorySegment page = pageWithTuples(2);
        insert(3, 13, 9);
        assertThat(fixture.apply(0, page)).isEqualTo(RedoOutcome.APPLIED);
        assertThat(of(page).linePointer(3)).isEqualTo(LinePointer.of(8184 - 48, LinePointer.NORMAL, 13));
        final MemorySegment revmap = pageOf(BrinPage.REVMAP);
        assertThat(fixture.apply(1, revmap)).isEqualTo(RedoOutcome.APPLIED);
        assertThat(itemPointer(revmap, ITEM_POINTER)).containsExactly(0, 7, 3);
        assertThat(of(revmap).lower()).isEqualTo(24);
        assertThat(LittleEndian.getInt(revmap, ITEM_POINTER - 4)).isZero();
        assertThat(LittleEndian.getInt(revmap, ITEM_POINTER + 6)).isZero();
    }

    @Test
    void shouldInsertIntoAnUnusedLinePointerOnly() {
        final MemorySegment page = pageWithTuples(3);
        insert(2, 13, 9);
        assertThatThrownBy(() -> fixture.apply(0, page))
                .isInstanceOf(RedoException.class)
                .hasMessageContaining("a tuple of 13 bytes cannot be put at offset number 2");
        of(page).linePointer(2, LinePointer.UNUSED_POINTER);
        assertThat(fixture.apply(0, page)).isEqualTo(RedoOutcome.APPLIED);
        assertThat(of(page).linePointerCount()).isEqualTo(3);
        insert(5, 13, 9);
        assertThatThrownBy(() -> fixture.apply(0, page)).isInstanceOf(RedoException.class);
        insert(4, 8100, 9);
        assertThatThrownBy(() -> fixture.apply(0, page)).isInstanceOf(RedoException.class);
    }

    @Test
    void shouldInsertIntoAPageThatIsMadeAnew() {
        final MemorySegment page = fixture.newPage();
        fixture.record(ResourceManager.BRIN, INSERT | INIT_PAGE)
                .block(0, 0x0001_0002)
                .willInit()
                .data(tuple(HEAP_BLOCK, 24, 1))
                .block(1, 1)
                .main(insertion(1));
        assertThat(fixture.apply(0, page)).isEqualTo(RedoOutcome.APPLIED);
        assertThat(BrinPage.type(of(page))).isEqualTo(BrinPage.REGULAR);
        assertThat(of(page).linePointerCount()).isOne();
        final MemorySegment revmap = pageOf(BrinPage.REVMAP);
        fixture.apply(1, revmap);
        assertThat(itemPointer(revmap, ITEM_POINTER)).containsExactly(1, 2, 1);
    }

    @Test
    void shouldMoveATupleToAnotherPage() {
        final MemorySegment old = pageWithTuples(3);
        final MemorySegment target = pageWithTuples(3);
        final MemorySegment revmap = pageOf(BrinPage.REVMAP);
        fixture.record(ResourceManager.BRIN, UPDATE)
                .block(0, 8)
                .data(tuple(HEAP_BLOCK, 40, 5))
                .block(1, 1)
                .block(2, 7)
                .main(new RecordBytes().u16(2).u16(0).raw(insertion(4).array()));
        assertThat(fixture.apply(2, old)).isEqualTo(RedoOutcome.APPLIED);
        assertThat(of(old).linePointerCount()).isEqualTo(3);
        assertThat(of(old).linePointer(2)).isEqualTo(LinePointer.UNUSED_POINTER);
        assertThat(of(old).linePointer(3)).isEqualTo(LinePointer.of(8184 - 32, LinePointer.NORMAL, 13));
        assertThat(old.get(ValueLayout.JAVA_BYTE, 8184 - 32 + 4)).isEqualTo((byte) 3);
        assertThat(fixture.apply(0, target)).isEqualTo(RedoOutcome.APPLIED);
        assertThat(of(target).itemLength(4)).isEqualTo(40);
        assertThat(fixture.apply(1, revmap)).isEqualTo(RedoOutcome.APPLIED);
        assertThat(itemPointer(revmap, ITEM_POINTER)).containsExactly(0, 8, 4);
    }

    @Test
    void shouldReplaceATupleInItsPlace() {
        final MemorySegment page = pageWithTuples(3);
        fixture.record(ResourceManager.BRIN, SAMEPAGE_UPDATE)
                .block(0, 7)
                .data(tuple(HEAP_BLOCK, 30, 8))
                .main(new RecordBytes().u16(2));
        assertThat(fixture.apply(0, page)).isEqualTo(RedoOutcome.APPLIED);
        assertThat(of(page).itemLength(2)).isEqualTo(30);
        assertThat(page.get(ValueLayout.JAVA_BYTE, of(page).itemOffset(2) + 29)).isEqualTo((byte) 8);
        assertThat(page.get(ValueLayout.JAVA_BYTE, of(page).itemOffset(3) + 12)).isEqualTo((byte) 3);
        fixture.record(ResourceManager.BRIN, SAMEPAGE_UPDATE)
                .block(0, 7)
                .data(tuple(HEAP_BLOCK, 8180, 8))
                .main(new RecordBytes().u16(2));
        assertThatThrownBy(() -> fixture.apply(0, page))
                .isInstanceOf(RedoException.class)
                .hasMessageContaining("a tuple of 8180 bytes has no room at offset number 2");
    }

    @Test
    void shouldExtendTheRangeMap() {
        final MemorySegment meta = pageOf(BrinPage.META);
        fixture.record(ResourceManager.BRIN, REVMAP_EXTEND)
                .block(0, 0)
                .block(1, 9)
                .willInit()
                .main(new RecordBytes().u32(9));
        assertThat(fixture.apply(0, meta)).isEqualTo(RedoOutcome.APPLIED);
        assertThat(LittleEndian.getInt(meta, 36)).isEqualTo(9);
        assertThat(of(meta).lower()).as("set, since versions before 11 did not").isEqualTo(40);
        final MemorySegment revmap = pageOf(BrinPage.REGULAR);
        assertThat(fixture.apply(1, revmap)).isEqualTo(RedoOutcome.APPLIED);
        assertThat(BrinPage.type(of(revmap))).isEqualTo(BrinPage.REVMAP);
        fixture.record(ResourceManager.BRIN, REVMAP_EXTEND)
                .block(0, 0)
                .block(1, 8)
                .willInit()
                .main(new RecordBytes().u32(9));
        assertThatThrownBy(() -> fixture.apply(0, pageOf(BrinPage.META)))
                .isInstanceOf(RedoException.class)
                .hasMessageContaining("the record extends the range map by block 9, and block reference #1 is 8");
    }

    @Test
    void shouldForgetARange() {
        final MemorySegment page = pageWithTuples(2);
        final MemorySegment revmap = pageOf(BrinPage.REVMAP);
        fixture.record(ResourceManager.BRIN, DESUMMARIZE)
                .block(0, 1)
                .block(1, 7)
                .main(new RecordBytes().u32(PAGES_PER_RANGE).u32(HEAP_BLOCK).u16(2));
        assertThat(fixture.apply(0, revmap)).isEqualTo(RedoOutcome.APPLIED);
        assertThat(itemPointer(revmap, ITEM_POINTER)).containsExactly(0xFFFF, 0xFFFF, 0);
        assertThat(fixture.apply(1, page)).isEqualTo(RedoOutcome.APPLIED);
        assertThat(of(page).linePointerCount()).isOne();
        fixture.record(ResourceManager.BRIN, DESUMMARIZE)
                .block(0, 1)
                .main(new RecordBytes().u32(0).u32(HEAP_BLOCK).u16(2));
        assertThatThrownBy(() -> fixture.apply(0, pageOf(BrinPage.REVMAP)))
                .isInstanceOf(RedoException.class)
                .hasMessageContaining("the record has ranges of no page");
    }

    @Test
    void shouldRefusePagesOfAnotherType() {
        insert(1, 13, 9);
        assertThatThrownBy(() -> fixture.apply(0, pageOf(BrinPage.REVMAP)))
                .isInstanceOf(RedoException.class)
                .hasMessageContaining("the page is of BRIN's type 0xF092, not 0xF093");
        assertThatThrownBy(() -> fixture.apply(1, pageOf(BrinPage.META))).isInstanceOf(RedoException.class);
        assertThatThrownBy(() -> fixture.apply(0, fixture.emptyPage(16)))
                .isInstanceOf(RedoException.class)
                .hasMessageContaining("the page has 16 bytes of special space, not those of BRIN");
    }

    @Test
    void shouldRefuseRecordsThatContradictThemselves() {
        final MemorySegment page = pageOf(BrinPage.REGULAR);
        fixture.record(ResourceManager.BRIN, INSERT)
                .block(0, 7)
                .data(tuple(HEAP_BLOCK + 1, 13, 9))
                .main(insertion(1));
        assertThatThrownBy(() -> fixture.apply(0, page))
                .isInstanceOf(RedoException.class)
                .hasMessageContaining(
                        "the record is about heap block " + HEAP_BLOCK + ", and its tuple about " + (HEAP_BLOCK + 1));
        fixture.record(ResourceManager.BRIN, INSERT).block(0, 7).main(insertion(1));
        assertThatThrownBy(() -> fixture.apply(0, page)).isInstanceOf(RedoException.class);
        insert(1, 13, 9).block(2, 5);
        assertThatThrownBy(() -> fixture.apply(2, page))
                .isInstanceOf(RedoException.class)
                .hasMessageContaining("this kind of record has no block reference #2");
        fixture.record(ResourceManager.BRIN, INSERT | INIT_PAGE).block(0, 7).main(insertion(1));
        assertThatThrownBy(() -> fixture.apply(0, page)).isInstanceOf(RedoException.class);
        fixture.record(ResourceManager.BRIN, INSERT).block(0, 7).willInit().main(insertion(1));
        assertThatThrownBy(() -> fixture.apply(0, page)).isInstanceOf(RedoException.class);
        fixture.record(ResourceManager.BRIN, 0x60).block(0, 7);
        assertThatThrownBy(() -> fixture.apply(0, page))
                .isInstanceOf(RedoException.class)
                .hasMessageContaining("BRIN has no operation 0x60 in Postgres 17");
    }

    @Test
    void shouldMaskTheHoleOfRegularPagesAndTheEvacuateFlag() {
        final MemorySegment image = pageOf(BrinPage.REGULAR);
        final MemorySegment page = pageOf(BrinPage.REGULAR);
        fixture.record(ResourceManager.BRIN, SAMEPAGE_UPDATE).block(0, 7).expect(image);
        page.set(ValueLayout.JAVA_BYTE, 4000, (byte) 1);
        page.set(ValueLayout.JAVA_BYTE, 8188, (byte) 1);
        of(page).setFlag(PageLayout.PAGE_FULL);
        of(page).pruneXid(1);
        assertThat(fixture.compare(0, page)).isEqualTo(Verdict.EQUAL);
        page.set(ValueLayout.JAVA_BYTE, 8188, (byte) 2);
        assertThat(fixture.compare(0, page)).isEqualTo(Verdict.DIFFERENT);
    }

    @Test
    void shouldCompareAllOfTheRangeMapAndOfOldMetapages() {
        for (final int type : new int[] {BrinPage.REVMAP, BrinPage.META}) {
            final MemorySegment image = pageOf(type);
            final MemorySegment page = pageOf(type);
            fixture.record(ResourceManager.BRIN, INSERT).block(0, 7).expect(image);
            page.set(ValueLayout.JAVA_BYTE, 30, (byte) 1);
            assertThat(fixture.compare(0, page)).isEqualTo(Verdict.DIFFERENT);
        }
        final MemorySegment image = pageOf(BrinPage.META);
        final MemorySegment page = pageOf(BrinPage.META);
        of(image).lower(40);
        of(page).lower(40);
        fixture.record(ResourceManager.BRIN, INSERT).block(0, 7).expect(image);
        page.set(ValueLayout.JAVA_BYTE, 41, (byte) 1);
        assertThat(fixture.compare(0, page)).isEqualTo(Verdict.EQUAL);
    }

    @Test
    void shouldFailClearlyWhateverTheBytes() {
        final SplittableRandom random = new SplittableRandom(SEED);
        final byte[] regular = pageWithTuples(5).toArray(ValueLayout.JAVA_BYTE);
        final byte[] revmap = pageOf(BrinPage.REVMAP).toArray(ValueLayout.JAVA_BYTE);
        final MemorySegment page = fixture.newPage();
        for (int i = 0; i < FUZZ_RECORDS; i++) {
            fixture.record(ResourceManager.BRIN, random.nextInt(6) << 4 | (random.nextInt(8) == 0 ? INIT_PAGE : 0))
                    .block(0, 7)
                    .data(tuple(HEAP_BLOCK, 30, 4))
                    .block(1, 8)
                    .block(2, 9)
                    .main(new RecordBytes()
                            .u16(3)
                            .u16(0)
                            .raw(insertion(random.nextInt(1, 8)).array()))
                    .mutate(4, random);
            for (int j = 0; j < PAGES_PER_RECORD; j++) {
                final byte[] source = random.nextInt(3) == 0 ? revmap : regular;
                MemorySegment.copy(source, 0, page, ValueLayout.JAVA_BYTE, 0, source.length);
                RedoFixture.mutate(page, random.nextInt(6), random);
                final int block = j % 3;
                try {
                    fixture.apply(block, page);
                } catch (final RedoException e) {
                    assertThat(e.getMessage())
                            .as("seed %d, record %d, page %d", SEED, i, j)
                            .contains("fork MAIN block " + (7 + block));
                }
            }
        }
    }
}
