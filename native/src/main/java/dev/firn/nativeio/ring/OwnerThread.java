package dev.firn.nativeio.ring;

/** The one thread that may use a ring. */
public final class OwnerThread {
    private final Thread owner = Thread.currentThread();

    public OwnerThread() {
        if (owner.isVirtual()) {
            throw new IllegalStateException("a ring is owned by a platform thread; " + owner + " is virtual");
        }
    }

    /** Throws when the calling thread is another one. */
    public void check() {
        if (Thread.currentThread() != owner) {
            throw new IllegalStateException("this ring is owned by thread " + owner.getName() + " and was used by "
                    + Thread.currentThread().getName());
        }
    }
}
