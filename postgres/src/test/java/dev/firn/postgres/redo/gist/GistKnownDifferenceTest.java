package dev.firn.postgres.redo.gist;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.postgres.page.PageFlyweight;
import dev.firn.postgres.redo.ConsistencyCheck.Verdict;
import dev.firn.postgres.redo.RedoFixture;
import dev.firn.postgres.version.PostgresVersion;
import dev.firn.postgres.wal.ResourceManager;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The flag that Postgres' redo sets and its primary does not: no mismatch, and nothing else is let through with it. */
class GistKnownDifferenceTest {
    private static final int PAGE_UPDATE = 0x00;
    private static final int DELETE = 0x10;

    private final RedoFixture fixture = new RedoFixture(PostgresVersion.V17);
    private final MemorySegment replayed = GistBytes.page(fixture, GistPage.LEAF | GistPage.TUPLES_DELETED, 16);
    private final MemorySegment primary = GistBytes.page(fixture, GistPage.LEAF, 16);

    @AfterEach
    void close() {
        fixture.close();
    }

    private Verdict compare(final int operation) {
        fixture.record(ResourceManager.GIST, operation).block(0, 3).expect(primary);
        return fixture.compare(0, replayed);
    }

    @Test
    void shouldKnowTheFlagOfADeletion() {
        assertThat(compare(DELETE)).isEqualTo(Verdict.DIFFERENT_IN_POSTGRES);
    }

    @Test
    void shouldKnowItOfNoOtherOperation() {
        assertThat(compare(PAGE_UPDATE)).isEqualTo(Verdict.DIFFERENT);
    }

    @Test
    void shouldNotLetAnythingElseThrough() {
        final long item = new PageFlyweight().wrap(primary, 0).itemOffset(1);
        primary.set(ValueLayout.JAVA_BYTE, item + 8, (byte) ~primary.get(ValueLayout.JAVA_BYTE, item + 8));
        assertThat(compare(DELETE)).isEqualTo(Verdict.DIFFERENT);
        assertThat(fixture.check().differenceOffset()).isEqualTo((int) item + 8);
    }

    @Test
    void shouldNotTakeTheFlagTheOtherWayRound() {
        assertThat(compareOtherWay()).isEqualTo(Verdict.DIFFERENT);
    }

    private Verdict compareOtherWay() {
        fixture.record(ResourceManager.GIST, DELETE).block(0, 3).expect(replayed);
        return fixture.compare(0, primary);
    }
}
