package dev.firn.s3tier.check;

import dev.firn.s3tier.backend.AttemptResult;
import dev.firn.s3tier.backend.AttemptResult.AttemptFailed;
import java.util.Locale;

/** Answers of a store, in words. */
final class Words {
    private Words() {}

    static String of(final AttemptResult result) {
        return switch (result) {
            case AttemptResult.ObjectWritten _ -> "stored";
            case AttemptResult.UploadCreated _ -> "an upload was begun";
            case AttemptResult.PartWritten _ -> "the part was taken";
            case AttemptResult.RangeRead read ->
                read.lengthBytes() + " bytes of an object of " + read.objectBytes() + " came back";
            case AttemptResult.RangeBeyondEnd beyond ->
                "the range is beyond the object's end at " + beyond.objectBytes();
            case AttemptResult.ObjectFound found -> "found, with " + found.lengthBytes() + " bytes";
            case AttemptResult.PageListed page ->
                page.page().objects().size() + " objects and "
                        + page.page().commonPrefixes().size() + " common prefixes listed";
            case AttemptResult.ObjectsDeleted deleted ->
                deleted.refused().isEmpty()
                        ? "deleted"
                        : deleted.refused().size() + " keys were refused, the first, "
                                + deleted.refused().getFirst().key() + ", with "
                                + deleted.refused().getFirst().reason();
            case AttemptResult.UploadAborted _ -> "the upload was given up";
            case AttemptResult.UploadsListed uploads -> uploads.uploads().size() + " uploads listed";
            case AttemptResult.Missing _ -> "not found";
            case AttemptResult.ConditionFailed _ -> "the condition does not hold";
            case AttemptFailed failed -> of(failed);
        };
    }

    static String of(final AttemptFailed failed) {
        return failed.kind().name().toLowerCase(Locale.ROOT).replace('_', ' ') + " (" + failed.message()
                + (failed.requestId().isEmpty() ? "" : ", request " + failed.requestId()) + ")";
    }
}
