package dev.firn.walquorum.pgwire;

import dev.firn.nativeio.memory.MemoryTag;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.walquorum.pgwire.channel.ServerChannel;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * What was read and not used yet: bytes from begin to end of an off-heap buffer. What is kept from one read to the next is short:
 * the head of a message, or a small message; long ones are handed on as they come.
 */
final class ReceiveBuffer implements AutoCloseable {
    private static final MemoryTag TAG = MemoryTag.of("pgwire-receive");
    /** Room for a record of TLS, which is decrypted whole. */
    private static final int MIN_ROOM_BYTES = 32 << 10;

    private final OffHeapMemory memory;
    private final MemorySegment segment;
    private final ByteBuffer bytes;
    private final UnsafeBuffer view;
    private int begin;
    private int end;

    ReceiveBuffer(final OffHeapMemory memory, final int capacityBytes) {
        this.memory = memory;
        this.segment = memory.allocate(capacityBytes, TAG);
        this.bytes = segment.asByteBuffer();
        this.view = new UnsafeBuffer(segment.address(), capacityBytes);
    }

    /** The longest run of bytes that may be waited for as a whole. */
    static int maxWholeBytes(final int capacityBytes) {
        return capacityBytes - MIN_ROOM_BYTES;
    }

    int maxWholeBytes() {
        return maxWholeBytes(view.capacity());
    }

    UnsafeBuffer view() {
        return view;
    }

    int begin() {
        return begin;
    }

    int end() {
        return end;
    }

    int available() {
        return end - begin;
    }

    void consume(final int count) {
        begin += count;
    }

    byte byteAt(final int offset) {
        return view.getByte(begin + offset);
    }

    int intAt(final int offset) {
        return view.getInt(begin + offset, ByteOrder.BIG_ENDIAN);
    }

    void copy(final byte[] target, final int offset, final int count) {
        view.getBytes(begin, target, offset, count);
        begin += count;
    }

    /**
     * Reads what has arrived, once.
     *
     * @return bytes read; -1 at the end.
     */
    int fill(final ServerChannel channel) throws IOException {
        if (begin == end) {
            begin = 0;
            end = 0;
        } else if (view.capacity() - end < MIN_ROOM_BYTES) {
            bytes.limit(end).position(begin);
            bytes.compact();
            end -= begin;
            begin = 0;
        }
        bytes.limit(view.capacity()).position(end);
        final int count = channel.read(bytes);
        if (count > 0) {
            end += count;
        }
        return count;
    }

    /** Off-heap room that nothing is kept in, for a TLS handshake; only while nothing was read and not used. */
    ByteBuffer scratch() {
        return bytes.clear();
    }

    @Override
    public void close() {
        memory.free(segment);
    }
}
