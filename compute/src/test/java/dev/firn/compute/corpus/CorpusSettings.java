package dev.firn.compute.corpus;

import dev.firn.compute.instance.ClusterOptions;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What a corpus is made with.
 *
 * @param checksums        whether pages carry checksums; hint bits are logged with them
 * @param walLevel         replica or logical
 * @param compression      how images are compressed: a value of {@code wal_compression}
 * @param fullPageWrites   whether the first change of a page after a checkpoint is logged as an image
 * @param consistency      whether each record carries what its pages look like after it
 * @param walSegmentMiB    size of a segment; small ones give many boundaries
 */
public record CorpusSettings(
        boolean checksums,
        String walLevel,
        String compression,
        boolean fullPageWrites,
        boolean consistency,
        int walSegmentMiB) {
    /** Checksums, logical, images of every record, compressed with what every Postgres has. */
    public static final CorpusSettings DEFAULT = new CorpusSettings(true, "logical", "pglz", true, true, 4);

    public CorpusSettings withChecksums(final boolean newChecksums) {
        return new CorpusSettings(newChecksums, walLevel, compression, fullPageWrites, consistency, walSegmentMiB);
    }

    public CorpusSettings withWalLevel(final String newWalLevel) {
        return new CorpusSettings(checksums, newWalLevel, compression, fullPageWrites, consistency, walSegmentMiB);
    }

    public CorpusSettings withCompression(final String newCompression) {
        return new CorpusSettings(checksums, walLevel, newCompression, fullPageWrites, consistency, walSegmentMiB);
    }

    public CorpusSettings withFullPageWrites(final boolean newFullPageWrites) {
        return new CorpusSettings(checksums, walLevel, compression, newFullPageWrites, consistency, walSegmentMiB);
    }

    public CorpusSettings withConsistency(final boolean newConsistency) {
        return new CorpusSettings(checksums, walLevel, compression, fullPageWrites, newConsistency, walSegmentMiB);
    }

    public CorpusSettings withWalSegmentMiB(final int newWalSegmentMiB) {
        return new CorpusSettings(checksums, walLevel, compression, fullPageWrites, consistency, newWalSegmentMiB);
    }

    ClusterOptions cluster() {
        return ClusterOptions.DEFAULT.withLocale("C").withChecksums(checksums).withWalSegmentMiB(walSegmentMiB);
    }

    /**
     * Nothing happens by itself: no autovacuum, and checkpoints where a script wants them, since the first change of a page after
     * one is logged as an image and redo of it is not tried. No segment is removed. What scripts change by ALTER SYSTEM is not
     * here: the command line goes before it.
     */
    Map<String, String> server() {
        final Map<String, String> settings = new LinkedHashMap<>();
        settings.put("wal_level", walLevel);
        settings.put("wal_compression", compression);
        settings.put("wal_consistency_checking", consistency ? "all" : "");
        settings.put("wal_keep_size", "1TB");
        settings.put("max_wal_size", "64GB");
        settings.put("checkpoint_timeout", "1h");
        settings.put("autovacuum", "off");
        settings.put("fsync", "off");
        settings.put("track_commit_timestamp", "on");
        settings.put("max_prepared_transactions", "10");
        settings.put("max_replication_slots", "4");
        settings.put("shared_buffers", "128MB");
        return settings;
    }
}
