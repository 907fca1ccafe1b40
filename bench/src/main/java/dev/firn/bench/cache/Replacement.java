package dev.firn.bench.cache;

/** A cache seen as a rule of what to keep: block numbers go in, hits come out. For one thread. */
interface Replacement extends AutoCloseable {
    /** How a result names it. */
    String name();

    /** Asks for a block, which is brought in when it is not there. Returns whether it was. */
    boolean touch(long block);

    @Override
    default void close() {}
}
