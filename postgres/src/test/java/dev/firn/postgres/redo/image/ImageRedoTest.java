package dev.firn.postgres.redo.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.postgres.redo.RedoException;
import dev.firn.postgres.redo.RedoFixture;
import dev.firn.postgres.redo.RedoOutcome;
import dev.firn.postgres.version.PostgresVersion;
import dev.firn.postgres.wal.ResourceManager;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ImageRedoTest {
    private static final int NOOP = 0x20;
    private static final int FPI_FOR_HINT = 0xA0;
    private static final int FPI = 0xB0;

    private final RedoFixture fixture = new RedoFixture(PostgresVersion.V15);
    private final MemorySegment page = fixture.emptyPage(0);

    @AfterEach
    void close() {
        fixture.close();
    }

    @ParameterizedTest
    @ValueSource(ints = {FPI_FOR_HINT, FPI})
    void shouldRestoreEachImage(final int operation) {
        final MemorySegment image = fixture.emptyPage(16);
        fixture.record(ResourceManager.XLOG, operation)
                .block(0, 3)
                .image(image)
                .block(1, 4)
                .image(fixture.newPage());
        assertThat(fixture.touched().count()).isEqualTo(2);
        assertThat(fixture.apply(0, page)).isEqualTo(RedoOutcome.RESTORED);
        assertThat(page.asSlice(8).mismatch(image.asSlice(8))).isEqualTo(-1);
        assertThat(fixture.apply(1, page)).isEqualTo(RedoOutcome.RESTORED);
        assertThat(page.mismatch(fixture.newPage())).isEqualTo(-1);
    }

    @Test
    void shouldLeaveThePageOfAHintWithoutImage() {
        fixture.record(ResourceManager.XLOG, FPI_FOR_HINT).block(0, 3);
        assertThat(fixture.touched().count())
                .as("pages, since Postgres doesn't read it")
                .isZero();
        final byte[] before = page.toArray(ValueLayout.JAVA_BYTE);
        assertThat(fixture.apply(0, page)).isEqualTo(RedoOutcome.UNCHANGED);
        assertThat(page.toArray(ValueLayout.JAVA_BYTE)).isEqualTo(before);
        final MemorySegment fresh = fixture.newPage();
        assertThat(fixture.apply(0, fresh)).isEqualTo(RedoOutcome.UNCHANGED);
        assertThat(fresh.mismatch(fixture.newPage())).isEqualTo(-1);
    }

    @Test
    void shouldRefuseAnImageRecordWithoutImage() {
        fixture.record(ResourceManager.XLOG, FPI).block(0, 3);
        assertThat(fixture.touched().count()).isOne();
        assertThatThrownBy(() -> fixture.apply(0, page))
                .isInstanceOf(RedoException.class)
                .hasMessageContaining("XLOG FPI (info 0xB0)")
                .hasMessageContaining("the record has no image of the page");
        assertThatThrownBy(() -> fixture.apply(0, fixture.newPage())).isInstanceOf(RedoException.class);
    }

    @Test
    void shouldRefuseAnImageThatIsNotToBeApplied() {
        fixture.record(ResourceManager.XLOG, FPI_FOR_HINT).block(0, 3).expect(page);
        assertThatThrownBy(() -> fixture.apply(0, page))
                .isInstanceOf(RedoException.class)
                .hasMessageContaining("the image is not one to be applied");
    }

    @Test
    void shouldRefuseBlocksOfOtherRecords() {
        fixture.record(ResourceManager.XLOG, NOOP).block(0, 3);
        assertThatThrownBy(() -> fixture.apply(0, page))
                .isInstanceOf(RedoException.class)
                .hasMessageContaining("this kind of record has no block reference #0");
        fixture.record(ResourceManager.XLOG, NOOP).block(0, 3).image(page);
        assertThatThrownBy(() -> fixture.apply(0, page)).isInstanceOf(RedoException.class);
        fixture.record(ResourceManager.XLOG, FPI_FOR_HINT).block(0, 3).willInit();
        assertThatThrownBy(() -> fixture.apply(0, page)).isInstanceOf(RedoException.class);
    }
}
