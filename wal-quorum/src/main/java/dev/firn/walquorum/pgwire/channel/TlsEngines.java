package dev.firn.walquorum.pgwire.channel;

import dev.firn.walquorum.pgwire.conninfo.ServerHost;
import dev.firn.walquorum.pgwire.conninfo.SslMode;
import dev.firn.walquorum.pgwire.conninfo.TlsFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;

/** Makes TLS engines as libpq's parameters ask for: initialize_SSL of fe-secure-openssl.c says what each means. */
final class TlsEngines {
    private static final List<String> VERSIONS = List.of("TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3");
    private static final char[] NO_PASSWORD = new char[0];

    private TlsEngines() {}

    /** An engine, and the judge of the server's certificate. */
    record Made(SSLEngine engine, ServerTrust trust) {}

    static Made make(final SslMode mode, final TlsFiles files, final ServerHost host) throws TlsRefusedException {
        final ServerTrust trust = trust(mode, files);
        try {
            final SSLContext context = SSLContext.getInstance("TLS");
            context.init(keys(files), new TrustManager[] {trust}, null);
            final SSLEngine engine = context.createSSLEngine(host.verifiedName(), host.port());
            engine.setUseClientMode(true);
            final SSLParameters parameters = engine.getSSLParameters();
            parameters.setProtocols(
                    VERSIONS.subList(VERSIONS.indexOf(files.minProtocol()), VERSIONS.indexOf(files.maxProtocol()) + 1)
                            .toArray(String[]::new));
            if (mode == SslMode.VERIFY_FULL) {
                parameters.setEndpointIdentificationAlgorithm("HTTPS");
            }
            if (!files.sendsServerName()) {
                parameters.setServerNames(List.of());
            }
            engine.setSSLParameters(parameters);
            return new Made(engine, trust);
        } catch (final GeneralSecurityException e) {
            throw new TlsRefusedException("this Java cannot make TLS as it is asked for: " + e.getMessage(), e);
        }
    }

    private static ServerTrust trust(final SslMode mode, final TlsFiles files) throws TlsRefusedException {
        final boolean verifies = mode == SslMode.VERIFY_CA || mode == SslMode.VERIFY_FULL;
        if (files.rootCertificates() == null) {
            if (verifies) {
                throw new TlsRefusedException(
                        "sslmode=" + mode
                                + " needs the certificate of the authority that signed the server's: let sslrootcert name it,"
                                + " or put it into ~/.postgresql/root.crt",
                        null);
            }
            return new ServerTrust(null, false, "");
        }
        try {
            final boolean isSystem = files.rootCertificates() == TlsFiles.SYSTEM;
            if (!isSystem && !verifies && !Files.exists(files.rootCertificates())) {
                // As libpq: what is not there is not asked for, unless the mode says that it must be.
                return new ServerTrust(null, false, "");
            }
            final TrustManagerFactory factory =
                    TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            factory.init(isSystem ? null : roots(files));
            return new ServerTrust(
                    (X509ExtendedTrustManager) factory.getTrustManagers()[0],
                    mode == SslMode.VERIFY_FULL,
                    isSystem
                            ? "those whom Java trusts"
                            : files.rootCertificates().toString());
        } catch (final GeneralSecurityException | IOException e) {
            if (e instanceof TlsRefusedException refused) {
                throw refused;
            }
            throw new TlsRefusedException("the root certificates cannot be used: " + e.getMessage(), e);
        }
    }

    private static KeyStore roots(final TlsFiles files) throws GeneralSecurityException, IOException {
        final KeyStore store = emptyStore();
        int number = 0;
        for (final X509Certificate certificate : PemFiles.certificates(files.rootCertificates(), "sslrootcert")) {
            store.setCertificateEntry("root-" + number++, certificate);
        }
        return store;
    }

    /** Null for no certificate of our own. */
    private static KeyManager[] keys(final TlsFiles files) throws GeneralSecurityException, TlsRefusedException {
        if (files.certificate() == null) {
            return null;
        }
        if (files.key() == null) {
            throw new TlsRefusedException(
                    "the client's certificate " + files.certificate() + " is of no use without its private key:"
                            + " let sslkey name it",
                    null);
        }
        try {
            final KeyStore store = emptyStore();
            store.setKeyEntry(
                    "client",
                    PemFiles.privateKey(files.key()),
                    NO_PASSWORD,
                    PemFiles.certificates(files.certificate(), "sslcert").toArray(X509Certificate[]::new));
            final KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            factory.init(store, NO_PASSWORD);
            return factory.getKeyManagers();
        } catch (final IOException e) {
            if (e instanceof TlsRefusedException refused) {
                throw refused;
            }
            throw new TlsRefusedException("the client's certificate cannot be used: " + e.getMessage(), e);
        }
    }

    private static KeyStore emptyStore() throws GeneralSecurityException, IOException {
        final KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, NO_PASSWORD);
        return store;
    }
}
