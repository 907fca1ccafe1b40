package dev.firn.postgres.redo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.postgres.page.PageFlyweight;
import dev.firn.postgres.page.PageLayout;
import dev.firn.postgres.redo.ConsistencyCheck.Verdict;
import dev.firn.postgres.version.PostgresVersion;
import dev.firn.postgres.wal.ResourceManager;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** When pages are compared, and what is left out: verifyBackupPageConsistency of xlogrecovery.c. */
class ConsistencyCheckTest {
    private static final int SPGIST_ADD_LEAF = 0x10;
    private static final int CHECK = 0x02;
    private static final int PGLZ = 0x04;
    private static final int HOLE = 0x01;

    private final RedoFixture fixture = new RedoFixture(PostgresVersion.V15);
    private final MemorySegment page = fixture.emptyPage(8);
    private final MemorySegment image = fixture.emptyPage(8);
    private final PageFlyweight replayed = new PageFlyweight().wrap(page, 0);

    @AfterEach
    void close() {
        fixture.close();
    }

    private RedoFixture.Draft record(final int flags) {
        return fixture.record(ResourceManager.SPGIST, SPGIST_ADD_LEAF | flags).block(0, 3);
    }

    private Verdict compare() {
        final byte[] before = page.toArray(ValueLayout.JAVA_BYTE);
        final Verdict verdict = fixture.compare(0, page);
        assertThat(page.toArray(ValueLayout.JAVA_BYTE))
                .as("the page after redo")
                .isEqualTo(before);
        return verdict;
    }

    @Test
    void shouldCompareOnlyWhatTheRecordAsksFor() {
        record(CHECK);
        assertThat(compare()).isEqualTo(Verdict.NOT_COMPARED);
        record(0).storedImage(HOLE, 24, 8168, new byte[24]);
        assertThat(compare()).as("without the record's flag").isEqualTo(Verdict.NOT_COMPARED);
        record(CHECK).image(image);
        assertThat(compare()).as("an image that was applied").isEqualTo(Verdict.NOT_COMPARED);
        assertThat(fixture.compare(7, page)).as("a block that is not there").isEqualTo(Verdict.NOT_COMPARED);
    }

    @Test
    void shouldNotCompareAPageThatIsAhead() {
        record(0).expect(image);
        image.set(ValueLayout.JAVA_BYTE, 8190, (byte) 1);
        record(0).expect(image);
        replayed.lsn(fixture.read().nextLsn() + 1);
        assertThat(compare()).isEqualTo(Verdict.NOT_COMPARED);
        replayed.lsn(fixture.read().nextLsn());
        assertThat(compare()).isEqualTo(Verdict.DIFFERENT);
    }

    @Test
    void shouldLeaveOutWhatTheMaskHides() {
        record(0).expect(image);
        replayed.lsn(5);
        replayed.checksum(6);
        replayed.pruneXid(7);
        replayed.flags(PageLayout.VALID_FLAGS);
        page.set(ValueLayout.JAVA_BYTE, 5000, (byte) 8);
        assertThat(compare()).isEqualTo(Verdict.EQUAL);
        assertThat(fixture.compare(0, page)).isEqualTo(Verdict.EQUAL);
    }

    @Test
    void shouldSayWhereTheDifferenceIs() {
        record(0).expect(image);
        page.set(ValueLayout.JAVA_BYTE, 8186, (byte) 8);
        page.set(ValueLayout.JAVA_BYTE, 8188, (byte) 9);
        assertThat(compare()).isEqualTo(Verdict.DIFFERENT);
        assertThat(fixture.check().differenceOffset()).isEqualTo(8186);
        assertThat(fixture.check().replayedPage().get(ValueLayout.JAVA_BYTE, 8186))
                .isEqualTo((byte) 8);
        assertThat(fixture.check().expectedPage().get(ValueLayout.JAVA_BYTE, 8186))
                .isZero();
    }

    @Test
    void shouldDifferWhereRedoLeftThePageNew() {
        record(0).expect(image);
        page.fill((byte) 0);
        assertThat(compare()).isEqualTo(Verdict.DIFFERENT);
        record(0).expect(fixture.newPage());
        assertThat(compare()).isEqualTo(Verdict.EQUAL);
    }

    @Test
    void shouldNameRecordAndPageWhenOneOfThePagesIsNone() {
        record(0).expect(image);
        replayed.lower(8190);
        assertThatThrownBy(this::compare)
                .isInstanceOf(RedoException.class)
                .hasMessageContaining("SPGist ADD_LEAF (info 0x12), relation 1663/5/16384 fork MAIN block 3: ")
                .hasMessageContaining("lower 8190, upper 8184, special 8184");
        record(CHECK).storedImage(PGLZ | HOLE, 24, 100, new byte[] {0, 1});
        replayed.lower(24);
        assertThatThrownBy(this::compare).isInstanceOf(RedoException.class).hasMessageContaining("fork MAIN block 3");
    }
}
