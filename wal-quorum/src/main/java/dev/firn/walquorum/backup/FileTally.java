package dev.firn.walquorum.backup;

/**
 * A sum over files that two lists of the same files share, whatever their order: so that an index and a manifest are compared
 * without holding either. Lists that differ by accident share it with a probability of 2⁻⁶⁴.
 */
final class FileTally {
    private static final long FACTOR = 0x9E37_79B9_7F4A_7C15L;

    private long sum;
    private long files;

    /** @param path below the data directory. */
    void add(final String path, final long lengthBytes, final int crc) {
        long hash = lengthBytes;
        for (int i = 0; i < path.length(); i++) {
            hash = mix(hash + path.charAt(i));
        }
        sum += mix(mix(hash) + crc);
        files++;
    }

    private static long mix(final long value) {
        long mixed = (value ^ (value >>> 30)) * 0xBF58_476D_1CE4_E5B9L + FACTOR;
        mixed = (mixed ^ (mixed >>> 27)) * 0x94D0_49BB_1331_11EBL;
        return mixed ^ (mixed >>> 31);
    }

    long files() {
        return files;
    }

    boolean agrees(final FileTally other) {
        return files == other.files && sum == other.sum;
    }
}
