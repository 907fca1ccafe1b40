package dev.firn.server.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.nativeio.agent.IdleProfile;
import dev.firn.nativeio.seam.SystemRandom;
import dev.firn.server.CommandException;
import dev.firn.transport.aeron.DriverProfile;
import dev.firn.transport.authentication.PeerSecret;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ConfigFilesTest {
    private static final String NODE = """
            { // one of three
              "cluster": "prod",
              "directory": "node-1",
              "node": 1,
              "nodes": {"1": "10.0.0.1:7400", "2": "10.0.0.2:7400", "3": "10.0.0.3:7400",
                        "11": "10.0.0.1:7410", "16": "10.0.0.9:7400"},
              "walNodes": [1, 2, 3],
              "archiverNode": 11,
              "secretFile": "secret",
              "profile": "lowest-latency",
              "store": "s3://bucket/prefix"
            }
            """;

    @TempDir
    private Path folder;

    @BeforeEach
    void makeSecret() {
        PeerSecret.create(folder.resolve("secret"), SystemRandom.secure());
    }

    @Test
    void shouldReadAWalNodesFileWithCommentsAndPathsBelowItsFolder() throws IOException {
        final WalNodeConfig config = WalNodeConfig.read(write(NODE));
        assertThat(config.role().cluster()).isEqualTo("prod");
        assertThat(config.role().directory()).isEqualTo(folder.resolve("node-1"));
        assertThat(config.role().http().getAddress().isLoopbackAddress()).isTrue();
        assertThat(config.network().node()).isEqualTo(1);
        assertThat(config.network().walNodes()).containsExactly(1, 2, 3);
        assertThat(config.network().mediaDriver()).isEmpty();
        assertThat(config.network().profile()).isEqualTo(DriverProfile.LOWEST_LATENCY);
        assertThat(config.network().idleProfile()).isEqualTo(IdleProfile.LOWEST_LATENCY);
        assertThat(config.archiverNode()).isEqualTo(11);
        assertThat(config.store()).hasToString("s3://bucket/prefix/");
    }

    @Test
    void shouldReadAReceiversFile() throws IOException {
        final String text = NODE.replace(
                        "\"node\": 1,", "\"node\": 16, \"timeline\": \"main\", \"connInfoFile\": \"/etc/c\",")
                .replace("\"archiverNode\": 11,", "");
        final ReceiverConfig config = ReceiverConfig.read(write(text));
        assertThat(config.timeline()).isEqualTo("main");
        assertThat(config.connInfoFile()).isEqualTo(Path.of("/etc/c"));
        assertThatThrownBy(() -> ReceiverConfig.read(write(text.replace("\"node\": 16", "\"node\": 2"))))
                .hasMessageContaining("\"node\" is a WAL node's");
    }

    @Test
    void shouldNameAnUnknownKeyAndThoseThatThereAre() {
        assertThatThrownBy(() -> WalNodeConfig.read(write(NODE.replace("archiverNode", "archiveNode"))))
                .isInstanceOf(CommandException.class)
                .hasMessageContaining("lacks \"archiverNode\"");
        assertThatThrownBy(() -> WalNodeConfig.read(write(NODE.replace("\"node\": 1,", "\"node\": 1, \"nodee\": 2,"))))
                .isInstanceOf(CommandException.class)
                .hasMessageMatching(
                        ".*node.json has the key \"nodee\", which is none of role, cluster, .*store: correct or remove it");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 40, 150, 300})
    void shouldSayThatAFileEndsInTheMiddle(final int length) {
        assertThatThrownBy(() -> WalNodeConfig.read(write(NODE.substring(0, length))))
                .isInstanceOf(CommandException.class)
                .hasMessageContaining("node.json ends in the middle, at line ")
                .message()
                .doesNotContain("\n");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '\u0001',
            value = {
                "\"cluster\": \"prod\" | \"cluster\": \"Prod!\" | \"cluster\" is \"Prod!\", and must be lower case",
                "\"cluster\": \"prod\" | \"cluster\": 7 | \"cluster\" is no text",
                "\"cluster\": \"prod\" | \"role\": \"receiver\", \"cluster\": \"prod\" | is the configuration of a receiver, not of a",
                "\"node\": 1, | \"node\": 1, \"node\": 2, | node.json is not understood, at line ",
                "\"node\": 1, | \"node\": \"1\", | \"node\" is no whole number within 1..65534",
                "\"node\": 1, | \"node\": 4, | \"nodes\" has no address for this node, 4",
                "[1, 2, 3] | [1, 2, 2] | \"walNodes\" is no list of different numbers",
                "[1, 2, 3] | [1, 2, 4] | \"walNodes\" must name 1 to 7 of \"nodes\"",
                "[1, 2, 3] | [2, 3] | \"walNodes\" does not name this node, 1",
                "\"archiverNode\": 11 | \"archiverNode\": 2 | \"archiverNode\" must be one of \"nodes\" and none of",
                "\"1\": \"10.0.0.1:7400\" | \"1\": \"10.0.0.1:99999\" | node.json: ",
                "\"secret\" | \"nowhere\" | the peer secret ",
                "lowest-latency | fastest | \"profile\" does not hold: transport profile \"fastest\"",
                "s3://bucket/prefix | ftp://x | \"store\" does not hold: ",
                "\"node\": 1, | \"node\": 1, \"http\": \"0.0.0.0:80\", | \"http\" is beyond loopback, so \"httpTokenFile\"",
                "\"node\": 1, | \"node\": 1, \"http\": \"localhost:80\", | \"http\" is no numeric address",
                "\"node\": 1, | \"node\": 1, \"http\": \"80\", | \"http\" is no address such as 127.0.0.1:0",
            })
    void shouldRefuseInOneSentenceWhatDoesNotHold(final String right, final String wrong, final String sentence) {
        assertThat(NODE).contains(right.strip());
        assertThatThrownBy(() -> WalNodeConfig.read(write(NODE.replace(right.strip(), wrong.strip()))))
                .isInstanceOf(CommandException.class)
                .hasMessageContaining(sentence.strip())
                .message()
                .doesNotContain("\n");
    }

    @Test
    void shouldRefuseWhatIsNoConfiguration() throws IOException {
        for (final String text : new String[] {"", " \n", "[]", "7", "{} {}", "node: 1"}) {
            assertThatThrownBy(() -> MediaDriverConfig.read(write(text)))
                    .as(text)
                    .isInstanceOf(CommandException.class)
                    .hasMessageContaining("node.json");
        }
        assertThatThrownBy(() -> MediaDriverConfig.read(folder.resolve("nowhere.json")))
                .hasMessage("there is no file " + folder.resolve("nowhere.json")
                        + ": name the configuration with --config");
    }

    private Path write(final String text) throws IOException {
        return Files.writeString(folder.resolve("node.json"), text);
    }
}
