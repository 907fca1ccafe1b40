package dev.firn.server.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a network does to a deployment on several hosts, while clients go on committing. */
@Tag("long")
@Timeout(1_800)
class HostFaultsTest {
    private static final Duration LIMIT = Duration.ofSeconds(90);
    private static final int WRITERS = 3;

    /** Longer than any silence after which a peer, a driver or a reader is given up. */
    private static final long HOLD_MS = 1_000 * Long.getLong("firn.test.holdSeconds", 12);

    @TempDir
    private Path folder;

    private HostNetwork network;
    private SystemOnHosts system;
    private Commits commits;

    @BeforeEach
    void requireHosts() throws Exception {
        final String obstacle = HostNetwork.obstacle().orElse("");
        assumeThat(obstacle).as("skipped: %s", obstacle).isEmpty();
    }

    /** Changes the network. */
    private interface Fault {
        void begin() throws Exception;
    }

    @Test
    void shouldCommitWhileAMajorityIsReachedAndLoseNothing() throws Exception {
        try (FollowedPostgres postgres = FollowedPostgres.start(folder, 15);
                HostNetwork hosts = HostNetwork.of(List.of(1, 2, 3, SystemOnHosts.RECEIVER_HOST));
                SystemOnHosts started = SystemOnHosts.follow(postgres, hosts, folder.resolve("hosts"))) {
            network = hosts;
            system = started;
            system.awaitTrouble("there is no directory", LIMIT);
            system.makeStore();
            system.awaitStreaming(true, LIMIT, "at the start");
            postgres.makeCommitsWait();
            try (Commits client = Commits.start(postgres.url(), folder.resolve("client"), WRITERS)) {
                commits = client;
                commits.awaitMore(LIMIT, "at the start");
                during("a host that hears nobody", () -> network.deafen(1));
                during("a host that nobody hears", () -> network.mute(2));
                during(
                        "a receiver that is cut off from one node",
                        () -> network.cutBoth(3, SystemOnHosts.RECEIVER_HOST));
                during("nodes that do not hear each other", () -> {
                    network.cutBoth(1, 2);
                    network.cutBoth(2, 3);
                    network.cutBoth(1, 3);
                });
                during("an unplugged host", () -> network.unplug(1));
                during("a host of which all processes are killed", () -> {
                    system.role("media-driver-2").kill();
                    system.role("wal-node-2").kill();
                });
                during("loss of one packet in ten", () -> {
                    for (final int host : SystemOnHosts.WAL_HOSTS) {
                        network.lose(host, 10);
                    }
                    network.lose(SystemOnHosts.RECEIVER_HOST, 10);
                });
                during("slow ways", this::slowDown);
                noneDuringThen("a receiver that reaches one node", () -> {
                    network.cutBoth(1, SystemOnHosts.RECEIVER_HOST);
                    network.cut(2, SystemOnHosts.RECEIVER_HOST);
                });
                final Evidence evidence = Evidence.gather(
                        postgres,
                        commits.end(),
                        network.on(SystemOnHosts.RECEIVER_HOST),
                        system.fetchOptions(),
                        folder.resolve("evidence"),
                        "after faults of the network");
                assertThat(evidence.acknowledged()).isGreaterThan(WRITERS * 10);
                System.err.println(evidence + " " + system.starts());
            }
        } catch (final AssertionError e) {
            throw new AssertionError(e.getMessage() + "\n" + (system == null ? "" : system.words()), e);
        }
    }

    private void slowDown() throws Exception {
        for (final int host : SystemOnHosts.WAL_HOSTS) {
            if (!network.delay(host, 20, 5)) {
                System.err.println("this kernel has no netem: ways are throttled, not delayed");
                network.throttle(host, 20);
            }
        }
    }

    /** A majority is reached: commits go on during the fault, and all is whole after it. */
    private void during(final String fault, final Fault begin) throws Exception {
        final long beganMs = commits.nowMs();
        begin.begin();
        long slowest = 0;
        while (commits.nowMs() - beganMs < HOLD_MS) {
            slowest = Math.max(slowest, commits.awaitMore(LIMIT, "during " + fault));
        }
        recover(fault, beganMs, "two commits of each took " + slowest + " at most");
    }

    /** No majority is reached: nothing is acknowledged until it is. */
    private void noneDuringThen(final String fault, final Fault begin) throws Exception {
        final long beganMs = commits.nowMs();
        begin.begin();
        commits.awaitSilence(Duration.ofSeconds(5), LIMIT);
        recover(fault, beganMs, "none");
    }

    private void recover(final String fault, final long beganMs, final String seen) throws Exception {
        network.heal();
        final long healedMs = commits.nowMs();
        commits.awaitMore(LIMIT, "after " + fault);
        system.awaitStreaming(true, LIMIT, "after " + fault);
        final long wholeMs = commits.nowMs() - healedMs;
        commits.awaitMore(LIMIT, "when all is whole after " + fault);
        System.err.println(fault + ": " + seen + ", longest pause " + commits.longestPauseMs(beganMs) + ", whole "
                + wholeMs + " ms after its end");
    }
}
