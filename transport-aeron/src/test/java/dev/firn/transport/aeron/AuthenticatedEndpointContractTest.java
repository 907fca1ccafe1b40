package dev.firn.transport.aeron;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.nativeio.network.Endpoint;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

final class AuthenticatedEndpointContractTest extends EndpointContract {
    @TempDir(factory = SharedMemory.class)
    private Path parent;

    private AeronNetwork network;
    private Endpoint zero;
    private Endpoint one;

    @BeforeEach
    void open() {
        network = Secrets.network(Wait.ipcTable(2), new DriverChoice.Embedded(DriverProfile.SHARED_MACHINE, parent), 1);
        zero = network.open(0);
        one = network.open(1);
    }

    @AfterEach
    void close() {
        network.close();
        assertThat(parent).isEmptyDirectory();
    }

    @Override
    Endpoint node(final int id) {
        return id == 0 ? zero : one;
    }

    @Override
    void pump() {}
}
