package dev.firn.s3tier.crt;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertPathValidatorException;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;

/**
 * Asks a server for its certificate before the CRT does: once, by the JDK's TLS. The CRT's TLS keeps silent for 10 to 30 seconds
 * when a handshake fails (s2n's blinding, against attacks that measure time), holds its connection as long, and says nothing
 * of the reason; by then the call has timed out.
 *
 * <p>Only what is certain stops an attempt: nobody trusted has signed the certificate, it is for another name, or its time is over, or
 * the server does not speak TLS. All else the CRT finds out. It trusts and verifies by itself, whatever is found here.
 */
final class TlsProbe implements AutoCloseable {
    private static final int TIMEOUT_MS = 5_000;
    private static final int HTTPS_PORT = 443;

    /** Where the CRT looks for the authorities that the host trusts (aws-c-io, aws_determine_default_pki_ca_file). */
    private static final List<Path> HOST_FILES = List.of(
            Path.of("/etc/ssl/certs/ca-certificates.crt"),
            Path.of("/etc/pki/tls/certs/ca-bundle.crt"),
            Path.of("/etc/ssl/ca-bundle.pem"),
            Path.of("/etc/pki/tls/cacert.pem"),
            Path.of("/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem"),
            Path.of("/etc/ssl/cert.pem"));

    private final URI server;
    private final Path authorities;

    /** Guarded by this object's monitor: the one that runs, or has succeeded; null before, and after a failure. */
    private CompletableFuture<Void> verdict;

    private Socket socket;
    private boolean closed;

    /** What makes a connection impossible, in a sentence. */
    static final class UntrustedServerException extends Exception {
        private static final long serialVersionUID = 1L;

        UntrustedServerException(final String message, final Throwable cause) {
            super(message, cause);
        }
    }

    private TlsProbe(final URI server, final Path authorities) {
        this.server = server;
        this.authorities = authorities;
    }

    /** Null where there is nothing to ask: no TLS, no verification, or a proxy on the way. */
    static TlsProbe of(final CrtConfig config, final Addressing addressing) {
        final boolean direct = config.proxy() instanceof CrtProxy.None
                || (config.proxy() instanceof CrtProxy.FromEnvironment
                        && System.getenv("HTTPS_PROXY") == null
                        && System.getenv("https_proxy") == null);
        final Path authorities = config.caFile() == null ? hostFile() : config.caFile();
        return addressing.isTls() && config.verifyTls() && direct && authorities != null
                ? new TlsProbe(addressing.connectTo(), authorities)
                : null;
    }

    /** Completes when nothing speaks against connecting, or with {@link UntrustedServerException}. */
    synchronized CompletableFuture<Void> verdict() {
        if (verdict == null) {
            final CompletableFuture<Void> asked = new CompletableFuture<>();
            verdict = asked;
            Thread.ofVirtual().name("firn-tls-probe").start(() -> ask(asked));
        }
        return verdict;
    }

    @Override
    public synchronized void close() {
        closed = true;
        closeQuietly(socket);
    }

    private void ask(final CompletableFuture<Void> asked) {
        try {
            shakeHands();
        } catch (final SSLException e) {
            final String reason = reasonOf(e);
            if (reason != null) {
                synchronized (this) {
                    // The next attempt asks anew: the server may have been mended.
                    verdict = null;
                }
                asked.completeExceptionally(new UntrustedServerException(reason, e));
                return;
            }
        } catch (final IOException | GeneralSecurityException | RuntimeException _) {
            // The CRT will meet it, too, and says it.
        }
        asked.complete(null);
    }

    private void shakeHands() throws IOException, GeneralSecurityException {
        final SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trust().getTrustManagers(), null);
        try (Socket plain = track(new Socket())) {
            plain.connect(
                    new InetSocketAddress(server.getHost(), server.getPort() < 0 ? HTTPS_PORT : server.getPort()),
                    TIMEOUT_MS);
            plain.setSoTimeout(TIMEOUT_MS);
            try (SSLSocket tls = (SSLSocket)
                    context.getSocketFactory().createSocket(plain, server.getHost(), plain.getPort(), true)) {
                final SSLParameters parameters = tls.getSSLParameters();
                parameters.setEndpointIdentificationAlgorithm("HTTPS");
                tls.setSSLParameters(parameters);
                tls.startHandshake();
            }
        }
    }

    private synchronized Socket track(final Socket opened) throws IOException {
        socket = opened;
        if (closed) {
            opened.close();
        }
        return opened;
    }

    private TrustManagerFactory trust() throws IOException, GeneralSecurityException {
        final KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        try (InputStream in = Files.newInputStream(authorities)) {
            int number = 0;
            for (final Certificate each :
                    CertificateFactory.getInstance("X.509").generateCertificates(in)) {
                store.setCertificateEntry("authority-" + number++, each);
            }
        }
        final TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(store);
        return factory;
    }

    /** Null when the JDK's TLS may only be stricter than the CRT's, or failed in another way. */
    private String reasonOf(final SSLException failure) {
        if (String.valueOf(failure.getMessage()).contains("Unsupported or unrecognized SSL message")) {
            return "what listens at " + server + " does not speak TLS; if it speaks HTTP, write http";
        }
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof final CertPathValidatorException path
                    && path.getReason() == CertPathValidatorException.BasicReason.ALGORITHM_CONSTRAINED) {
                return null;
            }
        }
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof CertificateException
                    || cause instanceof CertPathBuilderException
                    || cause instanceof CertPathValidatorException) {
                return "the certificate of " + server
                        + " is not trusted; name the authority that signed it by the setting ca" + " (now "
                        + authorities + ": " + cause.getMessage() + ")";
            }
        }
        return null;
    }

    private static Path hostFile() {
        for (final Path file : HOST_FILES) {
            if (Files.isReadable(file)) {
                return file;
            }
        }
        return null;
    }

    private static void closeQuietly(final Socket open) {
        try {
            if (open != null) {
                open.close();
            }
        } catch (final IOException _) {
            // It is gone all the same.
        }
    }
}
