package dev.firn.server.wal;

import dev.firn.nativeio.memory.OffHeapConfig;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.postgres.lsn.Lsn;
import dev.firn.postgres.wal.WalEnd;
import dev.firn.postgres.wal.WalReader;
import dev.firn.postgres.wal.WalReaderConfig;
import java.io.IOException;

/** Runs over the records of a directory's log and gives each to a sink. */
public final class WalDump {
    /** Room for a record of the greatest length while its buffer grows; address space only, until one is that long. */
    private static final long MEMORY_BYTES = 2L << 30;

    private final WalDirectory directory;

    public WalDump(final WalDirectory directory) {
        this.directory = directory;
    }

    /**
     * What was seen.
     *
     * @param firstLsn where the first record starts; {@link Lsn#INVALID} without any.
     * @param end why no more followed; null when the limit was reached or the sink had enough.
     */
    public record Result(long records, long firstLsn, WalEnd end) {}

    /**
     * Gives the records to a sink, in order.
     *
     * @param from the first record starts here or after.
     * @param limit most records.
     * @throws IOException the sink's.
     */
    public Result run(final long from, final long limit, final WalRecordSink sink) throws IOException {
        final WalReaderConfig config = WalReaderConfig.of(
                        directory.header().version(), directory.header().segmentBytes())
                .withSystemIdentifier(directory.header().systemIdentifier());
        try (OffHeapMemory memory = OffHeapMemory.open(OffHeapConfig.of("wal-dump", MEMORY_BYTES));
                WalFiles files = new WalFiles(directory, memory);
                WalReader reader = new WalReader(config, memory)) {
            reader.beginAtOrAfter(from);
            long records = 0;
            long first = Lsn.INVALID;
            while (records < limit) {
                switch (reader.next()) {
                    case RECORD -> {
                        first = records++ == 0 ? reader.record().lsn() : first;
                        if (!sink.accept(reader.record())) {
                            return new Result(records, first, null);
                        }
                    }
                    case NEEDS_BYTES -> {
                        if (!files.feed(reader)) {
                            return new Result(records, first, reader.finish());
                        }
                    }
                    case ENDED -> {
                        return new Result(records, first, reader.end());
                    }
                }
            }
            return new Result(records, first, null);
        }
    }
}
