package dev.firn.tuning.profile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.firn.tuning.host.ProcessStatus;
import dev.firn.tuning.host.SystemTree;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Changes the real kernel's values and puts them back; configuration files go to a temporary {@code /etc}.
 *
 * <p>Skipped where the user may not: not root, or {@code /proc/sys} is read-only as in most containers.
 */
final class TunerOnThisKernelTest {
    private static final String SWAPPINESS = "/proc/sys/vm/swappiness";
    private static final String BACKGROUND_BYTES = "/proc/sys/vm/dirty_background_bytes";
    private static final String BACKGROUND_RATIO = "/proc/sys/vm/dirty_background_ratio";
    private static final int WANTED_SWAPPINESS = 59;

    @TempDir
    Path root;

    private final SystemTree kernel = new SystemTree(Path.of("/"));
    private final Map<String, String> before = new LinkedHashMap<>();

    @BeforeEach
    void linkTheKernelIn() throws IOException {
        assumeTrue(new ProcessStatus(kernel).effectiveUser() == 0, "only root may change kernel settings");
        assumeTrue(isWritable(), "/proc/sys is read-only here");
        Files.createSymbolicLink(root.resolve("proc"), Path.of("/proc"));
        Files.createSymbolicLink(root.resolve("sys"), Path.of("/sys"));
        Files.createSymbolicLink(root.resolve("usr"), Path.of("/usr"));
        Files.createDirectories(root.resolve("etc/security"));
        remember(BACKGROUND_RATIO);
        remember(BACKGROUND_BYTES);
        remember(SWAPPINESS);
    }

    /** Whatever a failed test left changed. */
    @AfterEach
    void putBack() throws IOException {
        for (final Map.Entry<String, String> entry : before.entrySet()) {
            if (!kernel.read(entry.getKey()).orElse("").equals(entry.getValue())) {
                Files.writeString(Path.of(entry.getKey()), entry.getValue(), StandardOpenOption.WRITE);
            }
        }
        for (final String link : List.of("proc", "sys", "usr")) {
            Files.deleteIfExists(root.resolve(link));
        }
    }

    private boolean isWritable() {
        try {
            Files.writeString(Path.of(SWAPPINESS), kernel.read(SWAPPINESS).orElseThrow(), StandardOpenOption.WRITE);
            return true;
        } catch (final IOException readOnly) {
            return false;
        }
    }

    private void remember(final String file) {
        before.put(file, kernel.read(file).orElseThrow());
    }

    private Tuner tuner(final Profile... profiles) {
        return new Tuner(root, root.resolve("state"), FixedClock.INSTANCE, List.of(), List.of(profiles));
    }

    /** Two harmless settings, one of which moves a third, whose 0 the kernel shows but does not take. */
    private record HarmlessProfile() implements Profile {
        @Override
        public String name() {
            return "harmless";
        }

        @Override
        public List<Setting> settings(final HostFacts host) {
            final List<Setting> settings = new ArrayList<>();
            settings.add(Setting.sysctl("vm.swappiness", Integer.toString(WANTED_SWAPPINESS), "For the test."));
            settings.add(Setting.sysctl("vm.dirty_background_bytes", "268435456", "For the test.")
                    .affecting(BACKGROUND_RATIO));
            return settings;
        }
    }

    @Test
    void shouldApplyVerifyAndRevertOnTheRealKernel() throws IOException {
        final Tuner tuner = tuner(new HarmlessProfile());

        final ApplyResult applied = tuner.apply("harmless");

        assertThat(applied.succeeded()).as(applied.toTable(false)).isTrue();
        assertThat(kernel.read(SWAPPINESS)).contains(Integer.toString(WANTED_SWAPPINESS));
        assertThat(kernel.read(BACKGROUND_BYTES)).contains("268435456");
        assertThat(kernel.read(BACKGROUND_RATIO)).contains("0");
        assertThat(tuner.verify("harmless").holds()).isTrue();
        assertThat(tuner.apply("harmless").outcomes()).noneMatch(outcome -> outcome.action() == Action.CHANGED);
        assertThat(Files.readString(root.resolve("etc/sysctl.d/90-firn.conf")))
                .contains("vm.swappiness = " + WANTED_SWAPPINESS);

        final RevertResult reverted = tuner.revert();

        assertThat(reverted.succeeded()).as(reverted.toTable(false)).isTrue();
        before.forEach((file, value) -> assertThat(kernel.read(file)).as(file).contains(value));
        assertThat(root.resolve("etc/sysctl.d")).doesNotExist();
        assertThat(tuner.revert().succeeded()).isTrue();
    }

    @Test
    void shouldSeeWhenSomebodyChangesASettingAfterwards() throws IOException {
        final Tuner tuner = tuner(new HarmlessProfile());
        tuner.apply("harmless");

        Files.writeString(Path.of(SWAPPINESS), "58", StandardOpenOption.WRITE);

        assertThat(tuner.verify("harmless").doesNotHold())
                .extracting(PlannedSetting::name)
                .containsExactly("vm.swappiness");
        assertThat(tuner.revert().succeeded()).isTrue();
        assertThat(kernel.read(SWAPPINESS)).contains(before.get(SWAPPINESS));
    }

    /** Sets the disks' queues, huge pages and all for a moment: not beside a benchmark. */
    @Test
    @Tag("long")
    void shouldApplyAndRevertAWholeProfileOnThisHost() {
        final Tuner tuner = tuner(new SharedVmProfile());
        for (final PlannedSetting setting : tuner.show("shared-vm").settings()) {
            if (setting.kind() == SettingKind.SYSCTL || setting.kind() == SettingKind.SYSFS) {
                kernel.read(setting.where()).ifPresent(value -> before.putIfAbsent(setting.where(), value));
            }
        }
        try {
            tuner.apply("shared-vm");
            assertThat(tuner.verify("shared-vm").holds())
                    .as(tuner.verify("shared-vm").toTable(false))
                    .isTrue();
        } finally {
            final RevertResult reverted = tuner.revert();
            assertThat(reverted.succeeded()).as(reverted.toTable(false)).isTrue();
        }
        before.forEach((file, value) -> assertThat(kernel.read(file)).as(file).contains(value));
    }
}
