package dev.firn.s3tier.store;

/**
 * A place where immutable objects live under keys: an S3 bucket, a local directory, or the simulated store. All keep the
 * same promises, which one contract test holds against each of them.
 *
 * <ul>
 *   <li><b>Whole or not at all:</b> an object is seen complete, with the bytes that were given, or not at all.
 *   <li><b>Durable:</b> {@link PutOutcome.Stored} means that the object survives the loss of power.
 *   <li><b>Read after write:</b> a get, head or list that began after a put, replace or delete was answered sees its effect.
 *   <li><b>Conditions are atomic</b> between all clients of the store, other processes included: of any number of
 *       {@link WriteCondition.IfAbsent} writes of one key at most one is stored, and of any number of
 *       {@link WriteCondition.IfVersion} writes that expect the same version at most one.
 * </ul>
 *
 * <p>Thread-safe. Work is done through a {@link StoreSession}, which belongs to one thread.
 */
public interface ObjectStore extends AutoCloseable {
    /** One line for the log, {@code status} and benchmarks: what kind, where, with which limits. Names no secret. */
    String describe();

    StoreLimits limits();

    /** What has happened since the store was opened, for the metrics. */
    StoreCounters counters();

    /** The address of an object as readers outside Firn spell it: {@code s3://bucket/prefix/key} or {@code file:///…}. */
    String addressOf(String key);

    /** Opens a session for the calling thread, which then owns it. */
    StoreSession openSession();

    /** Closes what the sessions stand on. All sessions must be closed before. */
    @Override
    void close();
}
