package dev.firn.server.role;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class RestartPolicyTest {
    private static final RestartPolicy POLICY = policy(Duration.ofMillis(100), Duration.ofSeconds(1));

    @Test
    void shouldDoubleTheDelayUpToTheLongest() {
        assertThat(POLICY.delayBefore(1)).isEqualTo(Duration.ofMillis(100));
        assertThat(POLICY.delayBefore(2)).isEqualTo(Duration.ofMillis(200));
        assertThat(POLICY.delayBefore(4)).isEqualTo(Duration.ofMillis(800));
        assertThat(POLICY.delayBefore(5)).isEqualTo(Duration.ofSeconds(1));
        assertThat(POLICY.delayBefore(1_000_000)).isEqualTo(Duration.ofSeconds(1));
    }

    @Test
    void shouldRefuseDelaysThatAreNoRange() {
        assertThatThrownBy(() -> policy(Duration.ofSeconds(2), Duration.ofSeconds(1)))
                .isInstanceOf(IllegalArgumentException.class);
    }

    private static RestartPolicy policy(final Duration first, final Duration longest) {
        return new RestartPolicy(
                first, longest, 3, Duration.ofMinutes(1), Duration.ofSeconds(5), Duration.ofSeconds(5));
    }
}
