package dev.firn.s3tier.s3server;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Set;

/** How one request goes through the proxy, with a fault or without. Each method returns whether the client's connection goes on. */
final class FaultyPassage {
    private static final long NANOS_A_SECOND = 1_000_000_000L;
    private static final int DROPS_A_SECOND = 20;

    private final FaultProxy proxy;
    private final Socket client;
    private final InputStream clientIn;
    private final Exchange exchange;
    private final Upstream upstream;
    private final HttpHead request;

    FaultyPassage(
            final FaultProxy proxy,
            final Socket client,
            final InputStream clientIn,
            final Exchange exchange,
            final Upstream upstream) {
        this.proxy = proxy;
        this.client = client;
        this.clientIn = clientIn;
        this.exchange = exchange;
        this.upstream = upstream;
        this.request = exchange.request();
    }

    /** Without a fault; with what the server as a whole is like. */
    boolean pass() throws IOException {
        final Set<ServerTrait> traits = proxy.traits();
        if (traits.contains(ServerTrait.REFUSES_CONDITIONAL_WRITES)
                && request.method().startsWith("P")
                && (request.has("If-Match") || request.has("If-None-Match"))) {
            exchange.skipRequest();
            return exchange.answer(errorHead(501, -1), errorBody("NotImplemented"));
        }
        if (traits.contains(ServerTrait.STALE_LISTS) && StaleLists.isList(request)) {
            return passStaleList();
        }
        exchange.passRequest(stripped(), Exchange.Passage.UNCHANGED);
        return passAnswer(Exchange.Passage.UNCHANGED);
    }

    private boolean passStaleList() throws IOException {
        exchange.skipRequest();
        StaleLists.Answer kept = proxy.staleLists().find(request);
        if (kept == null) {
            exchange.passRequest(request, new byte[0]);
            final HttpHead head = exchange.receiveAnswer().without("Transfer-Encoding"::equalsIgnoreCase);
            final ByteArrayOutputStream body = new ByteArrayOutputStream();
            exchange.answerBody().transferTo(body);
            upstream.keep();
            kept = new StaleLists.Answer(head, body.toByteArray());
            proxy.staleLists().keep(request, kept);
        }
        return exchange.answer(kept.head().copy(), kept.body());
    }

    boolean passWith(final Fault fault) throws IOException {
        return switch (fault) {
            case Fault.ErrorAnswer(int status, String code, int retryAfterSeconds) -> {
                exchange.skipRequest();
                yield exchange.answer(errorHead(status, retryAfterSeconds), errorBody(code));
            }
            case Fault.ErrorAfterEffect(int status, String code) -> {
                haveEffect();
                yield exchange.answer(errorHead(status, -1), errorBody(code));
            }
            case Fault.ResetOnRequest() -> resetClient();
            case Fault.ResetInRequest(long bodyBytes) -> {
                exchange.passBeginning(stripped(), bodyBytes);
                upstream.reset();
                yield resetClient();
            }
            case Fault.ResetAfterRequest() -> {
                exchange.passRequest(stripped(), Exchange.Passage.UNCHANGED);
                resetClient();
                exchange.skipAnswer();
                yield false;
            }
            case Fault.LostAnswer() -> {
                haveEffect();
                yield resetClient();
            }
            case Fault.ResetInAnswer(long bodyBytes) -> {
                passAnswerBeginning(bodyBytes);
                yield resetClient();
            }
            case Fault.TruncatedAnswer(long bodyBytes) -> {
                passAnswerBeginning(bodyBytes);
                yield false;
            }
            case Fault.Hang() -> awaitClientGone();
            case Fault.HangAfterEffect() -> {
                haveEffect();
                yield awaitClientGone();
            }
            case Fault.LateRequest late -> passLate(late);
            case Fault.LateAnswer(Duration delay) -> {
                exchange.passRequest(stripped(), Exchange.Passage.UNCHANGED);
                exchange.receiveAnswer();
                pause(delay.toNanos());
                yield giveAnswer(Exchange.Passage.UNCHANGED);
            }
            case Fault.SlowAnswer(long bytesPerSecond) -> {
                exchange.passRequest(stripped(), Exchange.Passage.UNCHANGED);
                exchange.receiveAnswer();
                yield exchange.passAnswerSlowly(
                        strippedAnswer(),
                        (int) Math.max(1, bytesPerSecond / DROPS_A_SECOND),
                        () -> pause(NANOS_A_SECOND / DROPS_A_SECOND));
            }
            case Fault.FlippedRequest() -> {
                exchange.passRequest(stripped(), flippingOneOf(exchange.requestBody()));
                yield passAnswer(Exchange.Passage.UNCHANGED);
            }
            case Fault.FlippedAnswer() -> {
                exchange.passRequest(stripped(), Exchange.Passage.UNCHANGED);
                exchange.receiveAnswer();
                yield giveAnswer(flippingOneOf(exchange.answerBody()));
            }
            case Fault.Duplicate duplicate -> passTwice(duplicate);
        };
    }

    private boolean passLate(final Fault.LateRequest late) throws IOException {
        final byte[] body = exchange.readRequest();
        pause(late.delay().toNanos());
        exchange.passRequest(stripped(), body);
        return passAnswer(Exchange.Passage.UNCHANGED);
    }

    private boolean passTwice(final Fault.Duplicate duplicate) throws IOException {
        final byte[] body = exchange.readRequest();
        exchange.passRequest(stripped(), body);
        final boolean goesOn = passAnswer(Exchange.Passage.UNCHANGED);
        proxy.sendLater(stripped(), body, duplicate.delay());
        return goesOn;
    }

    private void haveEffect() throws IOException {
        exchange.passRequest(stripped(), Exchange.Passage.UNCHANGED);
        exchange.skipAnswer();
    }

    private void passAnswerBeginning(final long bodyBytes) throws IOException {
        exchange.passRequest(stripped(), Exchange.Passage.UNCHANGED);
        exchange.receiveAnswer();
        exchange.passAnswerBeginning(bodyBytes);
        upstream.reset();
    }

    private boolean passAnswer(final Exchange.Passage passage) throws IOException {
        exchange.receiveAnswer();
        return giveAnswer(passage);
    }

    private boolean giveAnswer(final Exchange.Passage passage) throws IOException {
        return exchange.passAnswer(strippedAnswer(), passage);
    }

    private boolean resetClient() {
        LoopbackListener.reset(client);
        return false;
    }

    /** Reads on, so that the client may send as much as it likes, until it has gone. */
    private boolean awaitClientGone() throws IOException {
        exchange.inviteBody();
        clientIn.transferTo(OutputStream.nullOutputStream());
        return false;
    }

    private HttpHead stripped() {
        return request.copy()
                .without(name -> proxy.traits().stream().anyMatch(trait -> trait.takesFromRequest(request, name)));
    }

    private HttpHead strippedAnswer() {
        return exchange.answer()
                .copy()
                .without(name -> proxy.traits().stream().anyMatch(trait -> trait.takesFromAnswer(name)));
    }

    /** Turns one bit over, somewhere in the body, or in its first piece when its length is not known. */
    private Exchange.Passage flippingOneOf(final HttpBody body) {
        final long known = body.leftBytes();
        final long chosen = known > 0 ? proxy.nextBelow(known) : -1;
        final long[] passed = {0};
        return (bytes, length) -> {
            final long at = chosen < 0 && passed[0] == 0 ? proxy.nextBelow(length) : chosen - passed[0];
            if (at >= 0 && at < length) {
                bytes[(int) at] ^= (byte) (1 << proxy.nextBelow(Byte.SIZE));
            }
            passed[0] += length;
        };
    }

    private static HttpHead errorHead(final int status, final int retryAfterSeconds) {
        final HttpHead head = HttpHead.answer(status, "Injected")
                .with("Content-Type", "application/xml")
                .with("x-amz-request-id", "INJECTED")
                .with("x-amz-id-2", "fault-proxy");
        return retryAfterSeconds < 0 ? head : head.with("Retry-After", Integer.toString(retryAfterSeconds));
    }

    private static byte[] errorBody(final String code) {
        return ("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>" + code
                        + "</Code><Message>Injected by a test.</Message><RequestId>INJECTED</RequestId></Error>")
                .getBytes(StandardCharsets.UTF_8);
    }

    private static void pause(final long durationNs) throws IOException {
        Waiting.pause(durationNs);
        if (Thread.currentThread().isInterrupted()) {
            throw new InterruptedIOException("the proxy is being closed");
        }
    }
}
