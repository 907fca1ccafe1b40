package dev.firn.s3tier.check;

import static dev.firn.s3tier.check.Workspace.require;

import dev.firn.s3tier.backend.AttemptRequest;
import dev.firn.s3tier.backend.AttemptRequest.CompleteUpload;
import dev.firn.s3tier.backend.AttemptRequest.Part;
import dev.firn.s3tier.backend.AttemptRequest.Precondition;
import dev.firn.s3tier.backend.AttemptResult;
import dev.firn.s3tier.backend.AttemptResult.AttemptFailed;
import dev.firn.s3tier.backend.AttemptResult.ConditionFailed;
import dev.firn.s3tier.backend.AttemptResult.ObjectWritten;
import dev.firn.s3tier.backend.AttemptResult.Upload;
import dev.firn.s3tier.backend.AttemptResult.UploadsListed;
import dev.firn.s3tier.store.WriteStamp;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Objects that are sent in parts. */
final class UploadChecks {
    private static final int LAST_PART_BYTES = 1_234;
    private static final int RACING_UPLOADS = 8;
    private static final int SMALL_BYTES = 1_024;
    private static final int UPLOADS_PAGE = 100;

    private final Workspace work;

    UploadChecks(final Workspace work) {
        this.work = work;
    }

    Finding multipart() {
        final String key = work.key("parts");
        final long partBytes = work.limits().minPartBytes();
        final Body body = work.body(2 * partBytes + LAST_PART_BYTES);
        final WriteStamp stamp = work.stamp();
        final String id = work.beginUpload(key, stamp);
        final List<AttemptRequest.UploadPart> parts = new ArrayList<>();
        parts.add(work.part(key, id, 1, body, 0, partBytes));
        parts.add(work.part(key, id, 2, body, partBytes, partBytes));
        parts.add(work.part(key, id, 3, body, 2 * partBytes, LAST_PART_BYTES));
        // The last first: parts travel side by side, and arrive in any order.
        final List<Part> sent = send(List.of(parts.get(2), parts.get(0), parts.get(1)));
        require(!work.isThere(key), "an object is seen before its upload was completed");
        final List<Part> ordered = List.of(sent.get(1), sent.get(2), sent.get(0));
        final ObjectWritten written =
                finish(work.complete(key, id, ordered, Precondition.NONE, stamp), "completing an upload");
        work.requireContent(key, body, "after an upload was completed");
        final AttemptResult.ObjectFound found = work.head(key, "a head of an uploaded object");
        require(
                written.etag().equals(found.etag()),
                "the completed upload's ETag is " + written.etag() + ", the head's " + found.etag());
        ObjectChecks.requireStamp(stamp, found.stamp(), "a head of an uploaded object");
        return Finding.held("three parts, sent in another order, became one object with its metadata, and not before");
    }

    Finding abort() {
        final String key = work.key("abort");
        final Body body = work.body(SMALL_BYTES);
        final WriteStamp stamp = work.stamp();
        final String id = work.beginUpload(key, stamp);
        final List<Part> parts = send(List.of(work.part(key, id, 1, body, 0, SMALL_BYTES)));
        work.abort(key, id);
        final AttemptResult completed = work.attempts().once(work.complete(key, id, parts, Precondition.NONE, stamp));
        require(
                !(completed instanceof ObjectWritten) && !work.isThere(key),
                "an upload that was given up could be completed");
        final AttemptResult again = work.attempts().settled(new AttemptRequest.AbortUpload(key, id));
        require(
                again instanceof AttemptResult.UploadAborted || again instanceof AttemptResult.Missing,
                "giving up an upload that is gone was answered: " + Words.of(again));
        return Finding.held("an upload that was given up cannot be completed, and leaves no object");
    }

    Finding listUploads() {
        final String folder = work.folder("uploads");
        final String first = work.tracked(folder + "first");
        final String second = work.tracked(folder + "second");
        final Set<String> wanted = Set.of(
                work.beginUpload(first, work.stamp()),
                work.beginUpload(second, work.stamp()),
                work.beginUpload(second, work.stamp()));
        final AttemptResult listed =
                work.attempts().settled(new AttemptRequest.ListUploads(folder, null, UPLOADS_PAGE));
        for (final String id : wanted) {
            work.abort(work.uploads().get(id), id);
        }
        if (!(listed instanceof UploadsListed uploads)) {
            return Finding.remark(
                    "a list of uploads was answered: " + Words.of(listed) + "; " + CheckKind.LIST_UPLOADS.cost());
        }
        final Set<String> seen = new HashSet<>();
        uploads.uploads().forEach(upload -> seen.add(upload.uploadId()));
        if (!seen.equals(wanted)) {
            return Finding.remark(
                    "of 3 uploads under way, a list has " + seen.size() + "; " + CheckKind.LIST_UPLOADS.cost());
        }
        final AttemptResult after = work.attempts().settled(new AttemptRequest.ListUploads(folder, null, UPLOADS_PAGE));
        if (after instanceof UploadsListed left && !left.uploads().isEmpty()) {
            final Upload upload = left.uploads().getFirst();
            return Finding.remark("an upload that was given up is still listed: " + upload.key());
        }
        return Finding.held("3 uploads under way were listed, and none any more when they were given up");
    }

    Finding createIfAbsent() {
        final String key = work.key("upload-create");
        final Body first = work.body(SMALL_BYTES);
        finish(
                upload(key, first, Precondition.ABSENT),
                "completing an upload (If-None-Match: *) under a key that is free");
        requireRefused(
                upload(key, work.body(SMALL_BYTES), Precondition.ABSENT),
                "completing a second upload (If-None-Match: *) under the same key");
        work.requireContent(key, first, "after a second upload was refused");
        final String etag = work.head(key, "a head").etag();
        final Body second = work.body(SMALL_BYTES);
        finish(upload(key, second, new Precondition.Matches(etag)), "completing an upload (If-Match) over its version");
        requireRefused(
                upload(key, work.body(SMALL_BYTES), new Precondition.Matches(etag)),
                "completing an upload (If-Match) over a version that is no more");
        work.requireContent(key, second, "after a conditional upload was refused");
        return Finding.held("an upload over an object that is there, or over another version, was refused");
    }

    Finding createRace() {
        final String key = work.key("upload-race");
        final List<Body> bodies = new ArrayList<>();
        final Map<Body, CompleteUpload> completions = new IdentityHashMap<>();
        for (int i = 0; i < RACING_UPLOADS; i++) {
            final Body body = work.body(SMALL_BYTES);
            bodies.add(body);
            completions.put(body, upload(key, body, Precondition.ABSENT));
        }
        new Race(work, key, bodies, completions::get).run();
        completions.values().forEach(this::settle);
        return Finding.held(RACING_UPLOADS + " uploads under one key, completed at once, had exactly one winner");
    }

    /** An upload of one part, ready to be completed. */
    private CompleteUpload upload(final String key, final Body body, final Precondition precondition) {
        final WriteStamp stamp = work.stamp();
        final String id = work.beginUpload(key, stamp);
        final List<Part> parts = send(List.of(work.part(key, id, 1, body, 0, body.lengthBytes())));
        return work.complete(key, id, parts, precondition, stamp);
    }

    private List<Part> send(final List<AttemptRequest.UploadPart> requests) {
        final List<AttemptResult> results = work.attempts().together(requests);
        final List<Part> parts = new ArrayList<>();
        for (int i = 0; i < requests.size(); i++) {
            final AttemptResult result =
                    results.get(i) instanceof AttemptFailed ? work.attempts().settled(requests.get(i)) : results.get(i);
            parts.add(work.sent(requests.get(i), result));
        }
        return parts;
    }

    private ObjectWritten finish(final CompleteUpload complete, final String what) {
        final ObjectWritten written =
                require(ObjectWritten.class, work.attempts().settled(complete), what);
        work.uploads().remove(complete.uploadId());
        return written;
    }

    private void requireRefused(final CompleteUpload complete, final String what) {
        require(ConditionFailed.class, work.attempts().settled(complete), what);
        settle(complete);
    }

    /** Gives up what is left of an upload that lost; the store may have done so already. */
    private void settle(final CompleteUpload complete) {
        final AttemptResult result =
                work.attempts().settled(new AttemptRequest.AbortUpload(complete.key(), complete.uploadId()));
        if (result instanceof AttemptResult.UploadAborted || result instanceof AttemptResult.Missing) {
            work.uploads().remove(complete.uploadId());
        }
    }
}
