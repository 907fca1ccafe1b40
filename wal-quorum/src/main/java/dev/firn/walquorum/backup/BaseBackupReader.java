package dev.firn.walquorum.backup;

import dev.firn.nativeio.memory.MemoryTag;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.s3tier.store.CallOptions;
import dev.firn.s3tier.store.Failed;
import dev.firn.s3tier.store.GetOutcome;
import dev.firn.s3tier.store.ListOutcome;
import dev.firn.s3tier.store.ListRequest;
import dev.firn.s3tier.store.NotFound;
import dev.firn.s3tier.store.OutcomeHandler;
import dev.firn.s3tier.store.StoreCall;
import dev.firn.s3tier.store.StoreSession;
import dev.firn.walquorum.catalog.StoreSentence;
import dev.firn.walquorum.catalog.TimelineKeys;
import dev.firn.walquorum.json.MalformedJsonException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;

/**
 * Reads a base backup from the object store: what it is, which files it has, ranges of them, or all of it.
 *
 * <p>Every question is answered once, in a poll of the session or in {@link #doWork}, with null when it went well and else one
 * sentence. One question at a time, {@link #read} excepted. The index is held: some hundred bytes for each file.
 *
 * <p>Belongs to the session's thread, which polls the session.
 */
public final class BaseBackupReader implements AutoCloseable {
    /** Longest description that is read: some thousand tablespaces. */
    static final int MAX_DESCRIPTION_BYTES = 1 << 20;

    private static final MemoryTag TAG = MemoryTag.of("base-backup-read");

    private final StoreSession session;
    private final TimelineKeys keys;
    private final String prefix;
    private final OffHeapMemory memory;
    private final CallOptions options;
    private final List<BackupFile> files = new ArrayList<>();
    private BackupDescription description;

    /** What is done with the stream that is read, and with its end. */
    private ObjectStream stream;

    private Runnable atEnd;

    /** What comes after the stream, once it has ended well; null for the answer. */
    private Runnable then;

    /** Why what is read cannot be used; what is on its way is waited for then. */
    private String broken;

    private Consumer<String> handler;

    /**
     * @param startLsn which backup: its start LSN.
     * @param memory at least {@link #memoryBytes()} of it.
     */
    public BaseBackupReader(
            final StoreSession session,
            final TimelineKeys keys,
            final long startLsn,
            final OffHeapMemory memory,
            final CallOptions options) {
        this.session = session;
        this.keys = keys;
        this.prefix = keys.backup(startLsn);
        this.memory = memory;
        this.options = options;
    }

    /** How much memory one reader needs, the index excepted, which comes on the heap. */
    public static long memoryBytes() {
        return ObjectStream.CHUNKS * OffHeapMemory.slotBytes(ObjectStream.CHUNK_BYTES);
    }

    /**
     * Finds the complete backups of a timeline.
     *
     * @param found hears their start LSNs, rising.
     * @param failed hears why they could not be found.
     */
    public static void list(
            final StoreSession session,
            final TimelineKeys keys,
            final CallOptions options,
            final Consumer<List<Long>> found,
            final Consumer<String> failed) {
        listPage(session, keys, ListRequest.ofPrefix(keys.backups()), options, new ArrayList<>(), found, failed);
    }

    private static void listPage(
            final StoreSession session,
            final TimelineKeys keys,
            final ListRequest request,
            final CallOptions options,
            final List<Long> complete,
            final Consumer<List<Long>> found,
            final Consumer<String> failed) {
        session.list(request, options, outcome -> {
            switch (outcome) {
                case ListOutcome.Listed listed -> {
                    for (final ListOutcome.ListedObject object : listed.objects()) {
                        if (object.key().endsWith("/" + BackupDescription.OBJECT)) {
                            final long lsn = keys.backupStartLsn(object.key()
                                    .substring(0, object.key().length() - BackupDescription.OBJECT.length()));
                            if (lsn >= 0) {
                                complete.add(lsn);
                            }
                        }
                    }
                    if (listed.nextToken() == null) {
                        found.accept(List.copyOf(complete));
                    } else {
                        listPage(session, keys, request.from(listed.nextToken()), options, complete, found, failed);
                    }
                }
                case Failed failure -> failed.accept(StoreSentence.of("cannot list " + keys.backups(), failure));
            }
        });
    }

    /** Reads the description and the index, and checks both. */
    public void open(final Consumer<String> done) {
        begin(done);
        final String key = prefix + BackupDescription.OBJECT;
        final MemorySegment into = memory.allocate(MAX_DESCRIPTION_BYTES, TAG);
        session.get(key, 0, into, null, options, outcome -> {
            final byte[] bytes = outcome instanceof GetOutcome.Fetched fetched
                    ? into.asSlice(0, fetched.lengthBytes()).toArray(ValueLayout.JAVA_BYTE)
                    : new byte[0];
            memory.free(into);
            switch (outcome) {
                case GetOutcome.Fetched fetched -> {
                    if (fetched.objectBytes() > MAX_DESCRIPTION_BYTES) {
                        end(key + " is damaged: it has " + fetched.objectBytes() + " bytes");
                    } else {
                        onDescription(key, bytes);
                    }
                }
                case NotFound _ -> end("there is no complete base backup at " + prefix);
                case GetOutcome.OutOfRange _ -> end(key + " is damaged: it is empty");
                case GetOutcome.VersionChanged changed -> end("cannot read " + key + ": " + changed.reason());
                case Failed failed -> end(StoreSentence.of("cannot read " + key, failed));
            }
        });
    }

    private void onDescription(final String key, final byte[] bytes) {
        try {
            description = BackupDescription.decode(key, bytes);
        } catch (final MalformedJsonException e) {
            end(e.getMessage());
            return;
        }
        if (!description.timeline().equals(keys.name())
                || !keys.backup(description.startLsn()).equals(prefix)) {
            end(key + " describes another backup: of the timeline " + description.timeline());
            description = null;
            return;
        }
        final String index = prefix + BackupDescription.INDEX;
        if (description.indexBytes() > Integer.MAX_VALUE - Long.BYTES) {
            end(index + " has " + description.indexBytes() + " bytes, and at most 2 GiB are read");
            return;
        }
        final HeldIndex held = new HeldIndex((int) description.indexBytes());
        stream(index, description.indexBytes(), held, () -> onIndex(index, held.bytes));
    }

    /** The index as it comes. Something comes only when the object is as long as it should be: so this holds no more than there is. */
    private static final class HeldIndex implements ObjectStream.Taker {
        private final int lengthBytes;
        private byte[] bytes = {};
        private int filled;

        HeldIndex(final int lengthBytes) {
            this.lengthBytes = lengthBytes;
        }

        @Override
        public void take(final MemorySegment from, final long offset, final long length) {
            if (filled == 0) {
                bytes = new byte[lengthBytes];
            }
            MemorySegment.copy(from, ValueLayout.JAVA_BYTE, offset, bytes, filled, (int) length);
            filled += (int) length;
        }
    }

    private void onIndex(final String key, final byte[] all) {
        requireCrc(key, stream.crc(), description.indexCrc());
        files.clear();
        FilesIndex.read(key, MemorySegment.ofArray(all), description.archives().size(), files::add);
        if (files.size() != description.files()) {
            throw new BackupException(
                    key + " lists " + files.size() + " files, and the backup has " + description.files());
        }
    }

    private static void requireCrc(final String key, final int found, final int expected) {
        if (found != expected) {
            throw new BackupException(
                    key + " is damaged: its checksum is " + HexFormat.of().toHexDigits(found) + ", not "
                            + HexFormat.of().toHexDigits(expected));
        }
    }

    public BackupDescription description() {
        requireOpen();
        return description;
    }

    /** All files, directories and links, in the order of the archives. */
    public List<BackupFile> files() {
        requireOpen();
        return List.copyOf(files);
    }

    /** The archive that a file stands in. */
    public BackupArchive archiveOf(final BackupFile file) {
        return description().archives().get(file.archive());
    }

    /** The object that an archive is. */
    public String keyOf(final BackupArchive archive) {
        return prefix + archive.name();
    }

    /** A file's path below the data directory, those of tablespaces by way of their links. */
    public String pathOf(final BackupFile file) {
        return archiveOf(file).pathPrefix() + file.path();
    }

    /**
     * Reads a range of a file.
     *
     * @param offset within the file.
     * @param into borrowed until the handler is called; its length is the range's.
     * @throws IndexOutOfBoundsException when the range is not within the file.
     */
    public StoreCall read(
            final BackupFile file,
            final long offset,
            final MemorySegment into,
            final OutcomeHandler<? super GetOutcome> answer) {
        Objects.checkFromIndexSize(offset, into.byteSize(), file.lengthBytes());
        return session.get(keyOf(archiveOf(file)), file.offset() + offset, into, null, options, answer);
    }

    /** Holds the index against Postgres' manifest: the same files, lengths and checksums. */
    public void verifyManifest(final Consumer<String> done) {
        requireOpen();
        begin(done);
        final Map<String, BackupFile> expected = new HashMap<>();
        for (final BackupFile file : files) {
            if (file.kind() == FileKind.FILE) {
                expected.put(pathOf(file), file);
            }
        }
        final String key = prefix + BackupDescription.MANIFEST;
        final BackupManifest manifest = new BackupManifest(key, (path, length, crc) -> {
            final BackupFile file = expected.remove(path);
            if (file == null) {
                throw new BackupException(key + " has " + path + ", and the backup has not");
            }
            if (file.lengthBytes() != length || file.crc() != crc) {
                throw new BackupException(path + " has " + file.lengthBytes() + " bytes and the checksum "
                        + HexFormat.of().toHexDigits(file.crc()) + ", and in " + key + " " + length + " and "
                        + HexFormat.of().toHexDigits(crc));
            }
        });
        stream(key, description.manifestBytes(), manifest::feed, () -> {
            manifest.finish();
            requireCrc(key, stream.crc(), description.manifestCrc());
            if (!expected.isEmpty()) {
                throw new BackupException(expected.keySet().iterator().next() + " is in the backup, and not in " + key);
            }
        });
    }

    /** Carries everything to a target, and checks every file on the way. */
    public void extract(final BackupTarget target, final Consumer<String> done) {
        requireOpen();
        begin(done);
        extractArchive(0, 0, target);
    }

    private void extractArchive(final int number, final int firstFile, final BackupTarget target) {
        if (number == description.archives().size()) {
            extractManifest(target);
            return;
        }
        final BackupArchive archive = description.archives().get(number);
        final String key = prefix + archive.name();
        int end = firstFile;
        while (end < files.size() && files.get(end).archive() == number) {
            end++;
        }
        final int nextFile = end;
        final BackupExtraction extraction = new BackupExtraction(
                key, number, archive, files.subList(firstFile, nextFile).iterator(), target);
        stream(key, archive.lengthBytes(), extraction::take, () -> extraction.finish(stream.crc()));
        after(() -> extractArchive(number + 1, nextFile, target));
    }

    private void extractManifest(final BackupTarget target) {
        final String key = prefix + BackupDescription.MANIFEST;
        final BackupArchive base = description.archives().getLast();
        final BackupFile file = new BackupFile(
                description.archives().size() - 1,
                FileKind.FILE,
                BackupDescription.MANIFEST,
                "",
                0600,
                description.takenAt().getEpochSecond(),
                0,
                description.manifestBytes(),
                description.manifestCrc());
        try {
            target.beginFile(base, file);
        } catch (final IOException e) {
            end("cannot write " + BackupDescription.MANIFEST + ": " + e.getMessage());
            return;
        }
        stream(
                key,
                description.manifestBytes(),
                (bytes, offset, length) -> {
                    try {
                        target.write(bytes, offset, length);
                    } catch (final IOException e) {
                        throw new UncheckedIOException("cannot write " + BackupDescription.MANIFEST, e);
                    }
                },
                () -> {
                    requireCrc(key, stream.crc(), description.manifestCrc());
                    try {
                        target.endFile();
                        target.finish(description);
                    } catch (final IOException e) {
                        throw new UncheckedIOException("cannot finish " + BackupDescription.MANIFEST, e);
                    }
                });
    }

    private void after(final Runnable next) {
        then = next;
    }

    private void stream(final String key, final long lengthBytes, final ObjectStream.Taker taker, final Runnable end) {
        stream = new ObjectStream(session, key, lengthBytes, memory, options, taker);
        atEnd = end;
        then = null;
    }

    /** Moves on what is read; returns how much was done. */
    public int doWork() {
        if (stream == null) {
            return 0;
        }
        String failure;
        int work = 0;
        try {
            work = broken == null ? stream.work() : 0;
            failure = broken == null ? stream.failure() : broken;
            if (failure == null && stream.isDone()) {
                atEnd.run();
            }
        } catch (final BackupException e) {
            failure = e.getMessage();
        } catch (final UncheckedIOException e) {
            failure = e.getMessage() + ": " + e.getCause().getMessage();
        }
        if (failure != null) {
            broken = failure;
        }
        if (!stream.isIdle() || (failure == null && !stream.isDone())) {
            return work;
        }
        endStream(failure);
        return work + 1;
    }

    private void endStream(final String failure) {
        stream.close();
        stream = null;
        broken = null;
        final Runnable next = then;
        then = null;
        if (failure != null || next == null) {
            end(failure);
        } else {
            next.run();
        }
    }

    private void begin(final Consumer<String> done) {
        if (handler != null) {
            throw new IllegalStateException("another question is not answered yet");
        }
        handler = done;
    }

    private void end(final String sentence) {
        final Consumer<String> asked = handler;
        handler = null;
        asked.accept(sentence);
    }

    private void requireOpen() {
        if (description == null) {
            throw new IllegalStateException("the backup has not been opened");
        }
    }

    /** To be called when nothing is on its way. */
    @Override
    public void close() {
        if (stream != null) {
            stream.close();
            stream = null;
        }
    }
}
