package dev.firn.compute.instance;

/** How a server is asked to stop: Postgres' own three modes, by the signals that its manual gives them. */
public enum StopMode {
    /** Lets every session end by itself, then writes a shutdown checkpoint. */
    SMART("TERM"),
    /** Ends the sessions, then writes a shutdown checkpoint. */
    FAST("INT"),
    /** Ends at once, without a checkpoint: the next start recovers. */
    IMMEDIATE("QUIT");

    private final String signal;

    StopMode(final String signal) {
        this.signal = signal;
    }

    String signal() {
        return signal;
    }
}
