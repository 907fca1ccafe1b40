package dev.firn.walquorum.backup;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import dev.firn.walquorum.json.JsonHandler;
import dev.firn.walquorum.json.JsonParser;
import dev.firn.walquorum.json.MalformedJsonException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * Reads Postgres' {@code backup_manifest} as it goes by (backup_manifest.c; versions 1 and 2): its files with sizes and CRC-32C
 * checksums, and its own SHA-256 over all but its last line. Holds a line.
 */
final class BackupManifest {
    private static final int MAX_LINE_BYTES = 2 * JsonParser.MAX_TEXT_BYTES;
    private static final int NEWEST_VERSION = 2;
    private static final int CRC_DIGITS = 8;

    /** Hears of each file. */
    @FunctionalInterface
    interface FileHandler {
        /** @param path below the data directory. */
        void onFile(String path, long lengthBytes, int crc);
    }

    private final String what;
    private final FileHandler handler;
    private final JsonParser parser;
    private final MessageDigest digest;

    /** The line that is not complete, and whether one before it waits to be digested: the last line is not. */
    private final byte[] line = new byte[MAX_LINE_BYTES];

    private int lineBytes;
    private byte[] waiting;
    private long version = -1;
    private String declaredDigest;
    private boolean finished;

    /** @param what how it is called in errors. */
    BackupManifest(final String what, final FileHandler handler) {
        this.what = what;
        this.handler = handler;
        this.parser = new JsonParser(new Parts());
        try {
            this.digest = MessageDigest.getInstance("SHA-256");
        } catch (final NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    /** @throws BackupException when it is none. */
    void feed(final MemorySegment bytes, final long offset, final long lengthBytes) {
        try {
            parser.feed(bytes, offset, lengthBytes);
        } catch (final MalformedJsonException | IllegalArgumentException e) {
            throw new BackupException(what + " is damaged: " + e.getMessage(), e);
        }
        for (long i = 0; i < lengthBytes; i++) {
            digestLines(bytes.get(JAVA_BYTE, offset + i));
        }
    }

    private void digestLines(final byte value) {
        if (lineBytes == MAX_LINE_BYTES) {
            throw new BackupException(what + " is damaged: it has a line of more than " + MAX_LINE_BYTES + " bytes");
        }
        line[lineBytes++] = value;
        if (value == '\n') {
            if (waiting != null) {
                digest.update(waiting);
            }
            waiting = Arrays.copyOf(line, lineBytes);
            lineBytes = 0;
        }
    }

    /** @throws BackupException when it is not complete, or its own checksum is wrong. */
    void finish() {
        try {
            parser.finish();
        } catch (final MalformedJsonException e) {
            throw new BackupException(what + " is damaged: " + e.getMessage(), e);
        }
        if (lineBytes != 0 || declaredDigest == null) {
            throw new BackupException(what + " is damaged: it does not end with its checksum");
        }
        final String found = HexFormat.of().formatHex(digest.digest());
        if (!found.equals(declaredDigest)) {
            throw new BackupException(what + " is damaged: its checksum is " + found + ", not " + declaredDigest);
        }
        finished = true;
    }

    boolean isFinished() {
        return finished;
    }

    /** The parts of the text: the outermost object's fields, and those of the files. */
    private final class Parts implements JsonHandler {
        private static final int FILE_DEPTH = 3;

        private int depth;
        private String topKey = "";
        private String key = "";
        private String path;
        private long size;
        private String algorithm;
        private String checksum;

        @Override
        public void beginObject() {
            depth++;
            if (isFile()) {
                path = null;
                size = -1;
                algorithm = null;
                checksum = null;
            }
        }

        private boolean isFile() {
            return depth == FILE_DEPTH && topKey.equals("Files");
        }

        @Override
        public void endObject() {
            if (isFile()) {
                endFile();
            }
            depth--;
        }

        private void endFile() {
            if (path == null || size < 0 || algorithm == null || checksum == null) {
                throw new MalformedJsonException("a file lacks its path, size or checksum");
            }
            if (!algorithm.equals("CRC32C") || checksum.length() != CRC_DIGITS) {
                throw new MalformedJsonException("the checksum of " + path + " is not a CRC32C");
            }
            // Postgres prints the bytes of the number, which lie in memory the other way round.
            handler.onFile(path, size, Integer.reverseBytes(HexFormat.fromHexDigits(checksum)));
        }

        @Override
        public void beginArray() {
            depth++;
        }

        @Override
        public void endArray() {
            depth--;
        }

        @Override
        public void key(final String name) {
            key = name;
            if (depth == 1) {
                topKey = name;
                if (version < 0 && !name.equals("PostgreSQL-Backup-Manifest-Version")) {
                    throw new MalformedJsonException("it does not begin with its version");
                }
            }
        }

        @Override
        public void text(final String value) {
            if (depth == 1 && topKey.equals("Manifest-Checksum")) {
                declaredDigest = value;
            } else if (isFile()) {
                switch (key) {
                    case "Path" -> path = value;
                    case "Encoded-Path" -> path = new String(HexFormat.of().parseHex(value), StandardCharsets.UTF_8);
                    case "Checksum-Algorithm" -> algorithm = value;
                    case "Checksum" -> checksum = value;
                    default -> {
                        // When it was changed is in the archive, too.
                    }
                }
            }
        }

        @Override
        public void number(final String digits) {
            if (depth == 1 && topKey.equals("PostgreSQL-Backup-Manifest-Version")) {
                version = Long.parseLong(digits);
                if (version < 1 || version > NEWEST_VERSION) {
                    throw new MalformedJsonException(
                            "it is of version " + digits + ", and up to " + NEWEST_VERSION + " are read");
                }
            } else if (isFile() && key.equals("Size")) {
                size = Long.parseLong(digits);
            }
        }

        @Override
        public void bool(final boolean value) {
            throw new MalformedJsonException("true and false are not expected");
        }

        @Override
        public void nothing() {
            throw new MalformedJsonException("null is not expected");
        }
    }
}
