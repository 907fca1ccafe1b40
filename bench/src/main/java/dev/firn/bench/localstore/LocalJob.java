package dev.firn.bench.localstore;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import dev.firn.bench.transfer.TransferJob;

/** What the suite asks a {@link LocalWorker} for: one line of JSON. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "job")
@JsonSubTypes({
    @JsonSubTypes.Type(value = LocalJob.Stream.class, name = "stream"),
    @JsonSubTypes.Type(value = LocalJob.Create.class, name = "create"),
    @JsonSubTypes.Type(value = LocalJob.Link.class, name = "link")
})
sealed interface LocalJob {
    /**
     * Streams a file into one object of a store.
     *
     * @param directory the store's.
     * @param source the file.
     * @param verified whether the object is compared with the file afterwards, which is not measured.
     */
    record Stream(String directory, String source, boolean verified) implements LocalJob {}

    /** Creates objects in a store. */
    record Create(TransferJob transfer) implements LocalJob {}

    /** Creates files with {@code java.nio}: the rival. */
    record Link(TransferJob transfer) implements LocalJob {}
}
