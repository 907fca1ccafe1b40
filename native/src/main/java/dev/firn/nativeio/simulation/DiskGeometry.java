package dev.firn.nativeio.simulation;

/**
 * The unchanging side of a simulated disk.
 *
 * @param sectorBytes the unit that is written as a whole, or torn: a power of two within 512..4096.
 * @param directAlignmentBytes what address, offset and length must be multiples of on a direct file.
 * @param directSupported whether direct files are given; else they fall back to buffered, as on tmpfs of old.
 * @param capacityBytes how much fits.
 */
public record DiskGeometry(int sectorBytes, int directAlignmentBytes, boolean directSupported, long capacityBytes) {
    /** 512-byte sectors and 1 GiB; memory is taken only for what is written. */
    public static final DiskGeometry DEFAULT = new DiskGeometry(512, 512, true, 1L << 30);

    public DiskGeometry {
        if (Integer.bitCount(sectorBytes) != 1 || sectorBytes < 512 || sectorBytes > 4096) {
            throw new IllegalArgumentException("sectorBytes is not a power of two within 512..4096: " + sectorBytes);
        }
        if (directAlignmentBytes < sectorBytes || directAlignmentBytes % sectorBytes != 0) {
            throw new IllegalArgumentException("directAlignmentBytes is not a multiple of the sector of " + sectorBytes
                    + " bytes: " + directAlignmentBytes);
        }
        if (capacityBytes < sectorBytes) {
            throw new IllegalArgumentException("capacityBytes is less than a sector: " + capacityBytes);
        }
    }

    public DiskGeometry withSectorBytes(final int bytes) {
        return new DiskGeometry(bytes, Math.max(bytes, directAlignmentBytes), directSupported, capacityBytes);
    }

    public DiskGeometry withCapacityBytes(final long bytes) {
        return new DiskGeometry(sectorBytes, directAlignmentBytes, directSupported, bytes);
    }
}
