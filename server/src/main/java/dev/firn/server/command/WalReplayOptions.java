package dev.firn.server.command;

import dev.firn.nativeio.seam.SystemClock;
import dev.firn.pagestore.replay.ReplayConfig;
import dev.firn.postgres.lsn.Lsn;
import dev.firn.server.wal.WalDirectory;
import dev.firn.server.wal.WalProgress;
import dev.firn.tuning.host.Memory;
import dev.firn.tuning.host.SystemTree;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** What every replay is told. */
final class WalReplayOptions {
    @Option(
            names = "--base",
            paramLabel = "DIR",
            required = true,
            description = "The data directory to start from: one that was shut down, that crashed, or an online backup."
                    + " It is only read.")
    private Path base;

    @Option(
            names = "--wal",
            paramLabel = "DIR",
            required = true,
            description = "The folder with the segments: pg_wal, an archive, or a data directory.")
    private Path wal;

    @Option(
            names = "--timeline",
            paramLabel = "N",
            description = "The timeline to follow, with its ancestors where its history file is there"
                    + " (default: the newest that has a file).")
    private Integer timeline;

    @Option(
            names = "--until",
            paramLabel = "LSN",
            converter = LsnConverter.class,
            description = "Stop before the first record that ends after this position (default: the end of the log).")
    private Long until;

    @Option(
            names = "--memory",
            paramLabel = "SIZE",
            converter = SizeConverter.class,
            description = "Memory for pages, as 512m or 8g; what does not fit goes to a temporary file"
                    + " (default: a quarter of the machine's).")
    private Long memory;

    @Option(
            names = "--scratch",
            paramLabel = "DIR",
            description = "Where that temporary file goes (default: the system's folder for such files).")
    private Path scratch = Path.of(System.getProperty("java.io.tmpdir"));

    @Option(
            names = "--progress",
            negatable = true,
            description = "Say on standard error how far it has come (default: when that is a terminal).")
    private Boolean progress;

    Path base() {
        return base;
    }

    WalDirectory directory() {
        return WalDirectory.open(wal, Optional.ofNullable(timeline));
    }

    ReplayConfig config() {
        return new ReplayConfig(
                base,
                memory == null ? defaultMemory() : memory,
                scratch,
                until == null ? Long.MAX_VALUE : until,
                SystemClock.INSTANCE);
    }

    /** What says how far it has come. */
    WalProgress progress(final WalDirectory directory) {
        final boolean terminal = System.console() != null && System.console().isTerminal();
        return new WalProgress(
                System.err, progress == null ? terminal : progress, terminal, directory, SystemClock.INSTANCE);
    }

    private static long defaultMemory() {
        final Memory host = new Memory(new SystemTree(Path.of("/")));
        final long bytes =
                Math.min(host.totalBytes(), host.controlGroupLimitBytes().orElse(Long.MAX_VALUE));
        return Math.clamp(
                bytes / ReplayConfig.DEFAULT_MEMORY_SHARE,
                ReplayConfig.MIN_PAGE_MEMORY_BYTES,
                ReplayConfig.MAX_PAGE_MEMORY_BYTES);
    }

    /** A position in the log. */
    static final class LsnConverter implements ITypeConverter<Long> {
        @Override
        public Long convert(final String text) {
            try {
                return Lsn.parse(text);
            } catch (final IllegalArgumentException e) {
                throw conversion(e.getMessage(), e);
            }
        }
    }

    /** A number of bytes, with k, m or g behind it. */
    static final class SizeConverter implements ITypeConverter<Long> {
        @Override
        public Long convert(final String text) {
            final String digits = text.replaceFirst("[kmgKMG]$", "");
            try {
                final long bytes = Math.multiplyExact(Long.parseLong(digits), unit(text));
                if (bytes < ReplayConfig.MIN_PAGE_MEMORY_BYTES || bytes > ReplayConfig.MAX_PAGE_MEMORY_BYTES) {
                    throw new NumberFormatException(text);
                }
                return bytes;
            } catch (final ArithmeticException | NumberFormatException e) {
                throw conversion(
                        text + " is no size from " + (ReplayConfig.MIN_PAGE_MEMORY_BYTES >> 10) + "k to "
                                + (ReplayConfig.MAX_PAGE_MEMORY_BYTES >> 30) + "g",
                        e);
            }
        }

        private static long unit(final String text) {
            return switch (text.toLowerCase(Locale.ROOT).charAt(text.length() - 1)) {
                case 'k' -> 1L << 10;
                case 'm' -> 1L << 20;
                case 'g' -> 1L << 30;
                default -> 1;
            };
        }
    }

    private static TypeConversionException conversion(final String message, final Exception cause) {
        final TypeConversionException failure = new TypeConversionException(message);
        failure.initCause(cause);
        return failure;
    }
}
