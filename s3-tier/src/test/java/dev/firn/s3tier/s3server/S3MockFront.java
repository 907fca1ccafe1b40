package dev.firn.s3tier.s3server;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.URI;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/**
 * Stands before an S3Mock and mends in which it is no S3.
 *
 * <p><b>Order.</b> S3Mock checks a condition in one step and writes in another. Of the requests for one key either one write or any number
 * of reads are with the server at a time, and lists and batch deletes are there alone: what a real store's own locks do.
 *
 * <p><b>Aborted uploads.</b> S3Mock forgets the object of the same key when an upload is aborted. It finds the upload by its id alone: the
 * abort is sent for a key that nobody has.
 *
 * <p><b>Lists.</b> See {@link S3MockLists}.
 *
 * <p>A request takes its lock when all of its body but the last bytes has been passed on, so that a slow or broken sender holds
 * nobody up; the server does not look at a condition before it has the whole body. It gives the lock back when the server has answered,
 * also when the client is gone by then.
 */
final class S3MockFront implements AutoCloseable {
    private static final int BUFFER_BYTES = 64 << 10;

    /** Power of two. */
    private static final int STRIPES = 1_024;

    /** Answers up to this length are taken from the server before they are passed on: a slow reader holds nobody up. */
    private static final int TAKEN_ANSWER_BYTES = 4 << 20;

    private static final String NOBODYS_KEY = "/firn-test-nobodys-key";

    private final URI server;
    private final LoopbackListener listener;
    private final ReadWriteLock store = new ReentrantReadWriteLock();
    private final ReadWriteLock[] keys = new ReadWriteLock[STRIPES];

    private S3MockFront(final URI server) throws IOException {
        this.server = server;
        for (int i = 0; i < STRIPES; i++) {
            keys[i] = new ReentrantReadWriteLock();
        }
        listener = new LoopbackListener("s3mock-front", this::serve);
    }

    static S3MockFront before(final URI server) throws IOException {
        return new S3MockFront(server);
    }

    URI endpoint() {
        return listener.endpoint();
    }

    private void serve(final Socket client) throws IOException {
        final InputStream in = new BufferedInputStream(client.getInputStream(), BUFFER_BYTES);
        final OutputStream out = new BufferedOutputStream(client.getOutputStream(), BUFFER_BYTES);
        try (Upstream upstream = new Upstream(server)) {
            boolean goesOn = true;
            while (goesOn) {
                final HttpHead request = HttpHead.read(in);
                goesOn = request != null && pass(request, in, out, upstream);
            }
        }
    }

    private boolean pass(final HttpHead request, final InputStream in, final OutputStream out, final Upstream upstream)
            throws IOException {
        final Turn turn = turnOf(request);
        try {
            final Exchange exchange = new Exchange(request, in, out, upstream, turn::take);
            if (S3MockLists.isList(request)) {
                return passList(exchange, turn);
            }
            exchange.passRequest(isAbort(request) ? ofNobodysKey(request) : request, Exchange.Passage.UNCHANGED);
            final HttpHead answer = exchange.receiveAnswer();
            final HttpBody body = exchange.answerBody();
            if (body.framing() == HttpBody.Framing.LENGTH && body.leftBytes() <= TAKEN_ANSWER_BYTES) {
                final ByteArrayOutputStream taken = new ByteArrayOutputStream((int) body.leftBytes());
                body.transferTo(taken);
                turn.giveBack();
                return exchange.passTakenAnswer(answer, taken.toByteArray());
            }
            return exchange.passAnswer(answer, Exchange.Passage.UNCHANGED);
        } finally {
            turn.giveBack();
        }
    }

    private static boolean isAbort(final HttpHead request) {
        return request.method().equals("DELETE") && request.asks("uploadId");
    }

    private static HttpHead ofNobodysKey(final HttpHead request) {
        final String path = request.path();
        final String bucket = path.substring(0, path.indexOf('/', 1));
        return request.withTarget(bucket + NOBODYS_KEY + request.target().substring(path.length()));
    }

    private static boolean passList(final Exchange exchange, final Turn turn) throws IOException {
        final S3MockLists list = new S3MockLists(exchange.request());
        exchange.passRequest(list.requestOfAll(), Exchange.Passage.UNCHANGED);
        final HttpHead answer = exchange.receiveAnswer();
        final ByteArrayOutputStream all = new ByteArrayOutputStream();
        exchange.answerBody().transferTo(all);
        turn.giveBack();
        final byte[] body = answer.status() == 200 ? list.page(all.toByteArray()) : all.toByteArray();
        final HttpHead head = answer.copy()
                .without("Transfer-Encoding"::equalsIgnoreCase)
                .with("Content-Length", Integer.toString(body.length));
        return exchange.passTakenAnswer(head, body);
    }

    private Turn turnOf(final HttpHead request) {
        final String path = request.path();
        final boolean object = path.indexOf('/', 1) > 0 && path.indexOf('/', 1) < path.length() - 1;
        if (!object) {
            return new Turn(store.writeLock(), null);
        }
        final int hash = path.hashCode();
        final ReadWriteLock key = keys[(hash ^ hash >>> 16) & STRIPES - 1];
        return switch (request.method()) {
            case "GET", "HEAD" -> new Turn(store.readLock(), key.readLock());
            // A part of an upload touches no object.
            case "PUT" -> new Turn(store.readLock(), request.asks("partNumber") ? key.readLock() : key.writeLock());
            default -> new Turn(store.readLock(), key.writeLock());
        };
    }

    @Override
    public void close() {
        listener.close();
    }

    /** The locks of one request. Belongs to its thread. */
    private static final class Turn {
        private final Lock outer;
        private final Lock inner;
        private boolean taken;

        Turn(final Lock outer, final Lock inner) {
            this.outer = outer;
            this.inner = inner;
        }

        void take() {
            outer.lock();
            if (inner != null) {
                inner.lock();
            }
            taken = true;
        }

        void giveBack() {
            if (taken) {
                taken = false;
                if (inner != null) {
                    inner.unlock();
                }
                outer.unlock();
            }
        }
    }
}
