package dev.firn.nativeio.zstd;

/** Bytes that are no frame, or a frame that does not fit where it should; the message is the library's. */
public final class ZstdFrameException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public ZstdFrameException(final String message) {
        super(message);
    }
}
