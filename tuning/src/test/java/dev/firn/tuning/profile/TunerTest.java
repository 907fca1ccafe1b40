package dev.firn.tuning.profile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.tuning.host.FakeHost;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class TunerTest {
    private static final String BARE_METAL = "bare-metal-nvme";
    private static final String SHARED = "shared-vm";
    private static final String SWAPPINESS = "/proc/sys/vm/swappiness";

    @TempDir
    Path root;

    @TempDir
    Path stateParent;

    private FakeHost host;
    private Path state;
    private Tuner tuner;

    @BeforeEach
    void makeHost() {
        host = FakeHost.untunedBareMetal(root);
        state = stateParent.resolve("lib/firn/tuning");
        tuner = new Tuner(root, state, FixedClock.INSTANCE);
    }

    private Map<String, String> everyFile() {
        final Map<String, String> files = new TreeMap<>();
        try (Stream<Path> walk = Files.walk(root)) {
            for (final Path path : walk.toList()) {
                files.put(
                        root.relativize(path).toString(),
                        Files.isRegularFile(path) ? Files.readString(path).strip() : "");
            }
        } catch (final IOException e) {
            throw new AssertionError(e);
        }
        return files;
    }

    private static Outcome outcome(final List<Outcome> outcomes, final String name) {
        return outcomes.stream()
                .filter(outcome -> outcome.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no outcome " + name + " in " + outcomes));
    }

    @Test
    void shouldMakeTheProfileHoldWhenApplied() {
        assertThat(tuner.verify(BARE_METAL).holds()).isFalse();

        final ApplyResult result = tuner.apply(BARE_METAL);

        assertThat(result.succeeded()).as(result.toTable(false)).isTrue();
        assertThat(tuner.verify(BARE_METAL).holds())
                .as(tuner.verify(BARE_METAL).toTable(false))
                .isTrue();
        assertThat(host.read("/proc/sys/vm/nr_hugepages")).isEqualTo("8192");
        assertThat(host.read(SWAPPINESS)).isEqualTo("1");
        assertThat(host.read("/proc/sys/kernel/io_uring_disabled")).isEqualTo("0");
        assertThat(host.read("/sys/kernel/mm/transparent_hugepage/enabled")).isEqualTo("madvise");
        assertThat(host.read(FakeHost.nvmeQueue("scheduler"))).isEqualTo("none");
        assertThat(host.read(FakeHost.nvmeQueue("nr_requests"))).isEqualTo("256");
        assertThat(host.read("/sys/devices/system/cpu/cpufreq/policy1/scaling_governor"))
                .isEqualTo("performance");
        assertThat(host.read(OwnedFile.LIMITS)).contains("* - memlock unlimited", "root - nofile 1048576");
        assertThat(host.read(OwnedFile.SERVICE_DROP_IN)).contains("[Service]", "LimitMEMLOCK=infinity");
    }

    @Test
    void shouldNeverLowerWhatIsAlreadyLarger() {
        tuner.apply(BARE_METAL);

        assertThat(host.read("/proc/sys/net/core/rmem_max")).isEqualTo("4194304");
        assertThat(host.read("/proc/sys/net/core/wmem_max")).isEqualTo("8388608");
        assertThat(host.read(OwnedFile.SYSCTL)).contains("net.core.wmem_max = 8388608");

        host.file("/proc/sys/net/core/rmem_max", "16777216\n");

        assertThat(tuner.verify(BARE_METAL).holds()).isTrue();
        tuner.apply(BARE_METAL);
        assertThat(host.read("/proc/sys/net/core/rmem_max")).isEqualTo("16777216");
    }

    @Test
    void shouldChangeNothingWhenAppliedAgain() throws IOException {
        tuner.apply(BARE_METAL);
        final Map<String, String> once = everyFile();
        final String record = Files.readString(state.resolve("originals"));

        final ApplyResult again = tuner.apply(BARE_METAL);

        assertThat(again.succeeded()).isTrue();
        assertThat(again.outcomes()).noneMatch(outcome -> outcome.action() == Action.CHANGED);
        assertThat(everyFile()).isEqualTo(once);
        assertThat(state.resolve("originals")).hasContent(record);
    }

    @Test
    void shouldPutBackEveryByteWhenReverted() {
        final Map<String, String> before = everyFile();
        tuner.apply(BARE_METAL);

        final RevertResult result = tuner.revert();

        assertThat(result.succeeded()).as(result.toTable(false)).isTrue();
        final Map<String, String> after = everyFile();
        // The kernel shows all choices again when one is written; a plain file keeps only the written one.
        after.replace("sys/kernel/mm/transparent_hugepage/enabled", "always", "[always] madvise never");
        after.replace(
                "sys/kernel/mm/transparent_hugepage/shmem_enabled",
                "never",
                "always within_size advise [never] deny force");
        final String scheduler =
                root.relativize(host.path("/sys/block/nvme0n1")).toString();
        assertThat(scheduler).isNotEmpty();
        after.replaceAll((file, text) ->
                file.endsWith("queue/scheduler") && text.equals("mq-deadline") ? "none [mq-deadline] kyber" : text);
        assertThat(after).isEqualTo(before);
        assertThat(state.resolve("originals")).doesNotExist();
    }

    @Test
    void shouldHaveNothingToDoWhenRevertedAgainOrNeverApplied() {
        assertThat(tuner.revert().sentence()).contains("No profile is applied");
        tuner.apply(SHARED);
        tuner.revert();

        final RevertResult again = tuner.revert();

        assertThat(again.succeeded()).isTrue();
        assertThat(again.outcomes()).isEmpty();
    }

    @Test
    void shouldKeepTheFirstOriginalsWhenASecondProfileIsApplied() {
        tuner.apply(BARE_METAL);
        assertThat(host.read(SWAPPINESS)).isEqualTo("1");

        final ApplyResult second = tuner.apply(SHARED);

        assertThat(second.succeeded()).as(second.toTable(false)).isTrue();
        assertThat(host.read(SWAPPINESS)).isEqualTo("10");
        assertThat(tuner.verify(SHARED).holds()).isTrue();
        tuner.revert();
        assertThat(host.read(SWAPPINESS)).isEqualTo("60");
        assertThat(host.read("/proc/sys/vm/dirty_ratio")).isEqualTo("20");
        assertThat(host.exists(OwnedFile.LIMITS)).isFalse();
    }

    @Test
    void shouldPutBackWhatOnlyTheEarlierProfileSets() {
        tuner.apply(BARE_METAL);
        assertThat(host.read("/proc/sys/kernel/numa_balancing")).isEqualTo("0");

        final ApplyResult second = tuner.apply(SHARED);

        assertThat(outcome(second.outcomes(), "/proc/sys/kernel/numa_balancing").action())
                .isEqualTo(Action.RESTORED);
        assertThat(host.read("/proc/sys/kernel/numa_balancing")).isEqualTo("1");
        assertThat(host.read("/proc/sys/vm/nr_hugepages")).isEqualTo("0");
        assertThat(host.read("/sys/devices/system/cpu/cpufreq/policy0/scaling_governor"))
                .isEqualTo("schedutil");
    }

    @Test
    void shouldGoOnWithTheOthersWhenOneSettingFails() {
        // A real file that not even root may write.
        host.linkOut("/proc/sys/vm/stat_interval", Path.of("/proc/sys/kernel/ngroups_max"))
                .linkOut("/proc/sys/kernel/nmi_watchdog", Path.of("/proc/sys/kernel/ostype"));

        final ApplyResult result = tuner.apply(BARE_METAL);

        assertThat(result.succeeded()).isFalse();
        assertThat(outcome(result.outcomes(), "kernel.nmi_watchdog").action()).isEqualTo(Action.FAILED);
        assertThat(outcome(result.outcomes(), "kernel.nmi_watchdog").note()).isNotEmpty();
        assertThat(outcome(result.outcomes(), "reboot.sysctl").action()).isEqualTo(Action.CHANGED);
        assertThat(host.read(SWAPPINESS)).isEqualTo("1");
        assertThat(tuner.verify(BARE_METAL).doesNotHold())
                .extracting(PlannedSetting::name)
                .containsExactly("kernel.nmi_watchdog");
        assertThat(tuner.revert().succeeded()).isTrue();
        host.remove("/proc/sys/vm/stat_interval").remove("/proc/sys/kernel/nmi_watchdog");
    }

    @Test
    void shouldSayWhatTheKernelShowsWhenItTookTheWriteAndDidOtherwise() {
        host.linkOut("/proc/sys/vm/nr_hugepages", Path.of("/dev/null"));

        final Outcome outcome = outcome(tuner.apply(BARE_METAL).outcomes(), "vm.nr_hugepages");

        assertThat(outcome.action()).isEqualTo(Action.FAILED);
        assertThat(outcome.note()).contains("of 8192 pages: memory is fragmented");
        host.remove("/proc/sys/vm/nr_hugepages");
    }

    @Test
    void shouldRefuseWhenNotRoot() {
        host.file("/proc/self/status", "Uid:\t1000\t1000\t1000\t1000\n");
        final Map<String, String> before = everyFile();

        assertThat(tuner.apply(BARE_METAL).refusal()).contains("has to run as root");
        assertThat(tuner.revert().refused()).isTrue();
        assertThat(tuner.revert().sentence()).contains("has to run as root");
        assertThat(tuner.show(BARE_METAL).settings()).isNotEmpty();
        assertThat(everyFile()).isEqualTo(before);
        assertThat(state).doesNotExist();
    }

    @Test
    void shouldChangeNothingWhenWhatWasThereCannotBeRecorded() throws IOException {
        Files.createDirectories(state);
        Files.createDirectories(state.resolve("originals.firn-new"));
        Files.writeString(state.resolve("originals.firn-new/x"), "in the way");
        final Map<String, String> before = everyFile();

        final ApplyResult result = tuner.apply(BARE_METAL);

        assertThat(result.succeeded()).isFalse();
        assertThat(result.refusal()).contains("cannot be recorded in " + state.resolve("originals"));
        assertThat(everyFile()).isEqualTo(before);
    }

    @Test
    void shouldRefuseWhenTheRecordIsTorn() throws IOException {
        tuner.apply(BARE_METAL);
        final Path record = state.resolve("originals");
        final String whole = Files.readString(record);
        Files.writeString(record, whole.substring(0, whole.length() / 2));
        final Map<String, String> before = everyFile();

        assertThat(tuner.revert().refused()).isTrue();
        assertThat(tuner.revert().sentence()).contains("is damaged", "nothing was changed");
        assertThat(tuner.apply(SHARED).refusal()).contains("is damaged");
        assertThat(tuner.show(SHARED).settings()).isNotEmpty();
        assertThat(everyFile()).isEqualTo(before);

        Files.writeString(record, whole);
        assertThat(tuner.revert().succeeded()).isTrue();
        assertThat(host.read(SWAPPINESS)).isEqualTo("60");
    }

    @Test
    void shouldRefuseWhenTheRecordHoldsBytesThatAreNoText() throws IOException {
        tuner.apply(BARE_METAL);
        final byte[] bytes = Files.readAllBytes(state.resolve("originals"));
        bytes[bytes.length / 2] = (byte) 0xff;
        Files.write(state.resolve("originals"), bytes);

        assertThat(tuner.revert().sentence()).contains("its checksum does not match");
        assertThat(host.read(SWAPPINESS)).isEqualTo("1");
    }

    @Test
    void shouldSayThatTheRecordIsGoneWhenFilesOfAProfileAreThere() throws IOException {
        tuner.apply(BARE_METAL);
        Files.delete(state.resolve("originals"));

        final RevertResult result = tuner.revert();

        assertThat(result.refused()).isTrue();
        assertThat(result.sentence()).contains("is gone", OwnedFile.SYSCTL, OwnedFile.LIMITS);
        assertThat(host.exists(OwnedFile.SYSCTL)).isTrue();
    }

    @Test
    void shouldRefuseWhenAnotherCommandIsAtWork() throws IOException {
        Files.createDirectories(state);
        try (FileChannel channel =
                        FileChannel.open(state.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                FileLock lock = channel.lock()) {
            assertThat(lock.isValid()).isTrue();
            assertThat(tuner.apply(BARE_METAL).refusal()).contains("another firn tune is at work");
            assertThat(tuner.revert().sentence()).contains("another firn tune is at work");
        }
        assertThat(tuner.apply(BARE_METAL).refusal()).isEmpty();
    }

    @Test
    void shouldPutBackEveryByteOfAFileOfTheSameNameAndItsPermissions() throws IOException {
        final byte[] mine = {'#', ' ', (byte) 0xff, (byte) 0xfe, '\r', '\n', '\t', '\\', 'n', (byte) 0xc3, '\n'};
        Files.write(host.path(OwnedFile.SYSCTL), mine);
        Files.setPosixFilePermissions(host.path(OwnedFile.SYSCTL), PosixFilePermissions.fromString("rw-r-----"));

        tuner.apply(BARE_METAL);
        assertThat(host.read(OwnedFile.SYSCTL)).contains("vm.swappiness = 1");
        tuner.revert();

        assertThat(Files.readAllBytes(host.path(OwnedFile.SYSCTL))).isEqualTo(mine);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(host.path(OwnedFile.SYSCTL))))
                .isEqualTo("rw-r-----");
    }

    @Test
    void shouldRemoveOnlyTheDirectoriesItMadeAndOnlyWhenEmpty() {
        assertThat(host.exists("/etc/udev")).isFalse();
        tuner.apply(BARE_METAL);
        assertThat(host.read(OwnedFile.UDEV_RULES)).contains("ATTR{queue/scheduler}=\"none\"");
        host.file("/etc/tmpfiles.d/other.conf", "somebody else's");

        assertThat(tuner.revert().succeeded()).isTrue();

        assertThat(host.exists("/etc/udev")).isFalse();
        assertThat(host.exists(OwnedFile.TMPFILES)).isFalse();
        assertThat(host.exists("/etc/tmpfiles.d/other.conf")).isTrue();
        assertThat(host.exists("/etc/sysctl.d")).isTrue();
    }

    @Test
    void shouldRevertTheRestWhenADiskHasGone() {
        tuner.apply(BARE_METAL);
        host.remove("/sys/block/nvme0n1");

        assertThat(tuner.revert().succeeded()).isTrue();
        assertThat(host.read(SWAPPINESS)).isEqualTo("60");
        assertThat(state.resolve("originals")).doesNotExist();
    }

    @Test
    void shouldKeepOnRecordWhatCouldNotBePutBack() {
        tuner.apply(BARE_METAL);
        host.remove(SWAPPINESS).linkOut(SWAPPINESS, Path.of("/proc/sys/kernel/ostype"));

        final RevertResult failed = tuner.revert();

        assertThat(failed.succeeded()).isFalse();
        assertThat(failed.sentence()).startsWith("1 of ");
        assertThat(outcome(failed.outcomes(), SWAPPINESS).action()).isEqualTo(Action.FAILED);
        host.remove(SWAPPINESS).file(SWAPPINESS, "1\n");
        assertThat(tuner.revert().succeeded()).isTrue();
        assertThat(host.read(SWAPPINESS)).isEqualTo("60");
    }

    @Test
    void shouldNameTheProfilesWhenAskedForAnother() {
        assertThat(tuner.profiles()).containsExactly(BARE_METAL, SHARED);
        assertThatThrownBy(() -> tuner.show("laptop"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("there is no profile 'laptop'; there are bare-metal-nvme, shared-vm");
    }
}
