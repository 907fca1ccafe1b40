package dev.firn.s3tier.store;

/** When a write may take effect. */
public sealed interface WriteCondition {
    WriteCondition ALWAYS = new Always();
    WriteCondition IF_ABSENT = new IfAbsent();

    /** Whatever is there. */
    record Always() implements WriteCondition {}

    /** Only when there is no object under the key (S3: {@code If-None-Match: *}). */
    record IfAbsent() implements WriteCondition {}

    /**
     * Only when this very version is there (S3: {@code If-Match}). A store's version may be no more than a hash of the content:
     * what is replaced conditionally must never have the same content twice, so put a number that grows into it.
     */
    record IfVersion(ObjectVersion version) implements WriteCondition {}

    static WriteCondition ifVersion(final ObjectVersion version) {
        return new IfVersion(version);
    }
}
