package dev.firn.walquorum.simulation;

import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.nativeio.network.Endpoint;
import dev.firn.nativeio.simulation.SimulatedHost;
import dev.firn.walquorum.stream.QuorumWriter;
import dev.firn.walquorum.stream.WriterConfig;
import dev.firn.walquorum.stream.WriterState;
import dev.firn.walquorum.wire.LogSpec;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.agrona.concurrent.Agent;
import org.agrona.concurrent.UnsafeBuffer;

/** A process that writes WAL into the quorum, and goes for the log again when another has taken it. */
final class WriterHost implements Agent {
    private static final int PIECE_BYTES = 9_000;
    private static final int SHORT_PIECE_BYTES = 200;

    /** Of so many duty cycles, one appends. */
    private static final int PAUSES = 30;

    /** No more WAL than a seed needs. */
    private static final long MAX_LEAD_BYTES = 50_000;

    private final Oracle oracle;
    private final LogSpec spec;
    private final Set<Integer> nodes;
    private final WriterConfig config;
    private final OffHeapMemory memory;
    private final SimulatedHost host;
    private final RandomGenerator random;
    private final Endpoint endpoint;
    private final UnsafeBuffer piece = new UnsafeBuffer(new byte[PIECE_BYTES]);
    private final int name;
    private QuorumWriter writer;

    /** Of its own bytes in the writer's window: their kind, and where they begin. */
    private int tag;

    private long ownFromLsn;
    private long windowsBegun = -1;
    private long toldLsn;
    private long toldTerm;
    private long deposedNs;

    WriterHost(
            final SimulatedHost host,
            final Endpoint endpoint,
            final Oracle oracle,
            final LogSpec spec,
            final Set<Integer> nodes,
            final WriterConfig config,
            final OffHeapMemory memory) {
        this.host = host;
        this.endpoint = endpoint;
        this.oracle = oracle;
        this.spec = spec;
        this.nodes = nodes;
        this.config = config;
        this.memory = memory;
        this.random = host.random();
        this.name = oracle.drawTag();
        open();
    }

    private void open() {
        writer = QuorumWriter.open(
                endpoint, spec, nodes, oracle.membership, config, memory, host.clock(), host.random());
        windowsBegun = -1;
    }

    QuorumWriter writer() {
        return writer;
    }

    @Override
    public int doWork() {
        int work = writer.doWork();
        if (writer.state() == WriterState.CREATED) {
            storeMembership();
            return 1;
        }
        if (writer.windowsBegun() != windowsBegun && writer.wantedFromLsn() != QuorumWriter.NOTHING) {
            windowsBegun = writer.windowsBegun();
            tag = oracle.drawTag();
            ownFromLsn = writer.wantedFromLsn();
            toldLsn = 0;
        }
        tellWhatIsCommitted();
        work += append();
        if (writer.state() == WriterState.DEPOSED) {
            campaignAgainLater();
        }
        return work;
    }

    /** By conditional create: of two that made the log, one has made it. */
    private void storeMembership() {
        if (oracle.membership.generation() == 0) {
            oracle.membership = writer.createdMembership();
            writer.begin();
        } else {
            writer.close();
            open();
        }
    }

    /** Whatever has become of the writer since: nodes may have been told in the same duty cycle in which it was deposed. */
    private void tellWhatIsCommitted() {
        final long lsn = writer.committedLsn();
        if (windowsBegun <= 0 || lsn < ownFromLsn) {
            return;
        }
        final boolean isLeading = writer.state() == WriterState.LEADING;
        if (lsn > toldLsn || (isLeading && writer.term() > toldTerm)) {
            // A writer that does not lead any more may be on the way to a term that it has not won.
            oracle.onCommitted(name, isLeading ? writer.term() : 0, Math.max(ownFromLsn, toldLsn), tag, lsn);
            toldLsn = lsn;
            toldTerm = isLeading ? writer.term() : toldTerm;
        }
    }

    private int append() {
        final long from = writer.wantedFromLsn();
        if (from == QuorumWriter.NOTHING
                || from > Math.min(oracle.committedLsn() + MAX_LEAD_BYTES, oracle.limitLsn)
                || random.nextInt(PAUSES) != 0) {
            return 0;
        }
        final int most = random.nextInt(8) == 0 ? PIECE_BYTES : SHORT_PIECE_BYTES;
        final int length = 1 + random.nextInt(most);
        for (int i = 0; i < length; i++) {
            piece.putByte(i, Oracle.byteOf(tag, from + i));
        }
        return writer.append(from, piece, 0, length) > 0 ? 1 : 0;
    }

    private void campaignAgainLater() {
        final long nowNs = host.clock().nanoTime();
        if (deposedNs == 0) {
            deposedNs = nowNs + random.nextLong(oracle.isCalm ? 4_000_000_000L : 1_500_000_000L) + 1;
        } else if (nowNs - deposedNs >= 0) {
            deposedNs = 0;
            writer.campaignAgain();
        }
    }

    @Override
    public void onClose() {
        writer.close();
    }

    @Override
    public String roleName() {
        return "writer";
    }
}
