package dev.firn.transport.request;

/** Why a request has no answer. */
public enum RequestFailure {
    /** Its time is over. Whether the server has done what was asked for is not known. */
    TIMED_OUT,
    /** The server had no room for it. */
    OVERLOADED,
    /** It is longer than the server takes. */
    TOO_LONG
}
