package dev.firn.server.up;

import java.util.logging.LogManager;

/**
 * The JDK's own takes all handlers away as soon as the process is asked to stop, and with them what is said about the stop.
 * This one keeps them to the end; they hold nothing that needs closing.
 */
public final class StayingLogManager extends LogManager {
    @Override
    public void reset() {
        // The handlers stay.
    }
}
