package dev.firn.postgres.value;

import dev.firn.postgres.MalformedDataException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;

/** The labels of an enum by the OIDs that stand for them: the rows of pg_enum of one type, in the database's encoding. */
public final class EnumLabels {
    private final int[] oids;
    private final byte[][] labels;

    public EnumLabels(final Map<Integer, byte[]> byOid) {
        final Map<Integer, byte[]> sorted = new TreeMap<>(byOid);
        oids = sorted.keySet().stream().mapToInt(Integer::intValue).toArray();
        labels = sorted.values().toArray(byte[][]::new);
    }

    /** How many there are. */
    public int count() {
        return oids.length;
    }

    byte[] label(final int oid) {
        final int index = Arrays.binarySearch(oids, oid);
        if (index < 0) {
            throw new MalformedDataException("an enum value " + Integer.toUnsignedString(oid)
                    + ", which is none of the type's " + oids.length + " labels");
        }
        return labels[index];
    }

    /** The OID of a label; 0 when it is none of the type's. */
    public int oid(final MemorySegment segment, final long offset, final int length) {
        for (int i = 0; i < labels.length; i++) {
            final byte[] label = labels[i];
            int same = 0;
            while (same < label.length
                    && label.length == length
                    && label[same] == segment.get(ValueLayout.JAVA_BYTE, offset + same)) {
                same++;
            }
            if (same == length && label.length == length) {
                return oids[i];
            }
        }
        return 0;
    }
}
