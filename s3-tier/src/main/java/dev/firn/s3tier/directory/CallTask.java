package dev.firn.s3tier.directory;

import dev.firn.nativeio.storage.StorageException;
import dev.firn.s3tier.backend.Attempt;
import dev.firn.s3tier.backend.AttemptRequest;
import dev.firn.s3tier.backend.AttemptResult;
import dev.firn.s3tier.backend.AttemptResult.AttemptFailed;
import dev.firn.s3tier.backend.AttemptResult.Missing;
import dev.firn.s3tier.backend.AttemptResult.ObjectFound;

/** What is done in one turn, with a few calls to the file system and no bytes moved. */
final class CallTask extends Task {
    CallTask(final Attempt attempt) {
        super(attempt);
    }

    @Override
    void advance() {
        end(
                switch (attempt().request()) {
                    case AttemptRequest.HeadObject head -> head(head.key());
                    case AttemptRequest.ListPage list -> list(list);
                    case AttemptRequest.CreateUpload create -> create(create.key());
                    case AttemptRequest.AbortUpload abort -> worker().uploads().abort(abort.uploadId());
                    case AttemptRequest.ListUploads list ->
                        worker().uploads().list(list.prefix(), list.token(), list.maxUploads());
                    default -> throw new IllegalStateException(attempt().request() + " is no call of one turn");
                });
    }

    private AttemptResult head(final String key) {
        final AttemptFailed doubt = store().doubtful(key);
        if (doubt != null) {
            return doubt;
        }
        final ObjectFile.Version version = ObjectFile.versionAt(store().storage(), KeyPaths.pathOf(key));
        if (version == null) {
            return store().isThere() ? new Missing("there is no object " + key) : Failures.placeGone(store().place());
        }
        if (version.damage() != null) {
            return Failures.corrupt(key + " in " + store().place() + ": " + version.damage());
        }
        return new ObjectFound(version.lengthBytes(), version.lastModifiedEpochMs(), version.etag(), version.stamp());
    }

    private AttemptResult list(final AttemptRequest.ListPage list) {
        if (!store().isThere()) {
            return Failures.placeGone(store().place());
        }
        return KeyListing.page(store().storage(), list);
    }

    private AttemptResult create(final String key) {
        final AttemptFailed broken = store().broken();
        return broken != null ? broken : worker().uploads().create(key);
    }

    @Override
    AttemptResult failure(final StorageException e) {
        return store().failure(e);
    }

    @Override
    AttemptResult cancellation() {
        return Failures.cancelled(toString());
    }
}
