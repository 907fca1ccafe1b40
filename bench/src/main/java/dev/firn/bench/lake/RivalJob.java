package dev.firn.bench.lake;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;

/** What the suite asks a {@link RivalWorker} for: one line of JSON. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "job")
@JsonSubTypes({
    @JsonSubTypes.Type(value = RivalJob.Write.class, name = "write"),
    @JsonSubTypes.Type(value = RivalJob.Compare.class, name = "compare")
})
sealed interface RivalJob {
    LakeTable table();

    LakeCorpus.Facts facts();

    /** Who writes. */
    enum Side {
        PARQUET_JAVA,
        DUCKDB
    }

    /**
     * Writes the table's rows, which it has in memory by then, into a file, again and again.
     *
     * @param measureNs whole passes take at least so long.
     */
    record Write(LakeTable table, LakeCorpus.Facts facts, Side side, String file, long measureNs) implements RivalJob {}

    /** Reads the files that Firn has made, and compares their rows with its own. */
    record Compare(LakeTable table, LakeCorpus.Facts facts, String folder) implements RivalJob {}
}
