package dev.firn.pagestore.ingest;

import dev.firn.nativeio.memory.MemoryTag;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.pagestore.cluster.InvalidPages;
import dev.firn.pagestore.cluster.RecoverySink;
import dev.firn.pagestore.cluster.ReplicationOrigins;
import dev.firn.pagestore.cluster.SlruSegments;
import dev.firn.pagestore.memory.MemoryTable;
import dev.firn.postgres.MalformedDataException;
import dev.firn.postgres.file.BlockKey;
import dev.firn.postgres.file.ControlFile;
import dev.firn.postgres.file.RelFileLocator;
import dev.firn.postgres.file.RelationMap;
import dev.firn.postgres.file.RelationPath;
import dev.firn.postgres.file.Slru;
import dev.firn.postgres.file.TwoPhaseFile;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Tells the state of a base backup, but for the pages of relations and SLRUs, as entries at its start LSN; and the {@link HeadState} as well. So what
 * is no page is never looked for in a base again.
 *
 * <p>First the small files are read, many at once: control file, relation maps, prepared transactions, origins. Then facts are added one by one,
 * as far as the table has room. The last table's end LSN becomes the base's start LSN when all is there; until then an owner that goes away leaves an
 * import to be begun anew. The first table has to start before that LSN.
 *
 * <p>The shard's thread owns it. It makes objects: it runs once in a timeline's life.
 */
public final class BaseImport implements AutoCloseable {
    /** Longest of the small files: a prepared transaction may have many locks and subtransactions. */
    static final int MAX_FILE_BYTES = 64 << 20;

    /** So many files are asked for at once. */
    private static final int MAX_READS = 16;

    private static final MemoryTag TAG = MemoryTag.of("base-import");
    private static final String VERSION_FILE = "PG_VERSION";

    /** Entry and payload of one fact, but for the contents of files. */
    private static final int FACT_BYTES = ClusterEntry.BYTES;

    /** What beginning recovery may come to: a page of commit timestamps and what lies before it in its segment. */
    private static final int START_ENTRIES = 8 + Slru.PAGES_PER_SEGMENT;

    private final BaseFiles base;
    private final HeadState head;
    private final OffHeapMemory memory;
    private final EntryWriter writer = new EntryWriter(null);
    private final IngestTarget target;

    /** Small files by path: those to ask for; those asked for, by token; contents that have come. */
    private final ArrayDeque<Integer> wanted = new ArrayDeque<>();

    private final Map<Long, MemorySegment> asked = new HashMap<>();
    private final Map<String, byte[]> contents = new TreeMap<>();

    /** Made when all contents are there. */
    private ArrayDeque<Fact> facts;

    private boolean full;
    private boolean done;

    /** Something to tell. */
    private record Fact(long payloadBytes, int entries, Runnable tell) {}

    public BaseImport(final BaseFiles base, final HeadState head, final OffHeapMemory memory) {
        this.base = base;
        this.head = head;
        this.memory = memory;
        this.target = new IngestTarget(head, writer, new InvalidPages(), memory);
        for (int file = 0; file < base.files(); file++) {
            if (isWanted(base.path(file))) {
                wanted.add(file);
            }
        }
    }

    private static boolean isWanted(final String path) {
        return path.equals(ControlFile.PATH)
                || path.equals(ReplicationOrigins.PATH)
                || path.startsWith(TwoPhaseFile.DIRECTORY + '/')
                || path.endsWith('/' + RelationMap.FILE_NAME);
    }

    /** To be called when no read is on its way: {@link #isReading}. */
    @Override
    public void close() {
        target.close();
        asked.values().forEach(memory::free);
    }

    /** Whether answers of the base are waited for. */
    public boolean isReading() {
        return !asked.isEmpty();
    }

    /** The table has no room: freeze it, give another. */
    public boolean isFull() {
        return full;
    }

    /** All is told: ingest may begin at the base's start LSN. */
    public boolean isDone() {
        return done;
    }

    /**
     * Goes on: asks for files, takes answers, adds entries. To be called again until {@link #isDone()}; it polls the base.
     *
     * @return how much was done; {@link #isFull()} says when the table is what it waits for.
     * @throws IngestException when a file cannot be read, or makes no sense.
     */
    public int step(final MemoryTable table, final int limit) {
        if (done) {
            return 0;
        }
        int work = base.poll(this::onRead, limit);
        work += ask();
        if (wanted.isEmpty() && asked.isEmpty()) {
            writer.table(table);
            target.begin(base.startLsn(), base.startLsn());
            work += tell(table, limit);
        }
        return work;
    }

    private int ask() {
        int work = 0;
        while (!wanted.isEmpty() && asked.size() < MAX_READS) {
            final int file = wanted.peek();
            final long length = base.lengthBytes(file);
            if (length < 1 || length > MAX_FILE_BYTES) {
                throw new IngestException(
                        base.path(file) + " of the base has " + length + " bytes, not 1.." + MAX_FILE_BYTES);
            }
            final MemorySegment into = memory.allocate(length, TAG);
            if (!base.read(file, 0, into, file)) {
                memory.free(into);
                return work;
            }
            asked.put((long) file, into);
            wanted.remove();
            work++;
        }
        return work;
    }

    private void onRead(final long token, final String failure) {
        final MemorySegment into = asked.remove(token);
        final String path = base.path((int) token);
        final byte[] content = into.toArray(ValueLayout.JAVA_BYTE);
        memory.free(into);
        if (failure != null) {
            throw new IngestException("cannot read " + path + " of the base: " + failure);
        }
        contents.put(path, content);
    }

    private int tell(final MemoryTable table, final int limit) {
        if (facts == null) {
            gather();
        }
        int work = 0;
        full = false;
        while (work < limit && !facts.isEmpty()) {
            final Fact fact = facts.peek();
            if (!table.hasRoom(fact.payloadBytes, fact.entries)) {
                if (!table.couldHaveRoom(fact.payloadBytes, fact.entries)) {
                    throw new IngestException("a file of the base of " + fact.payloadBytes
                            + " bytes is more than a memory table has room for: give it a larger one");
                }
                full = true;
                return work;
            }
            fact.tell.run();
            target.end();
            facts.remove();
            work++;
        }
        if (facts.isEmpty()) {
            table.endLsn(base.startLsn());
            done = true;
        }
        return work;
    }

    private void gather() {
        try {
            head.progress.begin(contents.get(ControlFile.PATH));
            if (contents.containsKey(ReplicationOrigins.PATH)) {
                head.origins.read(contents.get(ReplicationOrigins.PATH));
            }
        } catch (final MalformedDataException e) {
            throw new IngestException("the base: " + e.getMessage(), e);
        }
        facts = new ArrayDeque<>();
        final BaseIndex index = new BaseIndex(base);
        gatherForks(index.forks());
        gatherSegments(index.slrus());
        gatherDirectories();
        for (final BaseFiles.Tablespace tablespace : base.tablespaces()) {
            final byte[] location = tablespace.location().getBytes(StandardCharsets.UTF_8);
            fact(
                    location.length,
                    () -> target.tablespaceCreated(
                            tablespace.oid(), MemorySegment.ofArray(location), 0, location.length));
        }
        contents.forEach(this::gatherPrepared);
        head.origins.forEach((origin, remoteLsn) -> fact(0, () -> target.originMoved((int) origin, remoteLsn)));
        facts.add(new Fact(FACT_BYTES, START_ENTRIES, this::start));
    }

    private void fact(final long contentBytes, final Runnable tell) {
        facts.add(new Fact(FACT_BYTES + contentBytes, 1, tell));
    }

    private void gatherForks(final ForkTable found) {
        for (int fork = 0; fork < found.count(); fork++) {
            final long space = found.space(fork);
            final long relation = found.relation(fork);
            final int blocks = found.blocks(fork);
            fact(0, () -> head.forks.change(head.forks.findOrAdd(space, relation), blocks));
        }
    }

    private void gatherSegments(final SlruSegments found) {
        for (final Slru slru : Slru.values()) {
            if (slru != Slru.SUBTRANS) {
                found.forEach(slru, (of, segment) -> {
                    final int pages = found.pages(of, segment);
                    fact(0, () -> {
                        head.slrus.put(of, segment, pages);
                        target.noteSegment(of, segment);
                    });
                });
            }
        }
    }

    /** The databases' directories, their version files and relation maps. */
    private void gatherDirectories() {
        final Set<String> versions = new HashSet<>();
        final Set<String> directories = new HashSet<>(base.directories());
        for (int file = 0; file < base.files(); file++) {
            final String path = base.path(file);
            final int end = path.lastIndexOf('/');
            if (end > 0) {
                directories.add(path.substring(0, end));
                if (path.endsWith('/' + VERSION_FILE)) {
                    versions.add(path.substring(0, end));
                }
            }
        }
        final Map<Long, String> spaces = new TreeMap<>();
        for (final String directory : directories) {
            // A name that any relation's file in it would have.
            final RelationPath.Location inside = RelationPath.parse(base.version(), directory + "/1");
            if (inside != null) {
                spaces.put(
                        BlockKey.space(
                                inside.locator().tablespace(), inside.locator().database()),
                        directory);
            }
        }
        spaces.forEach((space, directory) -> {
            final boolean withVersion =
                    versions.contains(directory) && BlockKey.tablespace(space) != RelFileLocator.GLOBAL_TABLESPACE;
            fact(0, () -> target.putDirectory(space, withVersion));
            final byte[] map = contents.get(directory + '/' + RelationMap.FILE_NAME);
            if (map != null) {
                fact(map.length, () -> target.putRelationMap(space, MemorySegment.ofArray(map), 0, map.length));
            }
        });
    }

    /** The file's name ends with the transaction's id, and may begin with its epoch; content and checksum are Postgres' to judge. */
    private void gatherPrepared(final String path, final byte[] content) {
        final String name = path.substring(path.lastIndexOf('/') + 1);
        if (!path.startsWith(TwoPhaseFile.DIRECTORY + '/') || !name.matches("([0-9A-F]{8}){1,2}")) {
            return;
        }
        if (content.length <= Integer.BYTES) {
            throw new IngestException(path + " of the base has " + content.length + " bytes, and is none");
        }
        final long named = Long.parseUnsignedLong(name, 16);
        final long next = head.progress.nextXid();
        final long fullXid =
                base.version().twoPhaseNameHasEpoch() ? named : next - Integer.toUnsignedLong((int) next - (int) named);
        final int length = content.length - Integer.BYTES;
        fact(content.length, () -> target.transactionPrepared(fullXid, MemorySegment.ofArray(content), 0, length));
    }

    /** Last of all: recovery begins. */
    private void start() {
        final RecoverySink sink = new RecoverySink(head.progress, head.slrus, head.origins, target);
        sink.start();
        sink.write(head.sinkState, 0);
        target.tellCluster();
        head.begun(base.startLsn());
    }
}
