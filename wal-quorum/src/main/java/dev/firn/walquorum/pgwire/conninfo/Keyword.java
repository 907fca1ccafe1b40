package dev.firn.walquorum.pgwire.conninfo;

import java.util.Arrays;
import java.util.Locale;

/** The keywords of libpq 17 (PQconninfoOptions of fe-connect.c), and what becomes of each here. */
enum Keyword {
    HOST("PGHOST"),
    HOSTADDR("PGHOSTADDR"),
    PORT("PGPORT"),
    USER("PGUSER"),
    PASSWORD("PGPASSWORD"),
    PASSFILE("PGPASSFILE"),
    DBNAME("PGDATABASE"),
    OPTIONS("PGOPTIONS"),
    APPLICATION_NAME("PGAPPNAME"),
    FALLBACK_APPLICATION_NAME(null),
    CONNECT_TIMEOUT("PGCONNECT_TIMEOUT"),
    KEEPALIVES(null),
    KEEPALIVES_IDLE(null),
    KEEPALIVES_INTERVAL(null),
    KEEPALIVES_COUNT(null),
    SSLMODE("PGSSLMODE"),
    SSLROOTCERT("PGSSLROOTCERT"),
    SSLCERT("PGSSLCERT"),
    SSLKEY("PGSSLKEY"),
    SSLSNI("PGSSLSNI"),
    SSL_MIN_PROTOCOL_VERSION("PGSSLMINPROTOCOLVERSION"),
    SSL_MAX_PROTOCOL_VERSION("PGSSLMAXPROTOCOLVERSION"),
    CHANNEL_BINDING("PGCHANNELBINDING"),
    REQUIREPEER("PGREQUIREPEER"),
    TARGET_SESSION_ATTRS("PGTARGETSESSIONATTRS"),

    // Taken as far as they ask for what is done anyway.
    CLIENT_ENCODING("PGCLIENTENCODING", "auto", "utf8", "utf-8", "unicode"),
    GSSENCMODE("PGGSSENCMODE", "disable", "prefer"),
    LOAD_BALANCE_HOSTS("PGLOADBALANCEHOSTS", "disable"),
    SSLCOMPRESSION("PGSSLCOMPRESSION", "0"),
    SSLNEGOTIATION("PGSSLNEGOTIATION", "postgres"),
    SSLCERTMODE("PGSSLCERTMODE", "allow"),
    GSSDELEGATION("PGGSSDELEGATION", "0"),
    REPLICATION(null, "true", "on", "yes", "1"),

    // Would change what a connection does, and do not here.
    SERVICE("PGSERVICE", Keyword.nothing()),
    SSLPASSWORD(null, Keyword.nothing()),
    SSLCRL("PGSSLCRL", Keyword.nothing()),
    SSLCRLDIR("PGSSLCRLDIR", Keyword.nothing()),
    REQUIRE_AUTH("PGREQUIREAUTH", Keyword.nothing()),
    TCP_USER_TIMEOUT(null, Keyword.nothing()),

    // Of Kerberos, which is refused when a server asks for it.
    KRBSRVNAME("PGKRBSRVNAME"),
    GSSLIB("PGGSSLIB");

    private final String variable;
    private final String[] onlyValues;

    Keyword(final String variable) {
        this.variable = variable;
        this.onlyValues = null;
    }

    Keyword(final String variable, final String... onlyValues) {
        this.variable = variable;
        this.onlyValues = onlyValues;
    }

    private static String[] nothing() {
        return new String[0];
    }

    /** Null for none of that name. */
    static Keyword of(final String text) {
        for (final Keyword keyword : values()) {
            if (keyword.text().equals(text)) {
                return keyword;
            }
        }
        return null;
    }

    String text() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The environment variable that stands in for it; null for none. */
    String variable() {
        return variable;
    }

    boolean isSecret() {
        return this == PASSWORD || this == SSLPASSWORD;
    }

    void check(final String value) {
        if (onlyValues == null || value.isEmpty()) {
            return;
        }
        if (onlyValues.length == 0) {
            throw new ConnInfoException("the connection parameter " + text() + " is not supported here: leave it out");
        }
        if (!Arrays.asList(onlyValues).contains(value.toLowerCase(Locale.ROOT))) {
            throw new ConnInfoException("the connection parameter " + text() + " can only be "
                    + String.join(" or ", onlyValues) + " here, not " + value);
        }
    }
}
