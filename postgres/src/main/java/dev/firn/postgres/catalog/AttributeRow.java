package dev.firn.postgres.catalog;

import java.lang.foreign.MemorySegment;

/**
 * An attribute of a relation: a row of pg_attribute.
 *
 * @param number attnum; less than 0 for system attributes.
 * @param type atttypid; 0 when it was dropped.
 * @param alignment attalign in bytes.
 * @param storage attstorage: {@code p}, {@code e}, {@code m}, {@code x}.
 * @param missing the bytes of attmissingval's only element, without varlena header; null when there is none.
 */
public record AttributeRow(
        int relation,
        int number,
        String name,
        int type,
        int typmod,
        int length,
        int alignment,
        char storage,
        boolean dropped,
        MemorySegment missing) {}
