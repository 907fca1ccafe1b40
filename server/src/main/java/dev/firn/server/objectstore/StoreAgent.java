package dev.firn.server.objectstore;

import dev.firn.nativeio.memory.MemoryTag;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.nativeio.seam.Clock;
import dev.firn.s3tier.store.CallOptions;
import dev.firn.s3tier.store.ObjectStore;
import dev.firn.s3tier.store.StoreSession;
import dev.firn.server.storage.ProbeBlock;
import java.lang.foreign.MemorySegment;
import org.agrona.concurrent.Agent;
import org.agrona.concurrent.BackoffIdleStrategy;
import org.agrona.concurrent.IdleStrategy;

/** Owns one session of the store: begins proofs and sweeps when their time has come, and moves them on. */
final class StoreAgent implements Agent {
    /** What the keys of all proofs begin with; no other object's does. */
    static final String PROBE_PREFIX = "firn-up-probe-";

    private static final int HANDLERS_A_TURN = 16;
    private static final MemoryTag TAG = MemoryTag.of("store-probe");

    private final ObjectStore store;
    private final OffHeapMemory memory;
    private final StoreProbeConfig config;
    private final Clock clock;
    private final StoreProbeListener listener;
    private final String probeKey;
    private final boolean admits;
    private final Runnable onFirst;
    private StoreSession session;
    private MemorySegment blocks;
    private StoreProbe probe;
    private StoreSweep sweep;
    private boolean proving;
    private boolean sweeping;
    private boolean first = true;
    private long nextProofNs;
    private long nextSweepNs;
    private volatile StoreReport report = StoreReport.NONE;

    /** When the proof that is under way began; read only while {@link #underWay}, which is written after it. */
    private volatile long begunNs;

    private volatile boolean underWay;

    /**
     * @param probeKey of this agent's proofs alone.
     * @param admits whether the first proof admits the store.
     * @param onFirst called when the first proof has ended.
     */
    StoreAgent(
            final ObjectStore store,
            final OffHeapMemory memory,
            final StoreProbeConfig config,
            final Clock clock,
            final StoreProbeListener listener,
            final String probeKey,
            final boolean admits,
            final Runnable onFirst) {
        this.store = store;
        this.memory = memory;
        this.config = config;
        this.clock = clock;
        this.listener = listener;
        this.probeKey = probeKey;
        this.admits = admits;
        this.onFirst = onFirst;
    }

    @Override
    public String roleName() {
        return "firn-" + StoreRole.NAME;
    }

    /** What the last proof showed. From any thread. */
    StoreReport report() {
        return report;
    }

    /** How long the proof that is under way has taken; 0 when there is none. From any thread. */
    long underWayNs() {
        return underWay ? clock.nanoTime() - begunNs : 0;
    }

    @Override
    public void onStart() {
        final CallOptions options = CallOptions.within(config.callLimit());
        session = store.openSession();
        blocks = memory.allocate(2L * ProbeBlock.LENGTH_BYTES, TAG);
        probe = new StoreProbe(
                store,
                session,
                probeKey,
                options,
                clock,
                blocks.asSlice(0, ProbeBlock.LENGTH_BYTES),
                blocks.asSlice(ProbeBlock.LENGTH_BYTES, ProbeBlock.LENGTH_BYTES));
        sweep = new StoreSweep(session, PROBE_PREFIX, config.staleAge(), clock, listener);
        nextProofNs = clock.nanoTime();
        nextSweepNs = nextProofNs + config.sweepInterval().toNanos();
    }

    @Override
    public int doWork() {
        return session.poll(HANDLERS_A_TURN) + turnOfProofs() + turnOfSweeps();
    }

    private int turnOfProofs() {
        if (proving) {
            return probe.underWay() ? 0 : endProof();
        }
        if (clock.nanoTime() - nextProofNs < 0) {
            return 0;
        }
        probe.begin(first && admits);
        begunNs = probe.begunNs();
        underWay = true;
        proving = true;
        return 1;
    }

    private int endProof() {
        proving = false;
        underWay = false;
        if (probe.failure() == null) {
            report = new StoreReport(null, probe.durationNs(), clock.epochNs());
            listener.onProof(probe.durationNs());
        } else {
            report = new StoreReport(probe.failure(), report.durationNs(), report.provenEpochNs());
            listener.onFailure();
        }
        nextProofNs = clock.nanoTime() + config.interval().toNanos();
        if (first) {
            first = false;
            onFirst.run();
        }
        return 1;
    }

    private int turnOfSweeps() {
        if (sweeping) {
            if (!sweep.underWay()) {
                sweeping = false;
                nextSweepNs = clock.nanoTime() + config.sweepInterval().toNanos();
            }
            return 0;
        }
        if (clock.nanoTime() - nextSweepNs < 0) {
            return 0;
        }
        sweep.begin();
        sweeping = true;
        return 1;
    }

    /** Lets a proof end, so that its object is deleted, and closes the session: which takes as long as the store does. */
    @Override
    public void onClose() {
        if (session == null) {
            return;
        }
        if (sweep != null) {
            final long deadlineNs = clock.nanoTime() + config.finishLimit().toNanos();
            final IdleStrategy idle = new BackoffIdleStrategy();
            while (probe.underWay() && clock.nanoTime() - deadlineNs < 0) {
                idle.idle(session.poll(HANDLERS_A_TURN));
            }
            probe.stop();
            sweep.stop();
        }
        session.close();
        if (blocks != null) {
            memory.free(blocks);
        }
    }
}
