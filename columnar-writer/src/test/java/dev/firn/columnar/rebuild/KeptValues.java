package dev.firn.columnar.rebuild;

import dev.firn.columnar.batch.ColumnVector;
import dev.firn.columnar.batch.RowBatch;
import dev.firn.columnar.parquet.ParquetReader;
import dev.firn.columnar.transcode.TableSource;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.postgres.LittleEndian;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** Which values a residue holds by their bytes: neither those that are compressed again, nor the pointers to values out of line. */
final class KeptValues {
    private static final int EXTERNAL_HEADER = 0x01;
    private static final int EXTERNAL_BYTES = 18;

    private KeptValues() {}

    /** Whether there are such of an attribute of variable length. */
    static boolean any(
            final TableSource source, final List<Path> residue, final String attribute, final OffHeapMemory memory)
            throws IOException {
        boolean any = false;
        for (final Path file : residue) {
            try (ParquetReader reader = ParquetReader.open(file, source.form().residueSchema());
                    RowBatch page = new RowBatch(source.form().residueSchema(), memory)) {
                while (reader.hasNext()) {
                    page.clear();
                    reader.read(page);
                    any |= any(page, attribute);
                }
            }
        }
        return any;
    }

    private static boolean any(final RowBatch page, final String attribute) {
        if (page.columnCount() == ResidueColumn.count()
                || page.column(ResidueColumn.count()).isNull(0)) {
            return false;
        }
        final ColumnVector values = page.column(ResidueColumn.count());
        for (int i = 0; i < values.field().children().size(); i++) {
            final ColumnVector child = values.child(i);
            if (child.field().name().equals(attribute) && !child.isNull(0)) {
                return any(new ResidueReader().wrap(child.values(), 0, child.valueBytes()));
            }
        }
        return false;
    }

    private static boolean any(final ResidueReader values) {
        while (!values.atEnd()) {
            values.varint();
            final int first = LittleEndian.getUnsignedByte(values.segment(), values.position());
            if (values.left() >= CompressedValue.MARK_BYTES
                    && LittleEndian.getUnsignedShort(values.segment(), values.position()) == CompressedValue.MARK) {
                values.take(CompressedValue.MARK_BYTES);
            } else if (first == EXTERNAL_HEADER) {
                values.take(EXTERNAL_BYTES);
            } else {
                return true;
            }
        }
        return false;
    }
}
