package dev.firn.nativeio.network;

import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Room for one outgoing message, filled in place: see {@link Endpoint#claim}. Made once and used again for each message;
 * belongs to the endpoint's owner. What the room holds at first is undefined: the owner writes all of it.
 */
public final class MessageClaim {
    /** The side of an endpoint that hears how a claim ended. */
    public interface Room {
        /** The message is complete. */
        void commit();

        /** There will be no message. */
        void abort();
    }

    private final UnsafeBuffer buffer = new UnsafeBuffer(0, 0);
    private Room room;

    /** For endpoints: grants the room. The memory is borrowed until {@link #commit} or {@link #abort}. */
    public void open(final Room granted, final DirectBuffer memory, final int offset, final int length) {
        if (room != null) {
            throw new IllegalStateException("this claim is open already");
        }
        buffer.wrap(memory, offset, length);
        room = granted;
    }

    public boolean isOpen() {
        return room != null;
    }

    /** The message from index 0 to its length; not to be kept beyond {@link #commit} or {@link #abort}. */
    public MutableDirectBuffer buffer() {
        requireOpen();
        return buffer;
    }

    public int length() {
        requireOpen();
        return buffer.capacity();
    }

    /** Sends the message. */
    public void commit() {
        shut().commit();
    }

    /** Gives the room back; nothing is sent. */
    public void abort() {
        shut().abort();
    }

    private Room shut() {
        requireOpen();
        final Room ended = room;
        room = null;
        // Who writes too late writes into nothing.
        buffer.wrap(0, 0);
        return ended;
    }

    private void requireOpen() {
        if (room == null) {
            throw new IllegalStateException("this claim is not open");
        }
    }
}
