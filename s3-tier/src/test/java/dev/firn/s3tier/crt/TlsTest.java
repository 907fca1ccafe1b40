package dev.firn.s3tier.crt;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.s3tier.backend.AttemptRequest.GetRange;
import dev.firn.s3tier.backend.AttemptResult.AttemptFailed;
import dev.firn.s3tier.backend.AttemptResult.RangeRead;
import dev.firn.s3tier.store.FailureKind;
import dev.firn.s3tier.store.WriteStamp;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** TLS with an authority of one's own. */
class TlsTest {
    private static final char[] PASSWORD = "changeit".toCharArray();

    private static Path directory;
    private static Path certificate;
    private static Path otherCertificate;
    private static SSLContext tls;

    @BeforeAll
    static void makeKeys(@TempDir final Path temporary) throws Exception {
        directory = temporary;
        certificate = makeKey("server");
        otherCertificate = makeKey("other");
        final KeyStore store = read("server");
        final KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(store, PASSWORD);
        tls = SSLContext.getInstance("TLS");
        tls.init(keys.getKeyManagers(), null, null);
    }

    @Test
    void shouldTrustTheAuthorityThatIsNamed() throws IOException {
        try (WireServer server = start();
                AttemptRunner runner = AttemptRunner.on(server, config -> config.caFile(certificate));
                Arena arena = Arena.ofShared()) {
            final byte[] object = RangedReadTest.object(3_000_000);
            final MemorySegment buffer = arena.allocate(object.length);
            assertThat(runner.run(new GetRange("k", 0, buffer, null)))
                    .isEqualTo(new RangeRead(object.length, object.length, "\"v1\"", WriteStamp.NONE));
            assertThat(buffer.mismatch(MemorySegment.ofArray(object))).isEqualTo(-1);
        }
    }

    @Test
    void shouldTrustAnybodyWhenToldTo() throws IOException {
        try (WireServer server = start();
                AttemptRunner runner = AttemptRunner.on(server, config -> config.verifyTls(false));
                Arena arena = Arena.ofShared()) {
            assertThat(runner.run(new GetRange("k", 0, arena.allocate(10), null)))
                    .isInstanceOf(RangeRead.class);
        }
    }

    @Test
    void shouldNameTheSettingWhenTheCertificateIsNotTrusted() throws IOException {
        for (final Path ca : new Path[] {null, otherCertificate}) {
            try (WireServer server = start();
                    AttemptRunner runner = AttemptRunner.on(server, config -> config.caFile(ca));
                    Arena arena = Arena.ofShared()) {
                final AttemptFailed failed =
                        RangedReadTest.failed(runner.run(new GetRange("k", 0, arena.allocate(10), null)));
                assertThat(failed.kind()).isEqualTo(FailureKind.UNREACHABLE);
                assertThat(failed.message()).contains("by the setting ca");
                assertThat(server.seen()).isEmpty();
            }
        }
    }

    @Test
    void shouldSayWhatToDoWhenTheServerSpeaksTheOtherProtocol() throws Exception {
        final byte[] refusal = "HTTP/1.1 400 Bad Request\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
        try (ServerSocket listener = new ServerSocket(0, 8, InetAddress.getLoopbackAddress());
                AttemptRunner runner = new AttemptRunner(WireErrorTest.local(listener.getLocalPort(), "https"));
                Arena arena = Arena.ofShared()) {
            final Thread server = Thread.ofVirtual().start(() -> {
                try (Socket socket = listener.accept()) {
                    socket.getInputStream().readNBytes(16);
                    socket.getOutputStream().write(refusal);
                    socket.shutdownOutput();
                    socket.getInputStream().transferTo(OutputStream.nullOutputStream());
                } catch (final IOException _) {
                    // The client is not interested.
                }
            });
            final AttemptFailed failed =
                    RangedReadTest.failed(runner.run(new GetRange("k", 0, arena.allocate(10), null)));
            assertThat(failed.kind()).isEqualTo(FailureKind.UNREACHABLE);
            assertThat(failed.message()).contains("does not speak TLS").contains("write http");
            server.join();
        }
    }

    private static WireServer start() throws IOException {
        final byte[] object = RangedReadTest.object(3_000_000);
        return WireServer.startOn(
                tls.getServerSocketFactory().createServerSocket(0, 16, InetAddress.getLoopbackAddress()),
                "https",
                request -> RangedReadTest.ranged(request, object));
    }

    private static Path makeKey(final String name) throws Exception {
        final Process keytool = new ProcessBuilder(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString(),
                        "-genkeypair",
                        "-alias",
                        "key",
                        "-keyalg",
                        "EC",
                        "-dname",
                        "CN=" + name,
                        "-ext",
                        "SAN=ip:127.0.0.1",
                        "-ext",
                        "BC=ca:true",
                        "-storetype",
                        "PKCS12",
                        "-storepass",
                        new String(PASSWORD),
                        "-keystore",
                        directory.resolve(name).toString()))
                .redirectErrorStream(true)
                .start();
        final String said = new String(keytool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(keytool.waitFor(30, TimeUnit.SECONDS)).as(said).isTrue();
        assertThat(keytool.exitValue()).as(said).isZero();
        final String pem = "-----BEGIN CERTIFICATE-----\n"
                + Base64.getMimeEncoder()
                        .encodeToString(read(name).getCertificate("key").getEncoded())
                + "\n-----END CERTIFICATE-----\n";
        return Files.writeString(directory.resolve(name + ".pem"), pem);
    }

    private static KeyStore read(final String name) throws IOException, GeneralSecurityException {
        final KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(directory.resolve(name))) {
            store.load(in, PASSWORD);
        }
        return store;
    }
}
