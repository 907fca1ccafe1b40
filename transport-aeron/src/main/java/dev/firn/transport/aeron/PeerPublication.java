package dev.firn.transport.aeron;

import dev.firn.nativeio.network.SendResult;
import io.aeron.Aeron;
import io.aeron.ExclusivePublication;
import io.aeron.Publication;
import io.aeron.exceptions.AeronException;
import io.aeron.logbuffer.BufferClaim;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * The way from this node to one other. Belongs to the endpoint's owner.
 *
 * <p>The publication is asked for, without a wait, when it is first needed, so that peers that are never spoken to cost no
 * log buffer; until it is there, sends answer {@code NOT_CONNECTED}.
 *
 * <p>A publication ends at position 2³¹ × term length: 16 PiB with terms of 8 MiB, three weeks at 10 GB/s. Then it is
 * replaced in the same manner.
 */
final class PeerPublication implements AutoCloseable {
    /** A rotation of terms asks for another try; it succeeds at the first unless the log is at its end. */
    private static final int MAX_ADMIN_ACTIONS = 3;

    private static final long NONE = Aeron.NULL_VALUE;

    private final Aeron aeron;
    private final String channel;
    private final int streamId;
    private final UnsafeBuffer header;
    private final BufferClaim claim = new BufferClaim();

    private String nextChannel;
    private long registrationId = NONE;

    /** Null until the media driver has made it. */
    private ExclusivePublication publication;

    /** @param firstChannel where the first publication stands in its log; tests begin near the end. */
    PeerPublication(
            final Aeron aeron,
            final String firstChannel,
            final String channel,
            final int streamId,
            final UnsafeBuffer header) {
        this.aeron = aeron;
        this.nextChannel = firstChannel;
        this.channel = channel;
        this.streamId = streamId;
        this.header = header;
    }

    /** @param length at most {@link AeronEndpoint#MAX_MESSAGE_LENGTH}, within the buffer: the endpoint has checked. */
    SendResult send(final DirectBuffer buffer, final int offset, final int length) {
        if (publication == null && !opened()) {
            return SendResult.NOT_CONNECTED;
        }
        long position = Publication.ADMIN_ACTION;
        for (int i = 0; i <= MAX_ADMIN_ACTIONS && position == Publication.ADMIN_ACTION; i++) {
            position = FrameLayout.HEADER_LENGTH + length <= publication.maxPayloadLength()
                    ? claimAndCopy(buffer, offset, length)
                    : publication.offer(header, 0, FrameLayout.HEADER_LENGTH, buffer, offset, length);
        }
        if (position > 0) {
            return SendResult.SENT;
        }
        if (position == Publication.MAX_POSITION_EXCEEDED) {
            publication.close();
            publication = null;
            return SendResult.NOT_CONNECTED;
        }
        if (position == Publication.CLOSED) {
            return SendResult.CLOSED;
        }
        return position == Publication.NOT_CONNECTED ? SendResult.NOT_CONNECTED : SendResult.BACK_PRESSURED;
    }

    private long claimAndCopy(final DirectBuffer buffer, final int offset, final int length) {
        final long position = publication.tryClaim(FrameLayout.HEADER_LENGTH + length, claim);
        if (position > 0) {
            claim.putBytes(header, 0, FrameLayout.HEADER_LENGTH);
            claim.buffer().putBytes(claim.offset() + FrameLayout.HEADER_LENGTH, buffer, offset, length);
            claim.commit();
        }
        return position;
    }

    private boolean opened() {
        try {
            if (registrationId == NONE) {
                registrationId = aeron.asyncAddExclusivePublication(nextChannel, streamId);
                nextChannel = channel;
            }
            final ExclusivePublication found = aeron.getExclusivePublication(registrationId);
            if (found == null) {
                return false;
            }
            registrationId = NONE;
            publication = longEnough(found);
            return true;
        } catch (final AeronException e) {
            registrationId = NONE;
            throw new IllegalStateException("cannot open a publication to " + channel + ", stream " + streamId, e);
        }
    }

    /** An external media driver may have been given terms of another length than the profiles have. */
    private static ExclusivePublication longEnough(final ExclusivePublication found) {
        final int needed = FrameLayout.HEADER_LENGTH + AeronEndpoint.MAX_MESSAGE_LENGTH;
        if (found.maxMessageLength() < needed) {
            final int termLength = found.termBufferLength();
            found.close();
            throw new IllegalStateException("the media driver's terms are " + termLength
                    + " bytes long: messages of up to " + needed + " bytes need eight times that");
        }
        return found;
    }

    boolean connected() {
        return (publication != null || opened()) && publication.isConnected();
    }

    @Override
    public void close() {
        if (registrationId != NONE) {
            aeron.asyncRemovePublication(registrationId);
            registrationId = NONE;
        }
        if (publication != null) {
            publication.close();
        }
    }
}
