package dev.firn.server.redo;

import dev.firn.nativeio.checksum.Crc32c;
import dev.firn.nativeio.memory.OffHeapConfig;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.postgres.version.PostgresVersion;
import dev.firn.postgres.wal.WalReader;
import dev.firn.postgres.wal.WalReaderConfig;
import dev.firn.postgres.wal.WalRecord;
import dev.firn.postgres.wal.WalStep;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;

/**
 * Changes records of a log in its files so that a reader still takes them: bytes behind the record's header become others, and its checksum is made
 * right again. What it says is then anything. A record that no reader would take is left as it was, since the log would end there.
 */
public final class LogMutator {
    private static final int PAGE_BYTES = 8192;
    private static final int HEADER_BYTES = 24;
    private static final int CRC_OFFSET = 20;
    private static final int MAX_CHANGES = 4;

    /** Bytes that have been the end of something more often than others. */
    private static final int[] EDGES = {0x00, 0x01, 0x7F, 0x80, 0xFE, 0xFF};

    private final PostgresVersion version;
    private final int segmentBytes;
    private final SplittableRandom random;
    private final int oneIn;
    private long changed;

    /** Changes one record in {@code oneIn}, as the seed says. */
    public LogMutator(final PostgresVersion version, final int segmentBytes, final long seed, final int oneIn) {
        this.version = version;
        this.segmentBytes = segmentBytes;
        this.random = new SplittableRandom(seed);
        this.oneIn = oneIn;
    }

    /** How many records were changed. */
    public long changed() {
        return changed;
    }

    /** Changes the segments of a directory in place. */
    public void mutate(final Path directory) throws IOException {
        final List<Path> segments = new ArrayList<>();
        try (Stream<Path> files = Files.list(directory)) {
            files.filter(file -> file.getFileName().toString().matches("\\p{XDigit}{24}"))
                    .sorted()
                    .forEach(segments::add);
        }
        for (final Path segment : segments) {
            mutateSegment(segment);
        }
    }

    private void mutateSegment(final Path file) throws IOException {
        final String name = file.getFileName().toString();
        final long begin = (Long.parseLong(name.substring(8, 16), 16) << Integer.SIZE)
                + Long.parseLong(name.substring(16), 16) * segmentBytes;
        try (OffHeapMemory memory = OffHeapMemory.open(OffHeapConfig.of("mutator", 64L << 20));
                Arena arena = Arena.ofConfined();
                FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE);
                WalReader reader = new WalReader(WalReaderConfig.of(version, segmentBytes), memory);
                WalReader judge = new WalReader(WalReaderConfig.of(version, segmentBytes), memory)) {
            final MemorySegment bytes = channel.map(FileChannel.MapMode.READ_WRITE, 0, segmentBytes, arena);
            final MemorySegment original = arena.allocate(segmentBytes);
            original.copyFrom(bytes);
            reader.beginAtOrAfter(begin);
            reader.feed(begin, original, 0, segmentBytes);
            while (reader.next() == WalStep.RECORD) {
                final WalRecord record = reader.record();
                final long at = record.lsn() - begin;
                final boolean onOnePage = at >= 0 && at % PAGE_BYTES + record.lengthBytes() <= PAGE_BYTES;
                if (onOnePage && record.lengthBytes() > HEADER_BYTES && random.nextInt(oneIn) == 0) {
                    mutateRecord(bytes, original, judge, begin, at, record.lengthBytes());
                }
            }
        }
    }

    private void mutateRecord(
            final MemorySegment bytes,
            final MemorySegment original,
            final WalReader judge,
            final long begin,
            final long at,
            final int length) {
        for (int i = 1 + random.nextInt(MAX_CHANGES); i > 0; i--) {
            final long victim = at + HEADER_BYTES + random.nextInt(length - HEADER_BYTES);
            final int value = random.nextBoolean() ? EDGES[random.nextInt(EDGES.length)] : random.nextInt(256);
            bytes.set(ValueLayout.JAVA_BYTE, victim, (byte) value);
        }
        int crc = Crc32c.update(0, bytes, at + HEADER_BYTES, (long) length - HEADER_BYTES);
        crc = Crc32c.update(crc, bytes, at, CRC_OFFSET);
        bytes.set(ValueLayout.JAVA_INT_UNALIGNED, at + CRC_OFFSET, crc);
        judge.begin(begin + at);
        judge.feed(begin, bytes, 0, segmentBytes);
        if (judge.next() == WalStep.RECORD && judge.record().lengthBytes() == length) {
            changed++;
        } else {
            MemorySegment.copy(original, at, bytes, at, length);
        }
    }
}
