package dev.firn.transport.request;

/** The status of an answer. What is below {@link #FIRST_OF_PROTOCOL} is this package's. */
public final class ResponseStatus {
    public static final int OK = 0;

    /** The server has no room for another request of this client. */
    public static final int OVERLOADED = 1;

    /** The request is longer than the server takes. */
    public static final int TOO_LONG = 2;

    /** From here on the protocol's own. */
    public static final int FIRST_OF_PROTOCOL = 16;

    /** The wire has 16 bits, of which the highest value means "none". */
    public static final int LAST_OF_PROTOCOL = 65_534;

    private ResponseStatus() {}
}
