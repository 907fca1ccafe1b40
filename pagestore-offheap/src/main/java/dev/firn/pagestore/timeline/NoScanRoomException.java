package dev.firn.pagestore.timeline;

/** A scan finds no memory now; it is begun again later. */
final class NoScanRoomException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    NoScanRoomException() {
        super("there is no memory for a scan now");
    }
}
