package dev.firn.s3tier.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.s3tier.store.ObjectVersion;
import dev.firn.s3tier.store.PutOutcome;
import dev.firn.s3tier.store.WriteCondition;
import dev.firn.s3tier.store.WriteStamp;
import org.junit.jupiter.api.Test;

/** Conditional create and conditional replace, one writer at a time. */
interface ConditionContract extends ContractTests {
    @Test
    default void shouldCreateOnlyWhatIsNotThere() {
        final StoreFixture store = store();
        final String key = store.key("a");
        assertThat(store.put(key, "first", WriteCondition.IF_ABSENT)).isInstanceOf(PutOutcome.Stored.class);
        assertThat(store.put(key, "second", WriteCondition.IF_ABSENT))
                .isInstanceOf(PutOutcome.PreconditionFailed.class);
        assertThat(store.put(key, "first", WriteCondition.IF_ABSENT))
                .as("the same content does not make it the same write")
                .isInstanceOf(PutOutcome.PreconditionFailed.class);
        assertThat(store.readText(key)).isEqualTo("first");
        store.delete(key);
        assertThat(store.put(key, "third", WriteCondition.IF_ABSENT)).isInstanceOf(PutOutcome.Stored.class);
        assertThat(store.readText(key)).isEqualTo("third");
    }

    @Test
    default void shouldCreateAnEmptyObjectOnce() {
        final StoreFixture store = store();
        final String key = store.key("marker");
        assertThat(store.put(key, "", WriteCondition.IF_ABSENT)).isInstanceOf(PutOutcome.Stored.class);
        assertThat(store.put(key, "", WriteCondition.IF_ABSENT)).isInstanceOf(PutOutcome.PreconditionFailed.class);
        assertThat(store.read(key)).isEmpty();
    }

    @Test
    default void shouldReplaceOnlyTheVersionExpected() {
        final StoreFixture store = store();
        final String key = store.key("a");
        final ObjectVersion one = store.stored(key, "one");
        final PutOutcome replaced = store.put(key, "two", WriteCondition.ifVersion(one));
        assertThat(replaced).isInstanceOf(PutOutcome.Stored.class);
        assertThat(store.put(key, "three", WriteCondition.ifVersion(one)))
                .isInstanceOf(PutOutcome.PreconditionFailed.class);
        assertThat(store.readText(key)).isEqualTo("two");
        final ObjectVersion two = StoreFixture.versionOf(replaced);
        assertThat(two.stamp().writes())
                .as("a replacement names what it replaced")
                .hasSize(2)
                .contains(one.stamp().writes().getFirst());
        assertThat(store.put(key, "three", WriteCondition.ifVersion(two))).isInstanceOf(PutOutcome.Stored.class);
        assertThat(store.readText(key)).isEqualTo("three");
    }

    @Test
    default void shouldReplaceTheVersionThatHeadOrGetHasSeen() {
        final StoreFixture store = store();
        final String key = store.key("a");
        store.stored(key, "0");
        for (int round = 1; round <= WriteStamp.MAX_WRITES + 4; round++) {
            final ObjectVersion seen = StoreFixture.found(store.head(key)).version();
            assertThat(store.put(key, String.valueOf(round), WriteCondition.ifVersion(seen)))
                    .isInstanceOf(PutOutcome.Stored.class);
        }
        assertThat(store.readText(key)).isEqualTo(String.valueOf(WriteStamp.MAX_WRITES + 4));
        final ObjectVersion last = StoreFixture.found(store.head(key)).version();
        assertThat(last.stamp().writes())
                .as("only so many writes are remembered")
                .hasSize(WriteStamp.MAX_WRITES);
        assertThat(last.stamp().complete()).isFalse();
    }

    @Test
    default void shouldNotReplaceWhatIsNotThere() {
        final StoreFixture store = store();
        final String key = store.key("a");
        final ObjectVersion gone = store.stored(key, "one");
        store.delete(key);
        store.refused(store.put(key, "two", WriteCondition.ifVersion(gone)));
        assertThat(store.exists(key)).isFalse();
        store.refused(store.put(store.key("never"), "two", WriteCondition.ifVersion(gone)));
        assertThat(store.exists(store.key("never"))).isFalse();
    }

    @Test
    default void shouldNotReplaceWhatAnUnconditionalWriteHasOverwritten() {
        final StoreFixture store = store();
        final String key = store.key("a");
        final ObjectVersion one = store.stored(key, "one");
        store.stored(key, "two");
        store.refused(store.put(key, "three", WriteCondition.ifVersion(one)));
        assertThat(store.readText(key)).isEqualTo("two");
    }
}
