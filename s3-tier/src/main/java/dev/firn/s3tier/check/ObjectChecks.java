package dev.firn.s3tier.check;

import static dev.firn.s3tier.check.Workspace.require;

import dev.firn.nativeio.seam.Clock;
import dev.firn.s3tier.backend.AttemptRequest;
import dev.firn.s3tier.backend.AttemptRequest.Precondition;
import dev.firn.s3tier.backend.AttemptResult;
import dev.firn.s3tier.backend.AttemptResult.AttemptFailed;
import dev.firn.s3tier.backend.AttemptResult.ObjectFound;
import dev.firn.s3tier.backend.AttemptResult.ObjectWritten;
import dev.firn.s3tier.backend.AttemptResult.ObjectsDeleted;
import dev.firn.s3tier.backend.AttemptResult.RangeRead;
import dev.firn.s3tier.store.WriteStamp;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Single objects: written, read, described, removed. */
final class ObjectChecks {
    private static final int SMALL_BYTES = 1_024;
    private static final int ROUNDS = 24;
    private static final int BATCH = 40;

    /** Skew from which S3 refuses a request is 15 minutes; a host that keeps its time is within this. */
    private static final long MAX_SKEW_MS = TimeUnit.SECONDS.toMillis(60);

    private static final List<String> ODD_NAMES = List.of(
            "with space",
            "with+plus",
            "with%20percent",
            "with%2Fslash",
            "with//two slashes",
            "with&and=equals?question#hash",
            "with'quotes\"and<brackets>",
            "with\\backslash",
            "~!@$^*(){}[]|:;,",
            "\u00fcml\u00e4ut",
            "\u65e5\u672c\u8a9e",
            "\ud83d\udc27",
            "UPPER",
            "upper",
            // As long as a name in a directory can be, in several parts.
            "l".repeat(200) + "/" + "o".repeat(200) + "/" + "ng".repeat(100));

    private final Workspace work;
    private final Clock clock;

    ObjectChecks(final Workspace work, final Clock clock) {
        this.work = work;
        this.clock = clock;
    }

    Finding putAndGet() {
        final long[] lengths = {1, SMALL_BYTES, (1 << 20) + 1};
        for (final long length : lengths) {
            final String key = work.tracked(work.folder("put") + length);
            final Body body = work.body(length);
            work.write(key, body);
            work.requireContent(key, body, "after a put of " + length + " bytes was answered");
        }
        return Finding.held("objects of 1, 1,024 and 1,048,577 bytes came back as they were put");
    }

    Finding emptyObject() {
        final String key = work.key("empty");
        final Body empty = work.body(0);
        work.write(key, empty);
        work.requireContent(key, empty, "after a put of no bytes was answered");
        final AttemptResult read = work.attempts().settled(new AttemptRequest.GetRange(key, 0, work.buffer(1), null));
        require(AttemptResult.RangeBeyondEnd.class, read, "a get of an empty object's first byte");
        return Finding.held("an object of 0 bytes is there, and has no first byte");
    }

    Finding head() {
        final String key = work.key("head");
        final AttemptResult before = work.attempts().settled(new AttemptRequest.HeadObject(key));
        require(AttemptResult.Missing.class, before, "a head of an object that is not there");
        final Body body = work.body(SMALL_BYTES);
        final String etag = work.write(key, body);
        final ObjectFound found = work.head(key, "a head after a put");
        require(found.lengthBytes() == SMALL_BYTES, "head says " + found.lengthBytes() + " bytes of " + SMALL_BYTES);
        require(!etag.isEmpty(), "the put was answered without an ETag");
        require(etag.equals(found.etag()), "the put's ETag is " + etag + ", the head's " + found.etag());
        final RangeRead read = require(
                RangeRead.class,
                work.attempts().settled(new AttemptRequest.GetRange(key, 0, work.buffer(SMALL_BYTES), null)),
                "a get");
        require(etag.equals(read.etag()), "the put's ETag is " + etag + ", the get's " + read.etag());
        final String next = work.write(key, work.body(SMALL_BYTES));
        require(!next.equals(etag), "other bytes under the same key have the same ETag " + etag);
        return Finding.held("length and ETag agree between put, head and get, and other bytes have another ETag");
    }

    Finding metadata() {
        final String key = work.key("metadata");
        final Body body = work.body(SMALL_BYTES);
        WriteStamp stamp = work.stamp();
        while (stamp.writes().size() < WriteStamp.MAX_WRITES) {
            stamp = stamp.replacedBy(work.stamp().writes().getFirst());
        }
        final AttemptRequest put =
                new AttemptRequest.PutObject(key, body.segments(), body.crc32c(), Precondition.NONE, stamp);
        require(ObjectWritten.class, work.attempts().settled(put), "a put with metadata");
        requireStamp(stamp, work.head(key, "a head").stamp(), "a head");
        final RangeRead read = require(
                RangeRead.class,
                work.attempts().settled(new AttemptRequest.GetRange(key, 0, work.buffer(SMALL_BYTES), null)),
                "a get");
        requireStamp(stamp, read.stamp(), "a get");
        work.write(key, body);
        require(
                !work.head(key, "a head").stamp().equals(stamp),
                "an object that was put anew still has the metadata of the one before");
        return Finding.held("the write stamp (" + stamp.encoded().length()
                + " bytes of user metadata) came back with head and get");
    }

    static void requireStamp(final WriteStamp wanted, final WriteStamp seen, final String where) {
        require(
                wanted.equals(seen),
                seen.writes().isEmpty()
                        ? where + " brought no user metadata, though some was put"
                        : where + " brought other user metadata than was put");
    }

    Finding oddKeys() {
        final String folder = work.folder("odd");
        final Map<String, Body> written = new LinkedHashMap<>();
        final List<String> refused = new ArrayList<>();
        for (final String name : ODD_NAMES) {
            final String key = work.tracked(folder + name);
            final Body body = work.body(64);
            final AttemptResult result = work.attempts().settled(work.put(key, body, Precondition.NONE));
            if (result instanceof AttemptFailed failed && failed.retry() == AttemptResult.Retry.NEVER) {
                refused.add(shown(name));
            } else {
                require(ObjectWritten.class, result, "a put under " + shown(name));
                written.put(key, body);
            }
        }
        written.forEach((key, body) ->
                work.requireContent(key, body, "under the key " + shown(key.substring(folder.length()))));
        final List<String> listed = work.list(folder);
        for (final String key : written.keySet()) {
            require(listed.contains(key), "a list does not have the key " + shown(key.substring(folder.length())));
        }
        require(
                listed.size() == written.size(),
                "a list has " + listed.size() + " keys of the " + written.size() + " that were written");
        if (!refused.isEmpty()) {
            return Finding.remark("keys like these are refused: " + String.join(" ", refused)
                    + "; Firn's own are made of ASCII letters, digits, and -_./");
        }
        return Finding.held(
                "spaces, +, %, //, quotes, umlauts, an emoji, upper and lower case, and 600 bytes in a key");
    }

    private static String shown(final String name) {
        return name.length() > 40 ? name.length() + " letters" : "\"" + name + "\"";
    }

    Finding readAfterWrite() {
        final String key = work.key("fresh");
        for (int i = 1; i <= ROUNDS; i++) {
            final Body first = work.body(256);
            work.write(key, first);
            work.requireContent(key, first, "round " + i + ": after a put was answered");
            final Body second = work.body(300);
            final String etag = work.write(key, second);
            work.requireContent(key, second, "round " + i + ": after a replacing put was answered");
            require(
                    work.head(key, "a head").etag().equals(etag),
                    "round " + i + ": after a replacing put was answered, head knows an older ETag");
            work.delete(key);
            require(!work.isThere(key), "round " + i + ": after a delete was answered, the object is still there");
        }
        return Finding.held(ROUNDS + " rounds of put, replace and delete: each was seen by the next get and head");
    }

    Finding rangedGet() {
        final String key = work.key("range");
        final Body body = work.body(100_000);
        final String etag = work.write(key, body);
        requireRange(key, body, 0, 1, 1);
        requireRange(key, body, 12_345, 8_192, 8_192);
        requireRange(key, body, 99_999, 1, 1);
        requireRange(key, body, 91_808, 8_192, 8_192);
        requireRange(key, body, 99_000, 8_192, 1_000);
        for (final long beyond : new long[] {100_000, 250_000}) {
            final AttemptResult result =
                    work.attempts().settled(new AttemptRequest.GetRange(key, beyond, work.buffer(16), null));
            require(AttemptResult.RangeBeyondEnd.class, result, "a range from " + beyond + " of 100,000 bytes");
        }
        final AttemptResult same = work.attempts().settled(new AttemptRequest.GetRange(key, 0, work.buffer(16), etag));
        require(RangeRead.class, same, "a range of the version that is there");
        work.write(key, work.body(100_000));
        final AttemptResult old = work.attempts().settled(new AttemptRequest.GetRange(key, 0, work.buffer(16), etag));
        require(
                AttemptResult.ConditionFailed.class,
                old,
                "a range of a version that has been replaced (If-Match of a get)");
        return Finding.held("ranges at the beginning, middle, end and beyond are right; a replaced version is refused");
    }

    private void requireRange(
            final String key, final Body body, final long offset, final long asked, final long wanted) {
        final MemorySegment buffer = work.buffer(asked);
        final RangeRead read = require(
                RangeRead.class,
                work.attempts().settled(new AttemptRequest.GetRange(key, offset, buffer, null)),
                "a range of " + asked + " bytes from " + offset);
        require(
                read.lengthBytes() == wanted && read.objectBytes() == body.lengthBytes(),
                "a range of " + asked + " bytes from " + offset + " brought " + read.lengthBytes() + " of "
                        + read.objectBytes() + ", and should have brought " + wanted + " of " + body.lengthBytes());
        require(body.isAt(offset, buffer, wanted), "a range from " + offset + " brought other bytes");
    }

    Finding delete() {
        final String key = work.key("delete");
        work.write(key, work.body(64));
        work.delete(key);
        require(!work.isThere(key), "after a delete was answered, the object is still there");
        // What a retry of a delete whose answer was lost meets.
        work.delete(key);
        return Finding.held("an object is gone after its delete, and a second delete of it does no harm");
    }

    Finding batchDelete() {
        final String folder = work.folder("batch");
        final List<String> keys = new ArrayList<>();
        for (int i = 0; i < BATCH; i++) {
            keys.add(work.tracked(folder + "object & <" + i + ">"));
        }
        final String kept = work.tracked(folder + "kept");
        final Body body = work.body(64);
        final List<AttemptRequest> puts = new ArrayList<>();
        keys.forEach(key -> puts.add(work.put(key, body, Precondition.NONE)));
        puts.add(work.put(kept, body, Precondition.NONE));
        puts.forEach(put -> require(ObjectWritten.class, work.attempts().settled(put), "a put"));
        // As many as one request may name; what was never there counts as deleted.
        final List<String> asked = new ArrayList<>(keys);
        while (asked.size() < AttemptRequest.MAX_DELETE_BATCH) {
            asked.add(folder + "never there " + asked.size());
        }
        final ObjectsDeleted deleted = require(
                ObjectsDeleted.class, work.attempts().settled(new AttemptRequest.DeleteBatch(asked)), "a batch delete");
        require(deleted.refused().isEmpty(), "a batch delete was answered: " + Words.of(deleted));
        final List<String> left = work.list(folder);
        require(
                left.equals(List.of(kept)),
                "after a batch delete of " + BATCH + " keys, " + left.size() + " objects are there in place of one");
        return Finding.held(
                BATCH + " objects went with one request of 1,000 keys, and the one that was not named stayed");
    }

    /** A body that does not agree with its checksum must not be stored: no session stands between to find it first. */
    Finding checksum() {
        final String key = work.key("checksum");
        final Body body = work.body(SMALL_BYTES);
        final AttemptResult put = work.attempts()
                .once(new AttemptRequest.PutObject(
                        key, body.segments(), body.crc32c() ^ 1, Precondition.NONE, work.stamp()));
        final boolean stored = work.isThere(key);
        require(!(put instanceof ObjectWritten), "a put whose CRC32C does not fit its bytes was stored");
        require(!stored, "a put whose CRC32C does not fit its bytes was refused (" + Words.of(put) + "), and stored");
        final String uploadKey = work.key("checksum-part");
        final String id = work.beginUpload(uploadKey, work.stamp());
        final AttemptResult part = work.attempts()
                .once(new AttemptRequest.UploadPart(uploadKey, id, 1, 0, body.bytes(), body.crc32c() ^ 1));
        work.abort(uploadKey, id);
        require(!(part instanceof AttemptResult.PartWritten), "a part whose CRC32C does not fit its bytes was taken");
        return Finding.held("a put and a part whose CRC32C does not fit their bytes were refused");
    }

    Finding largePut() {
        final long length = Math.min(Workspace.MAX_PUT_BYTES, work.limits().maxPutBytes());
        final String key = work.key("large");
        final Body body = work.body(length);
        final long beginNs = clock.nanoTime();
        work.write(key, body);
        final double seconds = (clock.nanoTime() - beginNs) / 1e9;
        work.requireContent(key, body, "after a put of " + length + " bytes was answered");
        work.delete(key);
        return Finding.held(String.format(
                Locale.ROOT,
                "%,d MiB in one piece came back as they were put; written at %,.0f MB/s",
                length >> 20,
                length / 1e6 / seconds));
    }

    Finding clock() {
        final String key = work.key("clock");
        final long beforeMs = TimeUnit.NANOSECONDS.toMillis(clock.epochNs());
        work.write(key, work.body(64));
        final long afterMs = TimeUnit.NANOSECONDS.toMillis(clock.epochNs());
        final long storeMs = work.head(key, "a head").lastModifiedEpochMs();
        // Times of HTTP headers are whole seconds.
        final long skewMs = storeMs < beforeMs - 1_000 ? storeMs - beforeMs : Math.max(0, storeMs - afterMs);
        if (Math.abs(skewMs) > MAX_SKEW_MS) {
            return Finding.remark(String.format(
                    Locale.ROOT,
                    "the store's clock is %,d s %s this host's: set the one that is wrong",
                    Math.abs(skewMs) / 1_000,
                    skewMs < 0 ? "behind" : "ahead of"));
        }
        return Finding.held("the store's clock and this host's agree to " + MAX_SKEW_MS / 1_000 + " s");
    }
}
