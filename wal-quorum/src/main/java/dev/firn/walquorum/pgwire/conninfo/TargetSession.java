package dev.firn.walquorum.pgwire.conninfo;

/** libpq's target_session_attrs: which server among several hosts will do. */
public enum TargetSession {
    ANY("any"),
    READ_WRITE("read-write"),
    READ_ONLY("read-only"),
    PRIMARY("primary"),
    STANDBY("standby"),
    PREFER_STANDBY("prefer-standby");

    private final String text;

    TargetSession(final String text) {
        this.text = text;
    }

    /**
     * @param isReadOnly {@code default_transaction_read_only}.
     * @param isStandby  {@code in_hot_standby}.
     */
    public boolean accepts(final boolean isReadOnly, final boolean isStandby) {
        return switch (this) {
            case ANY -> true;
            case READ_WRITE -> !isReadOnly && !isStandby;
            case READ_ONLY -> isReadOnly || isStandby;
            case PRIMARY -> !isStandby;
            case STANDBY, PREFER_STANDBY -> isStandby;
        };
    }

    @Override
    public String toString() {
        return text;
    }
}
