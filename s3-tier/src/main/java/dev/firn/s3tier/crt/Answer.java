package dev.firn.s3tier.crt;

import java.nio.charset.StandardCharsets;

/**
 * A whole answer.
 *
 * @param text the body, unless it went into the caller's buffer.
 * @param receivedBytes how many bytes stand in the caller's buffer.
 */
record Answer(AnswerHead head, byte[] text, long receivedBytes) {
    int status() {
        return head.status();
    }

    boolean isSuccess() {
        return head.status() >= 200 && head.status() < 300;
    }

    /** What an error's body begins with, when it is not the XML that S3 sends: a proxy's page, perhaps. */
    String beginning() {
        final String begin = new String(text, 0, Math.min(text.length, 200), StandardCharsets.UTF_8);
        return begin.replaceAll("[\\p{Cntrl}\\s]+", " ").strip();
    }
}
