package dev.firn.walquorum.pgwire;

/** The types of messages: libpq/protocol.h. */
final class MessageType {
    static final byte AUTHENTICATION = 'R';
    static final byte BACKEND_KEY_DATA = 'K';
    static final byte COMMAND_COMPLETE = 'C';
    static final byte COPY_BOTH_RESPONSE = 'W';
    static final byte COPY_DATA = 'd';
    static final byte COPY_DONE = 'c';
    static final byte COPY_IN_RESPONSE = 'G';
    static final byte COPY_OUT_RESPONSE = 'H';
    static final byte DATA_ROW = 'D';
    static final byte EMPTY_QUERY_RESPONSE = 'I';
    static final byte ERROR_RESPONSE = 'E';
    static final byte NEGOTIATE_PROTOCOL_VERSION = 'v';
    static final byte NOTICE_RESPONSE = 'N';
    static final byte NOTIFICATION_RESPONSE = 'A';
    static final byte PARAMETER_STATUS = 'S';
    static final byte READY_FOR_QUERY = 'Z';
    static final byte ROW_DESCRIPTION = 'T';

    /** Of the client: a password, or a step of SASL. */
    static final byte PASSWORD = 'p';

    static final byte QUERY = 'Q';
    static final byte TERMINATE = 'X';

    /** Type and length. */
    static final int HEAD_BYTES = 1 + Integer.BYTES;

    private MessageType() {}

    static String show(final byte type) {
        return type > ' ' && type < 0x7F ? "'" + (char) type + "'" : "0x" + Integer.toHexString(type & 0xFF);
    }
}
