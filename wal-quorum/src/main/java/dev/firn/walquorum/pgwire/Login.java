package dev.firn.walquorum.pgwire;

import dev.firn.walquorum.pgwire.auth.LoginException;
import dev.firn.walquorum.pgwire.auth.Md5Password;
import dev.firn.walquorum.pgwire.auth.ScramLogin;
import dev.firn.walquorum.pgwire.conninfo.ChannelBinding;
import dev.firn.walquorum.pgwire.conninfo.ConnInfo;
import dev.firn.walquorum.pgwire.conninfo.ConnInfoException;
import dev.firn.walquorum.pgwire.conninfo.ServerHost;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;

/** The start of a session: the start-up message, authentication, and what the server reports until it is ready. */
final class Login {
    private static final int PROTOCOL_3_0 = 3 << 16;
    private static final String REPLICATION_DATABASE = "replication";

    // The codes of an Authentication message: libpq/protocol.h.
    private static final int OK = 0;
    private static final int CLEARTEXT_PASSWORD = 3;
    private static final int MD5_PASSWORD = 5;
    private static final int GSS = 7;
    private static final int SSPI = 9;
    private static final int SASL = 10;
    private static final int SASL_CONTINUE = 11;
    private static final int SASL_FINAL = 12;

    private static final int SALT_BYTES = 4;

    private final Session session;
    private final ConnInfo info;
    private final ServerHost host;
    private final SessionKind kind;
    private ScramLogin scram;
    private boolean isAuthenticated;

    Login(final Session session, final ConnInfo info, final ServerHost host, final SessionKind kind) {
        this.session = session;
        this.info = info;
        this.host = host;
        this.kind = kind;
    }

    void run(final long deadlineNs) {
        if (info.channelBinding() == ChannelBinding.REQUIRE
                && !session.channel().isTls()) {
            throw PgwireException.refused(
                    "channel_binding=require binds SCRAM to TLS, and the connection to Postgres at " + host
                            + " has none: use sslmode=require");
        }
        session.sendRaw(startupMessage(), deadlineNs);
        while (true) {
            final Message message = session.read(deadlineNs);
            switch (message.type()) {
                case MessageType.AUTHENTICATION -> authenticate(message, deadlineNs);
                case MessageType.ERROR_RESPONSE -> {
                    final PostgresException error = session.error(message, what());
                    session.close();
                    throw error;
                }
                case MessageType.BACKEND_KEY_DATA, MessageType.NEGOTIATE_PROTOCOL_VERSION -> {
                    // Nothing is ever cancelled, and no extension was asked for.
                }
                case MessageType.READY_FOR_QUERY -> {
                    if (!isAuthenticated) {
                        throw session.unexpected(message.type());
                    }
                    return;
                }
                default -> throw session.unexpected(message.type());
            }
        }
    }

    private String what() {
        return kind == SessionKind.PHYSICAL_REPLICATION ? "a replication connection" : "a connection";
    }

    private byte[] startupMessage() {
        final ByteArrayOutputStream body = new ByteArrayOutputStream();
        put(body, "user", info.user());
        if (kind == SessionKind.PHYSICAL_REPLICATION) {
            put(body, "replication", "true");
        } else {
            put(body, "database", info.database());
        }
        put(body, "application_name", info.applicationName());
        put(body, "client_encoding", "UTF8");
        if (!info.options().isEmpty()) {
            put(body, "options", info.options());
        }
        body.write(0);
        final byte[] parameters = body.toByteArray();
        return ByteBuffer.allocate(2 * Integer.BYTES + parameters.length)
                .putInt(2 * Integer.BYTES + parameters.length)
                .putInt(PROTOCOL_3_0)
                .put(parameters)
                .array();
    }

    private static void put(final ByteArrayOutputStream body, final String name, final String value) {
        body.writeBytes((name + "\0" + value + "\0").getBytes(StandardCharsets.UTF_8));
    }

    private void authenticate(final Message message, final long deadlineNs) {
        final int code = message.takeInt();
        final boolean mustBind = info.channelBinding() == ChannelBinding.REQUIRE;
        if (mustBind && code != SASL && code != SASL_CONTINUE && code != SASL_FINAL && scram == null) {
            throw PgwireException.refused("Postgres at " + host
                    + " does not use SCRAM for this user, and channel_binding=require asks for SCRAM bound to TLS:"
                    + " let pg_hba.conf say scram-sha-256");
        }
        try {
            switch (code) {
                case OK -> {
                    if (scram != null && !scram.isProven()) {
                        throw session.violation("no proof that it knows the password, as SCRAM has it");
                    }
                    isAuthenticated = true;
                }
                case CLEARTEXT_PASSWORD -> sendPassword(password(), deadlineNs);
                case MD5_PASSWORD ->
                    sendPassword(
                            Md5Password.answer(info.user(), password(), message.takeBytes(SALT_BYTES)), deadlineNs);
                case SASL -> beginScram(message, mustBind, deadlineNs);
                case SASL_CONTINUE ->
                    session.send(MessageType.PASSWORD, requireScram().next(message.takeRest()), deadlineNs);
                case SASL_FINAL -> requireScram().finish(message.takeRest());
                case GSS, SSPI ->
                    throw PgwireException.refused("Postgres at " + host
                            + " wants Kerberos for this user, which is not supported: let pg_hba.conf say scram-sha-256"
                            + " for it");
                default -> throw session.violation("authentication request " + code + ", which nobody knows");
            }
        } catch (final LoginException e) {
            throw PgwireException.refused("authentication with Postgres at " + host + " failed: " + e.getMessage(), e);
        }
    }

    private ScramLogin requireScram() {
        if (scram == null) {
            throw session.violation("a step of SASL that was not begun");
        }
        return scram;
    }

    private void beginScram(final Message message, final boolean mustBind, final long deadlineNs)
            throws LoginException {
        final List<String> mechanisms = new ArrayList<>();
        for (String mechanism = message.takeString(); !mechanism.isEmpty(); mechanism = message.takeString()) {
            mechanisms.add(mechanism);
        }
        final X509Certificate certificate = info.channelBinding() == ChannelBinding.DISABLE
                ? null
                : session.channel().peerCertificate();
        scram = ScramLogin.begin(mechanisms, password(), certificate);
        if (mustBind && !scram.isBound()) {
            throw PgwireException.refused(
                    "Postgres at " + host
                            + " offers no SCRAM bound to TLS, and channel_binding=require asks for it: somebody may stand between");
        }
        final byte[] name = (scram.mechanism() + "\0").getBytes(StandardCharsets.UTF_8);
        final byte[] first = scram.first();
        session.send(
                MessageType.PASSWORD,
                ByteBuffer.allocate(name.length + Integer.BYTES + first.length)
                        .put(name)
                        .putInt(first.length)
                        .put(first)
                        .array(),
                deadlineNs);
    }

    private void sendPassword(final String password, final long deadlineNs) {
        session.send(MessageType.PASSWORD, (password + "\0").getBytes(StandardCharsets.UTF_8), deadlineNs);
    }

    private String password() {
        final String database = kind == SessionKind.PHYSICAL_REPLICATION ? REPLICATION_DATABASE : info.database();
        try {
            return info.password(host, database)
                    .orElseThrow(() -> PgwireException.refused("Postgres at " + host + " wants a password for "
                            + info.user() + ", and there is none: put it into the connection string, PGPASSWORD, or "
                            + info.passFile()));
        } catch (final ConnInfoException e) {
            throw PgwireException.refused(e.getMessage(), e);
        }
    }
}
