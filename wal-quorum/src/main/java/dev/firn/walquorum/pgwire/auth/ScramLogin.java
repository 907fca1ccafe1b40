package dev.firn.walquorum.pgwire.auth;

import com.ongres.scram.client.ScramClient;
import com.ongres.scram.common.StringPreparation;
import com.ongres.scram.common.exception.ScramException;
import com.ongres.scram.common.util.TlsServerEndpoint;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.util.List;

/**
 * One exchange of SCRAM-SHA-256, or -PLUS where TLS and the server allow it. The server proves that it knows the password, too:
 * until {@link #isProven} nothing that it says is to be believed.
 */
public final class ScramLogin {
    private static final String PLUS = "SCRAM-SHA-256-PLUS";
    private static final String PLAIN = "SCRAM-SHA-256";

    private final ScramClient client;
    private boolean isProven;

    private ScramLogin(final ScramClient client) {
        this.client = client;
    }

    /**
     * @param mechanisms  what the server offers.
     * @param certificate the server's; null without TLS, or when binding is not wanted.
     */
    public static ScramLogin begin(
            final List<String> mechanisms, final String password, final X509Certificate certificate)
            throws LoginException {
        if (!mechanisms.contains(PLAIN) && !mechanisms.contains(PLUS)) {
            throw new LoginException(
                    "the server wants one of " + mechanisms + " for authentication, and " + PLAIN
                            + " is what can be done",
                    null);
        }
        try {
            // Postgres takes the name of the start-up message, and ignores this one.
            final ScramClient.FinalBuildStage builder = ScramClient.builder()
                    .advertisedMechanisms(certificate == null ? List.of(PLAIN) : mechanisms)
                    .username("*")
                    .password(password.toCharArray())
                    .stringPreparation(StringPreparation.POSTGRESQL_PREPARATION);
            if (certificate != null) {
                builder.channelBinding(
                        TlsServerEndpoint.TLS_SERVER_END_POINT, TlsServerEndpoint.getChannelBindingData(certificate));
            }
            return new ScramLogin(builder.build());
        } catch (final CertificateEncodingException | IllegalArgumentException e) {
            throw new LoginException("SCRAM cannot begin: " + e.getMessage(), e);
        }
    }

    public String mechanism() {
        return client.getScramMechanism().getName();
    }

    /** Whether it is bound to the TLS connection. */
    public boolean isBound() {
        return PLUS.equals(mechanism());
    }

    public byte[] first() {
        return bytes(client.clientFirstMessage().toString());
    }

    /** The answer to AuthenticationSASLContinue. */
    public byte[] next(final byte[] serverFirst) throws LoginException {
        try {
            client.serverFirstMessage(new String(serverFirst, StandardCharsets.UTF_8));
            return bytes(client.clientFinalMessage().toString());
        } catch (final ScramException | IllegalArgumentException | IllegalStateException e) {
            throw new LoginException("the server's SCRAM challenge makes no sense: " + e.getMessage(), e);
        }
    }

    /** Takes AuthenticationSASLFinal, and checks that the server knows the password. */
    public void finish(final byte[] serverFinal) throws LoginException {
        try {
            client.serverFinalMessage(new String(serverFinal, StandardCharsets.UTF_8));
            isProven = true;
        } catch (final ScramException | IllegalArgumentException | IllegalStateException e) {
            throw new LoginException(
                    "the server does not prove that it knows the password, and may be somebody else: " + e.getMessage(),
                    e);
        }
    }

    public boolean isProven() {
        return isProven;
    }

    private static byte[] bytes(final String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
