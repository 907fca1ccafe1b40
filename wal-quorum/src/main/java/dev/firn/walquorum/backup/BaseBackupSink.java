package dev.firn.walquorum.backup;

import dev.firn.nativeio.checksum.Crc32c;
import dev.firn.nativeio.memory.MemoryTag;
import dev.firn.nativeio.memory.OffHeapConfig;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.nativeio.seam.Clock;
import dev.firn.postgres.lsn.Lsn;
import dev.firn.s3tier.store.ObjectWriter;
import dev.firn.s3tier.store.PutOutcome;
import dev.firn.s3tier.store.StoreLimits;
import dev.firn.s3tier.store.StoreSession;
import dev.firn.s3tier.store.WriteCondition;
import dev.firn.walquorum.catalog.StoreSentence;
import dev.firn.walquorum.catalog.TimelineKeys;
import dev.firn.walquorum.pgwire.BackupTablespace;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Takes a base backup as Postgres streams it, and puts it into the object store while it comes: each archive as one object, in
 * parts; the index of all files; Postgres' manifest; and at last the description, which makes the backup one.
 *
 * <p>Nothing here waits. What cannot be taken now is offered again after a turn: that is the back-pressure towards Postgres. The
 * calls come in the stream's order: {@link #begin}, then for each archive {@link #archive} and {@link #data}, {@link #manifest} and
 * {@link #data}, {@link #end}; in between {@link #doWork}, and the session's poll. {@link BaseBackupReceiver} does so for who may block.
 *
 * <p>Whatever fails, {@link State#FAILED} comes in the end: uploads are aborted then, and what was stored is deleted as far as the
 * store answers. The next attempt begins with removing what is left. One backup of a timeline is taken at a time.
 *
 * <p>Belongs to the session's thread.
 */
public final class BaseBackupSink implements AutoCloseable {
    private static final MemoryTag TAG = MemoryTag.of("base-backup");

    /** Most parts of an object, by S3's rule. */
    private static final int MAX_PARTS = 10_000;

    /** Parts are so long that an archive may become so much longer than it was estimated. */
    private static final double GROWTH = 1.5;

    private static final long MIB = 1L << 20;
    private static final int SMALL_PART_BUFFERS = 2;

    /** What is taken at once of a piece: so that the entries in it fit the staging. */
    private static final int PIECE_BYTES = 64 << 10;

    /** An entry is never longer than the header blocks that it came in, and 48 bytes. */
    private static final int STAGING_BYTES = 4 * PIECE_BYTES;

    private static final Pattern ARCHIVE_NAME = Pattern.compile("(base|[1-9][0-9]{0,9})\\.tar");

    /** How far it is. */
    public enum State {
        /** Nothing has begun. */
        NEW,
        /** What earlier attempts have left is removed. */
        SWEEPING,
        RECEIVING,
        /** All has come, and is being made complete. */
        FINISHING,
        COMPLETE,
        /** It has failed, and what is there is removed. */
        FAILING,
        FAILED
    }

    private enum Receiving {
        NOTHING,
        ARCHIVE,
        MANIFEST
    }

    private final StoreSession session;
    private final StoreLimits limits;
    private final TimelineKeys keys;
    private final BackupSource source;
    private final Clock clock;
    private final BackupSinkConfig config;
    private final BackupProgress progress;
    private final BackupObjects objects;
    private final FilesIndex.Encoder index = new FilesIndex.Encoder();
    private final FileTally indexed = new FileTally();
    private final FileTally manifested = new FileTally();
    private final List<BackupArchive> archives = new ArrayList<>();
    private final byte[] staging = new byte[STAGING_BYTES + FilesIndex.MAX_ENTRY_BYTES];
    private final MemorySegment stagingSegment = MemorySegment.ofArray(staging);
    private int staged;
    private int unstaged;

    private State state = State.NEW;
    private Receiving receiving = Receiving.NOTHING;
    private String failure;
    private OffHeapMemory memory;
    private String prefix;
    private long startLsn;
    private int startTimeline;
    private long endLsn;
    private int endTimeline;
    private List<BackupTablespace> tablespaces = List.of();
    private long doneBytes;

    private ObjectWriter indexWriter;
    private ObjectWriter writer;
    private long writerLimitBytes;
    private IndexedArchive current;
    private BackupLabel label;
    private BackupManifest manifest;
    private long manifestBytes;
    private int manifestCrc;
    private boolean trailerStaged;
    private boolean indexCompleting;
    private boolean checking;
    private boolean deleting;

    /** A part has failed: the answer that says why is on its way. */
    private boolean doomed;

    private BackupDescription description;

    public BaseBackupSink(
            final StoreSession session,
            final StoreLimits limits,
            final TimelineKeys keys,
            final BackupSource source,
            final Clock clock,
            final BackupSinkConfig config,
            final BackupProgress progress) {
        this.session = session;
        this.limits = limits;
        this.keys = keys;
        this.source = source;
        this.clock = clock;
        this.config = config;
        this.progress = progress;
        this.objects = new BackupObjects(session, config.options(), this::fail);
    }

    public State state() {
        return state;
    }

    /** Why it failed: one sentence. */
    public String failure() {
        return failure;
    }

    /** What was taken, once it is complete. */
    public BackupDescription description() {
        return description;
    }

    /**
     * The stream begins. Data can be given as soon as the state is {@link State#RECEIVING}.
     *
     * @param found the tablespaces, the data directory among them.
     */
    public void begin(final long backupStartLsn, final int timeline, final List<BackupTablespace> found) {
        require(State.NEW, state);
        startLsn = backupStartLsn;
        startTimeline = timeline;
        tablespaces = List.copyOf(found);
        prefix = keys.backup(startLsn);
        state = State.SWEEPING;
        if (tablespaces.size() > BackupDescription.MAX_ARCHIVES) {
            fail("the cluster has more than " + BackupDescription.MAX_ARCHIVES + " tablespaces");
            return;
        }
        long longest = config.partBytes();
        for (final BackupTablespace tablespace : tablespaces) {
            longest = Math.max(longest, partBytes(estimatedBytes(tablespace)));
        }
        // An archive while its forerunner is completed, index, manifest, and the description.
        final long bytes = (config.buffers() + 1L) * OffHeapMemory.slotBytes(longest)
                + 2L * SMALL_PART_BUFFERS * OffHeapMemory.slotBytes(smallPartBytes())
                + MIB;
        if (longest > limits.maxPartBytes() || bytes > config.maxMemoryBytes()) {
            fail("a tablespace is so large that its parts would have " + (longest >> 20) + " MiB, and "
                    + (bytes >> 20) + " MiB of memory would be needed; the limit is " + (config.maxMemoryBytes() >> 20)
                    + " MiB");
            return;
        }
        memory = OffHeapMemory.open(OffHeapConfig.of("base-backup", bytes));
        BackupSweep.ofAll(session, keys, config.options(), sentence -> {
            if (sentence == null && state == State.SWEEPING) {
                BackupSweep.ofOne(session, prefix, config.options(), this::swept);
            } else {
                swept(sentence);
            }
        });
    }

    private void swept(final String sentence) {
        if (state != State.SWEEPING) {
            return;
        }
        if (sentence != null) {
            fail(sentence);
            return;
        }
        indexWriter = writer(BackupDescription.INDEX, smallPartBytes(), SMALL_PART_BUFFERS);
        stage(index.header());
        state = State.RECEIVING;
    }

    private static long estimatedBytes(final BackupTablespace tablespace) {
        return tablespace.sizeKiB() < 0 ? -1 : tablespace.sizeKiB() << 10;
    }

    private long smallPartBytes() {
        return Math.max(limits.minPartBytes(), MIB);
    }

    private long partBytes(final long estimatedBytes) {
        final long least = Math.max(config.partBytes(), limits.minPartBytes());
        final long needed = (long) (Math.max(0, estimatedBytes) * GROWTH / MAX_PARTS);
        return Math.max(least, (needed + MIB - 1) / MIB * MIB);
    }

    private ObjectWriter writer(final String name, final long partBytes, final int buffers) {
        final String key = prefix + name;
        objects.begun(key);
        return new ObjectWriter(
                session,
                limits,
                key,
                WriteCondition.IF_ABSENT,
                memory,
                TAG,
                new ObjectWriter.Shape(partBytes, buffers, config.options()));
    }

    /**
     * An archive begins, and the one before has ended.
     *
     * @param name {@code base.tar}, or a tablespace's oid and {@code .tar}.
     * @param location where the tablespace is on the server; empty for the data directory.
     * @return false when it cannot be taken yet.
     */
    public boolean archive(final String name, final String location) {
        if (!endCurrent()) {
            return false;
        }
        if (state != State.RECEIVING) {
            return true;
        }
        if (!ARCHIVE_NAME.matcher(name).matches()) {
            fail("Postgres sends an archive named " + name + ", which is not known");
            return true;
        }
        final long oid = name.startsWith("base") ? 0 : Long.parseLong(name.substring(0, name.indexOf('.')));
        final BackupTablespace tablespace =
                tablespaces.stream().filter(one -> one.oid() == oid).findFirst().orElse(null);
        if (tablespace == null || archives.stream().anyMatch(one -> one.tablespaceOid() == oid)) {
            fail("Postgres sends the archive " + name + ", which it has not announced or has sent before");
            return true;
        }
        final long partBytes = partBytes(estimatedBytes(tablespace));
        current = new IndexedArchive(
                archives.size(), new BackupArchive(name, oid, location, 0, 0), indexed, this::onFile);
        writer = writer(name, partBytes, config.buffers());
        writerLimitBytes = partBytes * MAX_PARTS;
        receiving = Receiving.ARCHIVE;
        return true;
    }

    private void onFile(final BackupFile file) {
        stage(index.entry(file));
    }

    private void stage(final MemorySegment piece) {
        MemorySegment.copy(piece, 0, stagingSegment, staged, piece.byteSize());
        staged += (int) piece.byteSize();
    }

    /** The manifest begins, and the last archive has ended. Returns false when it cannot be taken yet. */
    public boolean manifest() {
        if (!endCurrent()) {
            return false;
        }
        if (state != State.RECEIVING) {
            return true;
        }
        manifest = new BackupManifest(BackupDescription.MANIFEST, manifested::add);
        writer = writer(BackupDescription.MANIFEST, smallPartBytes(), SMALL_PART_BUFFERS);
        writerLimitBytes = smallPartBytes() * MAX_PARTS;
        receiving = Receiving.MANIFEST;
        return true;
    }

    /**
     * Takes the next bytes of what has begun last; they are free when it returns.
     *
     * @return how many were taken: fewer than given when the store is behind. All, when it has failed.
     */
    public long data(final MemorySegment bytes) {
        if (doomed || state == State.FAILING || state == State.FAILED) {
            return bytes.byteSize();
        }
        require(State.RECEIVING, state);
        if (receiving == Receiving.NOTHING) {
            throw new IllegalStateException("no archive has begun");
        }
        long taken = 0;
        while (taken < bytes.byteSize() && flushStaging()) {
            final long piece = Math.min(PIECE_BYTES, bytes.byteSize() - taken);
            final long written = writer.write(bytes.asSlice(taken, piece));
            if (written == ObjectWriter.FAILED) {
                // Completing tells why.
                doomed = endWriter();
                return doomed ? bytes.byteSize() : taken;
            }
            pass(bytes, taken, written);
            taken += written;
            if (state != State.RECEIVING) {
                return bytes.byteSize();
            }
            if (written < piece) {
                break;
            }
        }
        return taken;
    }

    private void pass(final MemorySegment bytes, final long offset, final long lengthBytes) {
        try {
            if (receiving == Receiving.MANIFEST) {
                manifestBytes += lengthBytes;
                manifestCrc = Crc32c.update(manifestCrc, bytes, offset, lengthBytes);
                manifest.feed(bytes, offset, lengthBytes);
            } else {
                current.feed(bytes, offset, lengthBytes);
                doneBytes += lengthBytes;
                if (current.lengthBytes() > writerLimitBytes) {
                    throw new BackupException(current.name() + " has become longer than " + writerLimitBytes
                            + " bytes, far more than the server had estimated: take the backup again");
                }
            }
        } catch (final BackupException e) {
            fail(e.getMessage());
        }
    }

    /** The server says how much it has sent: passed on to who listens. */
    public void reportProgress() {
        if (current == null) {
            return;
        }
        long all = 0;
        long here = -1;
        for (final BackupTablespace tablespace : tablespaces) {
            final long estimated = estimatedBytes(tablespace);
            all = all < 0 || estimated < 0 ? -1 : all + estimated;
            if (tablespace.oid() == current.tablespaceOid()) {
                here = estimated;
            }
        }
        progress.onProgress(current.name(), current.lengthBytes(), here, doneBytes, all);
    }

    /** All has come. The state tells when it is complete. Returns false when it cannot be taken yet. */
    public boolean end(final long lsn, final int timeline) {
        if (state == State.RECEIVING && !doomed && manifest == null) {
            fail("Postgres has sent no manifest: it is to be asked for one with CRC32C checksums");
            return true;
        }
        if (!endCurrent()) {
            return false;
        }
        if (state != State.RECEIVING) {
            return true;
        }
        endLsn = lsn;
        endTimeline = timeline;
        try {
            verify();
        } catch (final BackupException e) {
            fail(e.getMessage());
            return true;
        }
        state = State.FINISHING;
        return true;
    }

    private void verify() {
        if (label == null || archives.size() != tablespaces.size()) {
            throw new BackupException("Postgres has sent " + archives.size() + " archives of " + tablespaces.size());
        }
        if (label.startLsn() != startLsn || label.timeline() != startTimeline) {
            throw new BackupException("the backup_label begins at " + Lsn.format(label.startLsn())
                    + ", and the backup at " + Lsn.format(startLsn));
        }
        if (!indexed.agrees(manifested)) {
            throw new BackupException("the archives have " + indexed.files() + " files, the manifest "
                    + manifested.files() + ", and they do not agree: something was lost or changed on the way");
        }
    }

    /** Ends what has begun last; false when that cannot be done yet. */
    private boolean endCurrent() {
        if (state == State.FAILING || state == State.FAILED) {
            return true;
        }
        require(State.RECEIVING, state);
        if (doomed || !flushStaging()) {
            return false;
        }
        if (receiving == Receiving.NOTHING) {
            return true;
        }
        if (session.room() < 2) {
            return false;
        }
        try {
            if (receiving == Receiving.ARCHIVE) {
                endArchive();
            } else {
                manifest.finish();
            }
        } catch (final BackupException e) {
            fail(e.getMessage());
            return true;
        }
        return endWriter();
    }

    private void endArchive() {
        archives.add(current.finish());
        if (current.tablespaceOid() != 0) {
            return;
        }
        label = BackupLabel.parse(current.kept(IndexedArchive.LABEL));
        final String version = new String(current.kept(IndexedArchive.VERSION), StandardCharsets.US_ASCII).strip();
        if (!version.equals(Integer.toString(source.postgresMajor()))) {
            throw new BackupException(
                    "the data directory is of Postgres " + version + ", and the server of " + source.postgresMajor());
        }
    }

    private boolean endWriter() {
        final String name = receiving == Receiving.MANIFEST ? BackupDescription.MANIFEST : current.name();
        if (!objects.complete(prefix + name, writer)) {
            return false;
        }
        writer = null;
        receiving = Receiving.NOTHING;
        return true;
    }

    /** Whether nothing waits for the index any more. */
    private boolean flushStaging() {
        while (unstaged < staged && !indexCompleting) {
            final long written = indexWriter.write(stagingSegment.asSlice(unstaged, staged - unstaged));
            if (written == ObjectWriter.FAILED) {
                // Completing tells why.
                doomed = completeIndex();
                return false;
            }
            if (written == 0) {
                return false;
            }
            unstaged += (int) written;
        }
        staged = 0;
        unstaged = 0;
        return true;
    }

    private boolean completeIndex() {
        if (!indexCompleting && objects.complete(prefix + BackupDescription.INDEX, indexWriter)) {
            indexCompleting = true;
        }
        return indexCompleting;
    }

    /** Moves it on; returns how much was done. The session is polled by its owner. */
    public int doWork() {
        return switch (state) {
            case FINISHING -> finish();
            case FAILING -> cleanUp();
            case NEW, SWEEPING, RECEIVING, COMPLETE, FAILED -> 0;
        };
    }

    private int finish() {
        if (!trailerStaged) {
            stage(index.trailer());
            trailerStaged = true;
        }
        if (!indexCompleting) {
            return flushStaging() && completeIndex() ? 1 : 0;
        }
        if (objects.completing() > 0 || checking) {
            return 0;
        }
        checking = true;
        objects.check(sentence -> {
            if (sentence != null) {
                fail(sentence);
            } else if (state == State.FINISHING) {
                describe();
            }
        });
        return 1;
    }

    private void describe() {
        final long indexBytes = indexWriter.writtenBytes();
        final BackupDescription complete = new BackupDescription(
                keys.name(),
                source.systemIdentifier(),
                source.postgresMajor(),
                source.postgresVersion(),
                startLsn,
                startTimeline,
                label.checkpointLsn(),
                endLsn,
                endTimeline,
                label.label(),
                label.fromStandby(),
                Instant.ofEpochSecond(clock.epochNs() / 1_000_000_000L),
                index.entries(),
                index.contentBytes(),
                archives,
                indexBytes,
                index.crc(),
                manifestBytes,
                manifestCrc);
        final byte[] bytes = complete.encode();
        final String key = prefix + BackupDescription.OBJECT;
        final MemorySegment body = memory.allocate(bytes.length, TAG);
        MemorySegment.copy(bytes, 0, body, ValueLayout.JAVA_BYTE, 0, bytes.length);
        session.put(key, List.of(body), WriteCondition.IF_ABSENT, config.options(), outcome -> {
            memory.free(body);
            if (outcome instanceof PutOutcome.Stored) {
                description = complete;
                state = State.COMPLETE;
            } else {
                objects.begun(key);
                fail(StoreSentence.of(key, outcome));
            }
        });
    }

    /** Gives the backup up, whatever the reason. The state becomes {@link State#FAILED} after some turns. */
    public void abort(final String why) {
        if (state != State.COMPLETE) {
            fail(why);
        }
    }

    private void fail(final String why) {
        if (failure != null) {
            return;
        }
        failure = why;
        state = State.FAILING;
        closeWriters();
    }

    private void closeWriters() {
        if (writer != null) {
            writer.close();
            writer = null;
        }
        if (indexWriter != null && !indexCompleting) {
            indexWriter.close();
            indexCompleting = true;
        }
    }

    private int cleanUp() {
        if (objects.completing() > 0 || session.room() == 0 || deleting) {
            return 0;
        }
        if (memory != null && memory.usage().heldCount() > 0) {
            // Parts of what was aborted are on their way still.
            return 0;
        }
        deleting = true;
        objects.delete(() -> state = State.FAILED);
        return 1;
    }

    private static void require(final State expected, final State found) {
        if (found != expected) {
            throw new IllegalStateException("a base backup's sink is " + found + ", not " + expected);
        }
    }

    /**
     * Gives everything up that is not complete. To be called once it is {@link State#COMPLETE} or {@link State#FAILED}, or after the
     * session was closed.
     */
    @Override
    public void close() {
        closeWriters();
        if (memory != null) {
            memory.close();
            memory = null;
        }
    }
}
