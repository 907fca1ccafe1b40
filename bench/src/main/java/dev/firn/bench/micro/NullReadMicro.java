package dev.firn.bench.micro;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** What plain Java pays for an operation that does nothing: a positional read of /dev/null, one system call. */
@State(Scope.Thread)
public class NullReadMicro {
    private FileChannel channel;
    private ByteBuffer buffer;

    @Setup(Level.Trial)
    public void open() throws IOException {
        channel = FileChannel.open(Path.of("/dev/null"), StandardOpenOption.READ);
        buffer = ByteBuffer.allocateDirect(1);
    }

    @TearDown(Level.Trial)
    public void close() throws IOException {
        channel.close();
    }

    @Benchmark
    public int channel(final AllocationCounter allocations) throws IOException {
        return channel.read(buffer.clear(), 0);
    }
}
