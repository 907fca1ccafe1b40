package dev.firn.walquorum.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.nativeio.memory.LeakCheck;
import dev.firn.nativeio.memory.MemoryTag;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.nativeio.seam.SystemRandom;
import dev.firn.s3tier.simulation.StoreFault;
import dev.firn.s3tier.simulation.StoreFaultRule;
import dev.firn.s3tier.simulation.StoreFaults;
import dev.firn.s3tier.simulation.StoreOperation;
import dev.firn.s3tier.store.CallOptions;
import dev.firn.s3tier.store.GetOutcome;
import dev.firn.s3tier.store.MultipartUpload;
import dev.firn.s3tier.store.WriteCondition;
import dev.firn.walquorum.TestStore;
import dev.firn.walquorum.catalog.TimelineKeys;
import dev.firn.walquorum.pgwire.BaseBackupEnd;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.agrona.concurrent.IdleStrategy;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BaseBackupSinkTest {
    private static final TimelineKeys KEYS = new TimelineKeys("main");
    private static final String PREFIX = "timelines/main/base/0000000102000028/";
    private static final BackupSinkConfig CONFIG =
            new BackupSinkConfig(5 << 20, 2, 128 << 20, CallOptions.within(Duration.ofMinutes(2)));

    private final LeakCheck leaks = LeakCheck.start();
    private final OffHeapMemory memory = leaks.memory(64 << 20);

    @TempDir
    private Path directory;

    @AfterEach
    void everythingIsFreed() {
        leaks.close();
    }

    private static BackupDescription take(final TestStore store, final SyntheticBackup backup, final long seed) {
        final RandomGenerator random = SystemRandom.seeded(seed);
        final List<String> progress = new ArrayList<>();
        try (BaseBackupSink sink = new BaseBackupSink(
                store.session(),
                store.store().limits(),
                KEYS,
                SyntheticBackup.SOURCE,
                store.simulation().host(0).clock(),
                CONFIG,
                (archive, bytes, estimated, all, allEstimated) ->
                        progress.add(archive + " " + bytes + " " + estimated + " " + all + " " + allEstimated))) {
            final BaseBackupReceiver receiver =
                    new BaseBackupReceiver(sink, store.session(), new StoreIdle(store), () -> false, notice -> {});
            receiver.onStart(SyntheticBackup.START, 1, SyntheticBackup.tablespaces());
            for (final Map.Entry<String, byte[]> archive : backup.archives.entrySet()) {
                receiver.onArchive(archive.getKey(), archive.getKey().equals("base.tar") ? "" : "/srv/space");
                send(receiver, archive.getValue(), random);
                receiver.onProgress(0);
            }
            receiver.onManifest();
            send(receiver, backup.manifest, random);
            final BackupDescription taken =
                    receiver.finish(new BaseBackupEnd(SyntheticBackup.START, 1, SyntheticBackup.END, 1));
            assertThat(progress.getFirst())
                    .startsWith("16500.tar " + backup.archives.get("16500.tar").length + " 102400 ")
                    .endsWith(" 1126400");
            return taken;
        } finally {
            store.until(() -> store.session().inFlight() == 0);
        }
    }

    private static void send(final BaseBackupReceiver receiver, final byte[] bytes, final RandomGenerator random) {
        for (int at = 0; at < bytes.length; ) {
            final int length = Math.min(bytes.length - at, 1 + random.nextInt(200_000));
            final UnsafeBuffer buffer = new UnsafeBuffer(bytes, at, length);
            receiver.onData(buffer, 0, length);
            at += length;
        }
    }

    /** Lets the simulation's time pass while the receiver waits. */
    private record StoreIdle(TestStore store) implements IdleStrategy {
        @Override
        public void idle(final int workCount) {
            if (workCount == 0) {
                idle();
            }
        }

        @Override
        public void idle() {
            store.simulation().runFor(1_000_000);
        }

        @Override
        public void reset() {
            // Nothing to begin anew.
        }
    }

    private static String answer(final TestStore store, final BaseBackupReader reader, final List<String> answers) {
        store.until(() -> reader.doWork() == 0 && !answers.isEmpty());
        return answers.removeFirst();
    }

    private BaseBackupReader open(final TestStore store) {
        final BaseBackupReader reader = new BaseBackupReader(
                store.session(), KEYS, SyntheticBackup.START, memory, CallOptions.within(Duration.ofMinutes(5)));
        final List<String> answers = new ArrayList<>();
        reader.open(sentence -> answers.add(String.valueOf(sentence)));
        assertThat(answer(store, reader, answers)).isEqualTo("null");
        return reader;
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2})
    void shouldPutAllAndReadItBackWhateverTheStoreDoes(final long seed) throws Exception {
        final SyntheticBackup backup = SyntheticBackup.of(seed, 60, 300_000);
        try (TestStore store = TestStore.simulated(seed, StoreFaults.GENTLE)) {
            final BackupDescription taken = take(store, backup, seed);
            assertThat(store.truth().openUploads()).isZero();
            assertThat(taken.checkpointLsn()).isEqualTo(0x1_0200_0060L);
            assertThat(taken.label()).isEqualTo("firn's");
            assertThat(store.truth().keys())
                    .containsExactly(
                            PREFIX + "16500.tar",
                            PREFIX + "backup.json",
                            PREFIX + "backup_manifest",
                            PREFIX + "base.tar",
                            PREFIX + "files.index");
            try (BaseBackupReader reader = open(store)) {
                assertThat(reader.description()).isEqualTo(taken);
                final List<String> answers = new ArrayList<>();
                reader.verifyManifest(sentence -> answers.add(String.valueOf(sentence)));
                assertThat(answer(store, reader, answers)).isEqualTo("null");
                readRanges(store, reader, backup);
                extract(store, reader, backup);
            }
            final List<List<Long>> lists = new ArrayList<>();
            BaseBackupReader.list(store.session(), KEYS, CallOptions.DEFAULT, lists::add, sentence -> {
                throw new AssertionError(sentence);
            });
            store.until(() -> !lists.isEmpty());
            assertThat(lists.getFirst()).containsExactly(SyntheticBackup.START);
        }
    }

    private void readRanges(final TestStore store, final BaseBackupReader reader, final SyntheticBackup backup) {
        final MemorySegment into = memory.allocate(1_000, MemoryTag.of("test"));
        for (final BackupFile file : reader.files()) {
            if (file.lengthBytes() > 5_000) {
                final GetOutcome outcome = store.ask(handler -> reader.read(file, 4_000, into, handler::accept));
                assertThat(outcome).isInstanceOf(GetOutcome.Fetched.class);
                assertThat(into.toArray(ValueLayout.JAVA_BYTE))
                        .isEqualTo(Arrays.copyOfRange(backup.files.get(reader.pathOf(file)), 4_000, 5_000));
            }
        }
        memory.free(into);
    }

    private void extract(final TestStore store, final BaseBackupReader reader, final SyntheticBackup backup)
            throws Exception {
        final Path data = directory.resolve("data");
        final Path space = directory.resolve("space");
        final List<String> answers = new ArrayList<>();
        try (DirectoryTarget target = new DirectoryTarget(data, archive -> space, false)) {
            reader.extract(target, sentence -> answers.add(String.valueOf(sentence)));
            assertThat(answer(store, reader, answers)).isEqualTo("null");
        }
        for (final Map.Entry<String, byte[]> file : backup.files.entrySet()) {
            if (file.getKey().equals("tablespace_map")) {
                assertThat(data.resolve("tablespace_map")).hasContent("16500 " + space + "\n");
            } else {
                assertThat(data.resolve(file.getKey())).hasBinaryContent(file.getValue());
            }
        }
        assertThat(data.resolve("backup_manifest")).hasBinaryContent(backup.manifest);
        assertThat(Files.getLastModifiedTime(data.resolve("PG_VERSION")).toMillis())
                .isEqualTo(1_700_000_000_000L);
        assertThat(Files.isSymbolicLink(data.resolve("pg_tblspc/16500"))).isTrue();
        try (DirectoryTarget again = new DirectoryTarget(data, archive -> space, false)) {
            reader.extract(again, sentence -> answers.add(String.valueOf(sentence)));
            assertThat(answer(store, reader, answers)).endsWith(" is not empty: name another directory, or empty it");
        }
    }

    @Test
    void shouldLeaveNoBackupWhenAnyRequestFailsForGood() {
        final SyntheticBackup backup = SyntheticBackup.of(1, 14, 900_000);
        int failures = 0;
        for (int request = 0; request < 33; request++) {
            try (TestStore store = TestStore.simulated(request, StoreFaults.NONE)) {
                final StoreOperation operation = StoreOperation.values()[request % StoreOperation.values().length];
                store.truth()
                        .inject(StoreFaultRule.on(operation)
                                .skip(request / StoreOperation.values().length)
                                .times(10_000)
                                .failing(StoreFault.ERROR_WITHOUT_EFFECT));
                try {
                    take(store, backup, request);
                } catch (final BackupException expected) {
                    failures++;
                    assertThat(expected).hasMessageStartingWith("the base backup was given up: ");
                    assertThat(store.truth().keys()).doesNotContain(PREFIX + "backup.json");
                    store.simulation().calm();
                    final BackupDescription second = take(store, backup, request);
                    assertThat(second.files()).isPositive();
                    assertThat(store.truth().openUploads()).isZero();
                    assertThat(store.truth().keys()).hasSize(5);
                }
            }
        }
        assertThat(failures).isGreaterThan(10);
    }

    @Test
    void shouldRefuseWhenThereIsACompleteBackupAlready() {
        final SyntheticBackup backup = SyntheticBackup.of(1, 3, 100);
        try (TestStore store = TestStore.simulated(1, StoreFaults.NONE)) {
            take(store, backup, 1);
            assertThatThrownBy(() -> take(store, backup, 1))
                    .hasMessage("the base backup was given up: there is a complete backup at " + PREFIX + " already");
            assertThat(store.truth().keys()).as("which stays").hasSize(5);
        }
    }

    @Test
    void shouldRefuseWhatDoesNotAgreeWithTheManifest() {
        final SyntheticBackup backup = SyntheticBackup.of(1, 3, 100);
        final SyntheticBackup other = SyntheticBackup.of(2, 3, 100);
        backup.archives.put("base.tar", other.archives.get("base.tar"));
        try (TestStore store = TestStore.simulated(1, StoreFaults.NONE)) {
            assertThatThrownBy(() -> take(store, backup, 1)).hasMessageContaining("they do not agree");
            assertThat(store.truth().keys()).isEmpty();
        }
    }

    @Test
    void shouldRefuseAnArchiveThatIsNoTar() {
        final SyntheticBackup backup = SyntheticBackup.of(1, 3, 100);
        backup.archives.put("base.tar", new byte[100_000 * 10 + 1].clone());
        try (TestStore store = TestStore.simulated(1, StoreFaults.NONE)) {
            assertThatThrownBy(() -> take(store, backup, 1)).isInstanceOf(BackupException.class);
            assertThat(store.truth().keys()).isEmpty();
            assertThat(store.truth().openUploads()).isZero();
        }
    }

    @Test
    void shouldSweepWhatDeadAttemptsHaveLeft() {
        final SyntheticBackup backup = SyntheticBackup.of(1, 20, 900_000);
        try (TestStore store = TestStore.simulated(1, StoreFaults.NONE)) {
            take(store, backup, 1);
            leaveBehind(store, backup);
            assertThat(store.truth().keys()).hasSize(6);
            assertThat(store.truth().openUploads()).isPositive();
            final List<String> answers = new ArrayList<>();
            BackupSweep.ofAll(
                    store.session(), KEYS, CallOptions.DEFAULT, sentence -> answers.add(String.valueOf(sentence)));
            store.until(() -> !answers.isEmpty());
            assertThat(answers).containsExactly("null");
            assertThat(store.truth().openUploads()).isZero();
            assertThat(store.truth().keys()).as("the complete one").hasSize(5).allMatch(key -> key.startsWith(PREFIX));
        }
    }

    /** A process that dies in the middle: its session is gone, and nobody has aborted anything. */
    private static void leaveBehind(final TestStore store, final SyntheticBackup backup) {
        final MultipartUpload upload =
                store.session().openUpload("timelines/main/base/0000000103000028/base.tar", WriteCondition.IF_ABSENT);
        try (Arena arena = Arena.ofShared()) {
            final List<Object> answers = new ArrayList<>();
            upload.part(arena.allocate(6 << 20), CallOptions.DEFAULT, answers::add);
            final byte[] archive = backup.archives.get("16500.tar");
            final MemorySegment body = arena.allocate(archive.length);
            MemorySegment.copy(archive, 0, body, ValueLayout.JAVA_BYTE, 0, archive.length);
            store.session()
                    .put(
                            "timelines/main/base/0000000103000028/16500.tar",
                            List.of(body),
                            WriteCondition.IF_ABSENT,
                            CallOptions.DEFAULT,
                            answers::add);
            store.until(() -> answers.size() == 2);
        }
    }

    /** What is held of an index is as long as the object, whatever its description says. */
    @Test
    void shouldTakeNoMoreMemoryThanThereIsOfAnIndex() {
        try (TestStore store = TestStore.simulated(1, StoreFaults.NONE)) {
            final BackupDescription taken = take(store, SyntheticBackup.of(1, 5, 3_000), 1);
            final byte[] wrong = new BackupDescription(
                            taken.timeline(),
                            taken.systemIdentifier(),
                            taken.postgresMajor(),
                            taken.postgresVersion(),
                            taken.startLsn(),
                            taken.startTimeline(),
                            taken.checkpointLsn(),
                            taken.endLsn(),
                            taken.endTimeline(),
                            taken.label(),
                            taken.fromStandby(),
                            taken.takenAt(),
                            taken.files(),
                            taken.contentBytes(),
                            taken.archives(),
                            Integer.MAX_VALUE - Long.BYTES,
                            taken.indexCrc(),
                            taken.manifestBytes(),
                            taken.manifestCrc())
                    .encode();
            replace(store, PREFIX + "backup.json", wrong);
            final List<String> answers = new ArrayList<>();
            try (BaseBackupReader reader =
                    new BaseBackupReader(store.session(), KEYS, SyntheticBackup.START, memory, CallOptions.DEFAULT)) {
                reader.open(sentence -> answers.add(String.valueOf(sentence)));
                assertThat(answer(store, reader, answers)).contains("files.index");
            }
        }
    }

    @Test
    void shouldSayWhatIsDamagedWhenItIsReadBack() throws Exception {
        final SyntheticBackup backup = SyntheticBackup.of(1, 5, 3_000);
        for (final String object : List.of("backup.json", "files.index", "backup_manifest", "base.tar")) {
            try (TestStore store = TestStore.simulated(1, StoreFaults.NONE)) {
                take(store, backup, 1);
                damage(store, PREFIX + object);
                final List<String> answers = new ArrayList<>();
                try (BaseBackupReader reader = new BaseBackupReader(
                        store.session(), KEYS, SyntheticBackup.START, memory, CallOptions.DEFAULT)) {
                    reader.open(sentence -> answers.add(String.valueOf(sentence)));
                    String answer = answer(store, reader, answers);
                    if (answer.equals("null")) {
                        reader.verifyManifest(sentence -> answers.add(String.valueOf(sentence)));
                        answer = answer(store, reader, answers);
                    }
                    if (answer.equals("null")) {
                        try (DirectoryTarget target =
                                new DirectoryTarget(directory.resolve("d"), archive -> directory.resolve("s"), false)) {
                            reader.extract(target, sentence -> answers.add(String.valueOf(sentence)));
                            answer = answer(store, reader, answers);
                        }
                    }
                    assertThat(answer).as(object).contains(object).containsAnyOf("damaged", "is not a tar archive");
                }
            }
        }
    }

    private void damage(final TestStore store, final String key) {
        final byte[] content = store.truth().contentOf(key);
        content[content.length / 2] ^= 1;
        replace(store, key, content);
    }

    private void replace(final TestStore store, final String key, final byte[] content) {
        final MemorySegment body = memory.allocate(content.length, MemoryTag.of("test"));
        MemorySegment.copy(content, 0, body, ValueLayout.JAVA_BYTE, 0, content.length);
        store.<Object>ask(handler ->
                store.session().put(key, List.of(body), WriteCondition.ALWAYS, CallOptions.DEFAULT, handler::accept));
        memory.free(body);
    }
}
