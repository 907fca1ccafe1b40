package dev.firn.pagestore.upkeep;

/** Work on a timeline that takes many duty cycles. Belongs to the housekeeper. */
interface Job extends AutoCloseable {
    /** How it stands. */
    enum State {
        WORKING,
        DONE,
        /** In vain: what it wrote is nobody's. It may be begun anew. */
        FAILED
    }

    /** Goes on; returns how much was done. */
    int work(int limit);

    State state();

    /** Why it failed, in one sentence. */
    String failure();

    /** The change of the manifest, once done. */
    ManifestKeeper.Edit edit();

    /** Gives up what the store has of a layer that is not whole. While the store's session is open; nothing but a close comes behind it. */
    void endUpload();

    /** Gives up what it holds. */
    @Override
    void close();
}
