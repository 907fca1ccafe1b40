package dev.firn.pagestore.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.postgres.file.BlockKey;
import org.junit.jupiter.api.Test;

class InvalidPagesTest {
    private static final long SPACE = BlockKey.space(1663, 5);
    private static final long RELATION = BlockKey.relation(16384, 0);

    private final InvalidPages pages = new InvalidPages();

    @Test
    void shouldForgetWhatATruncationCutsOff() {
        pages.add(SPACE, RELATION, 3, false, 0x100);
        pages.add(SPACE, RELATION, -1, false, 0x108);
        pages.add(SPACE, BlockKey.relation(16384, 2), 3, false, 0x110);
        pages.forget(SPACE, RELATION, 4);
        assertThat(pages.count()).isEqualTo(2);
        pages.forget(SPACE, RELATION, 0);
        assertThat(pages.describe(9))
                .containsExactly("the record at 0/110 changes relation 1663/5/16384 fork VISIBILITY_MAP block 3,"
                        + " which does not exist");
    }

    @Test
    void shouldForgetADroppedDatabaseInAllTablespaces() {
        pages.add(SPACE, RELATION, 3, false, 0x100);
        pages.add(BlockKey.space(20000, 5), RELATION, 3, false, 0x100);
        pages.add(BlockKey.space(20000, 6), RELATION, 3, true, 0x100);
        pages.forgetDatabase(5);
        assertThat(pages.describe(9))
                .containsExactly(
                        "the record at 0/100 changes relation 20000/6/16384 fork MAIN block 3, which was never written");
    }

    @Test
    void shouldNameAPageOnceWithItsFirstRecord() {
        pages.add(SPACE, RELATION, 3, false, 0x100);
        pages.add(SPACE, RELATION, 3, false, 0x200);
        assertThat(pages.count()).isEqualTo(1);
        assertThat(pages.describe(9).getFirst()).contains("0/100");
    }
}
