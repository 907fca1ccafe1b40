package dev.firn.server.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.server.FirnProcess;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a machine does to processes and disks, done to a system whose clients go on committing. */
@Timeout(1_800)
class RealFaultsTest {
    /** How long commits may pause after a fault: a restart of the slowest part on a busy machine. */
    private static final Duration LIMIT = Duration.ofMinutes(4);

    private static final int WRITERS = 3;

    @TempDir
    private Path folder;

    private FollowedPostgres postgres;
    private FaultedSystem system;
    private Commits commits;

    /** What is done to the system. */
    private interface Fault {
        void happen() throws Exception;
    }

    @Test
    void shouldLoseNothingAcknowledgedWhenPartsAreLost() throws Exception {
        run(17, () -> {
            system.kill(Part.WAL_NODE_1);
            commits.awaitMore(LIMIT, "without one of three nodes");
            assertThat(FirnProcess.get(system.root().resolve("healthz")).statusCode())
                    .as("a majority serves")
                    .isEqualTo(200);
            system.awaitWhole(LIMIT, "after kill -9 of a node");
            suffer("kill -9 of the receiver", () -> system.kill(Part.RECEIVER));
            suffer("a lost disk", () -> system.wipe(2));
            suffer("kill -9 of the primary", postgres::crashAndRecover);
            suffer("kill -9 of up", () -> {
                system.killSupervisor();
                system.start();
            });
        });
    }

    @Test
    @Tag("long")
    void shouldLoseNothingAcknowledgedWhenEachPartFailsInTurn() throws Exception {
        run(15, () -> {
            for (final Part part : Part.values()) {
                suffer("kill -9 of " + part, () -> system.kill(part));
            }
            for (final Part part : Part.values()) {
                suffer("SIGSTOP of " + part, () -> {
                    final long pid = system.freeze(part);
                    if (part.isSpareToCommits()) {
                        commits.awaitMore(LIMIT, "while " + part + " is frozen");
                    } else {
                        commits.awaitSilence(Duration.ofSeconds(2), LIMIT);
                    }
                    system.thaw(pid);
                });
            }
            for (int node = 1; node <= 3; node++) {
                final int its = node;
                suffer("a lost disk of node " + node, () -> system.wipe(its));
            }
        });
    }

    private void run(final int major, final Fault faults) throws Exception {
        try (FollowedPostgres server = FollowedPostgres.start(folder, major);
                FaultedSystem firn = FaultedSystem.follow(server, folder.resolve("data"));
                Commits client = Commits.start(server.url(), folder.resolve("client"), WRITERS)) {
            postgres = server;
            system = firn;
            commits = client;
            commits.awaitMore(LIMIT, "at the start");
            faults.happen();
            final Evidence evidence = Evidence.gather(
                    postgres,
                    commits.end(),
                    List.of(),
                    List.of("--dir", system.dir().toString()),
                    folder.resolve("evidence"),
                    "after the faults");
            assertThat(evidence.acknowledged()).isGreaterThan(WRITERS * 10);
            System.err.println(evidence);
        }
    }

    /** After a fault all comes back by itself, and commits go on. */
    private void suffer(final String fault, final Fault its) throws Exception {
        final long beganMs = commits.nowMs();
        its.happen();
        commits.awaitMore(LIMIT, "after " + fault);
        system.awaitWhole(LIMIT, "after " + fault);
        final long wholeMs = commits.nowMs() - beganMs;
        commits.awaitMore(LIMIT, "when all is there again after " + fault);
        System.err.println(fault + ": longest pause of commits " + commits.longestPauseMs(beganMs) + " ms, whole after "
                + wholeMs + " ms");
    }
}
