package dev.firn.bench.harness;

import dev.firn.nativeio.seam.Clock;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** Reads {@link Machine} from /proc, /sys, the JVM and git. What cannot be read is left out, never guessed. */
public final class MachineReader {
    private static final long GIT_TIMEOUT_S = 10;
    private static final long BYTES_A_KILOBYTE = 1024;
    private static final int COMMIT_LENGTH = 12;

    private final Path root;
    private final ForkedJvm forkedJvm;
    private final Clock clock;

    /**
     * @param root the project's, for the commit; null when there is none.
     * @param forkedJvm whose flags are recorded.
     */
    public MachineReader(final Path root, final ForkedJvm forkedJvm, final Clock clock) {
        this.root = root;
        this.forkedJvm = forkedJvm;
        this.clock = clock;
    }

    /**
     * @param workDirectory whose device and file system are described.
     */
    public Machine read(final Path workDirectory) {
        return new Machine(
                valueOf(Path.of("/proc/cpuinfo"), "model name"),
                Runtime.getRuntime().availableProcessors(),
                memoryBytes(),
                System.getProperty("os.name") + " " + System.getProperty("os.version") + " "
                        + System.getProperty("os.arch"),
                System.getProperty("java.vendor.version", System.getProperty("java.vendor")) + " "
                        + System.getProperty("java.runtime.version"),
                flags(),
                disk(workDirectory),
                fileSystem(workDirectory),
                commit(),
                Instant.ofEpochSecond(0, clock.epochNs())
                        .truncatedTo(ChronoUnit.SECONDS)
                        .toString());
    }

    private static Long memoryBytes() {
        final String total = valueOf(Path.of("/proc/meminfo"), "MemTotal");
        return total == null ? null : Long.parseLong(total.replace("kB", "").trim()) * BYTES_A_KILOBYTE;
    }

    /** The forked JVM's flags one by one, so that the record stands without the file they came from. */
    private String flags() {
        final StringBuilder text = new StringBuilder();
        for (final String flag : forkedJvm.flags()) {
            text.append(flag.startsWith("@") ? optionsIn(Path.of(flag.substring(1))) : flag)
                    .append(' ');
        }
        return text.toString().trim();
    }

    private static String optionsIn(final Path file) {
        return String.join(
                " ",
                lines(file).stream()
                        .map(String::trim)
                        .filter(line -> !line.isEmpty() && !line.startsWith("#"))
                        .toList());
    }

    private static String fileSystem(final Path directory) {
        try {
            return Files.getFileStore(directory).type();
        } catch (final IOException e) {
            return null;
        }
    }

    /** The block device below a directory: its kernel name, its model where it tells one, its scheduler. */
    private static String disk(final Path directory) {
        try {
            final long device = (Long) Files.getAttribute(directory, "unix:dev");
            final Path node = Path.of("/sys/dev/block", major(device) + ":" + minor(device))
                    .toRealPath();
            final Path whole = Files.exists(node.resolve("partition")) ? node.getParent() : node;
            final String model = firstLine(whole.resolve("device/model"));
            final String scheduler = firstLine(whole.resolve("queue/scheduler"));
            return whole.getFileName()
                    + (model == null ? virtio(whole) : " " + model)
                    + (scheduler == null ? "" : ", scheduler " + chosen(scheduler));
        } catch (final IOException | UnsupportedOperationException | IllegalArgumentException e) {
            return null;
        }
    }

    /** The one in brackets: the file lists all that the kernel has. */
    private static String chosen(final String schedulers) {
        final int open = schedulers.indexOf('[');
        final int close = schedulers.indexOf(']');
        return open < 0 || close < open ? schedulers : schedulers.substring(open + 1, close);
    }

    private static String virtio(final Path device) {
        return device.getFileName().toString().startsWith("vd") ? " virtio" : "";
    }

    /** The major number, as glibc's gnu_dev_major takes it out of a 64-bit dev_t. */
    private static long major(final long device) {
        return ((device >>> 8) & 0xfff) | ((device >>> 32) & ~0xfffL);
    }

    private static long minor(final long device) {
        return (device & 0xff) | ((device >>> 12) & ~0xffL);
    }

    private String commit() {
        final String head = git("rev-parse", "--short=" + COMMIT_LENGTH, "HEAD");
        if (head == null || head.isEmpty()) {
            return null;
        }
        final String changes = git("status", "--porcelain", "--untracked-files=no");
        return head + (changes == null || changes.isEmpty() ? "" : "+dirty");
    }

    private String git(final String... arguments) {
        if (root == null) {
            return null;
        }
        try {
            final Process process = new ProcessBuilder(
                            Stream.concat(Stream.of("git", "-C", root.toString()), Stream.of(arguments))
                                    .toList())
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            final String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (!process.waitFor(GIT_TIMEOUT_S, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                return null;
            }
            return process.exitValue() == 0 ? output.trim() : null;
        } catch (final IOException e) {
            return null;
        } catch (final InterruptedException e) {
            Thread.currentThread().interrupt();
            return null;
        }
    }

    private static String valueOf(final Path file, final String key) {
        return lines(file).stream()
                .filter(line -> line.startsWith(key))
                .map(line -> line.substring(line.indexOf(':') + 1).trim())
                .findFirst()
                .orElse(null);
    }

    private static String firstLine(final Path file) {
        final List<String> lines = lines(file);
        return lines.isEmpty() ? null : lines.getFirst().trim();
    }

    private static List<String> lines(final Path file) {
        try {
            return Files.readAllLines(file);
        } catch (final IOException e) {
            return List.of();
        }
    }
}
