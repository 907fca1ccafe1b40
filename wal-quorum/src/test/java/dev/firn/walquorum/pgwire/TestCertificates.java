package dev.firn.walquorum.pgwire;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/** Certificates that vouch for themselves, by the JDK's keytool. */
final class TestCertificates {
    private static final String PASSWORD = "changeit";
    private static final String ALIAS = "it";

    private TestCertificates() {}

    /** PEM texts. */
    record Pair(String certificate, String key) {}

    /**
     * @param names for the certificate, as keytool's extension takes them: {@code dns:localhost}; empty for none.
     */
    static Pair make(final Path folder, final String commonName, final String names) throws Exception {
        final Path store = Files.createTempDirectory(folder, "keys").resolve("keys.p12");
        final List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-keystore",
                store.toString(),
                "-storetype",
                "PKCS12",
                "-storepass",
                PASSWORD,
                "-alias",
                ALIAS,
                "-keyalg",
                "EC",
                "-groupname",
                "secp256r1",
                "-validity",
                "2",
                "-dname",
                "CN=" + commonName));
        if (!names.isEmpty()) {
            command.add("-ext");
            command.add("san=" + names);
        }
        final Process process =
                new ProcessBuilder(command).redirectErrorStream(true).start();
        final String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
        return read(store);
    }

    private static Pair read(final Path file) throws GeneralSecurityException, IOException {
        final KeyStore store = KeyStore.getInstance(file.toFile(), PASSWORD.toCharArray());
        final Key key = store.getKey(ALIAS, PASSWORD.toCharArray());
        return new Pair(
                pem("CERTIFICATE", store.getCertificate(ALIAS).getEncoded()), pem("PRIVATE KEY", key.getEncoded()));
    }

    private static String pem(final String kind, final byte[] content) {
        return "-----BEGIN " + kind + "-----\n" + Base64.getMimeEncoder().encodeToString(content) + "\n-----END " + kind
                + "-----\n";
    }

    /** Writes a file that only its owner can read. */
    static Path write(final Path file, final String content) throws IOException {
        Files.writeString(file, content);
        return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    }
}
