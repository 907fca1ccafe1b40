package dev.firn.pagestore.key;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PageKeysTest {
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 16_384, Integer.MAX_VALUE, Integer.MIN_VALUE, -1})
    void shouldGiveBackItsParts(final int part) {
        final long high = PageKeys.high(KeyClass.SIZE, part);
        final long middle = PageKeys.middle(part, ~part);
        final long low = PageKeys.low(3, part);

        assertThat(PageKeys.keyClass(high)).isEqualTo(KeyClass.SIZE);
        assertThat(PageKeys.tablespace(high)).isEqualTo(part);
        assertThat(PageKeys.database(middle)).isEqualTo(part);
        assertThat(PageKeys.relfilenode(middle)).isEqualTo(~part);
        assertThat(PageKeys.fork(low)).isEqualTo(3);
        assertThat(PageKeys.block(low)).isEqualTo(part);
    }

    @Test
    void shouldOrderByClassThenPartsWithoutSign() {
        final long page = PageKeys.high(KeyClass.PAGE, -1);
        final long size = PageKeys.high(KeyClass.SIZE, 1663);

        assertThat(PageKeys.compare(page, 0, 0, size, 0, 0)).isNegative();
        assertThat(PageKeys.compare(size, PageKeys.middle(5, -1), 0, size, PageKeys.middle(5, 1), 0))
                .isPositive();
        assertThat(PageKeys.compare(size, 7, PageKeys.low(0, -1), size, 7, PageKeys.low(1, 0)))
                .isNegative();
        assertThat(PageKeys.compare(size, 7, 8, size, 7, 8)).isZero();
    }

    @Test
    void shouldKnowEachClassByItsNumber() {
        for (final KeyClass keyClass : KeyClass.values()) {
            assertThat(KeyClass.of(keyClass.number())).isEqualTo(keyClass);
        }
        assertThat(KeyClass.of(-1)).isNull();
        assertThat(KeyClass.of(KeyClass.values().length)).isNull();
    }

    @Test
    void shouldDescribePagesAndOthersInWords() {
        assertThat(PageKeys.describe(
                        PageKeys.high(KeyClass.PAGE, 1663), PageKeys.middle(5, 16_384), PageKeys.low(2, -1)))
                .isEqualTo("relation 1663/5/16384 fork VISIBILITY_MAP block 4294967295");
        assertThat(PageKeys.describe(PageKeys.high(KeyClass.TWO_PHASE, 0), 0, PageKeys.low(0, 731)))
                .isEqualTo("TWO_PHASE of 0/0/0/0/731");
        assertThat(PageKeys.describe(-1L, 0, 0)).startsWith("class -1 of 4294967295/");
    }

    @Test
    void shouldTakeKindsOnlyWithTheFlagTheyDemand() {
        assertThat(EntryKind.isValid(EntryKind.RECORD)).isTrue();
        assertThat(EntryKind.isValid(EntryKind.RECORD | EntryKind.STANDS_ALONE)).isTrue();
        assertThat(EntryKind.isValid(EntryKind.IMAGE)).isFalse();
        assertThat(EntryKind.isValid(EntryKind.SLRU_CHANGES | EntryKind.STANDS_ALONE))
                .isTrue();
        assertThat(EntryKind.isValid(EntryKind.SLRU_CHANGES)).isTrue();
        assertThat(EntryKind.isValid(0)).isFalse();
        assertThat(EntryKind.isValid(EntryKind.MAX + 1)).isFalse();
    }
}
