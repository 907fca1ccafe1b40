package dev.firn.s3tier.simulation;

import dev.firn.s3tier.backend.AttemptRequest;
import dev.firn.s3tier.backend.AttemptResult;
import dev.firn.s3tier.store.ListOutcome;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;

/** Pages of what a server holds. A token says after which entry the next page begins; it holds no state of the server. */
final class Listing {
    private static final char AFTER_KEY = 'k';
    private static final char AFTER_PREFIX = 'p';

    private Listing() {}

    /**
     * @param limit most entries on the page.
     * @return null when the token is none of ours.
     */
    static AttemptResult page(
            final NavigableMap<String, StoredObject> objects, final AttemptRequest.ListPage request, final int limit) {
        final String after = request.token() == null ? "" : decoded(request.token());
        if (after == null) {
            return null;
        }
        final String last = after.isEmpty() ? "" : after.substring(1);
        final boolean skipPrefix = !after.isEmpty() && after.charAt(0) == AFTER_PREFIX;
        final String from = KeyOrder.INSTANCE.compare(last, request.prefix()) < 0 ? request.prefix() : last;
        final List<ListOutcome.ListedObject> found = new ArrayList<>();
        final List<String> folded = new ArrayList<>();
        String token = null;
        String entry = null;
        for (final Map.Entry<String, StoredObject> one :
                objects.tailMap(from, true).entrySet()) {
            final String key = one.getKey();
            if (!key.startsWith(request.prefix())) {
                break;
            }
            final boolean passed = skipPrefix ? key.startsWith(last) : !after.isEmpty() && key.equals(last);
            final String common = commonPrefix(key, request);
            if (passed || (common != null && !folded.isEmpty() && common.equals(folded.getLast()))) {
                continue;
            }
            if (found.size() + folded.size() == limit) {
                token = entry;
                break;
            }
            if (common == null) {
                found.add(listed(key, one.getValue()));
                entry = AFTER_KEY + key;
            } else {
                folded.add(common);
                entry = AFTER_PREFIX + common;
            }
        }
        return new AttemptResult.PageListed(
                new ListOutcome.Listed(found, folded, token == null ? null : encoded(token)));
    }

    /** @return null when the token is none of ours. */
    static AttemptResult uploads(
            final NavigableMap<String, ServerUpload> uploads,
            final AttemptRequest.ListUploads request,
            final int limit) {
        final String after = request.token() == null ? "" : decoded(request.token());
        if (after == null) {
            return null;
        }
        final List<AttemptResult.Upload> found = new ArrayList<>();
        String last = null;
        for (final Map.Entry<String, ServerUpload> one :
                uploads.tailMap(after, false).entrySet()) {
            final ServerUpload upload = one.getValue();
            if (upload.key().startsWith(request.prefix())) {
                if (found.size() == limit) {
                    return new AttemptResult.UploadsListed(found, encoded(last));
                }
                found.add(new AttemptResult.Upload(upload.key(), upload.id(), upload.startedEpochMs()));
                last = one.getKey();
            }
        }
        return new AttemptResult.UploadsListed(found, null);
    }

    private static String commonPrefix(final String key, final AttemptRequest.ListPage request) {
        if (request.delimiter().isEmpty()) {
            return null;
        }
        final int at = key.indexOf(request.delimiter(), request.prefix().length());
        return at < 0 ? null : key.substring(0, at + request.delimiter().length());
    }

    private static ListOutcome.ListedObject listed(final String key, final StoredObject object) {
        return new ListOutcome.ListedObject(
                key, object.content().lengthBytes(), object.lastModifiedEpochMs(), object.etag());
    }

    private static String encoded(final String token) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(token.getBytes(StandardCharsets.UTF_8));
    }

    private static String decoded(final String token) {
        try {
            return new String(Base64.getUrlDecoder().decode(token), StandardCharsets.UTF_8);
        } catch (final IllegalArgumentException e) {
            return null;
        }
    }
}
