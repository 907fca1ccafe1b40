package dev.firn.postgres.effect;

import dev.firn.postgres.MalformedDataException;
import dev.firn.postgres.redo.RecordData;
import dev.firn.postgres.wal.ResourceManager;
import dev.firn.postgres.wal.WalRecord;

/** Takes the records of a resource manager apart. */
interface EffectDecoder {
    /**
     * Tells the sink what a record does.
     *
     * @param main its main data, from their begin.
     * @throws MalformedDataException when the record contradicts itself or is of no known operation.
     */
    void tell(WalRecord record, RecordData main, EffectSink sink);

    /** For an operation that the resource manager has not. */
    static MalformedDataException unknown(final WalRecord record) {
        return new MalformedDataException("%s has no operation 0x%02X in %s"
                .formatted(
                        ResourceManager.ofId(record.resourceManagerId()).displayName(),
                        record.operation(),
                        record.version()));
    }

    /** The next oid or the like, of something that must be there. */
    static int nextId(final RecordData data, final String what) {
        final int id = data.nextInt();
        if (id == 0) {
            throw new MalformedDataException("the record names no " + what);
        }
        return id;
    }

    /** How many entries of this size follow: an int32 before them, which they must bear out. */
    static int nextCount(final RecordData data, final int entryBytes, final String what) {
        final int count = data.nextInt();
        if (count < 0 || count > data.remaining() / entryBytes) {
            throw new MalformedDataException("the record counts " + Integer.toUnsignedString(count) + " " + what
                    + " of " + entryBytes + " bytes, with " + data.remaining() + " bytes left");
        }
        return count;
    }
}
