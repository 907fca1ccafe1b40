package dev.firn.server.endpoint;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.server.endpoint.SystemSnapshot.Health;
import dev.firn.server.quorum.QuorumSnapshot;
import dev.firn.server.role.RoleHealth.State;
import dev.firn.server.role.RoleStatus;
import dev.firn.server.role.RoleStatus.Phase;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The whole in one word, when parts are away. */
final class RedundancyTest {
    private static final Redundancy TWO_OF_THREE = new Redundancy(Set.of("node-1", "node-2", "node-3"), 2);
    private static final RoleStatus NODE_1 = role("node-1", Phase.RUNNING, State.HEALTHY);
    private static final RoleStatus NODE_2 = role("node-2", Phase.RUNNING, State.HEALTHY);
    private static final RoleStatus NODE_3 = role("node-3", Phase.RUNNING, State.HEALTHY);
    private static final RoleStatus NODE_3_AWAY = role("node-3", Phase.BACKING_OFF, State.FAILED);
    private static final RoleStatus STORE = role("store", Phase.RUNNING, State.HEALTHY);

    @Test
    void shouldBeDegradedWhenOneOfThreeIsAway() {
        assertThat(health(STORE, NODE_1, NODE_2, NODE_3)).isEqualTo(Health.OK);
        assertThat(health(STORE, NODE_1, NODE_2, NODE_3_AWAY)).isEqualTo(Health.DEGRADED);
        assertThat(health(STORE, NODE_1, role("node-2", Phase.RUNNING, State.DEGRADED), NODE_3_AWAY))
                .isEqualTo(Health.DEGRADED);
        assertThat(health(STORE, NODE_1, NODE_2, role("node-3", Phase.RUNNING, State.STALLED)))
                .isEqualTo(Health.DEGRADED);
    }

    @Test
    void shouldBeFailingWhenNoMajorityServes() {
        assertThat(health(STORE, NODE_1, role("node-2", Phase.STARTING, State.FAILED), NODE_3_AWAY))
                .isEqualTo(Health.FAILING);
        assertThat(health(STORE, NODE_1)).isEqualTo(Health.FAILING);
    }

    @Test
    void shouldBeFailingWhenAPartThatNobodyStandsInForIsAway() {
        assertThat(health(role("store", Phase.GIVEN_UP, State.FAILED), NODE_1, NODE_2, NODE_3))
                .isEqualTo(Health.FAILING);
    }

    private static RoleStatus role(final String name, final Phase phase, final State state) {
        return new RoleStatus(name, phase, state, "", 0, 0);
    }

    private static Health health(final RoleStatus... roles) {
        return new SystemSnapshot(
                        "up",
                        "",
                        1,
                        "",
                        "",
                        0,
                        0,
                        "",
                        false,
                        List.of(roles),
                        TWO_OF_THREE,
                        null,
                        QuorumSnapshot.NONE,
                        Map.of())
                .health();
    }
}
