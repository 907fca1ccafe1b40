package dev.firn.transport.aeron;

import dev.firn.transport.authentication.Authenticator;
import dev.firn.transport.authentication.HandshakeKind;
import dev.firn.transport.authentication.HandshakeMessage;
import dev.firn.transport.codec.SealedFrameDecoder;
import java.util.ArrayList;
import java.util.List;
import org.agrona.DirectBuffer;
import org.agrona.collections.Int2ObjectHashMap;

/**
 * Decides which frames come in: of the right form, and where nodes have a secret, of a session. Belongs to the endpoint's
 * owner; {@link #problems} is for any thread.
 */
final class FrameGate {
    /** What is known of a peer's standing. */
    private static final class Standing {
        private volatile PeerProblem problem = PeerProblem.NONE;
    }

    private final FrameReader reader;

    /** Null when this node has no secret. */
    private final Authenticator authenticator;

    /** Never changed, so that any thread may read it. */
    private final Int2ObjectHashMap<Standing> standings = new Int2ObjectHashMap<>();

    FrameGate(final FrameReader reader, final Authenticator authenticator, final Iterable<Integer> nodeIds) {
        this.reader = reader;
        this.authenticator = authenticator;
        for (final int nodeId : nodeIds) {
            standings.put(nodeId, new Standing());
        }
    }

    /** Judges a frame; answers it when it is a handshake's. */
    FrameVerdict judge(final DirectBuffer buffer, final int offset, final int length) {
        final FrameVerdict form = reader.read(buffer, offset, length);
        if (form != FrameVerdict.ACCEPTED) {
            return form;
        }
        final Standing standing = standings.get(reader.sourceNodeId());
        return switch (reader.kind()) {
            case PLAIN -> {
                if (authenticator == null) {
                    yield FrameVerdict.ACCEPTED;
                }
                standing.problem = PeerProblem.PEER_WITHOUT_SECRET;
                yield FrameVerdict.UNAUTHENTICATED;
            }
            case SEALED -> {
                if (authenticator == null) {
                    standing.problem = PeerProblem.SELF_WITHOUT_SECRET;
                    yield FrameVerdict.NO_SECRET;
                }
                yield judgeSealed(buffer, offset, length, standing);
            }
            case HANDSHAKE -> {
                if (authenticator == null) {
                    standing.problem = PeerProblem.SELF_WITHOUT_SECRET;
                    yield FrameVerdict.NO_SECRET;
                }
                yield judgeHandshake(reader.handshake(), standing);
            }
        };
    }

    private FrameVerdict judgeSealed(
            final DirectBuffer buffer, final int offset, final int length, final Standing standing) {
        final SealedFrameDecoder frame = reader.sealed();
        final int headerLength = FrameLayout.SEALED_HEADER_LENGTH;
        return switch (authenticator.check(
                reader.sourceNodeId(),
                frame.sessionId(),
                frame.number(),
                frame.code(),
                buffer,
                offset + headerLength,
                length - headerLength)) {
            case ACCEPTED -> {
                clear(standing);
                yield FrameVerdict.ACCEPTED;
            }
            case UNKNOWN_SESSION -> FrameVerdict.UNKNOWN_SESSION;
            case REPLAYED -> FrameVerdict.REPLAYED;
            case WRONG_CODE -> FrameVerdict.WRONG_CODE;
        };
    }

    private FrameVerdict judgeHandshake(final HandshakeMessage message, final Standing standing) {
        return switch (authenticator.onHandshake(message)) {
            case HANDLED -> {
                if (message.kind() == HandshakeKind.OPEN || message.kind() == HandshakeKind.ACCEPTED) {
                    clear(standing);
                }
                yield message.kind() == HandshakeKind.ACCEPTED ? FrameVerdict.SESSION_OPENED : FrameVerdict.HANDSHAKE;
            }
            case STALE -> FrameVerdict.STALE_HANDSHAKE;
            case WRONG_PROOF -> {
                standing.problem = PeerProblem.DIFFERENT_SECRET;
                yield FrameVerdict.WRONG_PROOF;
            }
        };
    }

    private static void clear(final Standing standing) {
        if (standing.problem != PeerProblem.NONE) {
            standing.problem = PeerProblem.NONE;
        }
    }

    /** Who sent the frame that was accepted last. */
    int sourceNodeId() {
        return reader.sourceNodeId();
    }

    /** Where its payload begins. */
    int headerLength() {
        return reader.headerLength();
    }

    /** One sentence for each peer with which something is wrong. */
    List<String> problems() {
        final List<String> problems = new ArrayList<>();
        standings.forEach((peerId, standing) -> {
            final PeerProblem problem = standing.problem;
            if (problem != PeerProblem.NONE) {
                problems.add(problem.of(peerId));
            }
        });
        return problems;
    }
}
