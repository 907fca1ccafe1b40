package dev.firn.walquorum.catalog;

import static dev.firn.walquorum.catalog.TimelineEntryTest.entry;
import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.nativeio.memory.LeakCheck;
import dev.firn.nativeio.memory.MemoryTag;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.s3tier.simulation.StoreFault;
import dev.firn.s3tier.simulation.StoreFaultRule;
import dev.firn.s3tier.simulation.StoreFaults;
import dev.firn.s3tier.simulation.StoreOperation;
import dev.firn.s3tier.store.CallOptions;
import dev.firn.s3tier.store.PutOutcome;
import dev.firn.s3tier.store.WriteCondition;
import dev.firn.walquorum.TestStore;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TimelineCatalogTest {
    private final LeakCheck leaks = LeakCheck.start();
    private final OffHeapMemory memory = leaks.memory(8 << 20);

    @AfterEach
    void everythingIsFreed() {
        leaks.close();
    }

    private TimelineCatalog catalog(final TestStore store) {
        return new TimelineCatalog(store.session(), memory, CallOptions.DEFAULT);
    }

    private void put(final TestStore store, final String key, final byte[] content) {
        final MemorySegment body = memory.allocate(Math.max(1, content.length), MemoryTag.of("test"));
        MemorySegment.copy(MemorySegment.ofArray(content), 0, body, 0, content.length);
        final PutOutcome outcome = store.<PutOutcome>ask(handler -> store.session()
                .put(
                        key,
                        List.of(body.asSlice(0, content.length)),
                        WriteCondition.ALWAYS,
                        CallOptions.DEFAULT,
                        handler::accept));
        assertThat(outcome).isInstanceOf(PutOutcome.Stored.class);
        memory.free(body);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void shouldGiveANameToOneOnlyWhateverTheStoreDoes(final long seed) {
        try (TestStore store = TestStore.simulated(seed, StoreFaults.GENTLE)) {
            final TimelineCatalog catalog = catalog(store);
            assertThat(store.<CatalogOutcome>ask(handler -> catalog.read("main", handler)))
                    .isEqualTo(new CatalogOutcome.None());
            assertThat(store.<CatalogOutcome>ask(handler -> catalog.create(entry("main"), handler)))
                    .isEqualTo(new CatalogOutcome.Entry(entry("main")));
            assertThat(store.<CatalogOutcome>ask(handler -> catalog.create(entry("main"), handler)))
                    .as("the same again")
                    .isEqualTo(new CatalogOutcome.Entry(entry("main")));
            final TimelineEntry other = new TimelineEntry(
                    "main",
                    9,
                    1,
                    15,
                    1 << 20,
                    1 << 20,
                    1,
                    List.of(1L),
                    entry("main").createdAt());
            assertThat(store.<CatalogOutcome>ask(handler -> catalog.create(other, handler)))
                    .isEqualTo(new CatalogOutcome.Taken(entry("main")));
            assertThat(store.<CatalogOutcome>ask(handler -> catalog.read("main", handler)))
                    .isEqualTo(new CatalogOutcome.Entry(entry("main")));
        }
    }

    @Test
    void shouldListNamesInOrder() {
        try (TestStore store = TestStore.simulated(1, StoreFaults.NONE.with(StoreFault.PAGE_CUT, 0.7))) {
            final TimelineCatalog catalog = catalog(store);
            for (final String name : List.of("b", "a-1", "a", "c_2")) {
                store.<CatalogOutcome>ask(handler -> catalog.create(entry(name), handler));
            }
            put(store, "timelines/NOT A NAME/x", new byte[] {1});
            assertThat(store.<CatalogOutcome>ask(catalog::list))
                    .isEqualTo(new CatalogOutcome.Names(List.of("a-1", "a", "b", "c_2")));
        }
    }

    @Test
    void shouldSayWhatIsWrongWhenAnEntryIsDamagedOrTheStoreFails() {
        try (TestStore store = TestStore.simulated(1, StoreFaults.NONE)) {
            final TimelineCatalog catalog = catalog(store);
            put(store, "timelines/main/timeline.json", new byte[100]);
            assertThat(store.<CatalogOutcome>ask(handler -> catalog.read("main", handler)))
                    .isEqualTo(new CatalogOutcome.Refused(
                            "timelines/main/timeline.json is damaged: it does not end with its checksum"));
            put(store, "timelines/main/timeline.json", new byte[TimelineCatalog.MAX_ENTRY_BYTES + 1]);
            assertThat(store.<CatalogOutcome>ask(handler -> catalog.read("main", handler)))
                    .isEqualTo(
                            new CatalogOutcome.Refused("timelines/main/timeline.json is damaged: it has 65537 bytes"));
            put(store, "timelines/main/timeline.json", new byte[0]);
            assertThat(store.<CatalogOutcome>ask(handler -> catalog.read("main", handler)))
                    .isEqualTo(new CatalogOutcome.Refused("timelines/main/timeline.json is damaged: it is empty"));
            store.truth().outage(3_600_000_000_000L);
            assertThat(store.<CatalogOutcome>ask(handler -> catalog.read("main", handler)))
                    .isInstanceOfSatisfying(
                            CatalogOutcome.Refused.class,
                            refused -> assertThat(refused.sentence())
                                    .startsWith("cannot read timelines/main/timeline.json: "));
        }
    }

    @Test
    void shouldDeleteAllOfATimelineAndNothingElse() {
        try (TestStore store = TestStore.simulated(1, StoreFaults.NONE.with(StoreFault.PAGE_CUT, 0.5))) {
            final TimelineCatalog catalog = catalog(store);
            for (final String name : List.of("main", "main2", "mai")) {
                store.<CatalogOutcome>ask(handler -> catalog.create(entry(name), handler));
                for (int i = 0; i < 30; i++) {
                    put(store, "timelines/" + name + "/wal/00000001000000000000000" + i, new byte[] {1});
                    put(store, "timelines/" + name + "/base/" + i, new byte[] {1});
                }
            }
            put(store, "timelines/main/branch.json", new byte[] {1});
            store.truth()
                    .inject(StoreFaultRule.on(StoreOperation.DELETE_BATCH)
                            .times(1000)
                            .failing(StoreFault.DELETE_REFUSED));
            assertThat(store.<CatalogOutcome>ask(handler -> catalog.delete("main", handler)))
                    .isInstanceOf(CatalogOutcome.Refused.class);
            assertThat(store.truth().keys())
                    .as("the name stays taken, and a branch one")
                    .contains("timelines/main/timeline.json", "timelines/main/branch.json");
            store.simulation().calm();
            assertThat(store.<CatalogOutcome>ask(handler -> catalog.delete("main", handler)))
                    .isInstanceOf(CatalogOutcome.Deleted.class);
            assertThat(store.truth().keys()).hasSize(122).noneMatch(key -> key.startsWith("timelines/main/"));
            assertThat(store.<CatalogOutcome>ask(handler -> catalog.delete("main", handler)))
                    .as("once more")
                    .isEqualTo(new CatalogOutcome.Deleted(0));
        }
    }
}
