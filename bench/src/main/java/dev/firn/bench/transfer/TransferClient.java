package dev.firn.bench.transfer;

/** One side: a client of the store that keeps operations in flight. */
public interface TransferClient extends AutoCloseable {
    /** What moves the bytes, in its own words. */
    String describe();

    /**
     * Keeps as many operations in flight as there are slots, begins no more when the time is over, and returns when the last has
     * ended. At least one for each slot.
     *
     * @throws TransferException when one fails; what else is in flight has ended then.
     */
    void transfer(TransferJob job, TransferSlots slots, long durationNs) throws TransferException, InterruptedException;

    @Override
    void close();

    /** An operation that failed, with the client's words. */
    final class TransferException extends Exception {
        private static final long serialVersionUID = 1;

        public TransferException(final String message, final Throwable cause) {
            super(message, cause);
        }
    }
}
