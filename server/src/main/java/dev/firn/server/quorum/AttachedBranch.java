package dev.firn.server.quorum;

import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.nativeio.network.Endpoint;
import dev.firn.nativeio.seam.Clock;
import dev.firn.server.wal.ArchivedChain;
import dev.firn.server.wal.RecordEnds;
import dev.firn.server.wal.WalFetch;
import dev.firn.walquorum.catalog.BranchEntry;
import dev.firn.walquorum.follow.AttachException;
import dev.firn.walquorum.follow.BranchWal;
import java.util.ArrayList;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.random.RandomGenerator;

/** A branch that a receiver takes WAL for: what it has already, from the archive and from the WAL nodes. For threads that may block. */
final class AttachedBranch implements BranchWal, AutoCloseable {
    private final ArchivedChain chain;
    private final ArchivedChain.Tools tools;
    private final BranchEntry branch;

    private AttachedBranch(final ArchivedChain chain, final ArchivedChain.Tools tools, final BranchEntry branch) {
        this.chain = chain;
        this.tools = tools;
        this.branch = branch;
    }

    /**
     * Opens what a branch has.
     *
     * @param branch empty when the receiver's timeline is none.
     * @param endpoint borrowed; nobody else uses it while WAL is read.
     * @return null for a timeline that is none.
     */
    static AttachedBranch open(
            final ReceiverSetup setup,
            final Optional<BranchEntry> branch,
            final Endpoint endpoint,
            final OffHeapMemory memory,
            final Clock clock,
            final RandomGenerator random,
            final BooleanSupplier stop) {
        return branch.map(entry -> new AttachedBranch(
                        ArchivedChain.open(setup.store(), entry.name(), memory, clock, stop),
                        new ArchivedChain.Tools(
                                Optional.of(new WalFetch.Quorum(
                                        endpoint,
                                        new ArrayList<>(setup.network().walNodes()))),
                                memory,
                                clock,
                                random),
                        entry))
                .orElse(null);
    }

    /** A branch that was made in the midst of a record, or behind the switch to another segment, has no place where a Postgres could go on. */
    void requireRecordEnd() {
        if (chain.log().isPresent()) {
            return;
        }
        final long end = new RecordEnds(chain, tools).atOrBefore(branch.branchLsn());
        if (end != branch.branchLsn()) {
            throw new AttachException("the branch " + branch.name() + " leaves " + branch.parent()
                    + (branch.branchLsn() % walSegmentBytes() == 0
                            ? " at the end of a segment"
                            : " in the midst of a record")
                    + ", where no Postgres can go on: make another, with ./firn branch create --from " + branch.name());
        }
    }

    @Override
    public BranchEntry branch() {
        return branch;
    }

    @Override
    public long systemIdentifier() {
        return chain.root().entry().systemIdentifier();
    }

    @Override
    public int postgresMajor() {
        return chain.root().entry().postgresMajor();
    }

    @Override
    public int walSegmentBytes() {
        return chain.segmentBytes();
    }

    @Override
    public int postgresTimeline() {
        return chain.postgresTimelineAt(branch.branchLsn() - 1);
    }

    @Override
    public byte[] read(final long fromLsn, final long toLsn) {
        return chain.read(tools, fromLsn, toLsn);
    }

    @Override
    public void close() {
        chain.close();
    }
}
