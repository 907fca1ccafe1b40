package dev.firn.transport.aeron;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.firn.transport.authentication.PeerSecret;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class AddressTableTest {
    @Test
    void shouldKeepAddressesWhenAllAreLoopbackOrIpc() {
        final AddressTable table = AddressTable.of(Map.of(0, "127.0.0.1:9000", 1, "[::1]:9001", 7, "ipc"));

        assertThat(table.nodeIds()).containsExactly(0, 1, 7);
        assertThat(table.get(0).channel()).isEqualTo("aeron:udp?endpoint=127.0.0.1:9000");
        assertThat(table.get(1)).hasToString("[0:0:0:0:0:0:0:1]:9001");
        assertThat(table.get(7).channel()).isEqualTo("aeron:ipc");
    }

    @ParameterizedTest
    @ValueSource(strings = {"10.1.2.3:9000", "192.168.0.1:1", "[2001:db8::1]:9000"})
    void shouldRefuseWhenAnAddressIsNotLoopback(final String address) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> AddressTable.of(Map.of(0, "127.0.0.1:9000", 2, address)))
                .withMessageContaining("node 2")
                .withMessageContaining("not a loopback address")
                .withMessageContaining("without a secret, peers do not authenticate");
    }

    @ParameterizedTest
    @ValueSource(strings = {"0.0.0.0:9000", "[::]:9000", "224.0.0.1:9000"})
    void shouldRefuseWhenNobodyCouldSendToAnAddress(final String address) {
        final PeerSecret secret = PeerSecret.of(new byte[PeerSecret.MIN_BYTES]);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> AddressTable.of(Map.of(2, address), secret))
                .withMessageContaining("node 2")
                .withMessageContaining("name one interface's");
    }

    @Test
    void shouldKeepAddressesBeyondLoopbackOnlyWhenThereIsASecret() {
        final AddressTable table =
                AddressTable.of(Map.of(1, "10.1.2.3:9000"), PeerSecret.of(new byte[PeerSecret.MIN_BYTES]));

        assertThat(table.get(1)).hasToString("10.1.2.3:9000");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new AeronNetwork(table, DriverChoice.embedded(DriverProfile.POWER_SAVING)))
                .withMessageContaining("node 1: 10.1.2.3:9000 is refused");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", ":", "127.0.0.1", "127.0.0.1:", ":9000", "127.0.0.1:x", "::1:9000", "IPC", "127.0.0.1:0"})
    void shouldRefuseWhenTextIsNoAddress(final String address) {
        assertThatIllegalArgumentException().isThrownBy(() -> AddressTable.of(Map.of(0, address)));
    }

    @Test
    void shouldRefuseWhenTwoNodesShareAPort() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> AddressTable.of(Map.of(0, "127.0.0.1:9000", 1, "127.0.0.1:9000")))
                .withMessageContaining("another node has 127.0.0.1:9000 already");
    }

    @Test
    void shouldRefuseWhenNodeIdsOrTheirNumberAreOutOfRange() {
        assertThatIllegalArgumentException().isThrownBy(() -> AddressTable.of(Map.of()));
        assertThatIllegalArgumentException().isThrownBy(() -> AddressTable.of(Map.of(-1, "ipc")));
        assertThatIllegalArgumentException().isThrownBy(() -> AddressTable.of(Map.of(65_535, "ipc")));
        final Map<Integer, String> tooMany = IntStream.rangeClosed(0, AddressTable.MAX_NODES)
                .boxed()
                .collect(Collectors.toMap(nodeId -> nodeId, nodeId -> "ipc"));
        assertThatIllegalArgumentException().isThrownBy(() -> AddressTable.of(tooMany));
    }

    @Test
    void shouldNameTheTableWhenANodeIsMissing() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> AddressTable.of(Map.of(3, "ipc")).get(4))
                .withMessage("node 4 is not in the address table {3=ipc}");
    }
}
