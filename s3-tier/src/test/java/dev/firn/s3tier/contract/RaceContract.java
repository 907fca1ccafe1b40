package dev.firn.s3tier.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.s3tier.store.CallOptions;
import dev.firn.s3tier.store.Failed;
import dev.firn.s3tier.store.GetOutcome;
import dev.firn.s3tier.store.MultipartUpload;
import dev.firn.s3tier.store.ObjectVersion;
import dev.firn.s3tier.store.PartOutcome;
import dev.firn.s3tier.store.PutOutcome;
import dev.firn.s3tier.store.StoreSession;
import dev.firn.s3tier.store.WriteCondition;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/** Several clients at one key: conditions are atomic, objects whole, and no update is lost. */
interface RaceContract extends ContractTests {
    int WRITERS = 32;
    int UPLOADERS = 12;
    int COUNTERS = 8;
    int INCREMENTS = 4;
    int VERSIONS = 40;
    int VERSION_BYTES = 200_000;

    @Test
    default void shouldLetExactlyOneOfManyWritersCreateAKey() {
        for (int round = 0; round < store().capabilities().raceRounds(); round++) {
            final String key = store().key("created/" + round);
            checkOneWinner(store(), key, 0, WRITERS, 0, WriteCondition.IF_ABSENT);
        }
    }

    @Test
    default void shouldLetExactlyOneOfManyWritersReplaceAVersion() {
        final String key = store().key("replaced");
        ObjectVersion version = store().stored(key, "first");
        for (int round = 0; round < store().capabilities().raceRounds(); round++) {
            // No content comes twice: a version may be no more than a hash of it.
            version =
                    checkOneWinner(store(), key, (round + 1L) * WRITERS, WRITERS, 0, WriteCondition.ifVersion(version));
        }
    }

    @Test
    default void shouldLetExactlyOneOfPutsAndUploadsCreateAKey() {
        Assumptions.assumeTrue(store().capabilities().conditionalUploads());
        for (int round = 0; round < 2; round++) {
            final String key = store().key("uploaded/" + round);
            checkOneWinner(store(), key, 0, UPLOADERS / 2, UPLOADERS, WriteCondition.IF_ABSENT);
        }
    }

    @Test
    default void shouldLoseNoIncrementOfManyWriters() {
        final StoreFixture store = store();
        final String key = store.key("counter");
        store.stored(key, new byte[2 * Long.BYTES], WriteCondition.IF_ABSENT);
        final List<Counter> counters = IntStream.range(0, COUNTERS)
                .mapToObj(i -> new Counter(store, key, i))
                .toList();
        store.race(counters);
        final List<Long> written = new ArrayList<>();
        final Set<Long> unknown = new HashSet<>();
        counters.forEach(counter -> {
            written.addAll(counter.written);
            unknown.addAll(counter.unknown);
        });
        if (!store.capabilities().masksFaults()) {
            assertThat(unknown).isEmpty();
        }
        final long last = MemorySegment.ofArray(store.read(key)).get(ValueLayout.JAVA_LONG_UNALIGNED, 0);
        assertThat(written)
                .as("each increment once")
                .hasSize(COUNTERS * INCREMENTS)
                .doesNotHaveDuplicates();
        assertThat(LongStream.rangeClosed(1, last).boxed())
                .as("every number was written by somebody, and all that was written counts")
                .containsAll(written)
                .allMatch(number -> written.contains(number) || unknown.contains(number));
    }

    @Test
    default void shouldShowWholeVersionsOnlyAndNeverAnOlderOneAgain() {
        final StoreFixture store = store();
        final String key = store.key("versions");
        final AtomicInteger written = new AtomicInteger();
        final Overwriter writer = new Overwriter(store, key, written);
        final List<Reader> readers = IntStream.range(0, 3)
                .mapToObj(i -> new Reader(store, key, written))
                .toList();
        final List<RaceClient> clients = new ArrayList<>(readers);
        clients.add(writer);
        store.race(clients);
        assertThat(written).hasValue(VERSIONS);
        assertThat(readers).allSatisfy(reader -> {
            assertThat(reader.defect).isNull();
            assertThat(reader.newest).isEqualTo(VERSIONS);
        });
    }

    /** Returns the winner's version. Each writer's content is made of a seed of its own, from the first on. */
    private static ObjectVersion checkOneWinner(
            final StoreFixture store,
            final String key,
            final long firstSeed,
            final int putters,
            final int uploaders,
            final WriteCondition condition) {
        final List<Writer> writers = new ArrayList<>();
        for (int i = 0; i < putters + uploaders; i++) {
            writers.add(new Writer(store, key, firstSeed + i, i >= putters, condition));
        }
        store.race(writers);
        final List<Writer> winners = writers.stream()
                .filter(writer -> writer.outcome instanceof PutOutcome.Stored)
                .toList();
        assertThat(writers)
                .allSatisfy(writer -> assertThat(writer.outcome)
                        .isInstanceOfAny(PutOutcome.Stored.class, PutOutcome.PreconditionFailed.class));
        assertThat(winners).as("winners of %s", key).hasSize(1);
        assertThat(store.read(key)).isEqualTo(Bytes.of(winners.getFirst().seed, Writer.LENGTH));
        final ObjectVersion version = StoreFixture.versionOf(winners.getFirst().outcome);
        assertThat(StoreFixture.found(store.head(key)).version().etag()).isEqualTo(version.etag());
        return version;
    }

    /** Writes once, in one piece or by an upload. */
    final class Writer implements RaceClient {
        private static final int LENGTH = 1_000;

        private final StoreFixture store;
        private final String key;
        private final long seed;
        private final boolean uploads;
        private final WriteCondition condition;
        private volatile PutOutcome outcome;

        private Writer(
                final StoreFixture store,
                final String key,
                final long seed,
                final boolean uploads,
                final WriteCondition condition) {
            this.store = store;
            this.key = key;
            this.seed = seed;
            this.uploads = uploads;
            this.condition = condition;
        }

        @Override
        public void begin(final StoreSession session) {
            final MemorySegment buffer = store.bufferOf(Bytes.of(seed, LENGTH));
            if (uploads) {
                final MultipartUpload upload = session.openUpload(key, condition);
                upload.part(buffer, CallOptions.DEFAULT, part -> {
                    assertThat(part).isInstanceOf(PartOutcome.PartStored.class);
                    store.free(buffer);
                });
                upload.complete(CallOptions.DEFAULT, answer -> {
                    if (answer instanceof PutOutcome.Stored) {
                        outcome = answer;
                    } else {
                        upload.abort(CallOptions.DEFAULT, aborted -> outcome = answer);
                    }
                });
            } else {
                session.put(key, List.of(buffer), condition, CallOptions.DEFAULT, answer -> {
                    store.free(buffer);
                    outcome = answer;
                });
            }
        }

        @Override
        public boolean isDone() {
            return outcome != null;
        }

        @Override
        public String toString() {
            return (uploads ? "uploader " : "writer ") + seed + ": " + outcome;
        }
    }

    /** Reads a number and replaces it by the next one, so often; again when another came first. */
    final class Counter implements RaceClient {
        private final StoreFixture store;
        private final String key;
        private final long number;
        private final MemorySegment buffer;
        private final List<Long> written = new ArrayList<>();
        private final List<Long> unknown = new ArrayList<>();
        private StoreSession session;
        private boolean done;

        private Counter(final StoreFixture store, final String key, final long number) {
            this.store = store;
            this.key = key;
            this.number = number;
            this.buffer = store.buffer(2 * Long.BYTES);
        }

        @Override
        public void begin(final StoreSession own) {
            session = own;
            read();
        }

        private void read() {
            session.get(key, 0, buffer, null, CallOptions.DEFAULT, outcome -> {
                assertThat(outcome).isInstanceOf(GetOutcome.Fetched.class);
                write(((GetOutcome.Fetched) outcome).version());
            });
        }

        private void write(final ObjectVersion seen) {
            final long next = buffer.get(ValueLayout.JAVA_LONG_UNALIGNED, 0) + 1;
            buffer.set(ValueLayout.JAVA_LONG_UNALIGNED, 0, next);
            buffer.set(ValueLayout.JAVA_LONG_UNALIGNED, Long.BYTES, number);
            session.put(key, List.of(buffer), WriteCondition.ifVersion(seen), CallOptions.DEFAULT, outcome -> {
                // Overtaken by more writes than a stamp remembers, after its answer was lost, a write cannot be traced.
                assertThat(outcome).isNotInstanceOf(Failed.class);
                if (outcome instanceof PutOutcome.Stored) {
                    written.add(next);
                } else if (outcome instanceof PutOutcome.Unknown) {
                    unknown.add(next);
                }
                if (written.size() < INCREMENTS) {
                    read();
                } else {
                    store.free(buffer);
                    done = true;
                }
            });
        }

        @Override
        public boolean isDone() {
            return done;
        }

        @Override
        public String toString() {
            return "counter " + number + " has written " + written;
        }
    }

    /** Overwrites an object again and again, each time with a byte of its own all over. */
    final class Overwriter implements RaceClient {
        private final StoreFixture store;
        private final String key;
        private final AtomicInteger written;
        private final MemorySegment buffer;
        private StoreSession session;

        private Overwriter(final StoreFixture store, final String key, final AtomicInteger written) {
            this.store = store;
            this.key = key;
            this.written = written;
            this.buffer = store.buffer(VERSION_BYTES);
        }

        @Override
        public void begin(final StoreSession own) {
            session = own;
            write(1);
        }

        private void write(final int version) {
            buffer.fill((byte) version);
            session.put(key, List.of(buffer), WriteCondition.ALWAYS, CallOptions.DEFAULT, outcome -> {
                assertThat(outcome).isInstanceOf(PutOutcome.Stored.class);
                if (version < VERSIONS) {
                    written.set(version);
                    write(version + 1);
                } else {
                    store.free(buffer);
                    written.set(version);
                }
            });
        }

        @Override
        public boolean isDone() {
            return written.get() == VERSIONS;
        }
    }

    /** Reads an object until it has seen the last version. */
    final class Reader implements RaceClient {
        private final StoreFixture store;
        private final String key;
        private final AtomicInteger written;
        private final MemorySegment buffer;
        private StoreSession session;
        private int newest;
        private boolean done;
        private volatile String defect;

        private Reader(final StoreFixture store, final String key, final AtomicInteger written) {
            this.store = store;
            this.key = key;
            this.written = written;
            this.buffer = store.buffer(VERSION_BYTES);
        }

        @Override
        public void begin(final StoreSession own) {
            session = own;
            read();
        }

        private void read() {
            final int atLeast = Math.max(newest, written.get());
            session.get(key, 0, buffer, null, CallOptions.DEFAULT, outcome -> {
                if (outcome instanceof GetOutcome.Fetched fetched) {
                    check(fetched, atLeast);
                } else if (atLeast > 0) {
                    defect = "version " + atLeast + " was there, then " + outcome;
                }
                if (newest == VERSIONS || defect != null) {
                    store.free(buffer);
                    done = true;
                } else {
                    read();
                }
            });
        }

        private void check(final GetOutcome.Fetched fetched, final int atLeast) {
            final int version = buffer.get(ValueLayout.JAVA_BYTE, 0);
            final byte[] whole = buffer.toArray(ValueLayout.JAVA_BYTE);
            for (final byte one : whole) {
                if (one != version) {
                    defect = "version " + version + " has a byte of version " + one;
                }
            }
            if (fetched.lengthBytes() != VERSION_BYTES || version < atLeast) {
                defect = "version " + atLeast + " was there, then " + fetched + " of version " + version;
            }
            newest = version;
        }

        @Override
        public boolean isDone() {
            return done;
        }
    }
}
