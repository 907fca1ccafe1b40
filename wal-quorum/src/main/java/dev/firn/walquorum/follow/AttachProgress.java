package dev.firn.walquorum.follow;

/** Hears how far an attachment is. Called on its thread. */
public interface AttachProgress {
    /** Nobody listens. */
    AttachProgress NONE = new AttachProgress() {
        @Override
        public void onStep(final String step) {
            // Nobody listens.
        }

        @Override
        public void onBackup(final long bytes, final long estimatedBytes) {
            // Nobody listens.
        }

        @Override
        public void onWarning(final String sentence) {
            // Nobody listens.
        }
    };

    /** @param step what is done now: "making the log". */
    void onStep(String step);

    /** @param estimatedBytes of the whole base backup; -1 when nobody knows. */
    void onBackup(long bytes, long estimatedBytes);

    void onWarning(String sentence);
}
