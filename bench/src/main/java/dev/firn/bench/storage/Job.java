package dev.firn.bench.storage;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;

/** What the suite asks a {@link BenchWorker} for: one line of JSON. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "job")
@JsonSubTypes({
    @JsonSubTypes.Type(value = Job.RingRead.class, name = "ring-read"),
    @JsonSubTypes.Type(value = Job.RingAppend.class, name = "ring-append"),
    @JsonSubTypes.Type(value = Job.ChannelRead.class, name = "channel-read")
})
sealed interface Job {
    String directory();

    String file();

    long warmupNs();

    long measureNs();

    /** Random block reads through a ring, {@code depth} in flight. */
    record RingRead(String directory, String file, int depth, long seed, long warmupNs, long measureNs)
            implements Job {}

    /** Appends through a ring, each made durable before the next. */
    record RingAppend(String directory, String file, int blockBytes, long warmupNs, long measureNs) implements Job {}

    /** Random block reads through a FileChannel, one thread for each of {@code depth}. */
    record ChannelRead(String directory, String file, int depth, long seed, long warmupNs, long measureNs)
            implements Job {}
}
