package dev.firn.walquorum.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.nativeio.checksum.Crc32c;
import dev.firn.nativeio.memory.OffHeapConfig;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.nativeio.seam.SystemRandom;
import dev.firn.nativeio.simulation.Simulation;
import dev.firn.nativeio.simulation.SimulationConfig;
import dev.firn.nativeio.storage.Storage;
import dev.firn.walquorum.term.Membership;
import dev.firn.walquorum.term.TermHistory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class LogDamageTest {
    private static final int FRAMES = 40;
    private static final int MAX_FRAME_PAYLOAD = 20_000;
    private static final int MUTATIONS = 250;
    private static final int MANY_MUTATIONS = 10_000;
    private static final int HISTORY_AT = 360;
    private static final int BATCH = 50;

    private Simulation simulation;
    private LogImage image;
    private long endLsn;
    private int copies;

    @BeforeEach
    void makeLog() {
        simulation = new Simulation(SimulationConfig.of(1, 1));
        try (TestLog log = TestLog.create(simulation, TestLog.SMALL)) {
            log.led();
            for (int i = 0; i < FRAMES; i++) {
                log.append(1 + i * 7_919 % MAX_FRAME_PAYLOAD);
            }
            endLsn = log.log.durableLsn();
        }
        try (Storage storage = simulation.host(0).disk().mount()) {
            image = LogImage.of(storage, TestLog.DIRECTORY);
        }
        assertThat(image.files).hasSizeGreaterThan(4);
    }

    @AfterEach
    void close() {
        simulation.close();
    }

    @Test
    void shouldTakeTheOtherCopyWhenOneIsDamaged() {
        for (int slot = 0; slot < 2; slot++) {
            final LogImage damaged = image.copy();
            damaged.control()[slot * ControlCodec.SLOT_BYTES + 150] ^= 1;

            try (TestLog log = open(damaged)) {
                assertThat(log.log.found().promisedTerm()).isEqualTo(TestLog.TERM);
                assertThat(log.log.found().flushedLsn()).isEqualTo(endLsn);
            }
        }
    }

    @Test
    void shouldRefuseWhenBothCopiesAreDamaged() {
        refused(
                files -> {
                    files.control()[150] ^= 1;
                    files.control()[ControlCodec.SLOT_BYTES + 150] ^= 1;
                },
                "control is damaged: neither copy of its state is whole; remove");
        refused(files -> files.files.remove("control"), "its control file is missing; remove the directory");
    }

    @Test
    void shouldRefuseALogOfAnotherVersion() {
        refused(
                files -> {
                    final ByteBuffer bytes = ByteBuffer.wrap(files.control()).order(ByteOrder.LITTLE_ENDIAN);
                    bytes.putInt(4, 2);
                },
                "control is of format 2, which this version of Firn does not know: start the version that wrote it");
        refused(
                files -> ByteBuffer.wrap(files.segment(0))
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .putInt(4, 9),
                "is of format 9, which this version of Firn does not know");
    }

    @Test
    void shouldRefuseAnotherLogAndAnotherNodesLog() {
        assertThatThrownBy(() -> open(image, 0x20, TestLog.NODE))
                .isInstanceOf(LogException.class)
                .hasMessageContaining("is log 1f (timeline main), not log 20");
        assertThatThrownBy(() -> open(image, TestLog.LOG, 9))
                .isInstanceOf(LogException.class)
                .hasMessageContaining("belongs to node 2, not to node 9");
    }

    @Test
    void shouldRefuseALogThatLostItsMiddle() {
        refused(files -> files.segment(1)[20_000] ^= 1, "that knows of frames up to");
        refused(files -> files.segment(0)[0] ^= 1, "is damaged");
        refused(files -> files.files.remove(image.segmentName(0)), "that knows of frames up to");
        refused(files -> files.files.remove(image.segmentName(1)), "that knows of frames up to");
        refused(files -> files.files.put(image.segmentName(1), image.segment(2)), "that knows of frames up to");
    }

    @Test
    void shouldRefuseATrimmedLogThatLostItsBeginning() {
        try (TestLog log = open(image)) {
            log.log.trim(endLsn);
            log.until(() -> log.trimmedTo > 0);
        }
        try (Storage storage = simulation.host(0).disk().mount()) {
            image = LogImage.of(storage, "copies/0");
        }
        final String last = image.segmentName((int) image.files.keySet().stream()
                        .filter(name -> LogNames.segmentOf(name) >= 0)
                        .count()
                - 2);

        refused(files -> files.files.remove(last), "is damaged: it is missing");
        refused(files -> files.files.get(last)[100] ^= 1, "is damaged");
    }

    @Test
    void shouldRefuseAControlFileThatIsOlderThanTheSegments() {
        final LogImage older;
        try (TestLog log = TestLog.open(simulation, TestLog.DIRECTORY, TestLog.SMALL)) {
            try (Storage storage = simulation.host(0).disk().mount()) {
                older = LogImage.of(storage, TestLog.DIRECTORY);
            }
            log.log.writePromise(TestLog.TERM + 1, 1, Membership.NONE);
            log.until(() -> log.promises == 1);
            final TermHistory history = new TermHistory();
            history.add(TestLog.TERM, TestLog.START_LSN);
            history.add(TestLog.TERM + 1, endLsn);
            log.log.handOver(TestLog.TERM + 1, history, endLsn);
            log.until(() -> log.handedOverTerm == TestLog.TERM + 1);
        }
        try (Storage storage = simulation.host(0).disk().mount()) {
            image = LogImage.of(storage, TestLog.DIRECTORY);
        }

        refused(files -> files.files.put("control", older.control()), "control file is older than its segments");
    }

    @Test
    void shouldRefuseASegmentOfAnotherLog() {
        try (Storage storage = simulation.host(0).disk().mount()) {
            for (final String name : storage.list(TestLog.DIRECTORY)) {
                storage.delete(TestLog.DIRECTORY + "/" + name);
            }
        }
        final LogImage other;
        try (TestLog log = TestLog.create(simulation, TestLog.SMALL)) {
            log.led().append(100_000);
        }
        try (Storage storage = simulation.host(0).disk().mount()) {
            other = LogImage.of(storage, TestLog.DIRECTORY);
        }
        refused(files -> files.files.put(image.segmentName(1), other.segment(0)), "that knows of frames up to");
    }

    @Test
    void shouldNeverTakeADamagedLogForAnotherOne() {
        mutate(1, MUTATIONS);
    }

    @Test
    @Tag("long")
    void shouldNeverTakeOneOfManyDamagedLogsForAnotherOne() {
        mutate(2, MANY_MUTATIONS);
    }

    /** What is found is a prefix of what was written, and short of the last frames at most; or it is refused in a sentence. */
    private void mutate(final long firstSeed, final int count) {
        int refused = 0;
        int whole = 0;
        int shorter = 0;
        for (int i = 0; i < count; i++) {
            final long seed = firstSeed * 1_000_000 + i;
            final RandomGenerator random = SystemRandom.seeded(seed);
            final LogImage damaged = image.copy();
            final String what = damage(damaged, random);
            if (i % BATCH == 0) {
                simulation.close();
                simulation = new Simulation(SimulationConfig.of(seed, 1));
            }
            try (TestLog log = open(damaged)) {
                final long found = log.log.found().flushedLsn();
                assertThat(found).as("seed %d, %s", seed, what).isLessThanOrEqualTo(endLsn);
                assertThat(log.log.found().promisedTerm())
                        .as("seed %d, %s", seed, what)
                        .isEqualTo(TestLog.TERM);
                log.readAll(TestLog.START_LSN);
                if (found == endLsn) {
                    whole++;
                } else {
                    assertThat(endLsn - found)
                            .as("seed %d, %s: lost", seed, what)
                            .isLessThan((TestLog.SMALL.writesInFlight() + 1L) * MAX_FRAME_PAYLOAD);
                    shorter++;
                }
            } catch (final LogException e) {
                assertThat(e.getMessage())
                        .as("seed %d, %s", seed, what)
                        .doesNotContain("\n")
                        .startsWith("the WAL log");
                refused++;
            } catch (final RuntimeException e) {
                throw new AssertionError("seed " + seed + ", " + what, e);
            }
        }
        System.out.println(count + " damaged logs: " + refused + " refused, " + whole + " whole, " + shorter
                + " lost their last bytes");
        assertThat(refused).isPositive();
        assertThat(whole).isPositive();
    }

    /** One place is damaged; the end of the log may be, and then nobody can tell. */
    private static String damage(final LogImage files, final RandomGenerator random) {
        final String[] names = files.files.keySet().toArray(new String[0]);
        final String name = names[random.nextInt(names.length)];
        final byte[] bytes = files.files.get(name);
        final int length = name.equals("control") ? bytes.length / 2 : bytes.length;
        final int at = random.nextInt(random.nextBoolean() ? length : Math.min(length, HISTORY_AT));
        switch (random.nextInt(5)) {
            case 0 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
            case 1 -> java.util.Arrays.fill(bytes, at & -512, Math.min(length, (at & -512) + 512), (byte) 0);
            case 2 -> {
                final byte[] junk = new byte[Math.min(4_096, length - at)];
                random.nextBytes(junk);
                System.arraycopy(junk, 0, bytes, at, junk.length);
            }
            case 3 -> {
                final int from = random.nextInt(length) & -4_096;
                final int to = at & -4_096;
                System.arraycopy(bytes, from, bytes, to, Math.min(4_096, length - Math.max(from, to)));
            }
            default -> {
                // A field that is wrong under a right checksum: what a bug writes, not what a disk does.
                final ByteBuffer frame = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
                if (!name.equals("control") && frame.getInt(0) == 0x4C41_5746) {
                    frame.putLong(32 + 8 * random.nextInt(3), random.nextLong());
                    frame.putInt(8, Crc32c.compute(bytes, 12, 64 + frame.getInt(16) - 12));
                }
            }
        }
        return name + " at " + at;
    }

    private void refused(final Consumer<LogImage> damage, final String sentence) {
        final LogImage damaged = image.copy();
        damage.accept(damaged);
        assertThatThrownBy(() -> open(damaged).close())
                .isInstanceOf(LogException.class)
                .hasMessageContaining(sentence);
    }

    private TestLog open(final LogImage files) {
        final String directory = put(files);
        try {
            return TestLog.open(simulation, directory, TestLog.SMALL);
        } catch (final LogException e) {
            assertThat(stored(directory).isSame(files))
                    .as("nothing was written")
                    .isTrue();
            throw e;
        }
    }

    private void open(final LogImage files, final long logId, final int nodeId) {
        final String directory = put(files);
        final OffHeapMemory memory = OffHeapMemory.open(OffHeapConfig.of("refused", 1 << 20));
        try (Storage storage = simulation.host(0).disk().mount()) {
            WalLog.open(storage, directory, logId, nodeId, TestLog.SMALL, memory, null);
        } finally {
            memory.close();
            assertThat(stored(directory).isSame(files))
                    .as("nothing was written")
                    .isTrue();
        }
    }

    private String put(final LogImage files) {
        final String directory = "copies/" + copies++;
        try (Storage storage = simulation.host(0).disk().mount()) {
            files.writeTo(storage, directory);
        }
        return directory;
    }

    private LogImage stored(final String directory) {
        try (Storage storage = simulation.host(0).disk().mount()) {
            return LogImage.of(storage, directory);
        }
    }
}
