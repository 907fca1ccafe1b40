package dev.firn.server.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class StoreUsageTest {
    @Test
    void shouldSumEachPrefixAsSoonAsItsLastObjectHasBeenSeen() {
        final List<StoreUsage.Row> rows = new ArrayList<>();
        final StoreUsage usage = new StoreUsage("", rows::add);
        usage.add("a", 1);
        usage.add("a/b/c", 2);
        usage.add("a/d", 4);
        assertThat(rows).isEmpty();
        usage.add("ab/c", 8);
        assertThat(rows).containsExactly(new StoreUsage.Row("a/", 2, 6));
        usage.add("b", 16);
        usage.finish();
        assertThat(rows)
                .containsExactly(
                        new StoreUsage.Row("a/", 2, 6), new StoreUsage.Row("ab/", 1, 8), new StoreUsage.Row("", 2, 17));
        assertThat(usage.objects()).isEqualTo(5);
        assertThat(usage.bytes()).isEqualTo(31);
    }

    @Test
    void shouldSumBelowARoot() {
        final List<StoreUsage.Row> rows = new ArrayList<>();
        final StoreUsage usage = new StoreUsage("logs/", rows::add);
        usage.add("logs//x", 1);
        usage.add("logs/2025/x", 2);
        usage.add("logs/2026/x", 4);
        usage.add("logs/last", 8);
        usage.finish();
        assertThat(rows)
                .containsExactly(
                        new StoreUsage.Row("logs//", 1, 1),
                        new StoreUsage.Row("logs/2025/", 1, 2),
                        new StoreUsage.Row("logs/2026/", 1, 4),
                        new StoreUsage.Row("logs/", 1, 8));
    }
}
