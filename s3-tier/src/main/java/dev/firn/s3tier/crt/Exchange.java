package dev.firn.s3tier.crt;

import dev.firn.s3tier.backend.AttemptRequest;
import dev.firn.s3tier.backend.AttemptRequest.GetRange;
import dev.firn.s3tier.backend.AttemptResult;
import dev.firn.s3tier.backend.AttemptResult.AttemptFailed;
import dev.firn.s3tier.backend.AttemptResult.Effect;
import dev.firn.s3tier.backend.AttemptResult.Retry;
import dev.firn.s3tier.store.FailureKind;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Consumer;
import software.amazon.awssdk.crt.http.DirectBodies;
import software.amazon.awssdk.crt.http.HttpClientConnection;
import software.amazon.awssdk.crt.http.HttpHeader;
import software.amazon.awssdk.crt.http.HttpRequest;
import software.amazon.awssdk.crt.http.HttpStream;

/**
 * One request and its answer over one connection: signed, connected, sent, received, ended, in this order.
 *
 * <p><b>Threads.</b> Begun and cancelled by any; signed by the caller's or one of the credentials provider; from the connection
 * on by that connection's event loop. The phase, the stream and whether it is cancelled are guarded by this object's
 * monitor, which is never held while the result is handed on. What an answer consists of belongs to the event loop.
 *
 * <p><b>The caller's memory</b> is touched only while the stream lives: the result is handed on after
 * {@link #onResponseComplete}, the CRT's last word on a stream, or when no stream was ever made. A cancelled exchange whose
 * request is on its way waits for that word, too.
 */
final class Exchange implements Running, DirectBodies.Handler {
    private static final int INFORMATIONAL = 1;
    private static final int TRAILING = 2;

    private enum Phase {
        SIGNING,
        CONNECTING,
        SENT,
        ENDED
    }

    private final CrtClient client;
    private final AttemptRequest request;
    private final Consumer<AttemptResult> done;

    private Phase phase = Phase.SIGNING;
    private CompletableFuture<HttpClientConnection> acquisition;
    private HttpClientConnection connection;
    private HttpStream stream;
    private boolean cancelled;

    private WireRequest wire;
    private AnswerHead head;
    private AnswerBody body;
    private String guard;

    Exchange(final CrtClient client, final AttemptRequest request, final Consumer<AttemptResult> done) {
        this.client = client;
        this.request = request;
        this.done = done;
    }

    @Override
    public void start() {
        try {
            wire = client.encoder().encode(request);
            final var _ = client.sign(wire).whenComplete(this::onSigned);
        } catch (final RuntimeException e) {
            endUnsent(Failures.refused(request, FailureKind.REJECTED, Retry.NEVER, "it cannot be sent: " + e));
        }
    }

    @Override
    public void cancel() {
        final CompletableFuture<HttpClientConnection> pending;
        synchronized (this) {
            if (phase == Phase.ENDED || cancelled) {
                return;
            }
            cancelled = true;
            if (phase == Phase.SENT) {
                stream.cancel();
                return;
            }
            phase = Phase.ENDED;
            pending = acquisition;
        }
        if (pending != null) {
            // A connection that comes all the same goes back by itself.
            pending.cancel(false);
        }
        done.accept(cancelledResult(false));
    }

    private void onSigned(final HttpRequest signed, final Throwable error) {
        if (error != null) {
            endUnsent(failureToSign(error));
            return;
        }
        final CompletableFuture<HttpClientConnection> pending;
        try {
            synchronized (this) {
                if (phase != Phase.SIGNING) {
                    return;
                }
                phase = Phase.CONNECTING;
                acquisition = client.acquireConnection();
                pending = acquisition;
            }
        } catch (final RuntimeException e) {
            endUnsent(client.transportErrors().unconnected(e));
            return;
        }
        final var _ = pending.whenComplete((acquired, failure) -> onConnected(signed, acquired, failure));
    }

    private AttemptResult failureToSign(final Throwable error) {
        final Throwable cause = error instanceof CompletionException ? error.getCause() : error;
        return cause instanceof TlsProbe.UntrustedServerException
                ? Failures.refused(request, FailureKind.UNREACHABLE, Retry.NEVER, cause.getMessage())
                : client.signer().failure(request, cause);
    }

    private void onConnected(final HttpRequest signed, final HttpClientConnection acquired, final Throwable error) {
        if (error != null) {
            endUnsent(client.transportErrors().unconnected(error));
            return;
        }
        RuntimeException failure = null;
        synchronized (this) {
            if (phase == Phase.CONNECTING) {
                try {
                    connection = acquired;
                    stream = client.makeStream(acquired, signed, this);
                    phase = Phase.SENT;
                    stream.activate();
                    return;
                } catch (final RuntimeException e) {
                    failure = e;
                    phase = Phase.ENDED;
                }
            }
        }
        if (failure != null && stream != null) {
            stream.close();
        }
        acquired.close();
        if (failure != null) {
            done.accept(client.transportErrors().unconnected(failure));
        }
    }

    private void endUnsent(final AttemptResult result) {
        synchronized (this) {
            if (phase == Phase.ENDED) {
                return;
            }
            phase = Phase.ENDED;
        }
        done.accept(result);
    }

    @Override
    public void onResponseHeaders(
            final HttpStream responding, final int status, final int blockType, final HttpHeader[] headers) {
        if (blockType == INFORMATIONAL || blockType == TRAILING || head != null) {
            return;
        }
        // An answer without any header comes without its status.
        final int told = status > 0 ? status : responding.getResponseStatusCode();
        head = AnswerHead.of(told, headers);
        if (request instanceof final GetRange get && told >= 200 && told < 300) {
            body = AnswerBody.into(get.into());
            stopIf(AnswerBody.wrongRange(get, head));
        } else {
            body = AnswerBody.text();
        }
    }

    @Override
    public void onDirectBody(final ByteBuffer bytes) {
        onBody(MemorySegment.ofBuffer(bytes));
    }

    @Override
    public int onResponseBody(final HttpStream responding, final byte[] bytes) {
        onBody(MemorySegment.ofArray(bytes));
        return bytes.length;
    }

    /** @param bytes of the CRT's, or a copy of them: valid during this call only. */
    private void onBody(final MemorySegment bytes) {
        try {
            if (guard == null && !body.take(bytes)) {
                stopIf("the store sends more than was asked for, beyond " + body.lengthBytes() + " bytes");
            }
        } catch (final RuntimeException e) {
            // The caller's buffer is closed, or belongs to another thread.
            stopIf("the buffer cannot be written to: " + e);
        }
    }

    /** Nothing more of this answer is wanted: the connection is closed. */
    private void stopIf(final String reason) {
        if (reason != null && guard == null) {
            guard = reason;
            synchronized (this) {
                if (stream != null) {
                    stream.cancel();
                }
            }
        }
    }

    @Override
    public void onResponseComplete(final HttpStream completed, final int errorCode) {
        final boolean wasCancelled;
        synchronized (this) {
            phase = Phase.ENDED;
            wasCancelled = cancelled;
            // Under the monitor: cancel must not reach into a stream that is gone.
            completed.close();
        }
        if (wire.body() != null) {
            wire.body().end();
        }
        connection.close();
        done.accept(resultOf(errorCode, wasCancelled));
    }

    private AttemptResult resultOf(final int errorCode, final boolean wasCancelled) {
        try {
            if (guard != null) {
                return new AttemptFailed(
                        FailureKind.REJECTED,
                        RequestKinds.isWrite(request) ? Effect.UNKNOWN : Effect.NONE,
                        Retry.NEVER,
                        0,
                        guard,
                        head.requestId());
            }
            if (errorCode == 0 || isAnswerWhole()) {
                return client.decoder()
                        .decode(request, wire.checksum(), new Answer(head, body.textBytes(), body.lengthBytes()));
            }
            if (wasCancelled) {
                return cancelledResult(wire.isSent());
            }
            return client.transportErrors().broken(request, errorCode, wire.isSent());
        } catch (final RuntimeException e) {
            return Failures.unclear(request, FailureKind.STORE_ERROR, "its answer made Firn fail: " + e, "");
        }
    }

    /** A store that refuses a body closes the connection, perhaps, while we still send: what it said counts all the same. */
    private boolean isAnswerWhole() {
        return head != null && (wire.isHead() || head.contentLength() == body.lengthBytes());
    }

    private AttemptResult cancelledResult(final boolean sent) {
        final boolean unclear = sent && RequestKinds.isWrite(request);
        return new AttemptFailed(
                FailureKind.CANCELLED, unclear ? Effect.UNKNOWN : Effect.NONE, Retry.LATER, 0, "it was cancelled", "");
    }
}
