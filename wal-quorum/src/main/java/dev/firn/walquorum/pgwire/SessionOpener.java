package dev.firn.walquorum.pgwire;

import dev.firn.walquorum.pgwire.channel.ServerChannel;
import dev.firn.walquorum.pgwire.channel.TlsRefusedException;
import dev.firn.walquorum.pgwire.conninfo.ConnInfo;
import dev.firn.walquorum.pgwire.conninfo.ServerHost;
import dev.firn.walquorum.pgwire.conninfo.SslMode;
import dev.firn.walquorum.pgwire.conninfo.TargetSession;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Finds the server among the hosts of a connection string: one host after the other, each with all its addresses, each with and
 * without TLS as sslmode has it. Names are looked up by the system, in its own time.
 */
final class SessionOpener {
    /** SSLRequest: libpq/pqcomm.h. */
    private static final int SSL_REQUEST_CODE = 1234 << 16 | 5679;

    private static final int SSL_REQUEST_BYTES = 8;

    private final ConnInfo info;
    private final PgwireConfig config;
    private final SessionKind kind;
    private final List<PgwireException> failures = new ArrayList<>();

    private SessionOpener(final ConnInfo info, final PgwireConfig config, final SessionKind kind) {
        this.info = info;
        this.config = config;
        this.kind = kind;
    }

    /** @throws PgwireException when none of the hosts will do. */
    static Session open(final ConnInfo info, final PgwireConfig config, final SessionKind kind) {
        return new SessionOpener(info, config, kind).open();
    }

    private Session open() {
        final List<TargetSession> targets = info.targetSession() == TargetSession.PREFER_STANDBY
                ? List.of(TargetSession.STANDBY, TargetSession.ANY)
                : List.of(info.targetSession());
        for (final TargetSession target : targets) {
            failures.clear();
            for (final ServerHost host : info.hosts()) {
                final Session session = tryHost(host, target);
                if (session != null) {
                    return session;
                }
            }
        }
        if (failures.size() == 1) {
            throw failures.getFirst();
        }
        final PgwireException combined = new PgwireException(
                "none of the servers takes the connection: "
                        + failures.stream().map(Throwable::getMessage).collect(Collectors.joining("; ")),
                failures.stream().anyMatch(PgwireException::isTransient));
        failures.forEach(combined::addSuppressed);
        throw combined;
    }

    /** Null when the next one is to be tried. */
    private Session tryHost(final ServerHost host, final TargetSession target) {
        final List<SocketAddress> addresses;
        try {
            addresses = addresses(host);
        } catch (final UnknownHostException e) {
            failures.add(PgwireException.lost(
                    "there is no host " + host.target() + ": the name cannot be looked up, or is wrong", e));
            return null;
        }
        for (final SocketAddress address : addresses) {
            final Session session;
            try {
                session = tryAddress(host, address);
            } catch (final PostgresException e) {
                if (!e.isTransient()) {
                    // It is the right server, and says no.
                    throw e;
                }
                failures.add(e);
                continue;
            } catch (final PgwireException e) {
                if (!e.isTransient()) {
                    throw e;
                }
                failures.add(e);
                continue;
            }
            if (isWanted(session, target)) {
                return session;
            }
            session.terminate();
            failures.add(PgwireException.lost(
                    "Postgres at " + host + " is not what target_session_attrs=" + target + " asks for"));
        }
        return null;
    }

    private static boolean isWanted(final Session session, final TargetSession target) {
        return target.accepts(
                "on".equals(session.parameter("default_transaction_read_only")),
                "on".equals(session.parameter("in_hot_standby")));
    }

    private static List<SocketAddress> addresses(final ServerHost host) throws UnknownHostException {
        if (host.isSocketDirectory()) {
            return List.of(UnixDomainSocketAddress.of(host.socketFile()));
        }
        return Arrays.stream(InetAddress.getAllByName(host.target()))
                .map(address -> (SocketAddress) new InetSocketAddress(address, host.port()))
                .toList();
    }

    private Session tryAddress(final ServerHost host, final SocketAddress address) {
        final List<Boolean> tlsChoices = tlsChoices(host);
        for (int i = 0; ; i++) {
            try {
                return dial(host, address, tlsChoices.get(i));
            } catch (final PostgresException e) {
                // pg_hba.conf may have a line for the other kind of connection only.
                if (i + 1 == tlsChoices.size() || !ServerError.INVALID_AUTHORIZATION.equals(e.sqlState())) {
                    throw e;
                }
            } catch (final TlsRefusedException e) {
                if (i + 1 == tlsChoices.size()) {
                    throw PgwireException.refused("no TLS with Postgres at " + host + ": " + e.getMessage(), e);
                }
            }
        }
    }

    /** With TLS or without, in this order. */
    private List<Boolean> tlsChoices(final ServerHost host) {
        if (host.isSocketDirectory()) {
            return List.of(false);
        }
        return switch (info.sslMode()) {
            case DISABLE -> List.of(false);
            case ALLOW -> List.of(false, true);
            case PREFER -> List.of(true, false);
            case REQUIRE, VERIFY_CA, VERIFY_FULL -> List.of(true);
        };
    }

    private Session dial(final ServerHost host, final SocketAddress address, final boolean withTls)
            throws TlsRefusedException {
        final long deadlineNs =
                config.clock().nanoTime() + info.connectTimeout().toNanos();
        final ServerChannel channel;
        try {
            channel = ServerChannel.connect(address, info.keepalives(), config.clock(), config.memory(), deadlineNs);
        } catch (final IOException e) {
            throw PgwireException.lost(
                    "Postgres at " + host + " cannot be reached: " + e.getMessage()
                            + ": does it run, and does it listen there?",
                    e);
        }
        final Session session = new Session(config, host.toString(), info.user(), channel);
        boolean isDone = false;
        try {
            requirePeer(host, channel);
            if (withTls) {
                startTls(session, host, deadlineNs);
            }
            new Login(session, info, host, kind).run(deadlineNs);
            isDone = true;
            return session;
        } catch (final TlsRefusedException e) {
            throw e;
        } catch (final IOException e) {
            throw session.lost(e);
        } finally {
            if (!isDone) {
                session.close();
            }
        }
    }

    private void requirePeer(final ServerHost host, final ServerChannel channel) throws IOException {
        if (host.isSocketDirectory() && info.requiredPeer().isPresent()) {
            final String peer = channel.peerUser();
            if (!peer.equals(info.requiredPeer().get())) {
                throw PgwireException.refused("the server at " + host + " belongs to " + peer + ", and requirepeer="
                        + info.requiredPeer().get() + " asks for another's");
            }
        }
    }

    private void startTls(final Session session, final ServerHost host, final long deadlineNs) throws IOException {
        session.sendRaw(
                ByteBuffer.allocate(SSL_REQUEST_BYTES)
                        .putInt(SSL_REQUEST_BYTES)
                        .putInt(SSL_REQUEST_CODE)
                        .array(),
                deadlineNs);
        session.await(1, deadlineNs);
        final byte answer = session.received().byteAt(0);
        session.received().consume(1);
        if (session.received().available() > 0) {
            // CVE-2021-23222: somebody between could put words into the server's mouth.
            throw session.violation("something behind its answer to the question for TLS");
        }
        switch (answer) {
            case 'S' ->
                session.channel()
                        .startTls(
                                info.sslMode(),
                                info.tlsFiles(),
                                host,
                                session.received().scratch(),
                                deadlineNs);
            case 'N' -> {
                if (info.sslMode() != SslMode.PREFER) {
                    throw PgwireException.refused("Postgres at " + host + " offers no TLS, and sslmode="
                            + info.sslMode() + " asks for it: set ssl = on there, with a certificate");
                }
            }
            default -> throw session.unexpected(answer);
        }
    }
}
