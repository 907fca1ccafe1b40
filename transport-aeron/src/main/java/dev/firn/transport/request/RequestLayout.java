package dev.firn.transport.request;

import dev.firn.transport.codec.request.CancelDecoder;
import dev.firn.transport.codec.request.EntryDecoder;
import dev.firn.transport.codec.request.MessageHeaderDecoder;
import dev.firn.transport.codec.request.RequestsDecoder;
import dev.firn.transport.codec.request.ResponseDecoder;
import org.agrona.DirectBuffer;

/** Where things stand in the messages of {@code request.xml}. */
final class RequestLayout {
    static final int HEADER = MessageHeaderDecoder.ENCODED_LENGTH;
    static final int FIRST_ENTRY = HEADER + RequestsDecoder.BLOCK_LENGTH;
    static final int FIRST_BODY = FIRST_ENTRY + EntryDecoder.BLOCK_LENGTH;
    static final int RESPONSE_BODY = HEADER + ResponseDecoder.BLOCK_LENGTH;
    static final int CANCEL_LENGTH = HEADER + CancelDecoder.BLOCK_LENGTH;

    /** The wire has 32 bits for microseconds, of which the highest value means "none". */
    static final long MAX_TIMEOUT_US = 0xFFFF_FFFEL;

    static final int NANOS_A_MICRO = 1_000;

    private RequestLayout() {}

    /** Whether a message is of this schema at all. Reads nothing beyond its length. */
    static boolean isOurs(
            final MessageHeaderDecoder header, final DirectBuffer buffer, final int offset, final int length) {
        if (length < HEADER) {
            return false;
        }
        header.wrap(buffer, offset);
        return header.schemaId() == MessageHeaderDecoder.SCHEMA_ID;
    }

    /** Its own version, or the one before. */
    static boolean isReadable(final MessageHeaderDecoder header) {
        final int version = header.version();
        return version == MessageHeaderDecoder.SCHEMA_VERSION || version == MessageHeaderDecoder.SCHEMA_VERSION - 1;
    }

    /** Rounded up, so that a request does not end at the server before it does at the client. */
    static long timeoutUs(final long timeoutNs) {
        return Math.clamp((timeoutNs + NANOS_A_MICRO - 1) / NANOS_A_MICRO, 0, MAX_TIMEOUT_US);
    }
}
