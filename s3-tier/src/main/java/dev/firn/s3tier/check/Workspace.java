package dev.firn.s3tier.check;

import dev.firn.nativeio.checksum.Crc32c;
import dev.firn.nativeio.memory.MemoryTag;
import dev.firn.nativeio.memory.OffHeapConfig;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.s3tier.backend.AttemptRequest;
import dev.firn.s3tier.backend.AttemptRequest.Part;
import dev.firn.s3tier.backend.AttemptRequest.Precondition;
import dev.firn.s3tier.backend.AttemptResult;
import dev.firn.s3tier.backend.AttemptResult.AttemptFailed;
import dev.firn.s3tier.backend.AttemptResult.ObjectFound;
import dev.firn.s3tier.backend.AttemptResult.ObjectWritten;
import dev.firn.s3tier.backend.AttemptResult.ObjectsDeleted;
import dev.firn.s3tier.backend.AttemptResult.PageListed;
import dev.firn.s3tier.backend.AttemptResult.RangeRead;
import dev.firn.s3tier.backend.AttemptResult.Retry;
import dev.firn.s3tier.store.FailureKind;
import dev.firn.s3tier.store.ListOutcome.Listed;
import dev.firn.s3tier.store.ListRequest;
import dev.firn.s3tier.store.StoreLimits;
import dev.firn.s3tier.store.WriteStamp;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.random.RandomGenerator;

/** Where a check works: a prefix of its own, memory, and the steps that all checks are made of. */
final class Workspace implements AutoCloseable {
    /** Two of the longest bodies, and the buffers of a stream. */
    static final long MEMORY_BYTES = 224L << 20;

    static final long MAX_PUT_BYTES = 64L << 20;
    static final long RANGE_BYTES = 8L << 20;

    /** Failures that say nothing about a promise. */
    private static final Set<FailureKind> SAYS_NOTHING = EnumSet.of(
            FailureKind.THROTTLED,
            FailureKind.TIMED_OUT,
            FailureKind.CANCELLED,
            FailureKind.UNREACHABLE,
            FailureKind.FULL,
            FailureKind.OVERLOADED);

    private static final MemoryTag TAG = MemoryTag.of("store-check");

    private final Attempts attempts;
    private final StoreLimits limits;
    private final RandomGenerator random;
    private final String prefix;
    private final OffHeapMemory memory = OffHeapMemory.open(OffHeapConfig.of("store-check", MEMORY_BYTES));
    private final List<MemorySegment> held = new ArrayList<>();
    private final Set<String> keys = new LinkedHashSet<>();
    private final Map<String, String> uploads = new LinkedHashMap<>();
    private long bodies;
    private int round;

    Workspace(final Attempts attempts, final StoreLimits limits, final RandomGenerator random) {
        this.attempts = attempts;
        this.limits = limits;
        this.random = random;
        this.prefix = "firn-store-check-" + hex() + "/";
    }

    Attempts attempts() {
        return attempts;
    }

    StoreLimits limits() {
        return limits;
    }

    String prefix() {
        return prefix;
    }

    /** Every key that was handed out: what may have to be removed. */
    Set<String> keys() {
        return keys;
    }

    /** Uploads that were begun and neither completed nor given up, with their keys. */
    Map<String, String> uploads() {
        return uploads;
    }

    /** Begins a check, or the same one anew: its keys are fresh, and the memory of the one before is given back. */
    void begin() {
        held.forEach(memory::free);
        held.clear();
        round++;
    }

    /** A folder of this check's own. */
    String folder(final String name) {
        return prefix + name + "-" + round + "/";
    }

    String key(final String name) {
        return tracked(folder(name) + "object");
    }

    String tracked(final String key) {
        keys.add(key);
        return key;
    }

    /** Fresh bytes of a length. */
    Body body(final long lengthBytes) {
        bodies++;
        return Body.fill(lengthBytes == 0 ? MemorySegment.NULL : buffer(lengthBytes), bodies);
    }

    /** Memory until the end of the check. */
    MemorySegment buffer(final long lengthBytes) {
        final MemorySegment segment = memory.allocate(lengthBytes, TAG);
        held.add(segment);
        return segment;
    }

    WriteStamp stamp() {
        return WriteStamp.created(hex() + hex());
    }

    private String hex() {
        return String.format("%016x", random.nextLong());
    }

    AttemptRequest.PutObject put(final String key, final Body body, final Precondition precondition) {
        return new AttemptRequest.PutObject(key, body.segments(), body.crc32c(), precondition, stamp());
    }

    /** Writes what must be written for the check to go on. */
    String write(final String key, final Body body) {
        return require(
                        ObjectWritten.class,
                        attempts.settled(put(key, body, Precondition.NONE)),
                        "a put of " + body.lengthBytes() + " bytes")
                .etag();
    }

    void delete(final String key) {
        final ObjectsDeleted deleted =
                require(ObjectsDeleted.class, attempts.settled(new AttemptRequest.DeleteObject(key)), "a delete");
        if (!deleted.refused().isEmpty()) {
            throw new Broken("a delete was answered: " + Words.of(deleted));
        }
    }

    ObjectFound head(final String key, final String what) {
        return require(ObjectFound.class, attempts.settled(new AttemptRequest.HeadObject(key)), what);
    }

    boolean isThere(final String key) {
        final AttemptResult result = attempts.settled(new AttemptRequest.HeadObject(key));
        return !(result instanceof AttemptResult.Missing) && require(ObjectFound.class, result, "a head") != null;
    }

    /** Reads the object whole and compares it. */
    void requireContent(final String key, final Body body, final String when) {
        final String difference = difference(key, body);
        if (difference != null) {
            throw new Broken(when + ", " + difference);
        }
    }

    /** What an object has other than the body; null when they agree. */
    String difference(final String key, final Body body) {
        if (body.lengthBytes() == 0) {
            final long length = head(key, "a head").lengthBytes();
            return length == 0 ? null : "the object has " + length + " bytes in place of none";
        }
        // One byte more, so that an object that is too long is seen.
        final MemorySegment buffer = buffer(Math.min(RANGE_BYTES, body.lengthBytes() + 1));
        long at = 0;
        do {
            final AttemptResult result = attempts.settled(new AttemptRequest.GetRange(key, at, buffer, null));
            if (result instanceof AttemptResult.Missing) {
                return "the object is not there";
            } else if (result instanceof AttemptResult.RangeBeyondEnd beyond) {
                return "the object ends at " + beyond.objectBytes() + " of " + body.lengthBytes() + " bytes";
            }
            final RangeRead read = require(RangeRead.class, result, "a get");
            if (read.objectBytes() != body.lengthBytes()) {
                return "the object has " + read.objectBytes() + " bytes in place of " + body.lengthBytes();
            }
            final long wanted = Math.min(buffer.byteSize(), body.lengthBytes() - at);
            if (read.lengthBytes() != wanted) {
                return "a get of " + wanted + " bytes from " + at + " brought " + read.lengthBytes();
            }
            if (!body.isAt(at, buffer, wanted)) {
                return "the object has other bytes than were put";
            }
            at += wanted;
        } while (at < body.lengthBytes());
        return null;
    }

    /** Every page of a list, at most so many keys on each. */
    List<Listed> pages(final String listPrefix, final String delimiter, final int maxKeys) {
        final List<Listed> pages = new ArrayList<>();
        final Set<String> tokens = new LinkedHashSet<>();
        String token = null;
        do {
            final Listed page = require(
                            PageListed.class,
                            attempts.settled(new AttemptRequest.ListPage(listPrefix, delimiter, token, maxKeys)),
                            "a list")
                    .page();
            pages.add(page);
            token = page.nextToken();
            if (token != null && !tokens.add(token)) {
                throw new Broken("a list goes in a circle: the same page was named twice as the next");
            }
        } while (token != null);
        return pages;
    }

    List<String> list(final String listPrefix) {
        return pages(listPrefix, "", ListRequest.MAX_KEYS).stream()
                .flatMap(page -> page.objects().stream())
                .map(object -> object.key())
                .toList();
    }

    String beginUpload(final String key, final WriteStamp stamp) {
        final String id = require(
                        AttemptResult.UploadCreated.class,
                        attempts.settled(new AttemptRequest.CreateUpload(key, stamp)),
                        "beginning an upload")
                .uploadId();
        uploads.put(id, key);
        return id;
    }

    /** A part's request: a slice of a body. */
    AttemptRequest.UploadPart part(
            final String key,
            final String uploadId,
            final int number,
            final Body body,
            final long offset,
            final long lengthBytes) {
        final MemorySegment slice = body.bytes().asSlice(offset, lengthBytes);
        return new AttemptRequest.UploadPart(key, uploadId, number, offset, slice, Crc32c.compute(slice));
    }

    Part sent(final AttemptRequest.UploadPart request, final AttemptResult result) {
        final String etag = require(AttemptResult.PartWritten.class, result, "part " + request.partNumber())
                .etag();
        return new Part(request.partNumber(), etag, request.body().byteSize(), request.crc32c());
    }

    AttemptRequest.CompleteUpload complete(
            final String key,
            final String uploadId,
            final List<Part> parts,
            final Precondition precondition,
            final WriteStamp stamp) {
        return new AttemptRequest.CompleteUpload(key, uploadId, parts, precondition, stamp);
    }

    void abort(final String key, final String uploadId) {
        require(
                AttemptResult.UploadAborted.class,
                attempts.settled(new AttemptRequest.AbortUpload(key, uploadId)),
                "giving an upload up");
        uploads.remove(uploadId);
    }

    /**
     * The answer as it must be.
     *
     * @param what was asked, as the beginning of a sentence.
     */
    static <T extends AttemptResult> T require(final Class<T> wanted, final AttemptResult result, final String what) {
        if (wanted.isInstance(result)) {
            return wanted.cast(result);
        }
        if (result instanceof AttemptFailed failed
                && (failed.retry() == Retry.LATER || SAYS_NOTHING.contains(failed.kind()))) {
            throw new Unjudged(what + " was not done: " + Words.of(failed));
        }
        throw new Broken(what + " was answered: " + Words.of(result));
    }

    static void require(final boolean holds, final String seen) {
        if (!holds) {
            throw new Broken(seen);
        }
    }

    @Override
    public void close() {
        held.forEach(memory::free);
        held.clear();
        memory.close();
    }
}
