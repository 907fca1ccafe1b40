package dev.firn.bench.pages;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;

/** What the suite asks a {@link PageWorker} for: one line of JSON. Beds are kept from one question to the next of the same kind. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "job")
@JsonSubTypes({
    @JsonSubTypes.Type(value = PageJob.Deltas.class, name = "deltas"),
    @JsonSubTypes.Type(value = PageJob.RedoAlone.class, name = "redo-alone"),
    @JsonSubTypes.Type(value = PageJob.Layers.class, name = "layers"),
    @JsonSubTypes.Type(value = PageJob.Served.class, name = "served"),
    @JsonSubTypes.Type(value = PageJob.Branches.class, name = "branches"),
    @JsonSubTypes.Type(value = PageJob.PingPong.class, name = "ping-pong")
})
sealed interface PageJob {
    String directory();

    /** Reads of pages of so many deltas in a memory table, one at a time, none found in the page cache. */
    record Deltas(String directory, int deltas, long measureNs) implements PageJob {}

    /** The image of a page copied, and so many records applied to it. */
    record RedoAlone(String directory, int deltas, long measureNs) implements PageJob {}

    /** Reads of pages of image layers whose blocks are in the block cache's file, none found in the page cache. */
    record Layers(String directory, int blocks, int depth, long measureNs) implements PageJob {}

    /** Pages of the page cache, asked for over IPC by so many callers of one client, each of whom waits for its page. */
    record Served(String directory, int callers, long measureNs) implements PageJob {}

    /** Branches made of so many pages in layers, and deleted again, one after the other. */
    record Branches(String directory, int blocks, int branches) implements PageJob {}

    /** As many messages of a request's length, answered by 8 KiB, through Aeron's IPC alone. */
    record PingPong(String directory, int callers, long measureNs) implements PageJob {}
}
