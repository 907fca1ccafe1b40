package dev.firn.bench.micro;

import dev.firn.nativeio.file.HostStorage;
import dev.firn.nativeio.storage.Completion;
import dev.firn.nativeio.storage.CompletionHandler;
import dev.firn.nativeio.storage.Ring;
import dev.firn.nativeio.storage.RingConfig;
import dev.firn.nativeio.storage.Storage;
import java.nio.file.Path;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** What a ring itself costs: operations that do nothing, queued, submitted, completed and polled, a batch at a time. */
@State(Scope.Thread)
public class RingNopMicro implements CompletionHandler {
    @Param({"1", "32"})
    public int batch;

    private Storage storage;
    private Ring ring;
    private long tokens;

    /** JMH calls this in the thread that measures, which so owns the ring. */
    @Setup(Level.Trial)
    public void open() {
        storage = new HostStorage(Path.of(System.getProperty("java.io.tmpdir")));
        ring = storage.openRing(RingConfig.ofCapacity(batch));
    }

    @TearDown(Level.Trial)
    public void close() {
        ring.close();
        storage.close();
    }

    @Benchmark
    public long firn(final AllocationCounter allocations) {
        for (int i = 0; i < batch; i++) {
            if (!ring.nop(i, 0)) {
                throw new IllegalStateException("the ring refused operation " + i + " of " + batch);
            }
        }
        int outstanding = batch;
        while (outstanding > 0) {
            ring.submitAndWait(outstanding, Long.MAX_VALUE);
            outstanding -= ring.poll(this, outstanding);
        }
        return tokens;
    }

    @Override
    public void onCompletion(final Completion completion) {
        tokens += completion.token();
    }
}
