package dev.firn.s3tier.crt;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The far end of {@link CopyMeasurement}, in a process of its own so that its time is not counted: an object of 1 GiB of zeros
 * under every key, and bodies that are read and dropped. Costs as little as a server can.
 */
final class CopyServer {
    private static final long OBJECT_BYTES = 1L << 30;
    private static final int BUFFER_BYTES = 1 << 20;
    private static final Pattern RANGE = Pattern.compile("range: bytes=(\\d+)-(\\d+)");
    private static final Pattern LENGTH = Pattern.compile("content-length: (\\d+)");

    private final SocketChannel channel;
    private final ByteBuffer in = ByteBuffer.allocateDirect(BUFFER_BYTES).limit(0);
    private final ByteBuffer out = ByteBuffer.allocateDirect(BUFFER_BYTES);

    private CopyServer(final SocketChannel channel) {
        this.channel = channel;
    }

    /** Prints its port, and serves until it is killed, or standard input ends. */
    static void main() throws IOException {
        final ServerSocketChannel listener =
                ServerSocketChannel.open().bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        System.out.println(listener.socket().getLocalPort());
        Thread.ofPlatform().daemon().start(() -> {
            try {
                while (true) {
                    final CopyServer server = new CopyServer(listener.accept());
                    Thread.ofPlatform().daemon().start(server::serve);
                }
            } catch (final IOException e) {
                throw new IllegalStateException(e);
            }
        });
        while (System.in.read() >= 0) {
            continue;
        }
    }

    private void serve() {
        try (channel) {
            channel.socket().setTcpNoDelay(true);
            for (String head = readHead(); head != null; head = readHead()) {
                final Matcher length = LENGTH.matcher(head);
                drop(length.find() ? Long.parseLong(length.group(1)) : 0);
                final Matcher range = RANGE.matcher(head);
                if (range.find()) {
                    send(Long.parseLong(range.group(1)), Math.min(OBJECT_BYTES - 1, Long.parseLong(range.group(2))));
                } else {
                    send("HTTP/1.1 200 OK\r\nETag: \"e\"\r\nContent-Length: 0\r\n\r\n", 0);
                }
            }
        } catch (final IOException _) {
            // The client has gone.
        }
    }

    private String readHead() throws IOException {
        final StringBuilder head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            if (!in.hasRemaining() && !refill(BUFFER_BYTES)) {
                return null;
            }
            head.append((char) in.get());
        }
        return head.toString().toLowerCase(Locale.ROOT);
    }

    private void drop(final long length) throws IOException {
        for (long left = length; left > 0; ) {
            if (!in.hasRemaining() && !refill(left)) {
                return;
            }
            final int taken = (int) Math.min(left, in.remaining());
            in.position(in.position() + taken);
            left -= taken;
        }
    }

    private boolean refill(final long most) throws IOException {
        in.clear().limit((int) Math.min(most, BUFFER_BYTES));
        final int count = channel.read(in);
        in.flip();
        return count > 0;
    }

    private void send(final long first, final long last) throws IOException {
        final long length = last - first + 1;
        send(
                "HTTP/1.1 206 Partial Content\r\nETag: \"e\"\r\nContent-Range: bytes " + first + "-" + last + "/"
                        + OBJECT_BYTES + "\r\nContent-Length: " + length + "\r\n\r\n",
                length);
    }

    private void send(final String head, final long body) throws IOException {
        out.clear().put(head.getBytes(StandardCharsets.US_ASCII));
        long left = body;
        final int withHead = (int) Math.min(left, out.remaining());
        out.position(out.position() + withHead).flip();
        write();
        for (left -= withHead; left > 0; left -= out.limit()) {
            out.clear().limit((int) Math.min(left, BUFFER_BYTES));
            write();
        }
    }

    private void write() throws IOException {
        while (out.hasRemaining()) {
            channel.write(out);
        }
    }
}
