package dev.firn.s3tier.check;

import dev.firn.s3tier.backend.AttemptRequest;
import dev.firn.s3tier.backend.AttemptResult;
import dev.firn.s3tier.backend.AttemptResult.ObjectsDeleted;
import dev.firn.s3tier.backend.AttemptResult.Upload;
import dev.firn.s3tier.backend.AttemptResult.UploadsListed;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Removes what a check has made. Trusts neither the store's lists nor its batch delete, which may be what is broken: what is
 * known to have been asked for is removed one by one where need be.
 */
final class CleanUp {
    private static final int PASSES = 3;
    private static final int UPLOADS_PAGE = 1_000;

    private final Workspace work;

    CleanUp(final Workspace work) {
        this.work = work;
    }

    /** Returns what is still there, in one sentence; empty when all is gone. */
    String run() {
        try {
            final int uploads = removeUploads();
            final int objects = removeObjects();
            if (objects == 0 && uploads == 0) {
                return "";
            }
            return objects + " objects and " + uploads + " uploads below " + work.prefix()
                    + " could not be removed: remove them by hand";
        } catch (final Stopped | Broken | Unjudged e) {
            return "what is below " + work.prefix() + " could not be removed (" + e.getMessage()
                    + "): remove it by hand";
        }
    }

    private int removeObjects() {
        Set<String> left = new LinkedHashSet<>(work.keys());
        left.addAll(listed());
        for (int pass = 0; pass < PASSES && !left.isEmpty(); pass++) {
            remove(new ArrayList<>(left), pass == 0);
            left = listed();
        }
        return left.size();
    }

    private Set<String> listed() {
        try {
            return new LinkedHashSet<>(work.list(work.prefix()));
        } catch (final Broken | Unjudged e) {
            // The list is broken, or not given: ask for each key that is known.
            final Set<String> there = new LinkedHashSet<>();
            for (final String key : work.keys()) {
                if (!(work.attempts().settled(new AttemptRequest.HeadObject(key)) instanceof AttemptResult.Missing)) {
                    there.add(key);
                }
            }
            return there;
        }
    }

    private void remove(final List<String> keys, final boolean together) {
        for (int at = 0; at < keys.size(); at += AttemptRequest.MAX_DELETE_BATCH) {
            final List<String> batch = keys.subList(at, Math.min(keys.size(), at + AttemptRequest.MAX_DELETE_BATCH));
            if (!together || !isDone(work.attempts().settled(new AttemptRequest.DeleteBatch(batch)))) {
                batch.forEach(key -> work.attempts().settled(new AttemptRequest.DeleteObject(key)));
            }
        }
    }

    private static boolean isDone(final AttemptResult result) {
        return result instanceof ObjectsDeleted deleted && deleted.refused().isEmpty();
    }

    private int removeUploads() {
        final Map<String, String> open = new LinkedHashMap<>(work.uploads());
        String token = null;
        do {
            final AttemptResult result =
                    work.attempts().settled(new AttemptRequest.ListUploads(work.prefix(), token, UPLOADS_PAGE));
            token = null;
            if (result instanceof UploadsListed listed) {
                for (final Upload upload : listed.uploads()) {
                    open.put(upload.uploadId(), upload.key());
                }
                token = listed.nextToken();
            }
        } while (token != null);
        int left = 0;
        for (final Map.Entry<String, String> upload : open.entrySet()) {
            final AttemptResult result =
                    work.attempts().settled(new AttemptRequest.AbortUpload(upload.getValue(), upload.getKey()));
            final boolean gone =
                    result instanceof AttemptResult.UploadAborted || result instanceof AttemptResult.Missing;
            left += gone ? 0 : 1;
        }
        return left;
    }
}
