package dev.firn.s3tier.crt;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.List;
import software.amazon.awssdk.crt.http.HttpRequestBodyStream;

/**
 * A request's body, read from the caller's memory straight into the message that the socket or TLS is given: the one copy
 * that the CRT asks for. Called by the connection's event loop only; {@link #end} by whoever ends the exchange, after which the
 * caller's memory is not looked at any more.
 */
final class SegmentsBody implements HttpRequestBodyStream {
    private final List<MemorySegment> segments;
    private final long lengthBytes;
    private int segment;
    private long position;
    private long sentBytes;
    private boolean ended;

    SegmentsBody(final List<MemorySegment> segments) {
        this.segments = segments;
        long length = 0;
        for (final MemorySegment each : segments) {
            length += each.byteSize();
        }
        this.lengthBytes = length;
    }

    static SegmentsBody of(final byte[] bytes) {
        return new SegmentsBody(List.of(MemorySegment.ofArray(bytes)));
    }

    /** Whether the last byte has been handed over; before that, no store can have the whole body. */
    boolean isSent() {
        return sentBytes == lengthBytes;
    }

    List<MemorySegment> segments() {
        return segments;
    }

    void end() {
        ended = true;
    }

    @Override
    public boolean sendRequestBody(final ByteBuffer bodyBytesOut) {
        final MemorySegment to = MemorySegment.ofBuffer(bodyBytesOut);
        long room = to.byteSize();
        while (room > 0 && segment < segments.size() && !ended) {
            final MemorySegment from = segments.get(segment);
            final long length = Math.min(room, from.byteSize() - position);
            MemorySegment.copy(from, position, to, to.byteSize() - room, length);
            room -= length;
            position += length;
            sentBytes += length;
            if (position == from.byteSize()) {
                segment++;
                position = 0;
            }
        }
        bodyBytesOut.position(bodyBytesOut.limit() - (int) room);
        return sentBytes == lengthBytes;
    }

    /** Never asked for: a body is sent once, and its checksum is known before. */
    @Override
    public boolean resetPosition() {
        return false;
    }

    @Override
    public long getLength() {
        return lengthBytes;
    }
}
