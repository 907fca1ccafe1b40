package dev.firn.columnar.parquet;

import com.github.luben.zstd.Zstd;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.apache.parquet.bytes.BytesInput;
import org.apache.parquet.compression.CompressionCodecFactory;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;

/** Decompression for Parquet's own reader, whose own comes by way of Hadoop's configuration and all that it needs. */
final class ZstdFrames implements CompressionCodecFactory {
    @Override
    public BytesInputCompressor getCompressor(final CompressionCodecName name) {
        throw new UnsupportedOperationException("only reads");
    }

    @Override
    public BytesInputDecompressor getDecompressor(final CompressionCodecName name) {
        return new Frame(name);
    }

    @Override
    public void release() {
        // Nothing is held.
    }

    private record Frame(CompressionCodecName name) implements BytesInputDecompressor {
        @Override
        public BytesInput decompress(final BytesInput bytes, final int length) throws IOException {
            return name == CompressionCodecName.UNCOMPRESSED
                    ? bytes
                    : BytesInput.from(Zstd.decompress(bytes.toByteArray(), length));
        }

        @Override
        public void decompress(final ByteBuffer in, final int stored, final ByteBuffer out, final int length) {
            throw new UnsupportedOperationException("pages are read into arrays");
        }

        @Override
        public void release() {
            // Nothing is held.
        }
    }
}
