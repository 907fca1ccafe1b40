package dev.firn.postgres.tuple;

import dev.firn.postgres.MalformedDataException;
import dev.firn.postgres.compression.Decompressor;
import dev.firn.postgres.page.VarlenaFlyweight;
import dev.firn.postgres.value.DatumFlyweight;
import java.lang.foreign.MemorySegment;

/**
 * From a varlena as stored to its value's bytes: in place where it is neither compressed nor elsewhere, otherwise in memory of this
 * instance, which grows to the largest value. Owned by one thread.
 */
public final class Detoaster {
    private static final int LEAST_BYTES = 64 << 10;

    /** Out of line, a compressed value begins with its raw length and method. */
    private static final int EXTERNAL_COMPRESSED_HEADER = 4;

    private final ToastFetcher fetcher;
    private final Decompressor decompressor;
    private final VarlenaFlyweight varlena = new VarlenaFlyweight();
    private MemorySegment raw = memory(LEAST_BYTES);

    /**
     * @param fetcher borrowed.
     * @param decompressor borrowed.
     */
    public Detoaster(final ToastFetcher fetcher, final Decompressor decompressor) {
        this.fetcher = fetcher;
        this.decompressor = decompressor;
    }

    /**
     * Wraps the value of a varlena that takes these bytes.
     *
     * @param into borrows the bytes until the next call, or until their page changes.
     * @throws MalformedDataException when they are no varlena, do not decompress, or lead nowhere.
     */
    public DatumFlyweight value(
            final MemorySegment segment, final long offset, final int lengthBytes, final DatumFlyweight into) {
        varlena.wrap(segment, offset, lengthBytes);
        switch (varlena.form()) {
            case SHORT, PLAIN -> {
                return into.wrap(segment, varlena.payloadOffset(), varlena.payloadBytes());
            }
            case COMPRESSED -> {
                reserve(varlena.rawBytes(), varlena.payloadBytes());
                varlena.copyValueTo(raw, 0, decompressor);
            }
            default -> {
                final int stored = varlena.externalBytes();
                final MemorySegment fetched =
                        fetcher.fetch(varlena.externalToastRelation(), varlena.externalValueId(), stored);
                if (!varlena.isCompressed()) {
                    return into.wrap(fetched, 0, stored);
                }
                if (stored < EXTERNAL_COMPRESSED_HEADER) {
                    throw new MalformedDataException("a compressed TOAST value of " + stored + " bytes");
                }
                reserve(varlena.rawBytes(), stored);
                decompressor.decompress(
                        varlena.method(),
                        fetched,
                        EXTERNAL_COMPRESSED_HEADER,
                        stored - EXTERNAL_COMPRESSED_HEADER,
                        raw,
                        0,
                        varlena.rawBytes());
            }
        }
        return into.wrap(raw, 0, varlena.rawBytes());
    }

    private static MemorySegment memory(final int bytes) {
        return MemorySegment.ofArray(new byte[bytes]);
    }

    /** Sees to room for a raw value; what it held is not kept. */
    private void reserve(final int bytes, final int compressedBytes) {
        Decompressor.checkRatio(compressedBytes, bytes);
        if (raw.byteSize() < bytes) {
            raw = memory((int) Math.min(Decompressor.MAX_BYTES, Math.max(bytes, 2 * raw.byteSize())));
        }
    }
}
