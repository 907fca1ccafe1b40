package dev.firn.pagestore.replay;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.postgres.file.BlockKey;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RelationSizesTest {
    private static final long SPACE = BlockKey.space(1663, 5);
    private static final long OTHER = BlockKey.space(1663, 6);
    private static final long RELATION = BlockKey.relation(16384, 0);

    private final Map<Long, Integer> files = new HashMap<>();
    private int asked;
    private final RelationSizes sizes = new RelationSizes((space, relation) -> {
        asked++;
        return space == SPACE ? files.getOrDefault(relation, BaseRelations.ABSENT) : BaseRelations.ABSENT;
    });

    @Test
    void shouldAskTheBaseOnce() {
        files.put(RELATION, 7);
        final int owner = sizes.owner(SPACE, RELATION);
        assertThat(sizes.owner(SPACE, RELATION)).isEqualTo(owner);
        assertThat(sizes.exists(owner)).isTrue();
        assertThat(sizes.blocks(owner)).isEqualTo(7);
        assertThat(sizes.baseBlocks(owner)).isEqualTo(7);
        assertThat(asked).isEqualTo(1);
    }

    @Test
    void shouldTellForksAndDatabasesApart() {
        files.put(RELATION, 7);
        final int map = sizes.owner(SPACE, BlockKey.relation(16384, 2));
        assertThat(sizes.exists(map)).isFalse();
        assertThat(map).isNotEqualTo(sizes.owner(SPACE, RELATION));
        assertThat(sizes.exists(sizes.owner(OTHER, RELATION))).isFalse();
    }

    @Test
    void shouldReadNothingOfTheBaseBehindATruncation() {
        files.put(RELATION, 7);
        final int owner = sizes.owner(SPACE, RELATION);
        sizes.truncate(owner, 3);
        sizes.extend(owner, 10);
        assertThat(sizes.blocks(owner)).isEqualTo(10);
        assertThat(sizes.baseBlocks(owner)).isEqualTo(3);
        sizes.extend(owner, 2);
        assertThat(sizes.blocks(owner)).isEqualTo(10);
    }

    @Test
    void shouldCountBlocksUnsigned() {
        final int owner = sizes.owner(SPACE, RELATION);
        sizes.create(owner);
        sizes.extend(owner, 0x9000_0000);
        sizes.extend(owner, 5);
        assertThat(Integer.toUnsignedLong(sizes.blocks(owner))).isEqualTo(0x9000_0000L);
    }

    @Test
    void shouldGiveADroppedNameToANewRelation() {
        files.put(RELATION, 7);
        final int old = sizes.owner(SPACE, RELATION);
        sizes.drop(old);
        final int fresh = sizes.owner(SPACE, RELATION);
        assertThat(fresh).isNotEqualTo(old);
        assertThat(sizes.exists(old)).isFalse();
        assertThat(sizes.exists(fresh)).isFalse();
        sizes.create(fresh);
        assertThat(sizes.exists(fresh)).isTrue();
        assertThat(sizes.blocks(fresh)).isZero();
        assertThat(sizes.baseBlocks(fresh)).isZero();
        sizes.create(old);
        assertThat(sizes.exists(old)).isFalse();
    }

    @Test
    void shouldNotLookIntoAHiddenDatabase() {
        files.put(RELATION, 7);
        sizes.hide(SPACE);
        assertThat(sizes.exists(sizes.owner(SPACE, RELATION))).isFalse();
        assertThat(asked).isZero();
    }

    @Test
    void shouldReadACopyFromItsOrigin() {
        files.put(RELATION, 7);
        final int source = sizes.owner(SPACE, RELATION);
        sizes.extend(source, 9);
        sizes.hide(OTHER);
        final int copy = sizes.owner(OTHER, RELATION);
        sizes.copyFrom(copy, source);
        sizes.drop(source);
        assertThat(sizes.exists(copy)).isTrue();
        assertThat(sizes.blocks(copy)).isEqualTo(9);
        assertThat(sizes.baseBlocks(copy)).isEqualTo(7);
        assertThat(sizes.originSpace(copy)).isEqualTo(SPACE);
        assertThat(sizes.space(copy)).isEqualTo(OTHER);
    }

    @Test
    void shouldFindThousandsOfForks() {
        for (int relfilenode = 1; relfilenode <= 5_000; relfilenode++) {
            final int owner = sizes.owner(OTHER, BlockKey.relation(relfilenode, 0));
            sizes.create(owner);
            sizes.extend(owner, relfilenode);
        }
        for (int relfilenode = 1; relfilenode <= 5_000; relfilenode++) {
            final int owner = sizes.owner(OTHER, BlockKey.relation(relfilenode, 0));
            assertThat(sizes.blocks(owner)).isEqualTo(relfilenode);
            assertThat(sizes.relation(owner)).isEqualTo(BlockKey.relation(relfilenode, 0));
        }
        assertThat(sizes.endOfOwners()).isEqualTo(RelationSizes.FIRST_OWNER + 5_000);
    }
}
