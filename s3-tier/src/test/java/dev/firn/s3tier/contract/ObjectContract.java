package dev.firn.s3tier.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.s3tier.store.CallOptions;
import dev.firn.s3tier.store.DeleteOutcome;
import dev.firn.s3tier.store.GetOutcome;
import dev.firn.s3tier.store.HeadOutcome;
import dev.firn.s3tier.store.ListRequest;
import dev.firn.s3tier.store.NotFound;
import dev.firn.s3tier.store.ObjectVersion;
import dev.firn.s3tier.store.PutOutcome;
import dev.firn.s3tier.store.WriteCondition;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Put, get, head and delete of whole objects, and that each sees what the others did. */
interface ObjectContract extends ContractTests {
    int MIB = 1 << 20;

    @Test
    default void shouldReadBackWhatWasPut() {
        final StoreFixture store = store();
        for (final int length : new int[] {0, 1, 7, 4_095, 4_096, 65_537}) {
            final String key = store.key("object-" + length);
            final byte[] content = Bytes.of(length, length);
            final ObjectVersion version = store.stored(key, content, WriteCondition.ALWAYS);
            final HeadOutcome.Found found = StoreFixture.found(store.head(key));
            assertThat(found.key()).isEqualTo(key);
            assertThat(found.lengthBytes()).isEqualTo(length);
            assertThat(found.version().etag()).isEqualTo(version.etag()).isNotEmpty();
            assertThat(found.version().stamp().writes())
                    .as("the name of the write travels with the object")
                    .isEqualTo(version.stamp().writes())
                    .hasSize(1);
            assertThat(store.read(key)).isEqualTo(content);
        }
    }

    @Test
    default void shouldReadBackWhatWasPutAroundTheLengthOfAPart() {
        final StoreFixture store = store();
        final long part = store.store().limits().minPartBytes();
        for (final long length : new long[] {part - 1, part, part + 1}) {
            if (length <= store.store().limits().maxPutBytes()) {
                final String key = store.key("object-" + length);
                final MemorySegment buffer = store.buffer(length);
                try {
                    Bytes.fill(buffer, length, 0);
                    final PutOutcome outcome = store.call(handler -> store.session()
                            .put(key, List.of(buffer), WriteCondition.ALWAYS, CallOptions.DEFAULT, handler));
                    assertThat(outcome).isInstanceOf(PutOutcome.Stored.class);
                    buffer.fill((byte) 0);
                    final GetOutcome got = store.get(key, 0, buffer, null);
                    assertThat(got).isInstanceOf(GetOutcome.Fetched.class);
                    assertThat(((GetOutcome.Fetched) got).lengthBytes()).isEqualTo(length);
                    assertThat(Bytes.mismatch(buffer, length, 0, length)).isEqualTo(-1);
                } finally {
                    store.free(buffer);
                }
            }
        }
    }

    @Test
    default void shouldPutTheBuffersOneAfterTheOther() {
        final StoreFixture store = store();
        final MemorySegment buffer = store.buffer(100_000);
        try {
            Bytes.fill(buffer, 5, 0);
            final List<MemorySegment> body = List.of(
                    buffer.asSlice(0, 1),
                    buffer.asSlice(1, 0),
                    buffer.asSlice(1, 4_098),
                    buffer.asSlice(4_099, 60_000),
                    buffer.asSlice(64_099));
            final PutOutcome outcome = store.call(handler ->
                    store.session().put(store.key("a"), body, WriteCondition.ALWAYS, CallOptions.DEFAULT, handler));
            assertThat(outcome).isInstanceOf(PutOutcome.Stored.class);
        } finally {
            store.free(buffer);
        }
        assertThat(store.read(store.key("a"))).isEqualTo(Bytes.of(5, 100_000));
    }

    @Test
    default void shouldSeeTheEffectOfEachAnsweredWriteInGetHeadAndList() {
        final StoreFixture store = store();
        final String key = store.key("x/a");
        final ListRequest list = ListRequest.ofPrefix(store.key("x/"));
        for (int round = 0; round < 8; round++) {
            final String content = "round " + round + "#".repeat(round);
            final ObjectVersion version = store.stored(key, content);
            assertThat(StoreFixture.found(store.head(key)).version().etag()).isEqualTo(version.etag());
            assertThat(store.readText(key)).isEqualTo(content);
            final var page = store.page(list);
            assertThat(page.objects()).hasSize(1);
            assertThat(page.objects().getFirst().etag()).isEqualTo(version.etag());
            assertThat(page.objects().getFirst().lengthBytes()).isEqualTo(content.length());
            if (round % 2 == 1) {
                assertThat(store.delete(key)).isInstanceOf(DeleteOutcome.Deleted.class);
                assertThat(store.head(key)).isInstanceOf(NotFound.class);
                assertThat(store.page(list).objects()).isEmpty();
            }
        }
    }

    @Test
    default void shouldSayThatThereIsNoObject() {
        final StoreFixture store = store();
        final String key = store.key("nothing");
        final MemorySegment buffer = store.buffer(16);
        try {
            assertThat(store.head(key)).isEqualTo(new NotFound(key));
            assertThat(store.get(key, 0, buffer, null)).isEqualTo(new NotFound(key));
        } finally {
            store.free(buffer);
        }
    }

    @Test
    default void shouldGiveOtherContentAnotherVersion() {
        final StoreFixture store = store();
        final ObjectVersion first = store.stored(store.key("a"), "one");
        final ObjectVersion second = store.stored(store.key("a"), "two");
        assertThat(second.etag()).isNotEqualTo(first.etag());
        assertThat(second.stamp().writes())
                .doesNotContainAnyElementsOf(first.stamp().writes());
    }

    @Test
    default void shouldCountWhatIsNotThereAsDeleted() {
        final StoreFixture store = store();
        assertThat(store.delete(store.key("nothing"))).isEqualTo(new DeleteOutcome.Deleted(1));
        store.stored(store.key("a"), "one");
        assertThat(store.delete(store.key("a"))).isEqualTo(new DeleteOutcome.Deleted(1));
        assertThat(store.exists(store.key("a"))).isFalse();
        assertThat(store.delete(store.key("a"))).isEqualTo(new DeleteOutcome.Deleted(1));
    }

    @Test
    default void shouldDeleteOneKeyAndNoOther() {
        final StoreFixture store = store();
        final List<String> names = List.of("a", "a.", "aa", "b/a", "b/aa");
        names.forEach(name -> store.stored(store.key(name), name));
        store.delete(store.key("a"));
        store.deleteAll(List.of(store.key("b/a")));
        for (final String name : names) {
            final boolean deleted = name.equals("a") || name.equals("b/a");
            assertThat(store.readText(store.key(name))).isEqualTo(deleted ? null : name);
        }
    }

    @Test
    default void shouldDeleteMoreThanOneBatchTakes() {
        final StoreFixture store = store();
        final List<String> there =
                IntStream.range(0, 20).mapToObj(i -> store.key("there/" + i)).toList();
        there.forEach(key -> store.stored(key, key));
        final List<String> keys = IntStream.range(0, 1_001)
                .mapToObj(i -> i % 55 == 0 ? there.get(i / 55) : store.key("never/" + i))
                .toList();
        assertThat(store.deleteAll(keys)).isEqualTo(new DeleteOutcome.Deleted(1_001));
        assertThat(store.listedKeys(ListRequest.ofPrefix(store.key("there/")))).containsExactly(there.getLast());
        assertThat(store.deleteAll(there)).isEqualTo(new DeleteOutcome.Deleted(20));
        assertThat(store.listedKeys(ListRequest.ofPrefix(store.key("there/")))).isEmpty();
        assertThat(store.deleteAll(List.of())).isEqualTo(new DeleteOutcome.Deleted(0));
    }

    @Test
    default void shouldKeepObjectsWhenItIsOpenedAgain() {
        final StoreFixture store = store();
        store.stored(store.key("a"), "still there");
        try (StoreFixture other = open("", store.store().limits())) {
            assertThat(other.readText(store.key("a"))).isEqualTo("still there");
            other.stored(store.key("b"), "from the other");
        }
        assertThat(store.readText(store.key("b"))).isEqualTo("from the other");
    }

    @Test
    default void shouldDescribeItselfAndItsObjects() {
        final StoreFixture store = store();
        assertThat(store.store().describe()).isNotBlank().doesNotContain("\n");
        assertThat(store.store().addressOf(store.key("a")))
                .contains("://")
                .endsWith("a")
                .isNotEqualTo(store.store().addressOf(store.key("ba")));
    }
}
