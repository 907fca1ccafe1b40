package dev.firn.bench.replay;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import dev.firn.bench.corpus.Corpus;

/** What the suite asks a {@link ReplayWorker} for: one line of JSON. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "job")
@JsonSubTypes({
    @JsonSubTypes.Type(value = ReplayJob.Decode.class, name = "decode"),
    @JsonSubTypes.Type(value = ReplayJob.Replay.class, name = "replay")
})
sealed interface ReplayJob {
    Corpus corpus();

    /** Reads the log in memory again and again: checksums verified, headers and block references decoded. */
    record Decode(Corpus corpus, long warmupNs, long measureNs) implements ReplayJob {}

    /**
     * Replays the log over the base, once.
     *
     * @param pageMemoryBytes for pages: enough for all.
     */
    record Replay(Corpus corpus, long pageMemoryBytes) implements ReplayJob {}
}
