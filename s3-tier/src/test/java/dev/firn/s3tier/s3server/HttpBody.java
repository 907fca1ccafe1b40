package dev.firn.s3tier.s3server;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/** The bytes after a head, without what frames them (RFC 9112, section 6): what is read is the payload. */
final class HttpBody extends InputStream {
    private static final long UNKNOWN = Long.MAX_VALUE;
    private static final int MAX_TRAILER_BYTES = 64 << 10;

    private final InputStream in;
    private final Framing framing;

    /** Bytes of the body, or of the current chunk, that are still to come. */
    private long left;

    private boolean chunkBegun;
    private boolean ended;

    /** How a body's end is known. */
    enum Framing {
        NONE,
        LENGTH,
        CHUNKED,
        UNTIL_CLOSE
    }

    private HttpBody(final InputStream in, final Framing framing, final long lengthBytes) {
        this.in = in;
        this.framing = framing;
        this.left = lengthBytes;
        this.ended = framing == Framing.NONE || (framing == Framing.LENGTH && lengthBytes == 0);
    }

    static HttpBody ofRequest(final HttpHead head, final InputStream in) {
        return of(head, in, Framing.NONE);
    }

    static HttpBody ofAnswer(final HttpHead head, final String method, final InputStream in) {
        final int status = head.status();
        if (method.equals("HEAD") || status < 200 || status == 204 || status == 304) {
            return new HttpBody(in, Framing.NONE, 0);
        }
        return of(head, in, Framing.UNTIL_CLOSE);
    }

    private static HttpBody of(final HttpHead head, final InputStream in, final Framing otherwise) {
        if (head.saysOf("Transfer-Encoding", "chunked")) {
            return new HttpBody(in, Framing.CHUNKED, 0);
        }
        final String length = head.header("Content-Length");
        if (length != null) {
            return new HttpBody(in, Framing.LENGTH, Long.parseLong(length));
        }
        return new HttpBody(in, otherwise, otherwise == Framing.NONE ? 0 : UNKNOWN);
    }

    Framing framing() {
        return framing;
    }

    /** How many bytes are certain to come: all of them when the head gave the length. */
    long leftBytes() {
        return framing == Framing.LENGTH ? left : 0;
    }

    boolean ended() {
        return ended;
    }

    @Override
    public int read() throws IOException {
        final byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(final byte[] bytes, final int offset, final int length) throws IOException {
        if (!ended && framing == Framing.CHUNKED && left == 0) {
            beginChunk();
        }
        if (ended) {
            return -1;
        }
        final int read = in.read(bytes, offset, (int) Math.min(length, left));
        if (read < 0) {
            if (framing != Framing.UNTIL_CLOSE) {
                throw new EOFException("a body breaks off before its end");
            }
            ended = true;
            return -1;
        }
        if (framing != Framing.UNTIL_CLOSE) {
            left -= read;
            ended = framing == Framing.LENGTH && left == 0;
        }
        return read;
    }

    /** A chunk's length in hexadecimal digits, perhaps with an extension; the last has none, and trailers may follow. */
    private void beginChunk() throws IOException {
        final int[] most = {MAX_TRAILER_BYTES};
        if (chunkBegun) {
            HttpHead.readLine(in, most);
        }
        chunkBegun = true;
        final String line = HttpHead.readLine(in, most);
        if (line == null) {
            throw new EOFException("a chunked body breaks off before its end");
        }
        final int semicolon = line.indexOf(';');
        left = Long.parseLong((semicolon < 0 ? line : line.substring(0, semicolon)).strip(), 16);
        if (left == 0) {
            ended = true;
            String trailer = HttpHead.readLine(in, most);
            while (trailer != null && !trailer.isEmpty()) {
                trailer = HttpHead.readLine(in, most);
            }
        }
    }

    /** Frames what is written as this body was framed. Closing it ends the body, not what is below. */
    OutputStream reframed(final OutputStream out) {
        return framing == Framing.CHUNKED ? new Chunks(out) : new Plain(out);
    }

    /** Bytes as they are. */
    private static final class Plain extends OutputStream {
        private final OutputStream out;

        Plain(final OutputStream out) {
            this.out = out;
        }

        @Override
        public void write(final int b) throws IOException {
            out.write(b);
        }

        @Override
        public void write(final byte[] bytes, final int offset, final int length) throws IOException {
            out.write(bytes, offset, length);
        }

        @Override
        public void flush() throws IOException {
            out.flush();
        }

        @Override
        public void close() throws IOException {
            out.flush();
        }
    }

    /** One chunk each write. */
    private static final class Chunks extends OutputStream {
        private final OutputStream out;

        Chunks(final OutputStream out) {
            this.out = out;
        }

        @Override
        public void write(final int b) throws IOException {
            write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(final byte[] bytes, final int offset, final int length) throws IOException {
            if (length > 0) {
                out.write((Integer.toHexString(length) + "\r\n").getBytes(StandardCharsets.ISO_8859_1));
                out.write(bytes, offset, length);
                out.write('\r');
                out.write('\n');
            }
        }

        @Override
        public void flush() throws IOException {
            out.flush();
        }

        @Override
        public void close() throws IOException {
            out.write("0\r\n\r\n".getBytes(StandardCharsets.ISO_8859_1));
            out.flush();
        }
    }
}
