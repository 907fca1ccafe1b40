package dev.firn.columnar.parquet;

import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.StringJoiner;
import org.apache.arrow.dataset.file.FileFormat;
import org.apache.arrow.dataset.file.FileSystemDatasetFactory;
import org.apache.arrow.dataset.jni.NativeMemoryPool;
import org.apache.arrow.dataset.scanner.ScanOptions;
import org.apache.arrow.dataset.scanner.Scanner;
import org.apache.arrow.dataset.source.Dataset;
import org.apache.arrow.dataset.source.DatasetFactory;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.BitVector;
import org.apache.arrow.vector.Decimal256Vector;
import org.apache.arrow.vector.DecimalVector;
import org.apache.arrow.vector.ExtensionTypeVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.FixedSizeBinaryVector;
import org.apache.arrow.vector.ValueVector;
import org.apache.arrow.vector.VarBinaryVector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.complex.ListVector;
import org.apache.arrow.vector.complex.StructVector;
import org.apache.arrow.vector.ipc.ArrowReader;

/**
 * A process of its own: prints the rows of a Parquet file as Arrow's C++ library reads them, a line each. Arrow wants flags that no other test has, and its
 * library is not to stand on the class path of what is tested.
 */
final class ArrowRows {
    private static final long BATCH_ROWS = 1_000;

    private ArrowRows() {}

    public static void main(final String[] arguments) throws Exception {
        try (PrintWriter out = new PrintWriter(System.out, false, StandardCharsets.UTF_8);
                BufferAllocator allocator = new RootAllocator();
                DatasetFactory factory = new FileSystemDatasetFactory(
                        allocator,
                        NativeMemoryPool.getDefault(),
                        FileFormat.PARQUET,
                        Path.of(arguments[0]).toUri().toString());
                Dataset dataset = factory.finish();
                Scanner scanner = dataset.newScan(new ScanOptions(BATCH_ROWS));
                ArrowReader reader = scanner.scanBatches()) {
            while (reader.loadNextBatch()) {
                for (int row = 0; row < reader.getVectorSchemaRoot().getRowCount(); row++) {
                    final StringJoiner line = new StringJoiner(" ");
                    for (final FieldVector column : reader.getVectorSchemaRoot().getFieldVectors()) {
                        line.add(text(column, row));
                    }
                    out.println(line);
                }
            }
        }
    }

    /** Bit by bit: NaNs keep their payloads, text its bytes. */
    private static String text(final ValueVector vector, final int row) {
        if (vector instanceof ExtensionTypeVector<?> extension) {
            return text(extension.getUnderlyingVector(), row);
        }
        if (vector.isNull(row)) {
            return "null";
        }
        return switch (vector) {
            case BitVector bits -> bits.get(row) == 1 ? "true" : "false";
            case DecimalVector decimal -> decimal.getObject(row).toPlainString();
            case Decimal256Vector decimal -> decimal.getObject(row).toPlainString();
            case VarCharVector text -> HexFormat.of().formatHex(text.get(row)) + ".";
            case VarBinaryVector bytes -> HexFormat.of().formatHex(bytes.get(row)) + ".";
            case FixedSizeBinaryVector bytes -> HexFormat.of().formatHex(bytes.get(row)) + ".";
            case ListVector list -> {
                final StringJoiner elements = new StringJoiner(",", "[", "]");
                for (int i = list.getElementStartIndex(row); i < list.getElementEndIndex(row); i++) {
                    elements.add(text(list.getDataVector(), i));
                }
                yield elements.toString();
            }
            case StructVector struct -> {
                final StringJoiner fields = new StringJoiner(",", "[", "]");
                for (final FieldVector field : struct.getChildrenFromFields()) {
                    fields.add(text(field, row));
                }
                yield fields.toString();
            }
            // Numbers and times, as their bits.
            case FieldVector fixed
            when fixed.getDataBuffer().capacity() > 0 && width(fixed) == Integer.BYTES ->
                Integer.toString(fixed.getDataBuffer().getInt((long) row * Integer.BYTES));
            case FieldVector fixed -> Long.toString(fixed.getDataBuffer().getLong((long) row * Long.BYTES));
            default -> throw new IllegalStateException("a vector of " + vector.getClass());
        };
    }

    private static int width(final FieldVector vector) {
        return switch (vector.getMinorType()) {
            case INT, FLOAT4, DATEDAY -> Integer.BYTES;
            case BIGINT, FLOAT8, TIMEMICRO, TIMESTAMPMICRO, TIMESTAMPMICROTZ -> Long.BYTES;
            default -> throw new IllegalStateException("a vector of " + vector.getMinorType());
        };
    }
}
