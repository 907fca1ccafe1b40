package dev.firn.s3tier.simulation;

/** One write that a client of a model run has begun, and what is known of it. Its content is made of its id. */
final class ModelWrite {
    enum Status {
        PENDING,
        /** Answered Stored: it has taken effect. */
        STORED,
        /** Answered PreconditionFailed: it has had no effect and never will. */
        REFUSED,
        /** Answered Failed: the same. */
        FAILED,
        /** Answered Unknown, or its client has crashed: either. */
        UNKNOWN
    }

    final long id;
    final String key;
    final int lengthBytes;

    /** Of a chain: its place, from 0, and the write that it replaces. */
    final int index;

    final ModelWrite predecessor;
    final long startNs;
    Status status = Status.PENDING;
    long endNs;

    ModelWrite(
            final long id,
            final String key,
            final int lengthBytes,
            final int index,
            final ModelWrite predecessor,
            final long startNs) {
        this.id = id;
        this.key = key;
        this.lengthBytes = lengthBytes;
        this.index = index;
        this.predecessor = predecessor;
        this.startNs = startNs;
    }

    boolean isRuledOut() {
        return status == Status.REFUSED || status == Status.FAILED;
    }

    @Override
    public String toString() {
        return "write " + id + " of " + key + (index < 0 ? "" : " [" + index + "]") + ' ' + status + " (begun at "
                + startNs + (status == Status.PENDING ? "" : ", answered at " + endNs) + ')';
    }
}
