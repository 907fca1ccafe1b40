package dev.firn.s3tier.s3server;

import java.time.Duration;

/** What can happen to one request on its way to an S3 server and back. */
public sealed interface Fault {
    /**
     * The server is not asked; the client gets an error.
     *
     * @param status of the answer; 200 is possible too, as S3 answers a completed upload that failed late.
     * @param code S3's name of the error, in the XML body.
     * @param retryAfterSeconds the header of that name; negative for none.
     */
    record ErrorAnswer(int status, String code, int retryAfterSeconds) implements Fault {}

    /** The server does what was asked, and the client gets an error all the same. */
    record ErrorAfterEffect(int status, String code) implements Fault {}

    /** The connection breaks once the request's head has come; the server hears nothing. */
    record ResetOnRequest() implements Fault {}

    /** The connection breaks after so many bytes of the body, and before its end; the server sees a request that breaks off. */
    record ResetInRequest(long bodyBytes) implements Fault {}

    /** The connection breaks when all of the request has been passed on; what the server does with it goes its own way. */
    record ResetAfterRequest() implements Fault {}

    /** The server's answer is waited for and swallowed, then the connection breaks: whatever was asked has happened. */
    record LostAnswer() implements Fault {}

    /** The connection breaks after so many bytes of the answer's body, or after the head when it has no more. */
    record ResetInAnswer(long bodyBytes) implements Fault {}

    /** The answer's body ends early, and the connection is closed as if that were all. */
    record TruncatedAnswer(long bodyBytes) implements Fault {}

    /** Nothing is passed on, and nothing comes back, until the client gives up. */
    record Hang() implements Fault {}

    /** The server does what was asked; nothing comes back, until the client gives up. */
    record HangAfterEffect() implements Fault {}

    /** The request is taken in whole, and passed on some time later, whether or not the client is still there. */
    record LateRequest(Duration delay) implements Fault {}

    /** The answer comes some time later than it could. */
    record LateAnswer(Duration delay) implements Fault {}

    /** The answer's body comes in drops. */
    record SlowAnswer(long bytesPerSecond) implements Fault {}

    /** One bit of the request's body is turned over, somewhere. */
    record FlippedRequest() implements Fault {}

    /** One bit of the answer's body is turned over, somewhere. */
    record FlippedAnswer() implements Fault {}

    /** The same request is sent once more, some time after the client has its answer; what comes of it nobody hears. */
    record Duplicate(Duration delay) implements Fault {}

    static Fault internalError() {
        return new ErrorAnswer(500, "InternalError", -1);
    }

    static Fault slowDown() {
        return new ErrorAnswer(503, "SlowDown", -1);
    }

    static Fault slowDown(final int retryAfterSeconds) {
        return new ErrorAnswer(503, "SlowDown", retryAfterSeconds);
    }

    /** What S3 answers a conditional write when another one of the same key is just being carried out. */
    static Fault conflict() {
        return new ErrorAnswer(409, "ConditionalRequestConflict", -1);
    }

    /** An error in an answer that began as a success. */
    static Fault errorWithin200() {
        return new ErrorAnswer(200, "InternalError", -1);
    }
}
