package dev.firn.nvmecache;

/** What the ring hands back with a completion: what it was for, and which one. */
final class Tokens {
    static final int READ = 0;
    static final int WRITE = 1;
    static final int PAGE = 2;
    static final int SYNC = 3;

    private Tokens() {}

    static long of(final int purpose, final int number) {
        return ((long) purpose << Integer.SIZE) | number;
    }

    static int purpose(final long token) {
        return (int) (token >>> Integer.SIZE);
    }

    static int number(final long token) {
        return (int) token;
    }

    /** The ring has room for all that the cache may have in flight: it was opened so. */
    static void requireAccepted(final boolean accepted) {
        if (!accepted) {
            throw new IllegalStateException("the cache's ring refused an operation within its capacity");
        }
    }
}
