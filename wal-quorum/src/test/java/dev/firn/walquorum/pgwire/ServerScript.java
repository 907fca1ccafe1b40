package dev.firn.walquorum.pgwire;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/** What a server says, written down byte by byte, apart from the code that reads it. */
final class ServerScript {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    byte[] bytes() {
        return bytes.toByteArray();
    }

    ServerScript raw(final int... values) {
        for (final int value : values) {
            bytes.write(value);
        }
        return this;
    }

    ServerScript message(final char type, final byte[]... parts) {
        int length = Integer.BYTES;
        for (final byte[] part : parts) {
            length += part.length;
        }
        bytes.write(type);
        bytes.writeBytes(int32(length));
        for (final byte[] part : parts) {
            bytes.writeBytes(part);
        }
        return this;
    }

    // --- the start of a session ---------------------------------------------------------------------------------

    ServerScript authentication(final int code, final byte[]... more) {
        final ByteArrayOutputStream body = new ByteArrayOutputStream();
        for (final byte[] part : more) {
            body.writeBytes(part);
        }
        return message('R', int32(code), body.toByteArray());
    }

    ServerScript parameter(final String name, final String value) {
        return message('S', text(name), text(value));
    }

    ServerScript ready() {
        return message('Z', new byte[] {'I'});
    }

    /** Everything until it is ready, without a password. */
    ServerScript login(final String version) {
        return authentication(0)
                .parameter("server_version", version)
                .parameter("in_hot_standby", "off")
                .message('K', int32(1), int32(2))
                .ready();
    }

    // --- answers ------------------------------------------------------------------------------------------------

    ServerScript error(final String severity, final String state, final String text) {
        return message(
                'E', text("S" + severity), text("V" + severity), text("C" + state), text("M" + text), new byte[1]);
    }

    ServerScript columns(final String... names) {
        final ByteArrayOutputStream body = new ByteArrayOutputStream();
        body.writeBytes(int16(names.length));
        for (final String name : names) {
            body.writeBytes(text(name));
            body.writeBytes(new byte[18]);
        }
        return message('T', body.toByteArray());
    }

    /** Null is NULL. */
    ServerScript row(final String... values) {
        final ByteArrayOutputStream body = new ByteArrayOutputStream();
        body.writeBytes(int16(values.length));
        for (final String value : values) {
            final byte[] content = value == null ? new byte[0] : value.getBytes(StandardCharsets.UTF_8);
            body.writeBytes(int32(value == null ? -1 : content.length));
            body.writeBytes(content);
        }
        return message('D', body.toByteArray());
    }

    ServerScript complete(final String tag) {
        return message('C', text(tag));
    }

    // --- streams ------------------------------------------------------------------------------------------------

    ServerScript copyBoth() {
        return message('W', new byte[3]);
    }

    ServerScript wal(final long lsn, final byte[] content) {
        return message('d', new byte[] {'w'}, int64(lsn), int64(lsn + content.length), int64(0), content);
    }

    ServerScript keepalive(final long endLsn, final boolean isReplyRequested) {
        return message('d', new byte[] {'k'}, int64(endLsn), int64(0), new byte[] {(byte) (isReplyRequested ? 1 : 0)});
    }

    /** The end of a timeline, until it is ready for the next command. */
    ServerScript endOfTimeline(final long nextTimeline, final String switchLsn) {
        return message('c')
                .columns("next_tli", "next_tli_startpos")
                .row(Long.toString(nextTimeline), switchLsn)
                .complete("START_STREAMING")
                .ready();
    }

    ServerScript baseBackup(final Map<String, byte[]> archives, final byte[] manifest) {
        columns("recptr", "tli").row("0/2000028", "1").complete("SELECT");
        columns("spcoid", "spclocation", "size").row(null, null, "1").complete("SELECT");
        message('H', new byte[3]);
        archives.forEach((name, content) -> {
            message('d', new byte[] {'n'}, text(name), text(""));
            message('d', new byte[] {'d'}, content);
            message('d', new byte[] {'p'}, int64(content.length));
        });
        message('d', new byte[] {'m'});
        message('d', new byte[] {'d'}, manifest);
        return message('c')
                .columns("recptr", "tli")
                .row("0/2000100", "1")
                .complete("SELECT")
                .complete("SELECT")
                .ready();
    }

    // --- values -------------------------------------------------------------------------------------------------

    static byte[] text(final String value) {
        return (value + "\0").getBytes(StandardCharsets.UTF_8);
    }

    static byte[] int16(final int value) {
        return ByteBuffer.allocate(Short.BYTES).putShort((short) value).array();
    }

    static byte[] int32(final int value) {
        return ByteBuffer.allocate(Integer.BYTES).putInt(value).array();
    }

    static byte[] int64(final long value) {
        return ByteBuffer.allocate(Long.BYTES).putLong(value).array();
    }
}
