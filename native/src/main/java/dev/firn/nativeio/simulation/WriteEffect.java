package dev.firn.nativeio.simulation;

/** Whether the write that made a version has completed: only then does a sync that starts later owe it durability. */
final class WriteEffect {
    static final WriteEffect COMPLETED = new WriteEffect(true);

    private boolean settled;

    WriteEffect() {
        this(false);
    }

    private WriteEffect(final boolean settled) {
        this.settled = settled;
    }

    void settle() {
        settled = true;
    }

    boolean settled() {
        return settled;
    }
}
