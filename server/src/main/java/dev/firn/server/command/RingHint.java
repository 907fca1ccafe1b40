package dev.firn.server.command;

import dev.firn.nativeio.file.HostStorage;
import dev.firn.nativeio.storage.RingBackend;
import dev.firn.nativeio.uring.UringSupport;
import java.io.PrintWriter;

/** Tells once, before I/O begins, that it will not go through io_uring, and what to do about that. */
final class RingHint {
    private RingHint() {}

    static void printTo(final PrintWriter err) {
        if (HostStorage.bestBackend() != RingBackend.PORTABLE) {
            return;
        }
        final UringSupport support = UringSupport.host();
        err.println(
                support.available()
                        ? "firn: I/O goes through the portable back end, since -Dfirn.ring says so"
                        : "firn: " + support.reason() + ": I/O goes through the portable back end; for io_uring, "
                                + support.remedy());
        err.flush();
    }
}
