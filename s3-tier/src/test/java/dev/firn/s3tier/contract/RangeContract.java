package dev.firn.s3tier.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.s3tier.store.CallOptions;
import dev.firn.s3tier.store.GetOutcome;
import dev.firn.s3tier.store.NotFound;
import dev.firn.s3tier.store.ObjectVersion;
import dev.firn.s3tier.store.RangeTarget;
import dev.firn.s3tier.store.WriteCondition;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Reads of parts of objects, and of versions. */
interface RangeContract extends ContractTests {
    int LENGTH = 300_000;
    long SEED = 77;
    byte POISON = (byte) 0xA5;

    @Test
    default void shouldReadAnyRange() {
        final StoreFixture store = store();
        final String key = store.key("a");
        final ObjectVersion version = store.stored(key, Bytes.of(SEED, LENGTH), WriteCondition.ALWAYS);
        final long[][] ranges = {
            {0, 1},
            {0, 8_192},
            {1, 1},
            {8_191, 2},
            {123_457, 8_192},
            {LENGTH - 8_192, 8_192},
            {LENGTH - 1, 1},
            {0, LENGTH}
        };
        for (final long[] range : ranges) {
            checkRange(store, key, version, range[0], (int) range[1], (int) range[1]);
        }
    }

    @Test
    default void shouldReadLessWhereTheObjectEnds() {
        final StoreFixture store = store();
        final String key = store.key("a");
        final ObjectVersion version = store.stored(key, Bytes.of(SEED, LENGTH), WriteCondition.ALWAYS);
        checkRange(store, key, version, LENGTH - 1, 8_192, 1);
        checkRange(store, key, version, LENGTH - 8_191, 8_192, 8_191);
        checkRange(store, key, null, 0, LENGTH + 1, LENGTH);
    }

    @Test
    default void shouldSayWhenARangeBeginsAtOrBeyondTheEnd() {
        final StoreFixture store = store();
        final MemorySegment buffer = store.buffer(16);
        try {
            final String key = store.key("a");
            store.stored(key, Bytes.of(SEED, LENGTH), WriteCondition.ALWAYS);
            assertThat(store.get(key, LENGTH, buffer, null)).isEqualTo(new GetOutcome.OutOfRange(LENGTH));
            assertThat(store.get(key, LENGTH + 1L, buffer, null)).isEqualTo(new GetOutcome.OutOfRange(LENGTH));
            assertThat(store.get(key, 1L << 40, buffer, null)).isEqualTo(new GetOutcome.OutOfRange(LENGTH));
            store.stored(store.key("empty"), "");
            assertThat(store.get(store.key("empty"), 0, buffer, null)).isEqualTo(new GetOutcome.OutOfRange(0));
        } finally {
            store.free(buffer);
        }
    }

    @Test
    default void shouldReadTheVersionExpectedOrNone() {
        final StoreFixture store = store();
        final String key = store.key("a");
        final MemorySegment buffer = store.buffer(64);
        try {
            final ObjectVersion one = store.stored(key, "one");
            assertThat(store.get(key, 0, buffer, one)).isInstanceOf(GetOutcome.Fetched.class);
            final ObjectVersion two = store.stored(key, "two!");
            assertThat(store.get(key, 0, buffer, one)).isInstanceOf(GetOutcome.VersionChanged.class);
            final GetOutcome.Fetched fetched = (GetOutcome.Fetched) store.get(key, 0, buffer, null);
            assertThat(fetched.version().etag()).isEqualTo(two.etag());
            assertThat(fetched.version().stamp().writes()).isEqualTo(two.stamp().writes());
            assertThat(fetched.objectBytes()).isEqualTo(4);
            store.delete(key);
            assertThat(store.get(key, 0, buffer, two)).isInstanceOfAny(NotFound.class, GetOutcome.VersionChanged.class);
        } finally {
            store.free(buffer);
        }
    }

    @Test
    default void shouldReadSeveralRangesAtOnce() {
        final StoreFixture store = store();
        final String key = store.key("a");
        final ObjectVersion version = store.stored(key, Bytes.of(SEED, LENGTH), WriteCondition.ALWAYS);
        // Out of order, touching, overlapping, near and far.
        final long[][] ranges = {
            {200_000, 5_000}, {0, 1}, {1, 4_096}, {4_000, 200}, {10_000, 8_192}, {LENGTH - 1, 1}, {100_000, 1}
        };
        final GetOutcome outcome = readRanges(store, key, ranges, version);
        assertThat(outcome).isInstanceOf(GetOutcome.Fetched.class);
        final GetOutcome.Fetched fetched = (GetOutcome.Fetched) outcome;
        assertThat(fetched.lengthBytes()).isEqualTo(5_000 + 1 + 4_096 + 200 + 8_192 + 1 + 1);
        assertThat(fetched.objectBytes()).isEqualTo(LENGTH);
        assertThat(fetched.version().etag()).isEqualTo(version.etag());
    }

    @Test
    default void shouldReadSeveralRangesOfOneVersionOnly() {
        final StoreFixture store = store();
        final String key = store.key("a");
        final ObjectVersion one = store.stored(key, Bytes.of(SEED, LENGTH), WriteCondition.ALWAYS);
        store.stored(key, Bytes.of(SEED + 1, LENGTH), WriteCondition.ALWAYS);
        final long[][] ranges = {{0, 100}, {200_000, 100}};
        assertThat(outcomeOf(store, key, ranges, one)).isInstanceOf(GetOutcome.VersionChanged.class);
        assertThat(outcomeOf(store, key, ranges, null)).isInstanceOf(GetOutcome.Fetched.class);
        assertThat(outcomeOf(store, key, new long[][] {{0, 100}, {LENGTH, 1}}, null))
                .isEqualTo(new GetOutcome.OutOfRange(LENGTH));
        assertThat(outcomeOf(store, store.key("nothing"), ranges, null)).isEqualTo(new NotFound(store.key("nothing")));
    }

    @Test
    default void shouldRefuseRangesThatMakeNoSense() {
        final StoreFixture store = store();
        final MemorySegment buffer = store.buffer(16);
        try {
            assertThatThrownBy(() ->
                            store.session().get(store.key("a"), -1, buffer, null, CallOptions.DEFAULT, outcome -> {}))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> store.session()
                            .getRanges(store.key("a"), List.of(), null, CallOptions.DEFAULT, outcome -> {}))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThat(store.session().inFlight()).isZero();
        } finally {
            store.free(buffer);
        }
    }

    private static void checkRange(
            final StoreFixture store,
            final String key,
            final ObjectVersion version,
            final long offset,
            final int asked,
            final int expected) {
        final MemorySegment buffer = store.buffer(asked);
        try {
            buffer.fill(POISON);
            final GetOutcome outcome = store.get(key, offset, buffer, version);
            assertThat(outcome).as("%d bytes from %d", asked, offset).isInstanceOf(GetOutcome.Fetched.class);
            final GetOutcome.Fetched fetched = (GetOutcome.Fetched) outcome;
            assertThat(fetched.lengthBytes()).isEqualTo(expected);
            assertThat(fetched.objectBytes()).isEqualTo(LENGTH);
            assertThat(Bytes.mismatch(buffer, SEED, offset, expected)).isEqualTo(-1);
            for (int i = expected; i < asked; i++) {
                assertThat(buffer.get(ValueLayout.JAVA_BYTE, i)).isEqualTo(POISON);
            }
        } finally {
            store.free(buffer);
        }
    }

    private static GetOutcome outcomeOf(
            final StoreFixture store, final String key, final long[][] ranges, final ObjectVersion version) {
        final List<RangeTarget> targets = targets(store, ranges);
        try {
            return store.call(
                    handler -> store.session().getRanges(key, targets, version, CallOptions.DEFAULT, handler));
        } finally {
            targets.forEach(target -> store.free(target.into()));
        }
    }

    private static GetOutcome readRanges(
            final StoreFixture store, final String key, final long[][] ranges, final ObjectVersion version) {
        final List<RangeTarget> targets = targets(store, ranges);
        try {
            final GetOutcome outcome = store.call(
                    handler -> store.session().getRanges(key, targets, version, CallOptions.DEFAULT, handler));
            for (final RangeTarget target : targets) {
                assertThat(Bytes.mismatch(
                                target.into(),
                                SEED,
                                target.offset(),
                                target.into().byteSize()))
                        .as("range at %d", target.offset())
                        .isEqualTo(-1);
            }
            return outcome;
        } finally {
            targets.forEach(target -> store.free(target.into()));
        }
    }

    private static List<RangeTarget> targets(final StoreFixture store, final long[][] ranges) {
        final List<RangeTarget> targets = new ArrayList<>();
        for (final long[] range : ranges) {
            targets.add(new RangeTarget(range[0], store.buffer(range[1])));
        }
        return targets;
    }
}
