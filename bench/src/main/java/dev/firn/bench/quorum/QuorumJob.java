package dev.firn.bench.quorum;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;

/** What the suite asks a {@link QuorumWorker} for: one line of JSON. The first question settles the directory. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "job")
@JsonSubTypes({
    @JsonSubTypes.Type(value = QuorumJob.RoundTrips.class, name = "round-trips"),
    @JsonSubTypes.Type(value = QuorumJob.Stream.class, name = "stream"),
    @JsonSubTypes.Type(value = QuorumJob.PlainStream.class, name = "plain-stream")
})
sealed interface QuorumJob {
    String directory();

    /** Appends of so many bytes, one at a time, each followed by a plain write of the same blocks. */
    record RoundTrips(String directory, int bytes, long measureNs) implements QuorumJob {}

    /** As much WAL as the quorum takes. */
    record Stream(String directory, long measureNs) implements QuorumJob {}

    /** As much as the disk takes, in three files at once. */
    record PlainStream(String directory, int blockBytes, int inFlight, long measureNs) implements QuorumJob {}
}
