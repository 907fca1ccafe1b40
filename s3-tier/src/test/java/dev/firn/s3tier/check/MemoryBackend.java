package dev.firn.s3tier.check;

import dev.firn.nativeio.checksum.Crc32c;
import dev.firn.nativeio.seam.SystemClock;
import dev.firn.s3tier.backend.Attempt;
import dev.firn.s3tier.backend.AttemptRequest;
import dev.firn.s3tier.backend.AttemptRequest.Precondition;
import dev.firn.s3tier.backend.AttemptResult;
import dev.firn.s3tier.backend.AttemptResult.AttemptFailed;
import dev.firn.s3tier.backend.AttemptResult.Effect;
import dev.firn.s3tier.backend.AttemptResult.Retry;
import dev.firn.s3tier.backend.StoreBackend;
import dev.firn.s3tier.store.FailureKind;
import dev.firn.s3tier.store.ListOutcome;
import dev.firn.s3tier.store.StoreLimits;
import dev.firn.s3tier.store.WriteStamp;
import java.io.ByteArrayOutputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.zip.CRC32;

/**
 * A store on the heap that keeps every promise, but for one flaw at most. Attempts wait in a queue until the session's thread
 * gives the store a turn, so that those of a race are all there before the first is answered.
 */
final class MemoryBackend implements StoreBackend {
    private static final int LARGE_BYTES = 8 << 20;
    /** As always, but for shorter puts, so that a check of it is quick. */
    private static final StoreLimits LIMITS = new StoreLimits(
            StoreLimits.DEFAULT.requestsInFlight(),
            StoreLimits.DEFAULT.bytesInFlight(),
            StoreLimits.DEFAULT.queuedCalls(),
            StoreLimits.DEFAULT.connections(),
            StoreLimits.DEFAULT.memoryBytes(),
            2 * LARGE_BYTES,
            StoreLimits.DEFAULT.minPartBytes(),
            StoreLimits.DEFAULT.maxPartBytes(),
            StoreLimits.DEFAULT.attemptTimeoutNs(),
            StoreLimits.DEFAULT.maxAttempts(),
            StoreLimits.DEFAULT.backoffBaseNs(),
            StoreLimits.DEFAULT.backoffCapNs(),
            StoreLimits.DEFAULT.retryBudget(),
            StoreLimits.DEFAULT.circuitFailures(),
            StoreLimits.DEFAULT.circuitOpenNs(),
            StoreLimits.DEFAULT.coalesceGapBytes());

    private static final Comparator<String> BY_UTF8 =
            Comparator.comparing(key -> key.getBytes(StandardCharsets.UTF_8), Arrays::compareUnsigned);

    private final Flaw flaw;
    private final Map<String, StoredObject> objects = new TreeMap<>(BY_UTF8);
    private final Map<String, PendingUpload> uploads = new TreeMap<>();
    private final Set<String> aborted = new HashSet<>();
    private final Deque<Runnable> turns = new ArrayDeque<>();
    private final Map<String, StoredObject> before = new HashMap<>();
    private List<ListOutcome.ListedObject> lastList = List.of();
    private Function<AttemptRequest, AttemptResult> interference = request -> null;
    private Function<AttemptRequest, AttemptResult> afterwards = request -> null;
    private long skewMs;
    private boolean listsByUtf16;
    private int nextUpload;

    /** @param flaw null for none. */
    MemoryBackend(final Flaw flaw) {
        this.flaw = flaw;
    }

    private record StoredObject(byte[] bytes, String etag, WriteStamp stamp, long modifiedMs) {}

    private record PendingUpload(String key, WriteStamp stamp, Map<Integer, byte[]> parts) {}

    /** Answers in place of the store; null where it does not. */
    void interfere(final Function<AttemptRequest, AttemptResult> answer) {
        interference = answer;
    }

    /** Answers in place of the store after it has done what was asked. */
    void answerAfterwards(final Function<AttemptRequest, AttemptResult> answer) {
        afterwards = answer;
    }

    void skew(final long ms) {
        skewMs = ms;
    }

    void listByUtf16() {
        listsByUtf16 = true;
    }

    boolean isEmpty() {
        return objects.isEmpty() && uploads.isEmpty();
    }

    Set<String> keys() {
        return new TreeSet<>(objects.keySet());
    }

    @Override
    public String describe() {
        return "memory";
    }

    @Override
    public StoreLimits limits() {
        return LIMITS;
    }

    @Override
    public String addressOf(final String key) {
        return "memory:" + key;
    }

    @Override
    public void begin(final Attempt attempt) {
        final boolean holds = holds(attempt.request());
        turns.add(() -> {
            AttemptResult result = interference.apply(attempt.request());
            if (result == null) {
                result = answer(attempt.request(), holds);
                final AttemptResult other = afterwards.apply(attempt.request());
                result = other == null ? result : other;
            }
            attempt.complete(result);
        });
    }

    @Override
    public void cancel(final Attempt attempt) {
        // Every attempt is answered at the next turn.
    }

    @Override
    public int doWork() {
        final Runnable turn = turns.poll();
        if (turn == null) {
            return 0;
        }
        turn.run();
        return 1;
    }

    @Override
    public void close() {
        while (doWork() > 0) {
            continue;
        }
    }

    /** Whether the condition held when the attempt began: what a store that races looks at. */
    private boolean holds(final AttemptRequest request) {
        return switch (request) {
            case AttemptRequest.PutObject put -> holds(put.key(), put.precondition());
            case AttemptRequest.CompleteUpload complete -> holds(complete.key(), complete.precondition());
            default -> true;
        };
    }

    private boolean holds(final String key, final Precondition precondition) {
        final StoredObject there = objects.get(key);
        return switch (precondition) {
            case Precondition.None _ -> true;
            case Precondition.Absent _ -> there == null;
            case Precondition.Matches matches -> there != null && there.etag().equals(matches.etag());
        };
    }

    private AttemptResult answer(final AttemptRequest request, final boolean heldAtBegin) {
        return switch (request) {
            case AttemptRequest.PutObject put -> put(put, heldAtBegin);
            case AttemptRequest.GetRange get -> get(get);
            case AttemptRequest.HeadObject head -> head(head.key());
            case AttemptRequest.ListPage list -> list(list);
            case AttemptRequest.DeleteObject delete -> delete(delete.key());
            case AttemptRequest.DeleteBatch batch -> deleteBatch(batch.keys());
            case AttemptRequest.CreateUpload create -> createUpload(create);
            case AttemptRequest.UploadPart part -> part(part);
            case AttemptRequest.CompleteUpload complete -> complete(complete, heldAtBegin);
            case AttemptRequest.AbortUpload abort -> abort(abort.uploadId());
            case AttemptRequest.ListUploads list -> listUploads(list.prefix());
        };
    }

    private AttemptResult put(final AttemptRequest.PutObject put, final boolean heldAtBegin) {
        final byte[] bytes = bytes(put.body());
        if (Crc32c.compute(bytes, 0, bytes.length) != put.crc32c() && flaw != Flaw.TAKES_WRONG_CHECKSUMS) {
            return corrupt();
        }
        final boolean ignored = (flaw == Flaw.IGNORES_IF_NONE_MATCH
                        && put.precondition() instanceof Precondition.Absent)
                || (flaw == Flaw.IGNORES_IF_MATCH && put.precondition() instanceof Precondition.Matches)
                || (flaw == Flaw.RACES_ON_CREATE && put.precondition() instanceof Precondition.Absent && heldAtBegin)
                || (flaw == Flaw.RACES_ON_REPLACE && put.precondition() instanceof Precondition.Matches && heldAtBegin)
                || (flaw == Flaw.REPLACES_WHAT_IS_NOT_THERE && !objects.containsKey(put.key()));
        if (!ignored && !holds(put.key(), put.precondition())) {
            return flaw == Flaw.TELLS_ALL_THAT_THEY_CREATED && heldAtBegin
                    ? new AttemptResult.ObjectWritten(etag(bytes))
                    : new AttemptResult.ConditionFailed("412");
        }
        return store(put.key(), bytes, flaw == Flaw.LOSES_METADATA ? WriteStamp.NONE : put.stamp());
    }

    private AttemptResult store(final String key, final byte[] given, final WriteStamp stamp) {
        byte[] bytes = given;
        if (flaw == Flaw.DAMAGES_BYTES && bytes.length > 1_000) {
            bytes[1_000] ^= 1;
        } else if (flaw == Flaw.TRUNCATES_LARGE_OBJECTS && bytes.length > LARGE_BYTES) {
            bytes = Arrays.copyOf(bytes, LARGE_BYTES);
        }
        final StoredObject object = new StoredObject(bytes, etag(bytes), stamp, nowMs());
        if (flaw == Flaw.LOSES_EMPTY_OBJECTS && bytes.length == 0) {
            return new AttemptResult.ObjectWritten(object.etag());
        }
        final StoredObject old = objects.put(stored(key), object);
        if (old != null && key.contains("fresh")) {
            before.put(key, old);
        }
        return new AttemptResult.ObjectWritten(object.etag());
    }

    private String stored(final String key) {
        return flaw == Flaw.TAKES_A_PLUS_FOR_A_SPACE ? key.replace('+', ' ') : key;
    }

    private AttemptResult get(final AttemptRequest.GetRange get) {
        StoredObject there = objects.get(stored(get.key()));
        if (flaw == Flaw.STALE_READ && before.containsKey(get.key())) {
            there = before.remove(get.key());
        }
        if (there == null) {
            return new AttemptResult.Missing("404");
        }
        if (get.etag() != null && !get.etag().equals(there.etag()) && flaw != Flaw.IGNORES_IF_MATCH_OF_GETS) {
            return new AttemptResult.ConditionFailed("412");
        }
        final long size = there.bytes().length;
        if (get.offset() >= size) {
            return new AttemptResult.RangeBeyondEnd(size);
        }
        final long offset = flaw == Flaw.RANGE_FROM_THE_BEGINNING ? 0 : get.offset();
        long length = Math.min(get.into().byteSize(), size - get.offset());
        if (flaw == Flaw.SHORT_RANGE && length == 8_192) {
            length -= 1;
        }
        MemorySegment.copy(there.bytes(), (int) offset, get.into(), ValueLayout.JAVA_BYTE, 0, (int) length);
        return new AttemptResult.RangeRead(length, size, there.etag(), there.stamp());
    }

    private AttemptResult head(final String key) {
        final StoredObject there = objects.get(stored(key));
        if (there == null) {
            final boolean early = flaw == Flaw.SHOWS_UPLOADS_EARLY
                    && uploads.values().stream().anyMatch(upload -> upload.key().equals(key));
            return early
                    ? new AttemptResult.ObjectFound(0, nowMs(), "\"early\"", WriteStamp.NONE)
                    : new AttemptResult.Missing("404");
        }
        return new AttemptResult.ObjectFound(there.bytes().length, there.modifiedMs(), there.etag(), there.stamp());
    }

    private AttemptResult list(final AttemptRequest.ListPage list) {
        final List<String> keys = new ArrayList<>(objects.keySet());
        if (flaw == Flaw.LISTS_BACKWARDS) {
            keys.sort(Comparator.reverseOrder());
        } else if (listsByUtf16) {
            keys.sort(Comparator.naturalOrder());
        }
        final List<ListOutcome.ListedObject> found = new ArrayList<>();
        final List<String> prefixes = new ArrayList<>();
        String next = null;
        int at = list.token() == null ? 0 : Integer.parseInt(list.token());
        for (; at < keys.size(); at++) {
            final String key = keys.get(at);
            if (!key.startsWith(list.prefix())) {
                continue;
            }
            final int fold = list.delimiter().isEmpty()
                    ? -1
                    : key.indexOf(list.delimiter(), list.prefix().length());
            final String common =
                    fold < 0 ? null : key.substring(0, fold + list.delimiter().length());
            if (common != null && !prefixes.isEmpty() && prefixes.getLast().equals(common)) {
                continue;
            }
            if (found.size() + prefixes.size() == list.maxKeys()) {
                next = String.valueOf(flaw == Flaw.LOSES_A_KEY_BETWEEN_PAGES ? at + 1 : at);
                break;
            }
            if (common != null) {
                prefixes.add(common);
            } else {
                final StoredObject object = objects.get(key);
                found.add(new ListOutcome.ListedObject(key, object.bytes().length, object.modifiedMs(), object.etag()));
            }
        }
        if (flaw == Flaw.STALE_LIST && list.prefix().contains("/list")) {
            final List<ListOutcome.ListedObject> stale = lastList;
            lastList = found;
            return new AttemptResult.PageListed(new ListOutcome.Listed(stale, prefixes, next));
        }
        return new AttemptResult.PageListed(new ListOutcome.Listed(found, prefixes, next));
    }

    private AttemptResult delete(final String key) {
        final boolean removed = objects.remove(stored(key)) != null;
        if (!removed && flaw == Flaw.REFUSES_TO_DELETE_NOTHING) {
            return new AttemptFailed(FailureKind.REJECTED, Effect.NONE, Retry.NEVER, 0, "404 on a delete", "r1");
        }
        return new AttemptResult.ObjectsDeleted(List.of());
    }

    private AttemptResult deleteBatch(final List<String> keys) {
        for (int i = 0; i < keys.size(); i += flaw == Flaw.FORGETS_HALF_OF_A_BATCH ? 2 : 1) {
            objects.remove(stored(keys.get(i)));
        }
        return new AttemptResult.ObjectsDeleted(List.of());
    }

    private AttemptResult createUpload(final AttemptRequest.CreateUpload create) {
        final String id = "upload-" + nextUpload++;
        uploads.put(id, new PendingUpload(create.key(), create.stamp(), new TreeMap<>()));
        return new AttemptResult.UploadCreated(id);
    }

    private AttemptResult part(final AttemptRequest.UploadPart part) {
        final PendingUpload upload = uploads.get(part.uploadId());
        if (upload == null) {
            return new AttemptResult.Missing("NoSuchUpload");
        }
        final byte[] bytes = bytes(List.of(part.body()));
        if (Crc32c.compute(bytes, 0, bytes.length) != part.crc32c() && flaw != Flaw.TAKES_WRONG_CHECKSUMS_OF_PARTS) {
            return corrupt();
        }
        upload.parts().put(part.partNumber(), bytes);
        return new AttemptResult.PartWritten(etag(bytes));
    }

    private AttemptResult complete(final AttemptRequest.CompleteUpload complete, final boolean heldAtBegin) {
        final PendingUpload upload = uploads.get(complete.uploadId());
        if (upload == null || (aborted.contains(complete.uploadId()) && flaw != Flaw.COMPLETES_WHAT_WAS_ABORTED)) {
            return new AttemptResult.Missing("NoSuchUpload");
        }
        final boolean ignored =
                flaw == Flaw.IGNORES_CONDITIONS_OF_UPLOADS || (flaw == Flaw.RACES_ON_UPLOADS && heldAtBegin);
        if (!ignored && !holds(complete.key(), complete.precondition())) {
            return new AttemptResult.ConditionFailed("412");
        }
        final ByteArrayOutputStream all = new ByteArrayOutputStream();
        complete.parts().forEach(part -> all.writeBytes(upload.parts().get(part.partNumber())));
        uploads.remove(complete.uploadId());
        final WriteStamp stamp = flaw == Flaw.LOSES_METADATA_OF_UPLOADS ? WriteStamp.NONE : upload.stamp();
        return store(complete.key(), all.toByteArray(), stamp);
    }

    private AttemptResult abort(final String id) {
        if (flaw == Flaw.COMPLETES_WHAT_WAS_ABORTED && uploads.containsKey(id) && aborted.add(id)) {
            return new AttemptResult.UploadAborted();
        }
        return uploads.remove(id) == null
                ? new AttemptResult.Missing("NoSuchUpload")
                : new AttemptResult.UploadAborted();
    }

    private AttemptResult listUploads(final String prefix) {
        final List<AttemptResult.Upload> found = new ArrayList<>();
        uploads.forEach((id, upload) -> {
            if (upload.key().startsWith(prefix)) {
                found.add(new AttemptResult.Upload(upload.key(), id, nowMs()));
            }
        });
        return new AttemptResult.UploadsListed(found, null);
    }

    private static AttemptResult corrupt() {
        return new AttemptFailed(FailureKind.CORRUPT, Effect.NONE, Retry.LATER, 0, "BadDigest", "r2");
    }

    private String etag(final byte[] bytes) {
        if (flaw == Flaw.SAME_ETAG_FOR_SAME_LENGTH) {
            return "\"" + bytes.length + "\"";
        }
        final CRC32 crc = new CRC32();
        crc.update(bytes);
        return "\"" + Long.toHexString(crc.getValue()) + "-" + bytes.length + "\"";
    }

    private long nowMs() {
        return SystemClock.INSTANCE.epochNs() / 1_000_000 + skewMs;
    }

    private static byte[] bytes(final List<MemorySegment> body) {
        final ByteArrayOutputStream all = new ByteArrayOutputStream();
        body.forEach(segment -> all.writeBytes(segment.toArray(ValueLayout.JAVA_BYTE)));
        return all.toByteArray();
    }
}
