package dev.firn.pagestore.replay;

import dev.firn.pagestore.cluster.ReplicationOrigins;
import dev.firn.postgres.file.BlockKey;
import dev.firn.postgres.file.ControlFile;
import dev.firn.postgres.file.Fork;
import dev.firn.postgres.file.RelationMap;
import dev.firn.postgres.file.RelationPath;
import dev.firn.postgres.file.Slru;
import dev.firn.postgres.file.TwoPhaseFile;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * Writes what a replay came to as a data directory that stock Postgres starts on. The control file comes last, when all else is durable: without it,
 * Postgres starts on nothing.
 *
 * <p>A tablespace that is a link in the base, or has a path on the primary, is a link here too, to a folder of {@link #TABLESPACES}: Postgres' recovery
 * wants links. One that lies in {@code pg_tblspc} itself does so here.
 *
 * <p>Unlogged relations are as recovery leaves them: empty copies of their init forks (ResetUnloggedRelations of reinit.c).
 */
final class DirectoryWriter {
    /** Where tablespaces lie whose place on the primary is elsewhere. */
    static final String TABLESPACES = "tablespaces";

    private static final String TABLESPACE_LINKS = DatabaseFiles.TABLESPACE_LINKS;

    private final Replay replay;
    private final ReplayState state;
    private final TargetDirectory target;

    DirectoryWriter(final Replay replay, final TargetDirectory target) {
        this.replay = replay;
        this.state = replay.state();
        this.target = target;
    }

    /**
     * Writes all, durably.
     *
     * @param timeSeconds now, since 1970.
     * @return whether Postgres starts without recovery.
     */
    boolean write(final LogFiles log, final ReplayResult result, final long timeSeconds) {
        final boolean clean = state.progress().settle(result.endLsn(), timeSeconds);
        new BaseCopy(state.base().root(), target).run();
        writeTablespaces();
        writeDatabases();
        try (RelationWriter writer = new RelationWriter(state, target, replay.memory())) {
            writeRelations(writer);
            writeSlrus(writer);
        }
        writePrepared();
        target.write(ReplicationOrigins.PATH, state.origins().toBytes());
        final ControlFile control = state.progress().control();
        new LogCopy(log, target).run(control, result.endLsn());
        target.sync();
        final MemorySegment bytes = state.progress().controlBytes();
        target.write(ControlFile.PATH, bytes.toArray(ValueLayout.JAVA_BYTE));
        target.sync(ControlFile.PATH);
        return clean;
    }

    private void writeTablespaces() {
        final DatabaseFiles databases = state.databases();
        for (final String name : state.base().names(TABLESPACE_LINKS)) {
            final int tablespace = Integer.parseUnsignedInt(name);
            if (!databases.droppedTablespaces().contains(tablespace)
                    && !databases.newTablespaces().containsKey(tablespace)) {
                final Path given = state.base().root().resolve(TABLESPACE_LINKS).resolve(name);
                writeTablespace(name, Files.isSymbolicLink(given));
            }
        }
        databases
                .newTablespaces()
                .forEach((tablespace, path) -> writeTablespace(Integer.toUnsignedString(tablespace), !path.isEmpty()));
    }

    private void writeTablespace(final String name, final boolean elsewhere) {
        final String link = TABLESPACE_LINKS + '/' + name;
        if (elsewhere) {
            target.link(link, TABLESPACES + '/' + name);
        } else {
            target.folder(link);
        }
        target.folder(link + '/' + RelationPath.versionDirectory(state.base().version()));
    }

    private void writeDatabases() {
        final DatabaseFiles databases = state.databases();
        final byte[] version = (state.base().version().major() + "\n").getBytes(StandardCharsets.US_ASCII);
        for (final long space : databases.spaces()) {
            final String directory = databases.directory(space);
            target.folder(directory);
            if (databases.hasVersion(space)) {
                target.write(directory + "/PG_VERSION", version);
            }
            final byte[] map = databases.relationMap(space);
            if (map != null) {
                target.write(directory + '/' + RelationMap.FILE_NAME, map);
            }
        }
    }

    private void writeRelations(final RelationWriter writer) {
        final RelationSizes sizes = state.sizes();
        state.seeAllForks();
        final Set<Unlogged> unlogged = unlogged();
        for (int owner = RelationSizes.FIRST_OWNER; owner < sizes.endOfOwners(); owner++) {
            if (!sizes.exists(owner)) {
                continue;
            }
            final boolean init = BlockKey.fork(sizes.relation(owner)) == Fork.INIT.number();
            if (init) {
                writer.write(owner);
                writer.writeAs(owner, Fork.MAIN.number());
            } else if (!unlogged.contains(Unlogged.of(sizes, owner))) {
                writer.write(owner);
            }
        }
    }

    private record Unlogged(long space, int relfilenode) {
        static Unlogged of(final RelationSizes sizes, final int owner) {
            return new Unlogged(sizes.space(owner), BlockKey.relfilenode(sizes.relation(owner)));
        }
    }

    private Set<Unlogged> unlogged() {
        final RelationSizes sizes = state.sizes();
        final Set<Unlogged> found = new HashSet<>();
        for (int owner = RelationSizes.FIRST_OWNER; owner < sizes.endOfOwners(); owner++) {
            if (sizes.exists(owner) && BlockKey.fork(sizes.relation(owner)) == Fork.INIT.number()) {
                found.add(Unlogged.of(sizes, owner));
            }
        }
        return found;
    }

    /** All but the parents of subtransactions, which Postgres makes anew when it starts. */
    private void writeSlrus(final RelationWriter writer) {
        for (final Slru slru : Slru.values()) {
            if (slru != Slru.SUBTRANS) {
                target.folder(slru.directory());
                state.slrus()
                        .segments(slru)
                        .forEach((segment, pages) ->
                                writer.write(slru, segment, pages, state.slrus().basePages(slru, segment)));
            }
        }
    }

    /** Those that were prepared before the checkpoint's redo point; recovery finds the others in the log (CheckPointTwoPhase). */
    private void writePrepared() {
        final long redo = state.progress().control().checkpoint().redo();
        target.folder(TwoPhaseFile.DIRECTORY);
        for (final Map.Entry<Integer, PreparedTransactions.Prepared> entry :
                state.prepared().all().entrySet()) {
            final PreparedTransactions.Prepared prepared = entry.getValue();
            if (prepared.endLsn() <= redo) {
                target.write(TwoPhaseFile.DIRECTORY + '/' + prepared.fileName(), prepared.content());
            }
        }
    }
}
