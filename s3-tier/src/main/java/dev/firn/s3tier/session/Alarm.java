package dev.firn.s3tier.session;

/** Something that happens at a time, at most once for each time that it is set. Belongs to one {@link Alarms}. */
final class Alarm {
    static final int NOT_SET = -1;

    private final Action action;
    long atNs;

    /** Where it stands in the heap, or {@link #NOT_SET}. */
    int heapIndex = NOT_SET;

    Alarm(final Action action) {
        this.action = action;
    }

    boolean isSet() {
        return heapIndex != NOT_SET;
    }

    void ring(final long nowNs) {
        action.onAlarm(nowNs);
    }

    @FunctionalInterface
    interface Action {
        void onAlarm(long nowNs);
    }
}
