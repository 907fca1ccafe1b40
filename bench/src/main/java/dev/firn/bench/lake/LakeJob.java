package dev.firn.bench.lake;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;

/** What the suite asks a {@link LakeWorker} for: one line of JSON. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "job")
@JsonSubTypes({
    @JsonSubTypes.Type(value = LakeJob.Transcode.class, name = "transcode"),
    @JsonSubTypes.Type(value = LakeJob.Rebuild.class, name = "rebuild")
})
sealed interface LakeJob {
    LakeCorpus corpus();

    LakeTable table();

    /** The folder of the table's Parquet files. */
    String folder();

    /** Whole passes take at least so long. */
    long measureNs();

    /** Turns the table's heap pages into Parquet files, again and again; those of the last time stay. */
    record Transcode(LakeCorpus corpus, LakeTable table, String folder, long measureNs) implements LakeJob {}

    /** Turns the files of a {@link Transcode} back into heap pages, again and again. */
    record Rebuild(LakeCorpus corpus, LakeTable table, String folder, long measureNs) implements LakeJob {}
}
