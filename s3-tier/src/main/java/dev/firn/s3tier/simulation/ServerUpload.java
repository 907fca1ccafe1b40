package dev.firn.s3tier.simulation;

import dev.firn.s3tier.backend.AttemptRequest;
import dev.firn.s3tier.store.WriteStamp;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/** An upload that was begun and neither completed nor aborted. */
final class ServerUpload {
    private record StoredPart(byte[] bytes, String etag) {}

    private final String key;
    private final String id;
    private final WriteStamp stamp;
    private final long startedEpochMs;
    private final TreeMap<Integer, StoredPart> parts = new TreeMap<>();

    ServerUpload(final String key, final String id, final WriteStamp stamp, final long startedEpochMs) {
        this.key = key;
        this.id = id;
        this.stamp = stamp;
        this.startedEpochMs = startedEpochMs;
    }

    String key() {
        return key;
    }

    String id() {
        return id;
    }

    WriteStamp stamp() {
        return stamp;
    }

    long startedEpochMs() {
        return startedEpochMs;
    }

    /** A part of the same number is replaced. */
    String put(final int number, final byte[] bytes) {
        final String etag = Content.etagOf(bytes);
        parts.put(number, new StoredPart(bytes, etag));
        return etag;
    }

    /** What is wrong with this list of parts, or null. */
    String refusalOf(final List<AttemptRequest.Part> listed, final long minPartBytes) {
        if (listed.isEmpty()) {
            return "MalformedXML: an upload has at least one part";
        }
        int last = 0;
        for (final AttemptRequest.Part part : listed) {
            final StoredPart stored = parts.get(part.partNumber());
            if (part.partNumber() <= last) {
                return "InvalidPartOrder: part " + part.partNumber() + " after part " + last;
            }
            if (stored == null || !stored.etag().equals(part.etag())) {
                return "InvalidPart: there is no part " + part.partNumber() + " with the etag " + part.etag();
            }
            if (stored.bytes().length < minPartBytes && part != listed.getLast()) {
                return "EntityTooSmall: part " + part.partNumber() + " has " + stored.bytes().length + " bytes";
            }
            last = part.partNumber();
        }
        return null;
    }

    Content contentOf(final List<AttemptRequest.Part> listed) {
        final List<byte[]> pieces = new ArrayList<>(listed.size());
        for (final AttemptRequest.Part part : listed) {
            pieces.add(parts.get(part.partNumber()).bytes());
        }
        return new Content(pieces);
    }
}
