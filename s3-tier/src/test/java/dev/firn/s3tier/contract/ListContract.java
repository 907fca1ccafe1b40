package dev.firn.s3tier.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.nativeio.seam.SystemClock;
import dev.firn.s3tier.store.CallOptions;
import dev.firn.s3tier.store.DeleteOutcome;
import dev.firn.s3tier.store.ListOutcome;
import dev.firn.s3tier.store.ListRequest;
import dev.firn.s3tier.store.PutOutcome;
import dev.firn.s3tier.store.WriteCondition;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Lists: order, pages, prefixes and levels. */
interface ListContract extends ContractTests {
    Comparator<String> UTF_8_ORDER = (left, right) ->
            Arrays.compareUnsigned(left.getBytes(StandardCharsets.UTF_8), right.getBytes(StandardCharsets.UTF_8));

    static List<String> inOrder(final List<String> keys) {
        return keys.stream().sorted(UTF_8_ORDER).toList();
    }

    @Test
    default void shouldListThousandsOfKeys() {
        final StoreFixture store = store();
        final StoreCapabilities asked = store.capabilities();
        listMany(store, asked.listedKeys(), asked.leastListedKeys());
    }

    @Test
    @Tag("long")
    default void shouldListTenThousandKeys() {
        listMany(store(), 10_000, 10_000);
    }

    @Test
    default void shouldListInTheOrderOfUtf8Bytes() {
        final StoreFixture store = store();
        // In UTF-16 the emoji would stand before the tilde, as it begins with a surrogate.
        final List<String> keys = List.of(
                        "!",
                        "-",
                        ".x",
                        "/x",
                        "0",
                        "A",
                        "Z",
                        "_",
                        "a",
                        "a!",
                        "a-b",
                        "a.b",
                        "aa",
                        "b/1",
                        "b-1",
                        "b0",
                        "~",
                        "\u00e9",
                        "\u4e2d",
                        "\uff5e",
                        "\ud83d\ude00",
                        "\ud83d\ude01")
                .stream()
                .map(store::key)
                .toList();
        keys.reversed().forEach(key -> store.stored(key, "x"));
        assertThat(store.listedKeys(ListRequest.ofPrefix(store.key("")))).containsExactlyElementsOf(inOrder(keys));
        final ListRequest small = new ListRequest(store.key(""), "", null, 3);
        assertThat(store.listedKeys(small)).containsExactlyElementsOf(inOrder(keys));
    }

    @Test
    default void shouldFoldWhatStandsBelowALevel() {
        final StoreFixture store = store();
        for (final String name :
                List.of("top", "a/1", "a/2", "a/b/3", "a/b/4", "a-b", "a0", "b/", "c//5", "c/6", "zz")) {
            store.stored(store.key(name), name);
        }
        checkLevel(store, "", List.of("a-b", "a0", "top", "zz"), List.of("a/", "b/", "c/"));
        checkLevel(store, "a/", List.of("a/1", "a/2"), List.of("a/b/"));
        checkLevel(store, "a", List.of("a-b", "a0"), List.of("a/"));
        checkLevel(store, "a/b/", List.of("a/b/3", "a/b/4"), List.of());
        checkLevel(store, "b/", List.of("b/"), List.of());
        checkLevel(store, "c/", List.of("c/6"), List.of("c//"));
        checkLevel(store, "d", List.of(), List.of());
    }

    @Test
    default void shouldFoldAtAnyDelimiter() {
        final StoreFixture store = store();
        for (final String name : List.of("2026-01-a", "2026-02-b", "2027-01-c", "plain")) {
            store.stored(store.key(name), name);
        }
        final ListOutcome.Listed page = only(store.pages(new ListRequest(store.key(""), "-", null, 1_000)));
        assertThat(page.commonPrefixes()).containsExactly(store.key("2026-"), store.key("2027-"));
        assertThat(page.objects()).extracting(ListOutcome.ListedObject::key).containsExactly(store.key("plain"));
    }

    @Test
    default void shouldListNothingBelowAPrefixWithoutKeys() {
        final StoreFixture store = store();
        store.stored(store.key("a"), "x");
        final List<ListOutcome.Listed> pages = store.pages(ListRequest.ofPrefix(store.key("nothing")));
        assertThat(pages).hasSize(1);
        assertThat(pages.getFirst().objects()).isEmpty();
        assertThat(pages.getFirst().commonPrefixes()).isEmpty();
    }

    /** All pages as one. */
    private static ListOutcome.Listed only(final List<ListOutcome.Listed> pages) {
        final List<ListOutcome.ListedObject> objects = new ArrayList<>();
        final List<String> prefixes = new ArrayList<>();
        for (final ListOutcome.Listed page : pages) {
            objects.addAll(page.objects());
            prefixes.addAll(page.commonPrefixes());
        }
        return new ListOutcome.Listed(objects, prefixes, null);
    }

    private static void checkLevel(
            final StoreFixture store,
            final String prefix,
            final List<String> objects,
            final List<String> commonPrefixes) {
        for (final int maxKeys : new int[] {1_000, 2, 1}) {
            final ListOutcome.Listed all = only(store.pages(new ListRequest(store.key(prefix), "/", null, maxKeys)));
            assertThat(all.objects())
                    .as("below \"%s\", %d a page", prefix, maxKeys)
                    .extracting(ListOutcome.ListedObject::key)
                    .containsExactlyElementsOf(objects.stream().map(store::key).toList());
            assertThat(all.commonPrefixes())
                    .as("below \"%s\", %d a page", prefix, maxKeys)
                    .containsExactlyElementsOf(
                            commonPrefixes.stream().map(store::key).toList());
        }
    }

    private static void listMany(final StoreFixture store, final int most, final int least) {
        final List<String> made = make(store, most, least);
        final List<String> expected = inOrder(made);
        final List<ListOutcome.Listed> pages = store.pages(ListRequest.ofPrefix(store.key("")));
        final ListOutcome.Listed all = only(pages);
        assertThat(all.objects().stream().map(ListOutcome.ListedObject::key).toList())
                .containsExactlyElementsOf(expected);
        assertThat(all.commonPrefixes()).isEmpty();
        for (final ListOutcome.ListedObject object : all.objects()) {
            assertThat(object.lengthBytes()).isEqualTo(object.key().getBytes(StandardCharsets.UTF_8).length);
            assertThat(object.etag()).isNotEmpty();
        }
        assertThat(pages.getLast().nextToken()).isNull();
        assertThat(pages).hasSizeGreaterThanOrEqualTo((made.size() + 999) / 1_000);

        final ListOutcome.Listed level = only(store.pages(new ListRequest(store.key(""), "/", null, 7)));
        assertThat(level.objects()).isEmpty();
        assertThat(level.commonPrefixes())
                .containsExactlyElementsOf(expected.stream()
                        .map(key -> key.substring(0, key.lastIndexOf('/') + 1))
                        .distinct()
                        .toList());

        final String oneLevel = level.commonPrefixes().getFirst();
        assertThat(store.listedKeys(new ListRequest(oneLevel, "", null, 13)))
                .containsExactlyElementsOf(expected.stream()
                        .filter(key -> key.startsWith(oneLevel))
                        .toList());

        assertThat(store.deleteAll(made)).isEqualTo(new DeleteOutcome.Deleted(made.size()));
        assertThat(store.listedKeys(ListRequest.ofPrefix(store.key("")))).isEmpty();
    }

    /** Makes so many objects, each with its key as content; fewer when it takes too long. */
    private static List<String> make(final StoreFixture store, final int most, final int least) {
        final List<String> keys = new ArrayList<>();
        final List<Call<PutOutcome>> calls = new ArrayList<>();
        final long startNs = SystemClock.INSTANCE.nanoTime();
        final long budgetNs = store.capabilities().listBudget().toNanos();
        final MemorySegment bodies = store.buffer(128L * 200);
        try {
            while (keys.size() < most
                    && (keys.size() < least || SystemClock.INSTANCE.nanoTime() - startNs < budgetNs)) {
                calls.clear();
                for (int i = 0; i < 128 && keys.size() < most; i++) {
                    final int number = keys.size();
                    final String key = store.key(String.format(
                            Locale.ROOT, "%02d/%05d%s", number % 20, number, number % 3 == 0 ? " \u00e9+" : ""));
                    final byte[] content = key.getBytes(StandardCharsets.UTF_8);
                    final MemorySegment body = bodies.asSlice(i * 200L, content.length);
                    body.copyFrom(MemorySegment.ofArray(content));
                    keys.add(key);
                    calls.add(Call.begin(handler -> store.session()
                            .put(key, List.of(body), WriteCondition.ALWAYS, CallOptions.DEFAULT, handler)));
                }
                for (final Call<PutOutcome> call : calls) {
                    assertThat(store.await(call)).isInstanceOf(PutOutcome.Stored.class);
                }
            }
        } finally {
            store.free(bodies);
        }
        return keys;
    }
}
