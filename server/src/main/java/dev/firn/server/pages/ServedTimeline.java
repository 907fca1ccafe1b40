package dev.firn.server.pages;

import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.nativeio.seam.Clock;
import dev.firn.pagestore.manifest.Manifest;
import dev.firn.pagestore.service.ReadRefusal;
import dev.firn.pagestore.service.UnservedTimelines;
import dev.firn.pagestore.timeline.ObjectReads;
import dev.firn.pagestore.timeline.Shard;
import dev.firn.pagestore.timeline.TimelineSpec;
import dev.firn.pagestore.timeline.TimelineState;
import dev.firn.s3tier.store.CallOptions;
import dev.firn.s3tier.store.ObjectStore;
import dev.firn.s3tier.store.StoreSession;
import dev.firn.walquorum.backup.BaseBackupReader;
import dev.firn.walquorum.catalog.BranchCatalog;
import dev.firn.walquorum.catalog.BranchEntry;
import dev.firn.walquorum.catalog.BranchOutcome;
import dev.firn.walquorum.catalog.CatalogOutcome;
import dev.firn.walquorum.catalog.TimelineCatalog;
import dev.firn.walquorum.catalog.TimelineEntry;
import dev.firn.walquorum.reader.CommittedWalReaders;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;

/**
 * A timeline of a page server on its way: its entry is read, its base backup found and opened, the shard takes it over, then it is
 * fed. What fails is tried again from the beginning, after a pause, until the shard has it; from then on the shard says how it is. What
 * the shard refuses, at once or later, may be mended: it is closed, and tried again too, less and less often. What another page
 * server has taken over stays with that.
 *
 * <p>Belongs to the page server's agent.
 */
final class ServedTimeline implements AutoCloseable {
    private static final long PAUSE_NS = 2_000_000_000L;

    /** Most between two attempts at one that was refused. */
    private static final long MAX_PAUSE_NS = 60_000_000_000L;

    /**
     * What it works with; all of it is the agent's.
     *
     * @param objects how base backups are read, a page at a time; the shard polls it.
     * @param specs what timelines of this server are made of: null for one that is not open.
     */
    record Tools(
            Shard shard,
            ObjectStore store,
            StoreSession session,
            ObjectReads objects,
            CommittedWalReaders readers,
            List<Integer> walNodes,
            Function<String, TimelineSpec> specs,
            OffHeapMemory memory,
            CallOptions options,
            Clock clock) {}

    private enum Phase {
        /** Begins, or begins again after a pause. */
        FOUND,
        /** Something is asked of the object store. */
        ASKING,
        OPENING,
        /** The shard has it, and it is fed. */
        FED,
        /** The shard does not go on with it, and gives back what it has of it. */
        REFUSED,
        /** The shard does not go on with it: another has it. */
        ENDED,
        /** Somebody has asked for it, and there is none of this name. */
        NOTHING
    }

    /** For so long after it was found each duty cycle looks whether it can go on: somebody may be waiting for it. */
    private static final long URGENT_NS = 50_000_000L;

    private final String name;
    private final Tools tools;

    /** Nobody knows yet whether there is one of this name: it was asked for. */
    private final boolean isGuess;

    private final long foundNs;
    private Phase phase = Phase.FOUND;
    private long pauseUntilNs;
    private String trouble = "";

    /** Why the shard did not take it, or gave it up; empty unless it was refused since it was served. */
    private String refusal = "";

    private long refusedPauseNs = PAUSE_NS;

    /** It was served: there is a manifest of it, or somebody has taken that away. */
    private boolean wasFed;

    /** It was refused a moment ago, after it was served: its branches can't go on without it. */
    private boolean isLost;

    private TimelineEntry entry;

    /** Of a branch; else null. */
    private BranchEntry branch;

    /** A branch is opened as soon as its parent is. */
    private boolean awaitsParent;

    /** Whether the log of a branch is being looked for. */
    private boolean isLookingForLog;

    private long lookedForLogNs;

    /** What the shard was told; null before. */
    private TimelineSpec spec;

    private BaseBackupReader backup;
    private int number = -1;
    private TimelineWal wal;
    private boolean closed;

    /** What {@link #layerSums} are of. */
    private Manifest summed;

    private LayerSums layerSums = LayerSums.NONE;

    private ServedTimeline(final String name, final Tools tools, final boolean isGuess) {
        this.name = name;
        this.tools = tools;
        this.isGuess = isGuess;
        this.foundNs = tools.clock().nanoTime();
        this.pauseUntilNs = foundNs;
    }

    /** One that the catalogue has. */
    static ServedTimeline found(final String name, final Tools tools) {
        return new ServedTimeline(name, tools, false);
    }

    /** One that somebody has asked for: it may have been made after the catalogue was looked at. */
    static ServedTimeline asked(final String name, final Tools tools) {
        return new ServedTimeline(name, tools, true);
    }

    /** When it came to be here. */
    long foundNs() {
        return foundNs;
    }

    /** It was asked for, and there is none. */
    boolean isNothing() {
        return phase == Phase.NOTHING;
    }

    /** Not known to be anything yet, and being looked for. */
    boolean isGuess() {
        return isGuess && entry == null && branch == null;
    }

    /** It was found a moment ago, and is not served yet. */
    boolean isUrgent(final long nowNs) {
        return nowNs - foundNs < URGENT_NS
                && (phase == Phase.ASKING || phase == Phase.OPENING || (phase == Phase.FOUND && nowNs >= pauseUntilNs));
    }

    String name() {
        return name;
    }

    /** Goes on; returns how much was done. */
    int doWork() {
        return switch (phase) {
            case FOUND -> begin();
            case ASKING -> backup == null ? 0 : backup.doWork();
            case OPENING -> awaitShard();
            case FED -> feed();
            case REFUSED -> awaitRelease();
            case ENDED, NOTHING -> 0;
        };
    }

    private int begin() {
        if (awaitsParent) {
            return openBelowParent();
        }
        if (tools.clock().nanoTime() - pauseUntilNs < 0) {
            return 0;
        }
        phase = Phase.ASKING;
        new BranchCatalog(tools.session(), tools.memory(), tools.options()).read(name, this::onBranch);
        return 1;
    }

    private TimelineCatalog catalog() {
        return new TimelineCatalog(tools.session(), tools.memory(), tools.options());
    }

    private void onEntry(final CatalogOutcome outcome) {
        if (closed) {
            return;
        }
        switch (outcome) {
            case CatalogOutcome.Entry found -> {
                entry = found.entry();
                BaseBackupReader.list(tools.session(), entry.keys(), tools.options(), this::onBackups, this::pause);
            }
            case CatalogOutcome.Refused refused -> pause(refused.sentence());
            default -> {
                if (isGuess) {
                    phase = Phase.NOTHING;
                } else {
                    pause("it has no entry in the object store");
                }
            }
        }
    }

    private void onBranch(final BranchOutcome outcome) {
        if (closed) {
            return;
        }
        switch (outcome) {
            case BranchOutcome.Found found -> {
                branch = found.entry();
                if (openBelowParent() == 0) {
                    trouble = "its parent " + branch.parent() + " is not open yet";
                    phase = Phase.FOUND;
                    awaitsParent = true;
                }
            }
            case BranchOutcome.None _ -> catalog().read(name, this::onEntry);
            case BranchOutcome.Refused refused -> pause(refused.sentence());
        }
    }

    /** Returns 0 as long as the branch's parent is not open: that costs nothing to ask. */
    private int openBelowParent() {
        final TimelineSpec parent = tools.specs().apply(branch.parent());
        if (parent == null) {
            return 0;
        }
        awaitsParent = false;
        open(TimelineSpec.branch(parent, name, branch.timelineId(), branch.branchLsn()));
        return 1;
    }

    private void open(final TimelineSpec wanted) {
        try {
            number = wasFed ? tools.shard().openAgain(wanted) : tools.shard().open(wanted);
        } catch (final IllegalArgumentException e) {
            pause(e.getMessage());
            return;
        }
        spec = wanted;
        trouble = "";
        phase = Phase.OPENING;
    }

    /** What it is made of, while it is open; else null. */
    TimelineSpec spec() {
        return number >= 0 && tools.shard().timeline(name) == number ? spec : null;
    }

    /** Its entry is gone from the object store: it was deleted. */
    void forget() {
        if (branch != null && number >= 0) {
            final int parent = tools.shard().timeline(branch.parent());
            if (parent >= 0) {
                tools.shard().letGo(parent, Shard.holderOf(name));
            }
        }
        if (number >= 0) {
            tools.shard().close(number);
        }
        closed = true;
        end();
    }

    /** After {@link #forget}: whether nobody reads of it any more. */
    boolean isReleased() {
        return number < 0 || tools.shard().isReleased(number);
    }

    /** The oldest one: what lies between it and the next stays readable. */
    private void onBackups(final List<Long> startLsns) {
        if (closed) {
            return;
        }
        if (startLsns.isEmpty()) {
            pause("it has no complete base backup yet");
            return;
        }
        backup = new BaseBackupReader(
                tools.session(), entry.keys(), startLsns.getFirst(), tools.memory(), tools.options());
        backup.open(this::onBackup);
    }

    private void onBackup(final String failure) {
        if (closed) {
            return;
        }
        if (failure != null) {
            closeBackup();
            pause(failure);
            return;
        }
        final BackupFiles files = BackupFiles.cached(tools.session(), backup, tools.objects(), tools.store());
        open(new TimelineSpec(
                name,
                entry.logId(),
                files.version(),
                entry.systemIdentifier(),
                entry.walSegmentBytes(),
                files,
                entry.keys().backup(files.startLsn()),
                "",
                0));
    }

    private void pause(final String why) {
        pause(why, PAUSE_NS);
    }

    private void pause(final String why, final long forNs) {
        trouble = why;
        phase = Phase.FOUND;
        pauseUntilNs = tools.clock().nanoTime() + forNs;
    }

    /** The shard does not go on with it. */
    private int refuse(final String why) {
        refusal = why;
        trouble = why;
        endWal();
        tools.shard().close(number);
        phase = Phase.REFUSED;
        isLost = wasFed;
        return 1;
    }

    /** Whether it was refused after it was served; tells so once. */
    boolean takeLost() {
        final boolean lost = isLost;
        isLost = false;
        return lost;
    }

    /** Another timeline was lost: a branch of it goes on when that does. */
    void lost(final String other) {
        if (branch != null
                && branch.parent().equals(other)
                && number >= 0
                && (phase == Phase.FED || phase == Phase.OPENING)) {
            refuse("its parent " + other + " was refused");
        }
    }

    /** Begins again once nothing reads of it any more: what it was made of is closed only then. */
    private int awaitRelease() {
        if (!tools.shard().isReleased(number)) {
            return 0;
        }
        closeBackup();
        tools.shard().forget(number);
        number = -1;
        spec = null;
        pause(refusal, refusedPauseNs);
        refusedPauseNs = Math.min(2 * refusedPauseNs, MAX_PAUSE_NS);
        return 1;
    }

    private void fed() {
        phase = Phase.FED;
        wasFed = true;
        refusal = "";
        refusedPauseNs = PAUSE_NS;
    }

    private int awaitShard() {
        final TimelineState state = tools.shard().state(number);
        if (state == TimelineState.LIVE) {
            fed();
            if (branch == null) {
                openWal();
            } else {
                lookForLog();
            }
            return 1;
        }
        if (state == TimelineState.REFUSED) {
            return refuse(tools.shard().message(number));
        }
        return state == TimelineState.DEPOSED ? end() : 0;
    }

    private void openWal() {
        trouble = "";
        wal = new TimelineWal(
                tools.session(),
                tools.readers(),
                tools.walNodes(),
                entry,
                tools.shard().neededLsn(number),
                tools.memory(),
                tools.options(),
                tools.clock(),
                (lsn, bytes, offset, length) -> tools.shard().feed(number, lsn, bytes, offset, length));
    }

    /** A branch that is served, and has had no WAL of its own so far. */
    boolean isWithoutLog() {
        return phase == Phase.FED && branch != null && wal == null && !isLookingForLog;
    }

    /** When somebody looked for its log: the one that was looked for least lately is the next. */
    long lookedForLogNs() {
        return lookedForLogNs;
    }

    /** A branch has WAL of its own once a Postgres was attached to it, and nobody tells when that is. */
    void lookForLog() {
        isLookingForLog = true;
        lookedForLogNs = tools.clock().nanoTime();
        catalog().read(name, this::onLog);
    }

    private void onLog(final CatalogOutcome outcome) {
        isLookingForLog = false;
        if (closed || phase != Phase.FED || wal != null) {
            return;
        }
        switch (outcome) {
            case CatalogOutcome.Entry found -> {
                entry = found.entry();
                if (entry.logId() == branch.timelineId()
                        && entry.systemIdentifier() == spec.systemIdentifier()
                        && entry.startLsn() <= branch.branchLsn()) {
                    openWal();
                } else {
                    trouble = entry.keys().entry() + " is not of this branch: it is damaged";
                }
            }
            case CatalogOutcome.Refused refused -> trouble = refused.sentence();
            default -> trouble = "";
        }
    }

    private int feed() {
        final TimelineState state = tools.shard().state(number);
        if (state == TimelineState.REFUSED) {
            return refuse(tools.shard().message(number));
        }
        if (state == TimelineState.DEPOSED || state == TimelineState.CLOSED) {
            return end();
        }
        if (wal == null) {
            return 0;
        }
        wal.needFrom(tools.shard().uploadedLsn(number));
        return wal.doWork();
    }

    /** What is not in layers of this owner is another's affair from now on. */
    private int end() {
        endWal();
        phase = Phase.ENDED;
        return 1;
    }

    private void endWal() {
        if (wal != null) {
            wal.close();
            wal = null;
        }
    }

    private void closeBackup() {
        if (backup != null) {
            backup.close();
            backup = null;
        }
    }

    /** Whether it is the one of an id, as far as that is known. */
    boolean isOf(final long timelineId) {
        return branch == null ? entry != null && entry.logId() == timelineId : branch.timelineId() == timelineId;
    }

    /** Whether its id is not known yet. */
    boolean isWithoutId() {
        return branch == null && entry == null && phase != Phase.NOTHING;
    }

    /** Why it is not served; null when it turned out that there is none. */
    UnservedTimelines.Absence absence() {
        if (phase == Phase.NOTHING) {
            return null;
        }
        if (phase == Phase.ENDED) {
            return new UnservedTimelines.Absence(
                    ReadRefusal.DEPOSED, name + " is not served here any more: " + troubleNow());
        }
        if (!refusal.isEmpty()) {
            return new UnservedTimelines.Absence(
                    ReadRefusal.NO_SUCH_TIMELINE,
                    "the page server cannot serve " + name + ", and tries again from time to time: " + troubleNow());
        }
        final String why = troubleNow();
        return new UnservedTimelines.Absence(
                ReadRefusal.NOT_OPEN_YET,
                "the page server is opening " + name + (why.isEmpty() ? "" : ", and has to wait: " + why));
    }

    ServedStatus status() {
        final boolean open = number >= 0 && tools.shard().timeline(name) == number;
        return new ServedStatus(
                name,
                branch == null ? "" : branch.parent(),
                branch == null ? 0 : branch.branchLsn(),
                state(),
                open ? tools.shard().appliedLsn(number) : 0,
                number < 0 ? 0 : tools.shard().uploadedLsn(number),
                open ? tools.shard().historyLsn(number) : 0,
                wal == null ? 0 : wal.committedLsn(),
                wal == null ? 0 : wal.bytesFromNodes(),
                wal == null ? 0 : wal.bytesFromArchive(),
                open ? tools.shard().forks(number) : 0,
                open ? tools.shard().floors(number) : 0,
                layers(),
                troubleNow());
    }

    /** Added up when there is another manifest. */
    private LayerSums layers() {
        final Manifest manifest = number < 0 ? null : tools.shard().manifest(number);
        if (manifest != summed) {
            summed = manifest;
            layerSums = LayerSums.of(manifest);
        }
        return layerSums;
    }

    private String state() {
        if (!refusal.isEmpty()) {
            return TimelineState.REFUSED.name().toLowerCase(Locale.ROOT);
        }
        return number < 0 ? "found" : tools.shard().state(number).name().toLowerCase(Locale.ROOT);
    }

    private String troubleNow() {
        if (!refusal.isEmpty() && phase != Phase.OPENING) {
            return trouble.isEmpty() ? refusal : trouble;
        }
        final String ofShard = number < 0 ? "" : tools.shard().message(number);
        if (!ofShard.isEmpty()) {
            return ofShard;
        }
        // While it is tried again there may be no trouble yet.
        final String now = wal == null ? trouble : wal.trouble();
        return now.isEmpty() ? refusal : now;
    }

    /** After the session and the shard have been closed. */
    @Override
    public void close() {
        closed = true;
        endWal();
        closeBackup();
    }
}
