package dev.firn.pagestore.simulation;

import dev.firn.pagestore.ingest.BaseFiles;
import dev.firn.postgres.file.Fork;
import dev.firn.postgres.file.RelFileLocator;
import dev.firn.postgres.file.RelationPath;
import dev.firn.postgres.page.PageLayout;
import dev.firn.postgres.version.PostgresVersion;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.List;

/** The base backup of the model's cluster: one relation. Always there; that the store is not is seen at the layers. */
final class SimulatedBase implements BaseFiles {
    static final PostgresVersion VERSION = PostgresVersion.ofMajor(17);

    private final ArrayDeque<Long> answers = new ArrayDeque<>();

    @Override
    public PostgresVersion version() {
        return VERSION;
    }

    @Override
    public long startLsn() {
        return ModelLog.START_LSN;
    }

    @Override
    public long consistentLsn() {
        return ModelLog.START_LSN;
    }

    @Override
    public int files() {
        return 1;
    }

    @Override
    public String path(final int file) {
        return RelationPath.of(
                VERSION,
                new RelFileLocator(ModelKey.TABLESPACE, ModelKey.DATABASE, ModelKey.RELATIONS[0]),
                Fork.MAIN,
                0);
    }

    @Override
    public long lengthBytes(final int file) {
        return (long) ModelKey.BLOCKS * PageLayout.PAGE_BYTES;
    }

    @Override
    public List<String> directories() {
        return List.of();
    }

    @Override
    public List<Tablespace> tablespaces() {
        return List.of();
    }

    @Override
    public boolean read(final int file, final long offset, final MemorySegment into, final long token) {
        final ModelKey key =
                ModelKey.page(ModelKey.DATABASE, ModelKey.RELATIONS[0], (int) (offset / PageLayout.PAGE_BYTES));
        MemorySegment.copy(MemorySegment.ofArray(ModelLog.base(key)), 0, into, 0, PageLayout.PAGE_BYTES);
        answers.add(token);
        return true;
    }

    @Override
    public int poll(final ReadHandler handler, final int limit) {
        int done = 0;
        for (int left = Math.min(limit, answers.size()); left > 0; left--) {
            handler.onRead(answers.poll(), null);
            done++;
        }
        return done;
    }
}
