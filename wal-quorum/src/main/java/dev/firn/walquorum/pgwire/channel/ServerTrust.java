package dev.firn.walquorum.pgwire.channel;

import java.net.Socket;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;

/** Judges the server's certificate, and keeps the reason when it is not good enough, as a sentence. */
final class ServerTrust extends X509ExtendedTrustManager {
    private static final X509Certificate[] NONE = new X509Certificate[0];

    private final X509ExtendedTrustManager chains;
    private final boolean checksName;
    private final String roots;
    private String refusal;

    /**
     * @param chains     null to take any certificate.
     * @param checksName whether it must be made for the host; the engine knows its name.
     * @param roots      how a sentence calls those who are trusted.
     */
    ServerTrust(final X509ExtendedTrustManager chains, final boolean checksName, final String roots) {
        this.chains = chains;
        this.checksName = checksName;
        this.roots = roots;
    }

    /** Null while it has refused nothing. */
    String refusal() {
        return refusal;
    }

    @Override
    public void checkServerTrusted(final X509Certificate[] chain, final String type, final SSLEngine engine)
            throws CertificateException {
        if (chains == null) {
            return;
        }
        try {
            chains.checkServerTrusted(chain, type);
        } catch (final CertificateException e) {
            refusal = "its certificate, of " + chain[0].getSubjectX500Principal() + ", is not vouched for by " + roots
                    + " (" + e.getMessage() + "): let sslrootcert name the authority that signed it";
            throw e;
        }
        if (checksName) {
            try {
                chains.checkServerTrusted(chain, type, engine);
            } catch (final CertificateException e) {
                refusal = "its certificate is for another host (" + e.getMessage()
                        + "): connect under a name that it is made for, or use sslmode=verify-ca";
                throw e;
            }
        }
    }

    @Override
    public void checkServerTrusted(final X509Certificate[] chain, final String type) throws CertificateException {
        throw new CertificateException("only engines are used");
    }

    @Override
    public void checkServerTrusted(final X509Certificate[] chain, final String type, final Socket socket)
            throws CertificateException {
        throw new CertificateException("only engines are used");
    }

    @Override
    public void checkClientTrusted(final X509Certificate[] chain, final String type) throws CertificateException {
        throw new CertificateException("this is a client");
    }

    @Override
    public void checkClientTrusted(final X509Certificate[] chain, final String type, final Socket socket)
            throws CertificateException {
        throw new CertificateException("this is a client");
    }

    @Override
    public void checkClientTrusted(final X509Certificate[] chain, final String type, final SSLEngine engine)
            throws CertificateException {
        throw new CertificateException("this is a client");
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
        return chains == null ? NONE : chains.getAcceptedIssuers();
    }
}
