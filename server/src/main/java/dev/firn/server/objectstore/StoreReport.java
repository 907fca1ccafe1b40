package dev.firn.server.objectstore;

/**
 * What the last proof showed.
 *
 * @param failure one sentence; null when the proof held.
 * @param durationNs how long the last proof that held took; 0 before the first.
 * @param provenEpochNs when that was; 0 before the first.
 */
record StoreReport(String failure, long durationNs, long provenEpochNs) {
    static final StoreReport NONE = new StoreReport(null, 0, 0);
}
