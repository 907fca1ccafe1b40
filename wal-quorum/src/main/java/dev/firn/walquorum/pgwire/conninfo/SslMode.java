package dev.firn.walquorum.pgwire.conninfo;

/** libpq's sslmode. Sockets of the file system never use TLS. */
public enum SslMode {
    DISABLE("disable"),
    ALLOW("allow"),
    PREFER("prefer"),
    REQUIRE("require"),
    VERIFY_CA("verify-ca"),
    VERIFY_FULL("verify-full");

    private final String text;

    SslMode(final String text) {
        this.text = text;
    }

    /** Whether a connection without TLS is none. */
    public boolean isTlsRequired() {
        return compareTo(REQUIRE) >= 0;
    }

    @Override
    public String toString() {
        return text;
    }
}
