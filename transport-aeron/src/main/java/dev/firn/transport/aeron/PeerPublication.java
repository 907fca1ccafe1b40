package dev.firn.transport.aeron;

import dev.firn.nativeio.network.SendResult;
import dev.firn.transport.authentication.HandshakeMessage;
import dev.firn.transport.authentication.OutgoingSession;
import dev.firn.transport.codec.HandshakeEncoder;
import dev.firn.transport.codec.MessageHeaderEncoder;
import dev.firn.transport.codec.SealedFrameEncoder;
import io.aeron.Aeron;
import io.aeron.DirectBufferVector;
import io.aeron.ExclusivePublication;
import io.aeron.Publication;
import io.aeron.exceptions.AeronException;
import io.aeron.logbuffer.BufferClaim;
import io.aeron.protocol.DataHeaderFlyweight;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/**
 * The way from this node to one other. Belongs to the endpoint's owner.
 *
 * <p>The publication is asked for, without a wait, when it is first needed, so that peers that are never spoken to cost no
 * log buffer; until it is there, sends answer {@code NOT_CONNECTED}.
 *
 * <p>A publication ends at position 2³¹ × term length: 4 PiB with terms of 2 MiB, five days at 10 GB/s. Then it is
 * replaced in the same manner.
 */
final class PeerPublication implements AutoCloseable {
    /** A rotation of terms asks for another try; it succeeds at the first unless the log is at its end. */
    private static final int MAX_ADMIN_ACTIONS = 3;

    private static final long NONE = Aeron.NULL_VALUE;

    private final Aeron aeron;
    private final String channel;
    private final int maxMessageLength;
    private final int streamId;

    /** Null where nodes do not authenticate. */
    private final OutgoingSession session;

    /** Writes into {@link #header}; null without a session. */
    private final SealedFrameEncoder sealedHeader;

    /** Null for a peer on another host: its media driver has to look for what arrives. */
    private final PeerBell bell;

    private final DirectBuffer header;
    private final int headerLength;
    private final BufferClaim claim = new BufferClaim();

    /** Of its own, for a handshake is answered while the other claim may be open. */
    private final BufferClaim handshakeClaim = new BufferClaim();

    private final HandshakeEncoder handshakeEncoder = new HandshakeEncoder();
    private final MessageHeaderEncoder handshakeHeader = new MessageHeaderEncoder();

    /** Header, head and body of a message that is longer than a datagram. */
    private final DirectBufferVector[] vectors = {
        new DirectBufferVector(), new DirectBufferVector(), new DirectBufferVector()
    };

    private String nextChannel;
    private long registrationId = NONE;

    /** Null until the media driver has made it. */
    private ExclusivePublication publication;

    /**
     * @param firstChannel where the first publication stands in its log; tests begin near the end.
     * @param session null where nodes do not authenticate.
     * @param bell null for a peer that cannot be woken; closed with this.
     */
    PeerPublication(
            final Aeron aeron,
            final String firstChannel,
            final String channel,
            final int maxMessageLength,
            final int nodeId,
            final int peerId,
            final OutgoingSession session,
            final PeerBell bell) {
        this.aeron = aeron;
        this.nextChannel = firstChannel;
        this.channel = channel;
        this.maxMessageLength = maxMessageLength;
        this.streamId = AeronNetwork.streamIdOf(peerId);
        this.session = session;
        this.bell = bell;
        this.sealedHeader = session == null ? null : FrameLayout.sealedHeader(nodeId, peerId);
        this.header = session == null ? FrameLayout.plainHeader(nodeId, peerId) : sealedHeader.buffer();
        this.headerLength = header.capacity();
        this.vectors[0].reset(header, 0, headerLength);
    }

    /** Lengths are at most what this is made for together, within the buffers: the endpoint has checked. */
    SendResult send(
            final DirectBuffer head,
            final int headOffset,
            final int headLength,
            final DirectBuffer body,
            final int bodyOffset,
            final int bodyLength) {
        final SendResult readiness = readiness();
        if (readiness != SendResult.SENT) {
            return readiness;
        }
        final int frameLength = headerLength + headLength + bodyLength;
        if (frameLength > publication.maxPayloadLength()) {
            return sendInFragments(head, headOffset, headLength, body, bodyOffset, bodyLength);
        }
        final SendResult result = claimFrame(frameLength, claim);
        if (result == SendResult.SENT) {
            final MutableDirectBuffer frame = claim.buffer();
            final int headAt = claim.offset() + headerLength;
            frame.putBytes(headAt, head, headOffset, headLength);
            frame.putBytes(headAt + headLength, body, bodyOffset, bodyLength);
            sealClaim();
            claim.commit();
            wake();
        }
        return result;
    }

    private SendResult sendInFragments(
            final DirectBuffer head,
            final int headOffset,
            final int headLength,
            final DirectBuffer body,
            final int bodyOffset,
            final int bodyLength) {
        if (session != null) {
            // Before the work of sealing: a refused message would be sealed once more for each try.
            if (publication.availableWindow() <= 0) {
                return resultOf(refusal());
            }
            sealedHeader
                    .sessionId(session.sessionId())
                    .number(session.nextNumber())
                    .code(session.seal(head, headOffset, headLength, body, bodyOffset, bodyLength));
        }
        vectors[1].reset(head, headOffset, headLength);
        vectors[2].reset(body, bodyOffset, bodyLength);
        long position = Publication.ADMIN_ACTION;
        for (int i = 0; i <= MAX_ADMIN_ACTIONS && position == Publication.ADMIN_ACTION; i++) {
            position = publication.offer(vectors, null);
        }
        final SendResult result = resultOf(position);
        if (result == SendResult.SENT) {
            if (session != null) {
                session.sent();
            }
            wake();
        }
        return result;
    }

    /** Opens a claim for a message written in place; {@link #commit} or {@link #abort} ends it. */
    SendResult claim(final int length) {
        final SendResult readiness = readiness();
        return readiness == SendResult.SENT ? claimFrame(headerLength + length, claim) : readiness;
    }

    /** Where the payload of the open claim is to be written, in {@link #claimBuffer}. */
    int claimOffset() {
        return claim.offset() + headerLength;
    }

    MutableDirectBuffer claimBuffer() {
        return claim.buffer();
    }

    void commit() {
        if (session == null || session.established()) {
            sealClaim();
            claim.commit();
            wake();
        } else {
            // The session ended while the claim was open: nobody would accept the message.
            claim.abort();
        }
    }

    void abort() {
        claim.abort();
    }

    /** Sends a message of a handshake, which needs no session. */
    boolean sendHandshake(final HandshakeMessage message) {
        if (publication == null && !opened()) {
            return false;
        }
        if (claimFrame(FrameLayout.HANDSHAKE_LENGTH, handshakeClaim) != SendResult.SENT) {
            return false;
        }
        FrameLayout.encode(
                message, handshakeEncoder, handshakeHeader, handshakeClaim.buffer(), handshakeClaim.offset());
        handshakeClaim.commit();
        wake();
        return true;
    }

    private void wake() {
        if (bell != null) {
            bell.ring();
        }
    }

    /** {@code SENT} when there is a publication and, where nodes authenticate, a session. */
    private SendResult readiness() {
        if (publication == null && !opened()) {
            return SendResult.NOT_CONNECTED;
        }
        if (session != null && !session.established()) {
            session.open();
            return SendResult.NOT_CONNECTED;
        }
        return SendResult.SENT;
    }

    /** Writes the header of the claimed frame, whose payload is complete. */
    private void sealClaim() {
        if (session != null) {
            final int payloadLength = claim.length() - headerLength;
            sealedHeader
                    .sessionId(session.sessionId())
                    .number(session.nextNumber())
                    .code(session.seal(claim.buffer(), claimOffset(), payloadLength, claim.buffer(), claimOffset(), 0));
            session.sent();
        }
        claim.putBytes(header, 0, headerLength);
    }

    private SendResult claimFrame(final int frameLength, final BufferClaim into) {
        long position = Publication.ADMIN_ACTION;
        for (int i = 0; i <= MAX_ADMIN_ACTIONS && position == Publication.ADMIN_ACTION; i++) {
            position = publication.tryClaim(frameLength, into);
        }
        return resultOf(position);
    }

    /** Why there is no room, as an offer would put it. */
    private long refusal() {
        if (publication.isClosed()) {
            return Publication.CLOSED;
        }
        return publication.isConnected() ? Publication.BACK_PRESSURED : Publication.NOT_CONNECTED;
    }

    private SendResult resultOf(final long position) {
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
        if (position == Publication.NOT_CONNECTED) {
            if (session != null) {
                session.onDisconnected();
            }
            return SendResult.NOT_CONNECTED;
        }
        return SendResult.BACK_PRESSURED;
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

    /** An external media driver may have been given terms or datagrams of another length than the profiles have. */
    private ExclusivePublication longEnough(final ExclusivePublication found) {
        final int needed = FrameLayout.SEALED_HEADER_LENGTH + maxMessageLength;
        if (found.maxPayloadLength() < DriverProfile.MTU_LENGTH - DataHeaderFlyweight.HEADER_LENGTH) {
            final int payloadLength = found.maxPayloadLength();
            found.close();
            throw new IllegalStateException("the media driver's datagrams hold " + payloadLength
                    + " bytes: start it with an MTU of " + DriverProfile.MTU_LENGTH);
        }
        if (found.maxMessageLength() < needed) {
            final int termLength = found.termBufferLength();
            found.close();
            throw new IllegalStateException("the media driver's terms are " + termLength
                    + " bytes long: messages of up to " + needed + " bytes need eight times that");
        }
        return found;
    }

    /** Whether a message would be taken, were there room; opens the way when it is not open. */
    boolean connected() {
        return (publication != null || opened()) && publication.isConnected() && readiness() == SendResult.SENT;
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
        if (bell != null) {
            bell.close();
        }
    }
}
