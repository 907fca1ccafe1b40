package dev.firn.s3tier.s3server;

import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/**
 * One request and its answer, passed on step by step: {@link #passRequest}, {@link #receiveAnswer}, {@link #passAnswer}. Bodies
 * stream through. Belongs to the thread of its connection.
 */
final class Exchange {
    private static final int BUFFER_BYTES = 64 << 10;
    private static final int MAX_KEPT_BODY_BYTES = 64 << 20;

    private final HttpHead request;
    private final HttpBody requestBody;
    private final OutputStream client;
    private final Upstream upstream;
    private final Gate gate;
    private HttpHead answer;
    private HttpBody answerBody;

    /** What a request passes before its last bytes are sent: from there on the server may carry it out. */
    @FunctionalInterface
    interface Gate {
        Gate OPEN = () -> {};

        void pass();
    }

    /** Some time between two drops. */
    @FunctionalInterface
    interface Pause {
        void await() throws IOException;
    }

    /** Sees the bytes of a body pass, and may change them. */
    @FunctionalInterface
    interface Passage {
        Passage UNCHANGED = (bytes, length) -> {};

        void pass(byte[] bytes, int length) throws IOException;
    }

    Exchange(
            final HttpHead request,
            final InputStream clientIn,
            final OutputStream client,
            final Upstream upstream,
            final Gate gate) {
        this.request = request;
        this.requestBody = HttpBody.ofRequest(request, clientIn);
        this.client = client;
        this.upstream = upstream;
        this.gate = gate;
    }

    HttpHead request() {
        return request;
    }

    HttpBody requestBody() {
        return requestBody;
    }

    HttpHead answer() {
        return answer;
    }

    HttpBody answerBody() {
        return answerBody;
    }

    /** Lets a client that waits for it send the body (RFC 9110, section 10.1.1). */
    void inviteBody() throws IOException {
        if (request.saysOf("Expect", "100-continue") && !requestBody.ended()) {
            client.write("HTTP/1.1 100 Continue\r\n\r\n".getBytes(StandardCharsets.ISO_8859_1));
            client.flush();
        }
    }

    /** Takes in the whole body. */
    byte[] readRequest() throws IOException {
        inviteBody();
        final byte[] body = requestBody.readNBytes(MAX_KEPT_BODY_BYTES + 1);
        if (body.length > MAX_KEPT_BODY_BYTES) {
            throw new IOException("the proxy keeps bodies of up to " + MAX_KEPT_BODY_BYTES + " bytes for this fault");
        }
        return body;
    }

    /** Reads and forgets the body. */
    void skipRequest() throws IOException {
        inviteBody();
        requestBody.transferTo(OutputStream.nullOutputStream());
    }

    /** Sends head and body to the server. */
    void passRequest(final HttpHead head, final Passage passage) throws IOException {
        inviteBody();
        passRequest(head, requestBody, passage);
    }

    /** Sends the head with a body that was taken in before. */
    void passRequest(final HttpHead head, final byte[] body) throws IOException {
        passRequest(head, new ByteArrayInputStream(body), Passage.UNCHANGED);
    }

    private void passRequest(final HttpHead head, final InputStream body, final Passage passage) throws IOException {
        upstream.ready();
        head.copy().without("Expect"::equalsIgnoreCase).writeTo(upstream.out());
        copyHoldingBack(body, requestBody.reframed(upstream.out()), passage);
    }

    /** Sends the head and so much of the body, less its last byte. */
    void passBeginning(final HttpHead head, final long bodyBytes) throws IOException {
        inviteBody();
        upstream.ready();
        head.copy().without("Expect"::equalsIgnoreCase).writeTo(upstream.out());
        final long most = Math.min(bodyBytes, Math.max(0, requestBody.leftBytes() - 1));
        copy(requestBody, requestBody.reframed(upstream.out()), Passage.UNCHANGED, most);
        upstream.out().flush();
    }

    /** Waits for the head of the server's answer. */
    HttpHead receiveAnswer() throws IOException {
        do {
            answer = HttpHead.read(upstream.in());
            if (answer == null) {
                throw new EOFException("the server closed the connection without an answer to " + request);
            }
        } while (answer.status() == 100);
        answerBody = HttpBody.ofAnswer(answer, request.method(), upstream.in());
        return answer;
    }

    /** Reads and forgets the answer: once it is here, the server has done what was asked. */
    void skipAnswer() throws IOException {
        receiveAnswer();
        answerBody.transferTo(OutputStream.nullOutputStream());
        upstream.reset();
    }

    /** Sends the answer to the client; returns whether the connections are good for another exchange. */
    boolean passAnswer(final HttpHead head, final Passage passage) throws IOException {
        head.writeTo(client);
        final OutputStream to = answerBody.reframed(client);
        copy(answerBody, to, passage, Long.MAX_VALUE);
        to.close();
        return keepsConnection(head);
    }

    /** Sends the answer in drops, with a pause after each. */
    boolean passAnswerSlowly(final HttpHead head, final int dropBytes, final Pause pause) throws IOException {
        head.writeTo(client);
        final OutputStream to = answerBody.reframed(client);
        final byte[] drop = new byte[dropBytes];
        for (int read = answerBody.read(drop); read >= 0; read = answerBody.read(drop)) {
            to.write(drop, 0, read);
            to.flush();
            pause.await();
        }
        to.close();
        return keepsConnection(head);
    }

    /** Sends an answer whose body of known length has been read already. */
    boolean passTakenAnswer(final HttpHead head, final byte[] body) throws IOException {
        head.writeTo(client);
        client.write(body);
        client.flush();
        return keepsConnection(head);
    }

    private boolean keepsConnection(final HttpHead head) throws IOException {
        final boolean ends = answerBody.framing() == HttpBody.Framing.UNTIL_CLOSE
                || head.saysOf("Connection", "close")
                || request.saysOf("Connection", "close")
                || !requestBody.ended();
        if (ends) {
            upstream.close();
        } else {
            upstream.keep();
        }
        return !ends;
    }

    /** Sends the answer's head and so much of its body. */
    void passAnswerBeginning(final long bodyBytes) throws IOException {
        answer.writeTo(client);
        copy(answerBody, answerBody.reframed(client), Passage.UNCHANGED, bodyBytes);
        client.flush();
    }

    /** Answers in the server's place; returns whether the connection is good for another exchange. */
    boolean answer(final HttpHead head, final byte[] body) throws IOException {
        head.with("Content-Length", Integer.toString(body.length)).writeTo(client);
        if (!request.method().equals("HEAD")) {
            client.write(body);
        }
        client.flush();
        return requestBody.ended() && !request.saysOf("Connection", "close");
    }

    private static void copy(final InputStream from, final OutputStream to, final Passage passage, final long most)
            throws IOException {
        final byte[] buffer = new byte[BUFFER_BYTES];
        long left = most;
        while (left > 0) {
            final int read = from.read(buffer, 0, (int) Math.min(buffer.length, left));
            if (read < 0) {
                return;
            }
            passage.pass(buffer, read);
            to.write(buffer, 0, read);
            to.flush();
            left -= read;
        }
    }

    /** Copies all; the last bytes are sent only when the end has been seen and the gate was passed. */
    private void copyHoldingBack(final InputStream from, final OutputStream to, final Passage passage)
            throws IOException {
        byte[] held = new byte[BUFFER_BYTES];
        byte[] next = new byte[BUFFER_BYTES];
        int heldLength = 0;
        for (int read = from.read(next, 0, next.length); read >= 0; read = from.read(next, 0, next.length)) {
            to.write(held, 0, heldLength);
            passage.pass(next, read);
            final byte[] swap = held;
            held = next;
            next = swap;
            heldLength = read;
        }
        gate.pass();
        to.write(held, 0, heldLength);
        to.close();
    }
}
