package dev.firn.server.pages;

import dev.firn.nvmecache.ObjectId;
import dev.firn.nvmecache.reader.CachedObject;
import dev.firn.nvmecache.reader.ObjectReadHandler;
import dev.firn.pagestore.ingest.BaseFiles;
import dev.firn.pagestore.timeline.ObjectReads;
import dev.firn.postgres.page.PageLayout;
import dev.firn.postgres.version.PostgresVersion;
import dev.firn.s3tier.store.Failed;
import dev.firn.s3tier.store.GetOutcome;
import dev.firn.s3tier.store.NotFound;
import dev.firn.s3tier.store.ObjectStore;
import dev.firn.s3tier.store.StoreSession;
import dev.firn.walquorum.backup.BackupArchive;
import dev.firn.walquorum.backup.BackupDescription;
import dev.firn.walquorum.backup.BackupFile;
import dev.firn.walquorum.backup.BaseBackupReader;
import dev.firn.walquorum.backup.FileKind;
import dev.firn.walquorum.catalog.StoreSentence;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * A base backup in the object store as the page store reads it: ranges of files out of the archives as they lie there, nothing
 * unpacked. A page goes through the block cache, where there is one; what is longer is read once, and goes past it.
 *
 * <p>Belongs to the session's thread; whoever owns the session and the cache polls them.
 */
final class BackupFiles implements BaseFiles, ObjectReadHandler {
    /** Reads on their way or waiting to be told; the session has limits of its own. */
    static final int MAX_READS = 256;

    private final StoreSession session;
    private final BaseBackupReader reader;
    private final PostgresVersion version;
    private final List<BackupFile> files = new ArrayList<>();
    private final List<String> directories = new ArrayList<>();
    private final List<Tablespace> tablespaces = new ArrayList<>();

    /** The archives as the cache knows them, by their numbers; empty without a cache. */
    private final List<CachedObject> archives = new ArrayList<>();

    /** Null without a cache. */
    private final ObjectReads cache;

    private final Asked[] asked = new Asked[MAX_READS];
    private final ArrayDeque<Asked> free = new ArrayDeque<>(MAX_READS + 1);
    private final ArrayDeque<Asked> answers = new ArrayDeque<>(MAX_READS + 1);

    /** A read, from its question until it is told; one of a fixed number. */
    private static final class Asked {
        final int number;
        long token;
        int file;
        long wantedBytes;
        String failure;

        Asked(final int number) {
            this.number = number;
        }
    }

    /**
     * Past any cache.
     *
     * @param reader open; stays the caller's to close.
     */
    BackupFiles(final StoreSession session, final BaseBackupReader reader) {
        this(session, reader, null);
    }

    /**
     * Pages through a cache.
     *
     * @param store whose objects the archives are.
     */
    static BackupFiles cached(
            final StoreSession session,
            final BaseBackupReader reader,
            final ObjectReads cache,
            final ObjectStore store) {
        final BackupFiles files = new BackupFiles(session, reader, cache);
        for (final BackupArchive archive : reader.description().archives()) {
            final String key = reader.keyOf(archive);
            final ObjectId id = ObjectId.of(store.addressOf(key), Integer.toHexString(archive.crc()));
            files.archives.add(new CachedObject(id, key, null, archive.lengthBytes(), 0));
        }
        return files;
    }

    private BackupFiles(final StoreSession session, final BaseBackupReader reader, final ObjectReads cache) {
        this.cache = cache;
        for (int i = 0; i < MAX_READS; i++) {
            asked[i] = new Asked(i);
            free.add(asked[i]);
        }
        this.session = session;
        this.reader = reader;
        this.version = PostgresVersion.ofMajor(reader.description().postgresMajor());
        for (final BackupFile file : reader.files()) {
            if (file.kind() == FileKind.FILE) {
                files.add(file);
            } else if (file.kind() == FileKind.DIRECTORY) {
                directories.add(reader.pathOf(file));
            }
        }
        for (final BackupArchive archive : reader.description().archives()) {
            if (archive.tablespaceOid() != 0) {
                tablespaces.add(new Tablespace((int) archive.tablespaceOid(), archive.location()));
            }
        }
    }

    BackupDescription description() {
        return reader.description();
    }

    @Override
    public PostgresVersion version() {
        return version;
    }

    @Override
    public long startLsn() {
        return reader.description().startLsn();
    }

    @Override
    public long consistentLsn() {
        return reader.description().endLsn();
    }

    @Override
    public int files() {
        return files.size();
    }

    @Override
    public String path(final int file) {
        return reader.pathOf(files.get(file));
    }

    @Override
    public long lengthBytes(final int file) {
        return files.get(file).lengthBytes();
    }

    @Override
    public List<String> directories() {
        return List.copyOf(directories);
    }

    @Override
    public List<Tablespace> tablespaces() {
        return List.copyOf(tablespaces);
    }

    @Override
    public boolean read(final int file, final long offset, final MemorySegment into, final long token) {
        if (free.isEmpty()) {
            return false;
        }
        final Asked read = free.peek();
        read.token = token;
        read.file = file;
        read.wantedBytes = into.byteSize();
        read.failure = null;
        final BackupFile of = files.get(file);
        if (cache != null && into.byteSize() <= PageLayout.PAGE_BYTES) {
            Objects.checkFromIndexSize(offset, into.byteSize(), of.lengthBytes());
            if (!cache.read(
                    archives.get(of.archive()), of.offset() + offset, into, into.byteSize(), this, read.number)) {
                return false;
            }
        } else if (session.room() == 0) {
            return false;
        } else {
            reader.read(of, offset, into, outcome -> {
                read.failure = failure(path(file), read.wantedBytes, outcome);
                answers.add(read);
            });
        }
        free.remove();
        return true;
    }

    @Override
    public void forget(final int file, final long offset, final long lengthBytes) {
        if (cache != null) {
            final BackupFile of = files.get(file);
            cache.forget(archives.get(of.archive()), of.offset() + offset, lengthBytes);
        }
    }

    @Override
    public void onRead(final long number) {
        answers.add(asked[(int) number]);
    }

    @Override
    public void onFailed(final long number, final GetOutcome why) {
        final Asked read = asked[(int) number];
        read.failure = failure(path(read.file), read.wantedBytes, why);
        answers.add(read);
    }

    /** Null when the whole range is there. */
    private static String failure(final String path, final long wantedBytes, final GetOutcome outcome) {
        final String what = "cannot read " + path + " of the base backup";
        return switch (outcome) {
            case GetOutcome.Fetched fetched ->
                fetched.lengthBytes() == wantedBytes ? null : what + ": its archive is shorter than its index says";
            case GetOutcome.OutOfRange _ -> what + ": its archive is shorter than its index says";
            case GetOutcome.VersionChanged changed -> what + ": " + changed.reason();
            case NotFound _ -> what + ": its archive is gone";
            case Failed failed -> StoreSentence.of(what, failed);
        };
    }

    @Override
    public int poll(final ReadHandler handler, final int limit) {
        int told = 0;
        while (told < limit && !answers.isEmpty()) {
            final Asked read = answers.remove();
            free.add(read);
            handler.onRead(read.token, read.failure);
            told++;
        }
        return told;
    }
}
