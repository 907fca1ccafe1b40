package dev.firn.walquorum.backup;

import dev.firn.s3tier.store.StoreSession;
import dev.firn.walquorum.pgwire.BackupTablespace;
import dev.firn.walquorum.pgwire.BaseBackupEnd;
import dev.firn.walquorum.pgwire.BaseBackupHandler;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.IdleStrategy;

/**
 * Takes a base backup on a thread that may block: each call comes back when the sink has taken what it was given, so that the server
 * waits when the store is behind. A backup that fails is cleaned up, and comes out as a {@link BackupException}.
 *
 * <pre>{@code
 * try {
 *     return receiver.finish(connection.baseBackup(BaseBackupOptions.of(label), receiver));
 * } catch (PgwireException e) {
 *     receiver.abort(e.getMessage());
 *     throw e;
 * }
 * }</pre>
 *
 * <p>Belongs to the session's thread.
 */
public final class BaseBackupReceiver implements BaseBackupHandler {
    private static final int HANDLERS_A_POLL = 64;

    private final BaseBackupSink sink;
    private final StoreSession session;
    private final IdleStrategy idle;
    private final BooleanSupplier stop;
    private final Consumer<String> notices;

    /**
     * @param stop whether the backup is to be given up.
     * @param notices hears the server's warnings.
     */
    public BaseBackupReceiver(
            final BaseBackupSink sink,
            final StoreSession session,
            final IdleStrategy idle,
            final BooleanSupplier stop,
            final Consumer<String> notices) {
        this.sink = sink;
        this.session = session;
        this.idle = idle;
        this.stop = stop;
        this.notices = notices;
    }

    @Override
    public void onStart(final long startLsn, final long startTimeline, final List<BackupTablespace> tablespaces) {
        sink.begin(startLsn, (int) startTimeline, tablespaces);
        await(() -> sink.state() != BaseBackupSink.State.SWEEPING);
    }

    @Override
    public void onArchive(final String name, final String location) {
        await(() -> sink.archive(name, location));
    }

    @Override
    public void onManifest() {
        await(sink::manifest);
    }

    @Override
    public void onData(final DirectBuffer buffer, final int offset, final int length) {
        final MemorySegment bytes = segmentOf(buffer, offset, length);
        final long[] taken = {sink.data(bytes)};
        session.poll(HANDLERS_A_POLL);
        await(() -> {
            if (taken[0] < length) {
                taken[0] += sink.data(bytes.asSlice(taken[0]));
            }
            return taken[0] == length;
        });
    }

    @Override
    public void onNotice(final String text) {
        notices.accept(text);
    }

    @Override
    public void onProgress(final long bytesDone) {
        sink.reportProgress();
    }

    /** The stream has ended: returns when the backup is complete. */
    public BackupDescription finish(final BaseBackupEnd end) {
        await(() -> sink.end(end.endLsn(), (int) end.endTimeline()));
        await(() -> sink.state() == BaseBackupSink.State.COMPLETE);
        return sink.description();
    }

    /** The stream has broken off: returns when what had come is removed. */
    public void abort(final String why) {
        sink.abort(why);
        settle();
    }

    private void await(final BooleanSupplier condition) {
        while (true) {
            if (stop.getAsBoolean()) {
                sink.abort("it was asked to stop");
            }
            if (sink.state() == BaseBackupSink.State.FAILING || sink.state() == BaseBackupSink.State.FAILED) {
                settle();
                throw new BackupException("the base backup was given up: " + sink.failure());
            }
            if (condition.getAsBoolean()) {
                return;
            }
            turn();
        }
    }

    private void settle() {
        while (sink.state() == BaseBackupSink.State.FAILING) {
            turn();
        }
    }

    private void turn() {
        idle.idle(session.poll(HANDLERS_A_POLL) + sink.doWork());
    }

    private static MemorySegment segmentOf(final DirectBuffer buffer, final int offset, final int length) {
        if (buffer.byteArray() != null) {
            return MemorySegment.ofArray(buffer.byteArray()).asSlice(buffer.wrapAdjustment() + (long) offset, length);
        }
        if (buffer.byteBuffer() != null) {
            return MemorySegment.ofBuffer(buffer.byteBuffer().duplicate().clear())
                    .asSlice(buffer.wrapAdjustment() + (long) offset, length);
        }
        final byte[] copy = new byte[length];
        buffer.getBytes(offset, copy);
        return MemorySegment.ofArray(copy);
    }
}
