package dev.firn.compute.corpus;

import dev.firn.compute.binaries.PostgresBinaries;
import dev.firn.compute.instance.ClusterOptions;
import dev.firn.compute.process.ShortCommand;
import dev.firn.compute.process.UnprivilegedUser;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

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
    private static final Duration LIMIT = Duration.ofSeconds(10);

    /** Checksums, logical, images of every record, compressed with what every Postgres has. */
    public static final CorpusSettings DEFAULT = new CorpusSettings(true, "logical", "pglz", true, true, 4);

    /**
     * The default, with lz4 where these binaries have it: the installed ones do, the fetched ones don't. Those compress nothing, as pglz is most of the
     * time that a corpus takes.
     */
    public static CorpusSettings quick(final PostgresBinaries binaries) {
        return DEFAULT.withCompression(compressions(binaries).contains("lz4") ? "lz4" : "off");
    }

    /** The values of {@code wal_compression} that these binaries offer: with another one postgres says so before it looks for its data directory. */
    public static List<String> compressions(final PostgresBinaries binaries) {
        return Stream.of("off", "pglz", "lz4", "zstd")
                .filter(name -> ShortCommand.run(
                                UnprivilegedUser.find()
                                        .command(List.of(
                                                binaries.program("postgres").toString(),
                                                "-C",
                                                "wal_compression",
                                                "-c",
                                                "wal_compression=" + name,
                                                "-D",
                                                "/nowhere")),
                                LIMIT)
                        .output()
                        .contains("could not access directory"))
                .toList();
    }

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
    public Map<String, String> server() {
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
