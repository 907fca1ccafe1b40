package dev.firn.walquorum.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.walquorum.log.LogConfig;
import org.junit.jupiter.api.Test;

/** What a node's limits may be. */
final class WalNodeConfigTest {
    private static final int MOST = WalNodeConfig.mostLogs(LogConfig.DEFAULT);

    @Test
    void shouldNameTheHighestNumberOfLogsWhenMoreAreWanted() {
        assertThat(MOST).isGreaterThan(2_000);
        assertThat(WalNodeConfig.DEFAULT.withLimits(MOST, 1, 0).maxLogs()).isEqualTo(MOST);
        assertThatThrownBy(() -> WalNodeConfig.DEFAULT.withLimits(MOST + 1, 1, 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("a WAL node's maxLogs is within 1.." + MOST
                        + ", as many logs of its sizes as one ring takes, not " + (MOST + 1));
    }
}
