package dev.firn.server.lake;

import dev.firn.columnar.transcode.LakeFile;
import dev.firn.columnar.transcode.LakeFolder;
import dev.firn.columnar.transcode.RefusedRelationException;
import dev.firn.columnar.transcode.RelationTranscoder;
import dev.firn.columnar.transcode.TableSource;
import dev.firn.columnar.transcode.TranscodeConfig;
import dev.firn.columnar.transcode.TranscodedTable;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.nativeio.memory.OutOfOffHeapMemoryException;
import dev.firn.postgres.MalformedDataException;
import dev.firn.postgres.page.PageLayout;
import dev.firn.postgres.version.PostgresVersion;
import dev.firn.server.CommandException;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Function;

/** One thread of an export: takes jobs, transcodes them, and concludes relations whose last part it had. */
final class ExportWorker {
    private final ExportSeat seat;
    private final ExportQueue queue;
    private final PostgresVersion version;
    private final OffHeapMemory memory;
    private final TranscodeConfig config;
    private final LongAdder doneBytes;

    /**
     * @param seat this thread's own; borrowed.
     * @param memory shared with the other workers; borrowed.
     * @param doneBytes counts bytes of heap that are done.
     */
    ExportWorker(
            final ExportSeat seat,
            final ExportQueue queue,
            final PostgresVersion version,
            final OffHeapMemory memory,
            final TranscodeConfig config,
            final LongAdder doneBytes) {
        this.seat = seat;
        this.queue = queue;
        this.version = version;
        this.memory = memory;
        this.config = config;
        this.doneBytes = doneBytes;
    }

    /** Works until no job is left. */
    void run() throws InterruptedException {
        ExportQueue.Taken taken = queue.take();
        while (taken != null) {
            boolean ended = false;
            try {
                final boolean again = isTooLargeBesideOthers(taken);
                ended = true;
                if (again) {
                    queue.again(taken);
                } else {
                    queue.end(taken);
                }
            } finally {
                if (!ended) {
                    queue.end(taken);
                }
            }
            taken = queue.take();
        }
    }

    /** Does a job. True when it found no room, and will have more when it is alone. */
    private boolean isTooLargeBesideOthers(final ExportQueue.Taken taken) {
        final ExportJob job = taken.job();
        final ExportRelation relation = job.relation();
        final long[] counted = {0};
        try {
            if (!relation.hasFailed()) {
                transcode(job, counted);
            }
        } catch (final OutOfOffHeapMemoryException e) {
            if (!taken.alone()) {
                doneBytes.add(-counted[0]);
                return true;
            }
            relation.fail(tooLarge(e));
        } catch (final MalformedDataException | RefusedRelationException e) {
            relation.fail(e.getMessage());
        }
        doneBytes.add(job.blocks() * PageLayout.PAGE_BYTES - counted[0]);
        if (relation.endPart()) {
            conclude(relation);
        }
        return false;
    }

    private void transcode(final ExportJob job, final long[] counted) {
        final ExportRelation relation = job.relation();
        final TranscodedTable part = transcode(
                relation,
                job.toast(),
                transcoder -> transcoder.transcode(job.from(), job.to(), (blocks, _) -> {
                    final long bytes = blocks * PageLayout.PAGE_BYTES;
                    doneBytes.add(bytes - counted[0]);
                    counted[0] = bytes;
                    if (relation.hasFailed()) {
                        throw new RefusedRelationException("another part of it cannot be written");
                    }
                }));
        relation.add(job.toast(), part);
    }

    private TranscodedTable transcode(
            final ExportRelation relation,
            final boolean toast,
            final Function<RelationTranscoder, TranscodedTable> what) {
        final TableSource source = toast
                ? relation.database()
                        .toastSource(relation.table(), seat.pages(), relation.metadata())
                        .orElseThrow()
                : relation.database().source(relation.table(), seat.pages(), relation.metadata());
        final LakeFolder folder = name -> new ReportedFile(relation, seat.target(), relation.path() + '/' + name);
        try (RelationTranscoder transcoder = new RelationTranscoder(
                source,
                version.major(),
                config,
                memory,
                folder,
                toast ? LakeExport.TOAST_VISIBLE : LakeExport.VISIBLE,
                toast ? LakeExport.TOAST_DEAD : LakeExport.DEAD,
                toast ? LakeExport.TOAST_RESIDUE : LakeExport.RESIDUE)) {
            return what.apply(transcoder);
        }
    }

    private static String tooLarge(final OutOfOffHeapMemoryException e) {
        return "it takes more memory than an export has (--memory-mib): " + e.getMessage();
    }

    /** A relation that cannot be written leaves no file; one without visible rows has a file of its columns. */
    private void conclude(final ExportRelation relation) {
        try {
            if (relation.needsEmptyFile()) {
                relation.add(false, transcode(relation, false, RelationTranscoder::writeEmpty));
            }
            if (relation.needsEmptyToastFile()) {
                relation.add(true, transcode(relation, true, RelationTranscoder::writeEmpty));
            }
        } catch (final OutOfOffHeapMemoryException e) {
            relation.fail(tooLarge(e));
        } catch (final MalformedDataException | RefusedRelationException e) {
            relation.fail(e.getMessage());
        }
        if (relation.hasFailed()) {
            removeFiles(relation);
        }
    }

    private void removeFiles(final ExportRelation relation) {
        for (final String file : relation.files()) {
            try {
                seat.target().remove(file);
            } catch (final CommandException e) {
                throw new CommandException(
                        relation.table().name() + " cannot be written: " + relation.failure() + "; " + e.getMessage(),
                        e);
            }
            relation.removed(file);
        }
    }

    /** Tells the relation of itself: what another worker has finished is removed by who concludes the relation. */
    private static final class ReportedFile implements LakeFile {
        private final ExportRelation relation;
        private final String path;
        private final LakeFile file;

        ReportedFile(final ExportRelation relation, final ExportTarget target, final String path) {
            this.relation = relation;
            this.path = path;
            this.file = target.create(path);
        }

        @Override
        public long offer(final MemorySegment bytes, final long offset, final long length) {
            return file.offer(bytes, offset, length);
        }

        @Override
        public void finish() {
            file.finish();
            relation.written(path);
        }

        /** What cannot be removed is there, for who removes all of it in the end, and says what he could not. */
        @Override
        public void abandon() {
            relation.written(path);
            file.abandon();
            relation.removed(path);
        }
    }
}
