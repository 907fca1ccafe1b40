package dev.firn.transport.authentication;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.firn.nativeio.seam.SystemRandom;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class PeerSecretTest {
    private static final String TEXT = "0123456789abcdef0123456789abcdef";

    @TempDir
    private Path directory;

    @Test
    void shouldReadTheSameWhateverEndsTheLine() throws IOException {
        final byte[] bare = hashOf(PeerSecret.read(file(TEXT, "rw-------")));

        assertThat(hashOf(PeerSecret.read(file(TEXT + "\n", "r--------")))).isEqualTo(bare);
        assertThat(hashOf(PeerSecret.read(file(TEXT + "\r\n", "rw-------")))).isEqualTo(bare);
        assertThat(hashOf(PeerSecret.of(TEXT.getBytes(StandardCharsets.US_ASCII))))
                .isEqualTo(bare);
        assertThat(hashOf(PeerSecret.read(file(TEXT + "x", "rw-------")))).isNotEqualTo(bare);
    }

    @ParameterizedTest
    @ValueSource(strings = {"rw-r-----", "rw----r--", "rw--w----", "rw-rw-rw-", "rw-----w-"})
    void shouldRefuseWhenOthersMayUseTheFile(final String mode) throws IOException {
        final Path file = file(TEXT, mode);

        assertThatIllegalArgumentException()
                .isThrownBy(() -> PeerSecret.read(file))
                .withMessage("the peer secret " + file + " has mode " + mode
                        + ": others than its owner may use it; give it mode 0600");
    }

    @Test
    void shouldRefuseInOneSentenceWhenTheFileIsNoSecret() throws IOException {
        final Path file = file(TEXT.substring(1) + "\n", "rw-------");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> PeerSecret.read(file))
                .withMessage("the peer secret " + file + " has 31 bytes; it needs 32 to 4096");
        final Path longFile = file("x".repeat(5_000), "rw-------");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> PeerSecret.read(longFile))
                .withMessageContaining("more than 4096 bytes");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> PeerSecret.read(directory.resolve("absent")))
                .withMessageEndingWith("absent does not exist");
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx------"));
        assertThatIllegalArgumentException().isThrownBy(() -> PeerSecret.read(directory));
        assertThatIllegalArgumentException().isThrownBy(() -> PeerSecret.of(new byte[31]));
    }

    @Test
    void shouldMakeAFileOnceThatOnlyItsOwnerReads() throws IOException {
        final Path file = directory.resolve("made");

        assertThat(PeerSecret.create(file, SystemRandom.secure())).isTrue();
        final String made = Files.readString(file);
        assertThat(PeerSecret.create(file, SystemRandom.secure())).isFalse();

        assertThat(Files.readString(file)).isEqualTo(made).hasSize(65);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
        assertThat(hashOf(PeerSecret.read(file))).hasSize(32);
        assertThat(directory).isDirectoryNotContaining("glob:**.new-*");
    }

    @Test
    void shouldNotShowItself() {
        assertThat(PeerSecret.of(TEXT.getBytes(StandardCharsets.US_ASCII))).hasToString("PeerSecret[not shown]");
    }

    private Path file(final String content, final String mode) throws IOException {
        final Path file = Files.createTempFile(directory, "secret", "");
        Files.writeString(file, content);
        return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(mode));
    }

    private static byte[] hashOf(final PeerSecret secret) {
        return secret.newMac().doFinal();
    }
}
