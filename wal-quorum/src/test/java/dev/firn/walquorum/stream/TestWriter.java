package dev.firn.walquorum.stream;

import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.nativeio.network.Endpoint;
import dev.firn.nativeio.seam.Clock;
import dev.firn.walquorum.term.Membership;
import dev.firn.walquorum.wire.LogSpec;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.agrona.concurrent.Agent;
import org.agrona.concurrent.UnsafeBuffer;

/** Owns a {@link QuorumWriter} and writes WAL whose bytes follow from their places, as far as it is let. */
final class TestWriter implements Agent {
    private static final int PIECE_BYTES = 9_000;

    final QuorumWriter writer;
    private final RandomGenerator random;
    private final UnsafeBuffer piece = new UnsafeBuffer(new byte[PIECE_BYTES]);

    /** Up to where it writes. */
    long endLsn;

    /** Whether it goes for the log again when it was deposed. */
    boolean isStubborn;

    Membership created = Membership.NONE;
    long refusedBytes;

    TestWriter(
            final Endpoint endpoint,
            final LogSpec spec,
            final Set<Integer> nodes,
            final Membership membership,
            final WriterConfig config,
            final OffHeapMemory memory,
            final Clock clock,
            final RandomGenerator random) {
        this.random = random;
        this.writer = QuorumWriter.open(endpoint, spec, nodes, membership, config, memory, clock, random);
        this.endLsn = spec.startLsn();
    }

    static byte byteAt(final long lsn) {
        return (byte) (lsn * 31 + (lsn >>> 11));
    }

    @Override
    public String roleName() {
        return "test-writer";
    }

    @Override
    public int doWork() {
        int work = writer.doWork();
        if (writer.createdMembership().generation() > 0) {
            created = writer.createdMembership();
            writer.begin();
        }
        if (isStubborn && writer.state() == WriterState.DEPOSED) {
            writer.campaignAgain();
        }
        final long from = writer.wantedFromLsn();
        if (from != QuorumWriter.NOTHING && from < endLsn) {
            final int length = (int) Math.min(1 + random.nextInt(PIECE_BYTES), endLsn - from);
            for (int i = 0; i < length; i++) {
                piece.putByte(i, byteAt(from + i));
            }
            final int taken = writer.append(from, piece, 0, length);
            refusedBytes += length - taken;
            work += taken > 0 ? 1 : 0;
        }
        return work;
    }

    @Override
    public void onClose() {
        writer.close();
    }
}
