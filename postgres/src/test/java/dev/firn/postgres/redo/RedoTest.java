package dev.firn.postgres.redo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.nativeio.memory.LeakCheck;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.nativeio.seam.SystemRandom;
import dev.firn.postgres.LittleEndian;
import dev.firn.postgres.MalformedDataException;
import dev.firn.postgres.lsn.Lsn;
import dev.firn.postgres.page.PageFlyweight;
import dev.firn.postgres.page.PageLayout;
import dev.firn.postgres.version.PostgresVersion;
import dev.firn.postgres.wal.LogMaker;
import dev.firn.postgres.wal.RecordBody;
import dev.firn.postgres.wal.ResourceManager;
import dev.firn.postgres.wal.WalReader;
import dev.firn.postgres.wal.WalReaderConfig;
import dev.firn.postgres.wal.WalStep;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The rules that hold for every record: XLogReadBufferForRedoExtended of xlogutils.c. */
class RedoTest {
    private static final int HEAP_INSERT = 0x00;
    private static final int NO_HEAP_OPERATION = 0x90;
    private static final int PGLZ = 0x04;
    private static final int APPLY = 0x02;
    private static final int HOLE = 0x01;

    private final LeakCheck leaks = LeakCheck.start();
    private final OffHeapMemory memory = leaks.memory(8 << 20);
    private final RedoFixture fixture = new RedoFixture(PostgresVersion.V17);
    private final ScriptedRedo heap = new ScriptedRedo();
    private final Redo redo = new Redo(PostgresVersion.V17, memory, heap.as(ResourceManager.HEAP));

    private final MemorySegment page = fixture.emptyPage(0);
    private final PageFlyweight flyweight = new PageFlyweight().wrap(page, 0);

    @AfterEach
    void everythingIsFreed() {
        redo.close();
        fixture.close();
        leaks.close();
    }

    private RedoOutcome apply(final int touch) {
        return redo.apply(fixture.read(), touch, page);
    }

    private int mark() {
        return LittleEndian.getInt(page, ScriptedRedo.MARK_OFFSET);
    }

    private byte[] bytes() {
        return page.toArray(ValueLayout.JAVA_BYTE);
    }

    private void randomize(final long seed) {
        final byte[] random = new byte[PageLayout.PAGE_BYTES];
        SystemRandom.seeded(seed).nextBytes(random);
        MemorySegment.copy(random, 0, page, ValueLayout.JAVA_BYTE, 0, random.length);
    }

    @Test
    void shouldChangeAPageThatIsOlderThanTheRecordsEnd() {
        fixture.record(ResourceManager.HEAP, HEAP_INSERT).block(0, 3);
        final long end = fixture.read().nextLsn();
        flyweight.lsn(end - 1);
        assertThat(apply(0)).isEqualTo(RedoOutcome.APPLIED);
        assertThat(flyweight.lsn()).isEqualTo(end);
        assertThat(mark()).isEqualTo(ScriptedRedo.MARK);
    }

    @Test
    void shouldLeaveAPageThatHasTheRecord() {
        fixture.record(ResourceManager.HEAP, HEAP_INSERT).block(0, 3);
        for (final long lsn :
                new long[] {fixture.read().nextLsn(), fixture.read().nextLsn() + 8, -1L}) {
            flyweight.lsn(lsn);
            final byte[] before = bytes();
            assertThat(apply(0)).isEqualTo(RedoOutcome.ALREADY_APPLIED);
            assertThat(bytes()).isEqualTo(before);
        }
        assertThat(heap.applied).isZero();
    }

    @Test
    void shouldLeaveTheLsnWhenThePageChangesWithoutIt() {
        fixture.record(ResourceManager.HEAP, HEAP_INSERT).block(0, 3);
        final long before = flyweight.lsn();
        heap.change = PageChange.KEEPS_LSN;
        assertThat(apply(0)).isEqualTo(RedoOutcome.APPLIED);
        assertThat(flyweight.lsn()).isEqualTo(before);
        assertThat(mark()).isEqualTo(ScriptedRedo.MARK);
    }

    @Test
    void shouldSayThatNothingWasToChange() {
        fixture.record(ResourceManager.HEAP, HEAP_INSERT).block(0, 3);
        final byte[] before = bytes();
        heap.change = PageChange.NONE;
        assertThat(apply(0)).isEqualTo(RedoOutcome.UNCHANGED);
        assertThat(bytes()).isEqualTo(before);
    }

    @Test
    void shouldGiveZeroesWhenTheRecordMakesThePageAnew() {
        randomize(1);
        flyweight.lsn(-1L);
        fixture.record(ResourceManager.HEAP, HEAP_INSERT).block(0, 3).willInit();
        assertThat(apply(0)).isEqualTo(RedoOutcome.APPLIED);
        assertThat(heap.bytesNotZeroBefore).isZero();
        assertThat(flyweight.lsn()).isEqualTo(fixture.read().nextLsn());
    }

    @Test
    void shouldMissAPageThatWasNeverWritten() {
        page.fill((byte) 0);
        fixture.record(ResourceManager.HEAP, HEAP_INSERT).block(0, 3);
        assertThat(apply(0)).isEqualTo(RedoOutcome.MISSING);
        assertThat(page.mismatch(fixture.newPage())).isEqualTo(-1);
        assertThat(heap.applied).isZero();
    }

    @Test
    void shouldChangeANewPageWhereRedoTakesOne() {
        page.fill((byte) 0);
        heap.takesNewPage = true;
        fixture.record(ResourceManager.HEAP, HEAP_INSERT).block(0, 3);
        assertThat(apply(0)).isEqualTo(RedoOutcome.APPLIED);
        assertThat(mark()).isEqualTo(ScriptedRedo.MARK);
    }

    @Test
    void shouldRestoreAnImageWhateverThePagesLsn() {
        final MemorySegment image = fixture.emptyPage(16);
        image.set(ValueLayout.JAVA_BYTE, 8000, (byte) 9);
        fixture.record(ResourceManager.HEAP, HEAP_INSERT).block(0, 3).image(image);
        randomize(2);
        flyweight.lsn(-1L);
        assertThat(apply(0)).isEqualTo(RedoOutcome.RESTORED);
        assertThat(heap.applied).isZero();
        assertThat(heap.appliedAfterImage).isOne();
        assertThat(flyweight.lsn()).isEqualTo(fixture.read().nextLsn());
        new PageFlyweight().wrap(image, 0).lsn(fixture.read().nextLsn());
        assertThat(page.mismatch(image)).isEqualTo(-1);
    }

    @Test
    void shouldZeroTheHoleOfAnImage() {
        final MemorySegment image = fixture.newPage();
        image.fill((byte) 0x77);
        randomize(3);
        fixture.record(ResourceManager.HEAP, HEAP_INSERT).block(0, 3).image(image, 100, 7000);
        assertThat(apply(0)).isEqualTo(RedoOutcome.RESTORED);
        for (int at = 8; at < PageLayout.PAGE_BYTES; at++) {
            assertThat(page.get(ValueLayout.JAVA_BYTE, at)).as("byte %d", at).isEqualTo((byte)
                    (at < 100 || at >= 7100 ? 0x77 : 0));
        }
    }

    @Test
    void shouldUnpackAnImageWithAHole() {
        randomize(4);
        final byte[] stored = {0, 11, 12, 13, 14, 15, 16, 17, 18, 0, 21, 22, 23, 24, 25, 26, 27, 28};
        fixture.record(ResourceManager.HEAP, HEAP_INSERT).block(0, 3).storedImage(PGLZ | APPLY | HOLE, 9, 8176, stored);
        assertThat(apply(0)).isEqualTo(RedoOutcome.RESTORED);
        assertThat(page.get(ValueLayout.JAVA_BYTE, 8)).isEqualTo((byte) 21);
        assertThat(page.get(ValueLayout.JAVA_BYTE, 9)).isZero();
        assertThat(page.get(ValueLayout.JAVA_BYTE, 8184)).isZero();
        assertThat(page.asSlice(8185).toArray(ValueLayout.JAVA_BYTE)).containsExactly(22, 23, 24, 25, 26, 27, 28);
    }

    @Test
    void shouldFailWhenAnImageCannotBeUnpacked() {
        fixture.record(ResourceManager.HEAP, HEAP_INSERT)
                .block(0, 3)
                .storedImage(PGLZ | APPLY | HOLE, 9, 8176, new byte[] {0, 11, 12});
        assertThatThrownBy(() -> apply(0))
                .isInstanceOf(RedoException.class)
                .hasMessageContaining("relation 1663/5/16384");
    }

    @Test
    void shouldLeaveAnImageOfANewPageAsItIs() {
        randomize(5);
        fixture.record(ResourceManager.HEAP, HEAP_INSERT).block(0, 3).image(fixture.newPage());
        assertThat(apply(0)).isEqualTo(RedoOutcome.RESTORED);
        assertThat(page.mismatch(fixture.newPage())).isEqualTo(-1);
        assertThat(heap.appliedAfterImage).isZero();
    }

    @Test
    void shouldNotApplyAnImageThatIsThereToCompare() {
        final MemorySegment image = fixture.emptyPage(0);
        image.set(ValueLayout.JAVA_BYTE, 8000, (byte) 9);
        fixture.record(ResourceManager.HEAP, HEAP_INSERT).block(0, 3).expect(image);
        assertThat(apply(0)).isEqualTo(RedoOutcome.APPLIED);
        assertThat(page.get(ValueLayout.JAVA_BYTE, 8000)).isZero();
    }

    @Test
    void shouldRefuseAnImageOfAPageThatIsMadeAnew() {
        fixture.record(ResourceManager.HEAP, HEAP_INSERT).block(0, 3).willInit().image(fixture.emptyPage(0));
        assertThatThrownBy(() -> apply(0))
                .isInstanceOf(RedoException.class)
                .hasMessageContaining("marks this page as made anew, and has an image of it to apply");
    }

    @Test
    void shouldRefuseAnUnknownOperationWhateverThePage() {
        fixture.record(ResourceManager.HEAP, NO_HEAP_OPERATION).block(0, 3).image(fixture.emptyPage(0));
        assertThatThrownBy(() -> apply(0))
                .isInstanceOf(RedoException.class)
                .hasMessageContaining("Heap unknown operation (info 0x90)")
                .hasMessageContaining("HEAP has no operation 0x90 in Postgres 17");
        fixture.record(ResourceManager.HEAP, NO_HEAP_OPERATION).block(0, 3);
        assertThatThrownBy(() -> apply(0)).isInstanceOf(RedoException.class);
        flyweight.lsn(-1L);
        assertThatThrownBy(() -> apply(0)).isInstanceOf(RedoException.class);
        page.fill((byte) 0);
        assertThatThrownBy(() -> apply(0)).isInstanceOf(RedoException.class);
        assertThat(heap.applied).isZero();
    }

    @Test
    void shouldNameRecordAndPageInFailures() {
        heap.failure = new MalformedDataException("it does not fit");
        fixture.record(ResourceManager.HEAP, HEAP_INSERT).block(0, -2).fork(3).relation(70000);
        assertThatThrownBy(() -> apply(0))
                .isInstanceOf(RedoException.class)
                .hasMessage("WAL record at " + Lsn.format(fixture.read().lsn())
                        + ": Heap INSERT (info 0x00), relation 1663/5/70000 fork INIT block 4294967294:"
                        + " it does not fit")
                .hasCause(heap.failure)
                .extracting(e -> ((RedoException) e).lsn())
                .isEqualTo(fixture.read().lsn());
        assertThatThrownBy(() -> redo.touchedPages(fixture.read()))
                .isInstanceOf(RedoException.class)
                .hasMessageEndingWith(": Heap INSERT (info 0x00): it does not fit");
    }

    @Test
    void shouldNameRecordAndPageWhenAnAccessLeavesThePage() {
        heap.failure = new IndexOutOfBoundsException("out of the page");
        fixture.record(ResourceManager.HEAP, HEAP_INSERT).block(0, 3);
        assertThatThrownBy(() -> apply(0))
                .isInstanceOf(RedoException.class)
                .hasMessageContaining("relation 1663/5/16384 fork MAIN block 3: out of the page");
    }

    @Test
    void shouldNotHideDefectsOfItsOwn() {
        heap.failure = new IllegalStateException("a defect");
        fixture.record(ResourceManager.HEAP, HEAP_INSERT).block(0, 3);
        assertThatThrownBy(() -> apply(0)).isSameAs(heap.failure);
    }

    @Test
    void shouldRefuseABlockThatTheRecordDoesNotHave() {
        fixture.record(ResourceManager.HEAP, HEAP_INSERT).block(0, 3);
        for (final int touch : new int[] {1, 33, 63, -1, TouchedPages.MAP_OF_BLOCK + 1, 999}) {
            assertThatThrownBy(() -> apply(touch)).as("touch %d", touch).isInstanceOf(RedoException.class);
        }
        assertThatThrownBy(() -> apply(1))
                .hasMessageContaining("(info 0x00), block reference #1, which it does not have: ");
    }

    @Test
    void shouldRefuseARecordOfAManagerWithoutPages() {
        fixture.record(ResourceManager.TRANSACTION, 0).block(0, 3).image(fixture.emptyPage(0));
        assertThatThrownBy(() -> apply(0))
                .isInstanceOf(RedoException.class)
                .hasMessageContaining("Transaction COMMIT (info 0x00)")
                .hasMessageContaining("a record of this resource manager changes no relation page");
        assertThat(redo.touchedPages(fixture.read()).count()).isOne();
    }

    @Test
    void shouldRefuseARecordOfAnExtension() {
        final long start = 0x0200_0000L;
        final LogMaker log = new LogMaker(PostgresVersion.V17, 1 << 20, start);
        final byte[] body = new RecordBody()
                .reference(0, 0, new byte[0])
                .relation(1, 2, 3)
                .block(4)
                .main(new byte[0]);
        final byte[] record = log.header(ResourceManager.HEAP, 0x30, 7, body, 0);
        record[17] = (byte) 200;
        LogMaker.seal(record);
        log.append(record);
        try (WalReader reader = new WalReader(WalReaderConfig.of(PostgresVersion.V17, 1 << 20), memory);
                Arena arena = Arena.ofConfined()) {
            final byte[] bytes = log.bytes();
            final MemorySegment fed = arena.allocate(bytes.length);
            MemorySegment.copy(bytes, 0, fed, ValueLayout.JAVA_BYTE, 0, bytes.length);
            reader.begin(start);
            reader.feed(start, fed, 0, bytes.length);
            assertThat(reader.next()).isEqualTo(WalStep.RECORD);
            assertThat(redo.touchedPages(reader.record()).count()).isOne();
            assertThatThrownBy(() -> redo.apply(reader.record(), 0, page))
                    .isInstanceOf(RedoException.class)
                    .hasMessageContaining("resource manager 200 unknown operation (info 0x30), relation 1/2/3")
                    .hasMessageContaining("of an extension, and nobody can redo it here");
        }
    }

    @Test
    void shouldRefuseASegmentThatIsNotOnePage() {
        fixture.record(ResourceManager.HEAP, HEAP_INSERT).block(0, 3);
        assertThatThrownBy(() -> redo.apply(fixture.read(), 0, page.asSlice(0, 4096)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("4096");
    }

    @Test
    void shouldTellFromTheRecordWhetherItMakesThePage() {
        fixture.record(ResourceManager.HEAP, HEAP_INSERT).block(0, 3);
        assertThat(Redo.overwrites(fixture.read(), 0)).isFalse();
        assertThat(redo.makesPage(fixture.read(), 0)).isFalse();
        assertThat(redo.makesPage(fixture.read(), TouchedPages.MAP_OF_BLOCK)).isTrue();
        assertThat(Redo.overwrites(fixture.read(), TouchedPages.MAP_OF_BLOCK)).isFalse();
        heap.takesNewPage = true;
        assertThat(redo.makesPage(fixture.read(), 0)).isTrue();
        assertThat(Redo.overwrites(fixture.read(), 0)).isFalse();
        heap.takesNewPage = false;
        fixture.record(ResourceManager.HEAP, HEAP_INSERT).block(0, 3).willInit();
        assertThat(Redo.overwrites(fixture.read(), 0)).isTrue();
        assertThat(redo.makesPage(fixture.read(), 0)).isTrue();
    }
}
