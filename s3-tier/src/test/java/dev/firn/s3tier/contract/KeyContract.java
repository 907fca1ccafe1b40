package dev.firn.s3tier.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.s3tier.store.CallOptions;
import dev.firn.s3tier.store.DeleteOutcome;
import dev.firn.s3tier.store.ListRequest;
import dev.firn.s3tier.store.PutOutcome;
import dev.firn.s3tier.store.WriteCondition;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Odd keys are keys like any other, and no two of them are the same. */
interface KeyContract extends ContractTests {
    /** What follows the test's prefix. None is the directory of another. */
    List<String> ODD_NAMES = List.of(
            "plain",
            " leading space",
            "trailing space ",
            "two  spaces",
            "plus+plus",
            "plus plus",
            "plus%2Bplus",
            "plus%20plus",
            "percent%",
            "percent%zz",
            "percent%25",
            "percent%2F",
            "slash//slash",
            "slash/slash/slash",
            "slash///slash",
            "trailing slash/",
            "trailing slashes//",
            "question?x=1&y=2",
            "hash#fragment",
            "ampersand&amp;lt;",
            "less<more>",
            "double\"quote",
            "single'quote",
            "back\\slash",
            "star*colon:bar|",
            "semi;comma,equals=",
            "at@dollar$bang!",
            "tilde~caret^grave`",
            "(round)[square]{curly}",
            "...",
            "dots../..more",
            ".hidden",
            "-dash",
            "_under",
            "Case",
            "case",
            "CASE",
            "two bytes \u00e9\u00df\u0416",
            "three bytes \u20ac\u4e2d\uff5e\ufffd",
            "four bytes \ud83d\ude00\ud80c\udc00",
            "composed \u00e9",
            "decomposed e\u0301",
            "no-break\u00a0space",
            "zero\u200bwidth",
            "right\u200fto left",
            "line\u2028separator",
            "con.txt",
            "a.tmp",
            "x-amz-meta",
            "uploads",
            "versioning&list-type=2");

    @Test
    default void shouldTreatOddKeysLikeAnyOther() {
        final StoreFixture store = store();
        final List<String> keys = ODD_NAMES.stream().map(store::key).toList();
        checkAll(store, keys);
    }

    @Test
    default void shouldTakeKeysAsLongAsTheyMayBe() {
        final StoreFixture store = store();
        final int room = 1_024 - store.key("").getBytes(StandardCharsets.UTF_8).length;
        final List<String> keys = new ArrayList<>();
        keys.add(store.key("a".repeat(room)));
        keys.add(store.key("b".repeat(room - 1)));
        keys.add(store.key("c/".repeat(room / 2)));
        keys.add(store.key("\u20ac".repeat(room / 3)));
        keys.add(store.key("\ud83d\ude00".repeat(room / 4)));
        keys.add(store.key("+".repeat(room)));
        // As long as a name in a file system may be, and one more.
        keys.add(store.key("d".repeat(255)));
        keys.add(store.key("d".repeat(256)));
        keys.add(store.key("e".repeat(250) + ".tmp/" + "f".repeat(255)));
        checkAll(store, keys);
    }

    @Test
    default void shouldRefuseKeysThatNoStoreCouldHold() {
        final StoreFixture store = store();
        for (final String key : List.of(
                "",
                "a".repeat(1_025),
                "\u20ac".repeat(342),
                "nul\0",
                "line\nfeed",
                "\u007f",
                "\ud83d",
                "\ude00\ud83d",
                "non\uffff",
                ".",
                "..",
                "a/./b",
                "a/..")) {
            assertThatThrownBy(() -> store.session().head(key, CallOptions.DEFAULT, outcome -> {}))
                    .as("head of %s", key)
                    .isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> store.session()
                            .put(key, List.of(), WriteCondition.ALWAYS, CallOptions.DEFAULT, outcome -> {}))
                    .as("put of %s", key)
                    .isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> store.session().openUpload(key, WriteCondition.ALWAYS))
                    .as("upload of %s", key)
                    .isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> store.session().deleteAll(List.of("a", key), CallOptions.DEFAULT, outcome -> {}))
                    .as("delete of %s", key)
                    .isInstanceOf(IllegalArgumentException.class);
        }
        assertThat(store.session().inFlight()).isZero();
    }

    /** Each object holds its own key. */
    private static void checkAll(final StoreFixture store, final List<String> keys) {
        final List<Call<PutOutcome>> puts = new ArrayList<>();
        final List<MemorySegment> bodies = new ArrayList<>();
        for (final String key : keys) {
            final var body = store.bufferOf(key.getBytes(StandardCharsets.UTF_8));
            bodies.add(body);
            puts.add(Call.begin(handler ->
                    store.session().put(key, List.of(body), WriteCondition.IF_ABSENT, CallOptions.DEFAULT, handler)));
        }
        for (int i = 0; i < keys.size(); i++) {
            assertThat(store.await(puts.get(i))).as(keys.get(i)).isInstanceOf(PutOutcome.Stored.class);
        }
        bodies.forEach(store::free);
        for (final String key : keys) {
            assertThat(store.readText(key)).isEqualTo(key);
        }
        assertThat(store.listedKeys(ListRequest.ofPrefix(store.key(""))))
                .containsExactlyElementsOf(ListContract.inOrder(keys));
        for (final String key : keys) {
            assertThat(store.listedKeys(ListRequest.ofPrefix(key)))
                    .as("list with the prefix %s", key)
                    .containsExactlyElementsOf(ListContract.inOrder(
                            keys.stream().filter(one -> one.startsWith(key)).toList()));
        }
        final String first = keys.getFirst();
        assertThat(store.delete(first)).isInstanceOf(DeleteOutcome.Deleted.class);
        assertThat(store.deleteAll(keys)).isEqualTo(new DeleteOutcome.Deleted(keys.size()));
        assertThat(store.listedKeys(ListRequest.ofPrefix(store.key(""))).stream()
                        .collect(Collectors.joining(", ")))
                .isEmpty();
    }
}
