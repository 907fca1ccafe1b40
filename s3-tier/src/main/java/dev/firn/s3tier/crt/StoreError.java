package dev.firn.s3tier.crt;

/**
 * What a store says of an error (S3 API Reference, "Error responses").
 *
 * @param code empty when the answer is no error of S3, or has no body.
 * @param isForeign whether there is a body, and it is none that a store would send.
 */
record StoreError(int status, String code, String message, String region, String endpoint, boolean isForeign) {
    private static final int STATUS_NOT_TOLD = 500;

    static StoreError of(final Answer answer) {
        if (answer.text().length == 0) {
            return new StoreError(answer.status(), "", "", null, null, false);
        }
        try {
            return of(answer.status(), XmlElement.parse(answer.text()).requireName("Error"));
        } catch (final MalformedAnswerException _) {
            return new StoreError(answer.status(), "", answer.beginning(), null, null, true);
        }
    }

    /** An error that came with a success' status, after the store had begun to answer. */
    static StoreError inSuccess(final XmlElement error) {
        final String code = orEmpty(error.childText("Code"));
        final int status = switch (code) {
            case "PreconditionFailed" -> 412;
            case "ConditionalRequestConflict", "OperationAborted" -> 409;
            case "NoSuchKey", "NoSuchUpload", "NoSuchBucket" -> 404;
            case "InvalidPart", "InvalidPartOrder", "EntityTooSmall", "MalformedXML", "BadDigest" -> 400;
            case "AccessDenied" -> 403;
            case "SlowDown", "ServiceUnavailable" -> 503;
            default -> STATUS_NOT_TOLD;
        };
        return of(status, error);
    }

    private static StoreError of(final int status, final XmlElement error) {
        return new StoreError(
                status,
                orEmpty(error.childText("Code")),
                orEmpty(error.childText("Message")),
                error.childText("Region"),
                error.childText("Endpoint"),
                false);
    }

    /**
     * Whether the header that carries a checksum is complained of, under whatever code. We never write a malformed one: header
     * or bytes were damaged on the way.
     */
    boolean saysThatAChecksumIsWrong() {
        return message.contains("x-amz-checksum-");
    }

    /** As a message repeats it: status, code and the store's own words, bounded. */
    String describe() {
        final StringBuilder text = new StringBuilder("HTTP ").append(status);
        if (!code.isEmpty()) {
            text.append(' ').append(code);
        }
        if (!message.isEmpty()) {
            text.append(": ").append(message, 0, Math.min(message.length(), 300));
        }
        return text.toString();
    }

    private static String orEmpty(final String text) {
        return text == null ? "" : text.strip();
    }
}
