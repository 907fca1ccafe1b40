package dev.firn.server.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.server.FirnProcess;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The habits that all commands share. */
@Timeout(120)
class CommandLineProcessTest {
    @TempDir
    private Path folder;

    @Test
    void shouldListWhatWorksAndNothingElse() throws Exception {
        final FirnProcess.Result help = FirnProcess.run("--help");
        assertThat(help.exitCode()).isZero();
        assertThat(help.err()).isEmpty();
        for (final String command : new String[] {
            "up",
            "down",
            "status",
            "doctor",
            "tune",
            "bench",
            "wal",
            "store",
            "run",
            "attach",
            "detach",
            "backup",
            "branch",
            "page",
            "restore",
            "lake",
            "postgres",
            "psql",
            "simulate",
            "test"
        }) {
            assertThat(help.out()).containsPattern("(?m)^  " + command + " ");
        }
    }

    @Test
    void shouldSimulateTheQuorum() throws Exception {
        final FirnProcess.Result machines =
                FirnProcess.run("simulate", "quorum", "--machines", "--seeds", "1..50", "--json");
        assertThat(machines.exitCode()).as(machines.out()).isZero();
        assertThat(machines.json().get("seeds").asLong()).isEqualTo(50);
        assertThat(machines.json().get("violations").asLong()).isZero();
        assertThat(machines.json().get("failingSeeds")).isEmpty();
        assertThat(machines.json().get("commits").asLong()).isPositive();
        final FirnProcess.Result traced = FirnProcess.run("simulate", "quorum", "--seed", "7", "--trace");
        assertThat(traced.exitCode()).as(traced.out()).isZero();
        assertThat(traced.out()).startsWith("1 seeds in ").contains(" 0 violations");
        assertThat(traced.err()).contains(" sends to ");
        assertThat(FirnProcess.run("simulate", "quorum", "--seeds", "9..1").exitCode())
                .isEqualTo(2);
    }

    @Test
    void shouldSayWhatTheDirectoryOfADumpShouldBe() throws Exception {
        final FirnProcess.Result dump = FirnProcess.run("wal", "dump", "--wal", "/nonexistent");
        assertThat(dump.exitCode()).isEqualTo(1);
        assertThat(dump.out()).isEmpty();
        assertThat(dump.err()).contains("there is no directory /nonexistent").contains("pg_wal");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "up",
                "down",
                "status",
                "doctor",
                "tune",
                "tune apply",
                "bench",
                "wal",
                "wal dump",
                "wal fetch",
                "run",
                "run media-driver",
                "run wal-node",
                "run receiver",
                "attach",
                "detach",
                "backup fetch",
                "simulate",
                "simulate quorum",
                "store",
                "store check",
                "store ls",
                "store get",
                "store put",
                "store du",
                "test"
            })
    void shouldHelpWithEveryCommand(final String command) throws Exception {
        final FirnProcess.Result help = FirnProcess.run((command + " --help").split(" "));
        assertThat(help.exitCode()).isZero();
        assertThat(help.out()).startsWith("Usage: firn " + command).contains("Exit codes:");
        assertThat(help.err()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "upp",
                "up --port x",
                "up --port 70000",
                "up --postgres 16",
                "status extra",
                "tune",
                "tune show",
                "tune show no-such-profile",
                "bench --rounds -1",
                "bench no-such-benchmark",
                "test",
                "branch",
                "branch create",
                "branch create Upper",
                "branch create b --at yesterday",
                "page --relation accounts --block 0",
                "restore",
                "restore --to data --at 12",
                "wal",
                "store",
                "store check",
                "wal verify",
                "wal dump",
                "wal dump --wal . --from 12",
                "wal fetch",
                "wal fetch --output . --from 12",
                "run",
                "run wal-node",
                "run page-server",
                "run lake",
                "lake",
                "lake export",
                "lake export --to x --table nothing",
                "attach",
                "attach host=nowhere --name Main",
                "attach no-conninfo",
                "detach"
            })
    void shouldAnswerWrongUsageWithOneSentenceAndTwo(final String line) throws Exception {
        final FirnProcess.Result result = line.isEmpty() ? FirnProcess.run() : FirnProcess.run(line.split(" "));
        assertThat(result.exitCode()).as(result.err()).isEqualTo(2);
        assertThat(result.out()).isEmpty();
        assertThat(result.err()).hasLineCount(1).doesNotContain("Exception");
    }

    @Test
    void shouldSayThatACommandIsNotInThisVersion() throws Exception {
        assertThat(FirnProcess.run("run", "lake", "--config", "x").err())
                .isEqualTo("firn: `firn run lake` is not in this version yet; ./firn run --help lists what is\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"doctor --json", "tune show shared-vm --json", "bench --list --json"})
    void shouldPrintOneDocumentAndNothingElse(final String line) throws Exception {
        final FirnProcess.Result result = FirnProcess.run(line.split(" "));
        assertThat(result.exitCode()).as(result.err()).isZero();
        assertThat(result.json().isContainerNode()).isTrue();
        assertThat(result.err()).isEmpty();
    }

    @Test
    void shouldShowAStackTraceOnlyWhenAskedTo() throws Exception {
        final String dir = folder.toString();
        final FirnProcess.Result plain = FirnProcess.run("status", "--dir", dir);
        assertThat(plain.exitCode()).isEqualTo(1);
        assertThat(plain.err())
                .isEqualTo("firn: nothing is up on " + dir + ": start it with ./firn up --dir " + dir + "\n");
        final FirnProcess.Result verbose = FirnProcess.run("status", "--dir", dir, "--verbose");
        assertThat(verbose.exitCode()).isEqualTo(1);
        assertThat(verbose.err()).startsWith(plain.err()).contains("\tat dev.firn.server");
    }
}
