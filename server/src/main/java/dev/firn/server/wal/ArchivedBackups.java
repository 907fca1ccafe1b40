package dev.firn.server.wal;

import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.postgres.lsn.Lsn;
import dev.firn.server.CommandException;
import dev.firn.walquorum.backup.BackupDescription;
import dev.firn.walquorum.backup.BackupException;
import dev.firn.walquorum.backup.BaseBackupReader;
import dev.firn.walquorum.backup.DirectoryTarget;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** The base backups of a timeline, by a thread that waits for each answer. */
public final class ArchivedBackups {
    private final ArchivedTimeline archived;
    private final OffHeapMemory memory;

    public ArchivedBackups(final ArchivedTimeline archived, final OffHeapMemory memory) {
        this.archived = archived;
        this.memory = memory;
    }

    /** The start LSNs of those that are complete, rising. */
    public List<Long> list() {
        final Object answer = archived.<Object>ask(handler -> BaseBackupReader.list(
                archived.session(),
                archived.entry().keys(),
                ArchivedTimeline.OPTIONS,
                handler::accept,
                handler::accept));
        if (answer instanceof final String sentence) {
            throw new CommandException(sentence);
        }
        return ((List<?>) answer).stream().map(Long.class::cast).toList();
    }

    /**
     * Extracts one.
     *
     * @param startLsn which; empty for the newest.
     * @param tablespaces where tablespaces go, each in a folder of its oid.
     */
    public BackupDescription extract(final Optional<Long> startLsn, final Path target, final Path tablespaces) {
        final List<Long> found = list();
        final long wanted = startLsn.orElseGet(() -> {
            if (found.isEmpty()) {
                throw new CommandException(
                        "the timeline " + archived.entry().name() + " has no complete base backup yet");
            }
            return found.getLast();
        });
        if (!found.contains(wanted)) {
            throw new CommandException("the timeline " + archived.entry().name() + " has no base backup that starts at "
                    + Lsn.format(wanted) + ": ./firn backup list shows them");
        }
        try (BaseBackupReader reader = new BaseBackupReader(
                        archived.session(), archived.entry().keys(), wanted, memory, ArchivedTimeline.OPTIONS);
                DirectoryTarget directory = new DirectoryTarget(
                        target, archive -> tablespaces.resolve(Long.toString(archive.tablespaceOid())), true)) {
            await(reader, reader::open);
            await(reader, done -> reader.extract(directory, done));
            return reader.description();
        } catch (final BackupException e) {
            throw new CommandException(e.getMessage(), e);
        } catch (final IOException e) {
            throw new CommandException("cannot write " + target + ": " + e.getMessage(), e);
        }
    }

    private void await(final BaseBackupReader reader, final Consumer<Consumer<String>> question) {
        final String[] answer = {null};
        final boolean[] answered = {false};
        question.accept(sentence -> {
            answer[0] = sentence;
            answered[0] = true;
        });
        while (!answered[0]) {
            archived.turn(reader.doWork());
        }
        if (answer[0] != null) {
            throw new CommandException(answer[0]);
        }
    }
}
