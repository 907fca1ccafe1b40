package dev.firn.bench.s3.load;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;

/**
 * One client's connection: a request, its answer, and again. No pipelining: the next request is read when the answer has gone.
 *
 * <p>Owned by its loop's thread.
 */
final class LoadConnection {
    /** Longest head of a request. */
    private static final int HEAD_BYTES = 32 << 10;

    /** Up to here an answer's body is copied behind its head: one write in place of a gathering one. */
    private static final int COPIED_BYTES = 64 << 10;

    private static final int ANSWER_HEAD_BYTES = 4 << 10;
    private static final String ETAG = "\"6669726e2d6c6f61642d736572766572\"";
    private static final String COMMON = "Server: firn-bench-load\r\nx-amz-request-id: 0000000000000000\r\nETag: "
            + ETAG + "\r\nLast-Modified: Thu, 01 Jan 2026 00:00:00 GMT\r\n";
    private static final String XML_HEAD = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";

    private final SocketChannel channel;
    private final ByteBuffer content;
    private final ByteBuffer dropped;
    private final LoadCounters counters;
    private final ByteBuffer in = ByteBuffer.allocateDirect(HEAD_BYTES);
    private final ByteBuffer[] out = {ByteBuffer.allocateDirect(ANSWER_HEAD_BYTES + COPIED_BYTES), null};
    private RequestHead head;
    private long bodyLeft;

    /**
     * @param content what every object holds; shared, never moved.
     * @param dropped where bodies go that nobody reads; shared by the loop's connections.
     */
    LoadConnection(
            final SocketChannel channel,
            final ByteBuffer content,
            final ByteBuffer dropped,
            final LoadCounters counters) {
        this.channel = channel;
        this.content = content;
        this.dropped = dropped;
        this.counters = counters;
        out[0].limit(0);
        out[1] = content.duplicate().limit(0);
    }

    /** Does what can be done without waiting, and says what to wait for: the key's interest. Closes when the client has gone. */
    int onReady() throws IOException {
        while (true) {
            if (!flush()) {
                return SelectionKey.OP_WRITE;
            }
            if (head == null && !readHead()) {
                return SelectionKey.OP_READ;
            }
            if (!dropBody()) {
                return SelectionKey.OP_READ;
            }
            if (head != null) {
                answer(head);
                head = null;
            }
        }
    }

    /** Whether all of the answer has gone. */
    private boolean flush() throws IOException {
        while (out[0].hasRemaining() || out[1].hasRemaining()) {
            final long written = out[1].hasRemaining() ? channel.write(out) : channel.write(out[0]);
            if (written == 0) {
                return false;
            }
            counters.bytesSent.add(written);
        }
        return true;
    }

    /** Whether a whole head is there; what has come of its body is dropped. */
    private boolean readHead() throws IOException {
        final int count = channel.read(in);
        if (count < 0) {
            throw new ClosedByClientException();
        }
        in.flip();
        head = RequestHead.take(in);
        if (head == null) {
            in.compact();
            if (!in.hasRemaining()) {
                throw new IOException("a request's head is longer than " + HEAD_BYTES + " bytes");
            }
            return false;
        }
        counters.requests.increment();
        final int early = (int) Math.min(in.remaining(), head.contentLength());
        bodyLeft = head.contentLength() - early;
        counters.bytesReceived.add(early);
        in.position(in.position() + early);
        in.compact();
        if (head.expectsContinue() && bodyLeft > 0) {
            begin("HTTP/1.1 100 Continue\r\n\r\n");
            flush();
        }
        return true;
    }

    private boolean dropBody() throws IOException {
        while (bodyLeft > 0) {
            dropped.clear().limit((int) Math.min(dropped.capacity(), bodyLeft));
            final int count = channel.read(dropped);
            if (count < 0) {
                throw new ClosedByClientException();
            }
            if (count == 0) {
                return false;
            }
            bodyLeft -= count;
            counters.bytesReceived.add(count);
        }
        return true;
    }

    private void answer(final RequestHead request) {
        final boolean query = !request.query().isEmpty();
        switch (request.understood() ? request.method() : "") {
            case "GET" -> {
                // SDKs mark requests by x-id; every other query asks for something that is not here.
                if (query && !request.query().startsWith("x-id=")) {
                    refuse();
                } else {
                    read(request, true);
                }
            }
            case "HEAD" -> read(request, false);
            case "PUT" -> begin("HTTP/1.1 200 OK\r\n" + COMMON + "Content-Length: 0\r\n\r\n");
            case "POST" -> {
                if (request.query().startsWith("uploads")) {
                    document(
                            "<InitiateMultipartUploadResult><UploadId>load</UploadId></InitiateMultipartUploadResult>");
                } else if (request.query().contains("uploadId=")) {
                    document("<CompleteMultipartUploadResult><ETag>&quot;6669726e2d6c6f61642d736572766572&quot;</ETag>"
                            + "</CompleteMultipartUploadResult>");
                } else {
                    refuse();
                }
            }
            case "DELETE" -> begin("HTTP/1.1 204 No Content\r\n" + COMMON + "\r\n");
            default -> refuse();
        }
    }

    private void read(final RequestHead request, final boolean withBody) {
        final long objectBytes = content.capacity();
        final long start = Math.max(0, request.rangeStart());
        final long end = request.rangeEnd() < 0 ? objectBytes : Math.min(objectBytes, request.rangeEnd() + 1);
        if (start >= end) {
            begin("HTTP/1.1 416 Range Not Satisfiable\r\n" + COMMON + "Content-Range: bytes */" + objectBytes
                    + "\r\nContent-Length: 0\r\n\r\n");
            return;
        }
        final String range = request.rangeStart() < 0
                ? "HTTP/1.1 200 OK\r\n"
                : "HTTP/1.1 206 Partial Content\r\nContent-Range: bytes " + start + "-" + (end - 1) + "/" + objectBytes
                        + "\r\n";
        begin(range + COMMON + "Accept-Ranges: bytes\r\nContent-Type: binary/octet-stream\r\nContent-Length: "
                + (end - start) + "\r\n\r\n");
        if (withBody) {
            out[1].limit((int) end).position((int) start);
            if (end - start <= COPIED_BYTES) {
                out[0].compact().put(out[1]).flip();
            }
        }
    }

    private void document(final String xml) {
        final String document = XML_HEAD + xml;
        begin("HTTP/1.1 200 OK\r\n" + COMMON + "Content-Type: application/xml\r\nContent-Length: " + document.length()
                + "\r\n\r\n" + document);
    }

    private void refuse() {
        counters.refused.increment();
        begin("HTTP/1.1 501 Not Implemented\r\nContent-Length: 0\r\n\r\n");
    }

    private void begin(final String text) {
        out[0].clear().put(text.getBytes(StandardCharsets.ISO_8859_1)).flip();
    }

    void close() throws IOException {
        channel.close();
    }

    /** The client closed its end: how every connection ends. */
    static final class ClosedByClientException extends IOException {
        private static final long serialVersionUID = 1;

        private ClosedByClientException() {
            super("closed by the client");
        }
    }
}
