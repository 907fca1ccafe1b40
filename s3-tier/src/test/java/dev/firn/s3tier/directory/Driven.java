package dev.firn.s3tier.directory;

import dev.firn.nativeio.checksum.Crc32c;
import dev.firn.nativeio.seam.Clock;
import dev.firn.nativeio.seam.SystemRandom;
import dev.firn.nativeio.storage.Storage;
import dev.firn.s3tier.backend.Attempt;
import dev.firn.s3tier.backend.AttemptRequest;
import dev.firn.s3tier.backend.AttemptRequest.Precondition;
import dev.firn.s3tier.backend.AttemptResult;
import dev.firn.s3tier.store.StoreLimits;
import dev.firn.s3tier.store.WriteStamp;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** A backend driven by the calling thread, one attempt after the other. */
final class Driven implements AutoCloseable {
    static final String WRITE = "0123456789abcdef0123456789abcdef";

    final DirectoryBackend backend;
    private final Runnable pause;
    private final Arena arena = Arena.ofConfined();

    /** @param pause lets time pass where it is simulated. */
    Driven(final Storage storage, final String place, final Clock clock, final Runnable pause) {
        this.pause = pause;
        this.backend = DirectoryBackend.open(
                storage, place, DirectoryConfig.DRIVEN, StoreLimits.DEFAULT, clock, SystemRandom.create());
    }

    AttemptResult run(final AttemptRequest request) {
        final Attempt attempt = new Attempt(request, Long.MAX_VALUE, completed -> {});
        backend.begin(attempt);
        while (attempt.result() == null) {
            backend.doWork();
            pause.run();
        }
        return attempt.result();
    }

    MemorySegment bytes(final String text) {
        return arena.allocateFrom(ValueLayout.JAVA_BYTE, text.getBytes(StandardCharsets.UTF_8));
    }

    AttemptResult put(final String key, final String text, final Precondition precondition) {
        final MemorySegment body = bytes(text);
        return run(new AttemptRequest.PutObject(
                key, List.of(body), Crc32c.compute(body), precondition, WriteStamp.created(WRITE)));
    }

    AttemptResult put(final String key, final String text) {
        return put(key, text, Precondition.NONE);
    }

    AttemptResult head(final String key) {
        return run(new AttemptRequest.HeadObject(key));
    }

    AttemptResult delete(final String key) {
        return run(new AttemptRequest.DeleteObject(key));
    }

    AttemptResult read(final String key) {
        return run(new AttemptRequest.GetRange(key, 0, arena.allocate(1 << 16), null));
    }

    /** What the object says, or null when the read did not succeed. */
    String text(final String key) {
        final MemorySegment into = arena.allocate(1 << 16);
        return run(new AttemptRequest.GetRange(key, 0, into, null)) instanceof AttemptResult.RangeRead read
                ? new String(into.asSlice(0, read.lengthBytes()).toArray(ValueLayout.JAVA_BYTE), StandardCharsets.UTF_8)
                : null;
    }

    @Override
    public void close() {
        backend.close();
        arena.close();
    }
}
