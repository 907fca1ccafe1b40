package dev.firn.walquorum.pgwire.conninfo;

/** Whether SCRAM's proof is bound to the TLS connection, so that nobody can stand between. */
public enum ChannelBinding {
    DISABLE("disable"),
    PREFER("prefer"),
    REQUIRE("require");

    private final String text;

    ChannelBinding(final String text) {
        this.text = text;
    }

    @Override
    public String toString() {
        return text;
    }
}
