package dev.firn.walquorum.pgwire.channel;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Certificates and keys as OpenSSL keeps them in files. */
final class PemFiles {
    private static final Pattern PKCS8 =
            Pattern.compile("-----BEGIN PRIVATE KEY-----([A-Za-z0-9+/=\\s]+)-----END PRIVATE KEY-----");
    private static final List<String> KEY_ALGORITHMS = List.of("RSA", "EC", "EdDSA", "DSA");

    private PemFiles() {}

    static List<X509Certificate> certificates(final Path file, final String parameter) throws TlsRefusedException {
        try (InputStream input = Files.newInputStream(file)) {
            final List<X509Certificate> certificates = new ArrayList<>();
            CertificateFactory.getInstance("X.509")
                    .generateCertificates(input)
                    .forEach(certificate -> certificates.add((X509Certificate) certificate));
            if (certificates.isEmpty()) {
                throw new TlsRefusedException(
                        "the file " + file + " that " + parameter + " names holds no certificate", null);
            }
            return certificates;
        } catch (final IOException | CertificateException e) {
            throw new TlsRefusedException(
                    "the certificates that " + parameter + " names cannot be read from " + file + ": " + e.getMessage(),
                    e);
        }
    }

    static PrivateKey privateKey(final Path file) throws TlsRefusedException {
        try {
            if (Files.getPosixFilePermissions(file).stream()
                    .anyMatch(Set.of(
                            PosixFilePermission.OTHERS_READ,
                            PosixFilePermission.OTHERS_WRITE,
                            PosixFilePermission.GROUP_WRITE)::contains)) {
                throw new TlsRefusedException(
                        "the private key " + file + " can be read by others: chmod 0600 " + file, null);
            }
            final Matcher matcher = PKCS8.matcher(Files.readString(file));
            if (!matcher.find()) {
                throw new TlsRefusedException(
                        "the file " + file + " holds no private key in the form PKCS #8 without a passphrase: "
                                + "openssl pkcs8 -topk8 -nocrypt -in " + file + " makes one",
                        null);
            }
            return decode(Base64.getMimeDecoder().decode(matcher.group(1)), file);
        } catch (final IOException e) {
            throw new TlsRefusedException("the private key " + file + " cannot be read: " + e.getMessage(), e);
        }
    }

    private static PrivateKey decode(final byte[] encoded, final Path file) throws TlsRefusedException {
        GeneralSecurityException last = null;
        for (final String algorithm : KEY_ALGORITHMS) {
            try {
                return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(encoded));
            } catch (final GeneralSecurityException e) {
                last = e;
            }
        }
        throw new TlsRefusedException("the private key in " + file + " is of a kind that Java does not know", last);
    }
}
