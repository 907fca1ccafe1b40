package dev.firn.columnar.transcode;

import dev.firn.postgres.LittleEndian;
import dev.firn.postgres.tuple.DeformPlan;
import dev.firn.postgres.tuple.DeformedRows;
import dev.firn.postgres.tuple.TupleBatch;
import dev.firn.postgres.value.TypeDescription;

/** How long values out of line are together: pages are small, but what their rows lead to may be more than memory holds. */
final class ExternalBytes {
    private static final int EXTERNAL_HEADER = 0x01;

    /** va_rawsize of a varatt_external (varatt.h), which stands behind header and tag, at no alignment. */
    private static final int RAW_BYTES_OFFSET = 2;

    private final DeformPlan plan;

    ExternalBytes(final DeformPlan plan) {
        this.plan = plan;
    }

    /** Up to which row values out of line have no more than so many bytes together; at least one row on. */
    int sliceEnd(final TupleBatch batch, final DeformedRows rows, final int from, final long most) {
        long bytes = 0;
        for (int row = from; row < batch.rows(); row++) {
            for (int attribute = 0; attribute < plan.attributeCount(); attribute++) {
                if (plan.attribute(attribute).length() == TypeDescription.VARIABLE) {
                    bytes += bytes(batch, rows.positions(attribute)[row]);
                }
            }
            if (bytes > most && row > from) {
                return row;
            }
        }
        return batch.rows();
    }

    private long bytes(final TupleBatch batch, final int position) {
        if (position < 0 || LittleEndian.getUnsignedByte(batch.segment(), position) != EXTERNAL_HEADER) {
            return 0;
        }
        return Integer.toUnsignedLong(LittleEndian.getInt(batch.segment(), position + RAW_BYTES_OFFSET));
    }
}
