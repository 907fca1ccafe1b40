package dev.firn.bench.storage;

import dev.firn.bench.harness.BenchmarkException;
import dev.firn.bench.harness.Progress;
import dev.firn.bench.meter.XorShift;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Locale;

/**
 * A file of {@value #BLOCK_BYTES}-byte blocks of noise, each beginning with a word that tells which block it is. Written in
 * full, so that no extent is unwritten (those are answered with zeros, without the device) and nothing compresses.
 *
 * <p>The content is a function of the length: a file left by an earlier run is told intact by its length and a sample of
 * its blocks.
 */
public final class DataFile {
    public static final int BLOCK_BYTES = 4096;

    private static final int CHUNK_BLOCKS = 256;
    private static final int SAMPLED_BLOCKS = 64;
    private static final long BLOCK_WORD_FACTOR = 0xD1342543DE82EF95L;
    private static final long BLOCK_WORD_OFFSET = 0x6669726E62656E63L;
    private static final long MIB = 1 << 20;

    private final Path path;
    private final long lengthBytes;

    /**
     * @param lengthBytes rounded down to whole blocks.
     */
    public DataFile(final Path path, final long lengthBytes) {
        if (lengthBytes < BLOCK_BYTES) {
            throw new IllegalArgumentException(path + " needs at least one block of " + BLOCK_BYTES + " bytes");
        }
        this.path = path;
        this.lengthBytes = lengthBytes - lengthBytes % BLOCK_BYTES;
    }

    public Path path() {
        return path;
    }

    public long lengthBytes() {
        return lengthBytes;
    }

    /** The first eight bytes of a block, little-endian. */
    static long firstWord(final long block) {
        return (block + 1) * BLOCK_WORD_FACTOR ^ BLOCK_WORD_OFFSET;
    }

    /** Makes the file unless an intact one is there. */
    public void ensure(final Progress progress) throws BenchmarkException {
        try {
            if (!intact()) {
                create(progress);
            }
        } catch (final IOException e) {
            throw new BenchmarkException(
                    "cannot make " + path + " of " + lengthBytes / MIB + " MiB: " + e.getMessage()
                            + "; choose another work directory or a smaller file",
                    e);
        }
    }

    /** Whether length, a sample of the blocks and the last block are as written. */
    boolean intact() throws IOException {
        if (!Files.isRegularFile(path) || Files.size(path) != lengthBytes) {
            return false;
        }
        final long blocks = lengthBytes / BLOCK_BYTES;
        final ByteBuffer word = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            for (long i = 1; i <= SAMPLED_BLOCKS; i++) {
                final long block = Math.max(0, blocks * i / SAMPLED_BLOCKS - 1);
                word.clear();
                if (channel.read(word, block * BLOCK_BYTES) != Long.BYTES || word.getLong(0) != firstWord(block)) {
                    return false;
                }
            }
        }
        return true;
    }

    private void create(final Progress progress) throws IOException, BenchmarkException {
        Files.deleteIfExists(path);
        final long usableBytes =
                Files.getFileStore(path.toAbsolutePath().getParent()).getUsableSpace();
        if (usableBytes < lengthBytes + lengthBytes / 10) {
            throw new BenchmarkException(String.format(
                    Locale.ROOT,
                    "%s needs %,d MiB and its file system has %,d MiB left; choose another work directory or a smaller file",
                    path,
                    lengthBytes / MIB,
                    usableBytes / MIB));
        }
        final ByteBuffer chunk =
                ByteBuffer.allocateDirect(CHUNK_BLOCKS * BLOCK_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        final XorShift noise = new XorShift(lengthBytes);
        final long blocks = lengthBytes / BLOCK_BYTES;
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            for (long first = 0; first < blocks; first += CHUNK_BLOCKS) {
                progress.step("writing " + path.getFileName() + ": " + first * BLOCK_BYTES / MIB + " of "
                        + lengthBytes / MIB + " MiB");
                fill(chunk, first, (int) Math.min(CHUNK_BLOCKS, blocks - first), noise);
                while (chunk.hasRemaining()) {
                    channel.write(chunk);
                }
            }
            channel.force(true);
        }
    }

    private static void fill(final ByteBuffer chunk, final long firstBlock, final int blocks, final XorShift noise) {
        chunk.clear();
        for (int block = 0; block < blocks; block++) {
            chunk.putLong(firstWord(firstBlock + block));
            for (int i = Long.BYTES; i < BLOCK_BYTES; i += Long.BYTES) {
                chunk.putLong(noise.nextLong());
            }
        }
        chunk.flip();
    }
}
