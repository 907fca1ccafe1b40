package dev.firn.server.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.firn.compute.corpus.CorpusMaker;
import dev.firn.compute.instance.PostgresServer;
import dev.firn.compute.instance.StopMode;
import dev.firn.nativeio.seam.SystemClock;
import dev.firn.pagestore.service.TimelineFacts;
import dev.firn.postgres.file.RelFileLocator;
import dev.firn.postgres.version.PostgresVersion;
import dev.firn.server.CommandException;
import dev.firn.server.redo.ClusterContents;
import dev.firn.server.redo.PrimaryComparison;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A primary that is written while its page server keeps a few seconds of history: what branches and a branch of a branch left it at stays as an
 * independent replay makes it, whatever is collected on their either side, and what is between is gone.
 */
@Tag("long")
@Timeout(1_800)
class PageBranchHistoryTest {
    private static final long HISTORY_SECONDS = 4;
    private static final int CALLS = 60;
    private static final int TRANSACTIONS_A_CALL = 20;
    private static final Duration LIMIT = Duration.ofMinutes(2);

    @TempDir
    private Path folder;

    private final Semaphore never = new Semaphore(0);
    private final Map<String, Long> branches = new LinkedHashMap<>();
    private PageTrial trial;
    private PageServerHost host;
    private int calls;

    @Test
    void shouldKeepWhatBranchesNeedOfAParentThatForgets() throws Exception {
        try (PageTrial opened = PageTrial.start(folder, 17)) {
            keepLittle(opened);
            branch(PageTrial.MAIN, "early", write("bank", "heap", "btree"));
            final long between = write("gin");
            branch(PageTrial.MAIN, "late", write("transactions"));
            branch("late", "twig", branches.get("late"));
            write();
            awaitHistoryAfter(trial.postgres(), PageTrial.MAIN, branches.get("late"));

            assertIsForgotten(PageTrial.MAIN, between);
            assertBranchesAreAsReplayed();
            // What is in the object store alone is all of it.
            host.kill();
            host.loseDisk();
            host.start();
            for (final String name : branches.keySet()) {
                PageTrial.awaitLive(host, name);
            }
            assertBranchesAreAsReplayed();
            final long end = trial.shutDown(host);
            try (ServedLog served = trial.served(host, PageTrial.MAIN)) {
                trial.fetch().oracle().compare(served, end);
            }
        }
    }

    /** A branch that goes on in a log of its own forgets as its parent does, and a branch of it keeps what it left it at. */
    @ParameterizedTest
    @ValueSource(ints = {15, 17})
    void shouldForgetOfABranchThatIsWritten(final int major) throws Exception {
        try (PageTrial opened = PageTrial.start(folder, major)) {
            keepLittle(opened);
            branch(PageTrial.MAIN, "dev", write("bank", "heap", "btree"));
            try (PostgresServer dev = restored("dev", "dev")) {
                trial.attach(dev, "dev");
                final long between = write(dev, "dev");
                write(dev, "dev");
                final Map<String, String> atTwig = ClusterContents.rows(dev);
                branch("dev", "twig", PageTrial.flushedLsn(dev));
                write();
                write(dev, "dev");
                awaitHistoryAfter(trial.postgres(), PageTrial.MAIN, branches.get("dev"));
                awaitHistoryAfter(dev, "dev", branches.get("twig"));

                assertIsForgotten("dev", between);
                assertTwigIsAsItWas("twig-1", atTwig);
                host.kill();
                host.loseDisk();
                host.start();
                for (final String name : branches.keySet()) {
                    PageTrial.awaitLive(host, name);
                }
                assertTwigIsAsItWas("twig-2", atTwig);
                assertEndsAs(dev, major);
            }
        }
    }

    private void keepLittle(final PageTrial opened) throws Exception {
        trial = opened;
        host = trial.host();
        assertThat(host.stop().exitCode()).as(host.err()).isZero();
        host.keepHistory(HISTORY_SECONDS);
        host.start();
        PageTrial.awaitLive(host, PageTrial.MAIN);
    }

    /** Writes for a while; where the log ends then, which is in the page server. */
    private long write(final String... scripts) throws Exception {
        CorpusMaker.run(trial.postgres(), List.of(scripts), SystemClock.INSTANCE, System.err::println);
        return write(trial.postgres(), PageTrial.MAIN);
    }

    private long write(final PostgresServer server, final String timeline) throws Exception {
        for (int call = 0; call < CALLS; call++) {
            server.execute("CALL bank_run(" + ++calls % 1_000 / 1_000.0 + ", " + TRANSACTIONS_A_CALL + ")");
            pause(100);
        }
        server.execute("CHECKPOINT");
        final long lsn = PageTrial.flushedLsn(server);
        host.awaitApplied(timeline, lsn, PageTrial.LIMIT);
        return lsn;
    }

    private void branch(final String parent, final String name, final long lsn) throws Exception {
        trial.branch(host, parent, name, lsn);
        branches.put(name, lsn);
    }

    /** A timeline's history moves on as long as it is written. */
    private void awaitHistoryAfter(final PostgresServer server, final String timeline, final long lsn)
            throws Exception {
        for (int i = 0; i < LIMIT.toSeconds(); i++) {
            if (PageServerHost.lsn(host.timeline(timeline).path("pages"), "historyLsn") > lsn) {
                return;
            }
            server.execute("SELECT pg_logical_emit_message(true, 'more', repeat('x', 100000))");
            pause(1_000);
        }
        throw new AssertionError("its history stays: " + host.timeline(timeline));
    }

    private void assertIsForgotten(final String timeline, final long lsn) {
        try (ServedLog served = trial.served(host, timeline)) {
            final TimelineFacts facts = served.facts();
            // pg_class of template1.
            final RelFileLocator relation = new RelFileLocator(1663, 1, 1259);
            assertThatThrownBy(() -> served.connection()
                            .blocks(facts, lsn, relation.tablespace(), relation.database(), relation.relfilenode(), 0))
                    .isInstanceOf(CommandException.class)
                    .hasMessageContaining("the timeline's history begins at ");
        }
    }

    private void assertTwigIsAsItWas(final String to, final Map<String, String> rows) throws Exception {
        try (PostgresServer restored = restored("twig", to)) {
            assertThat(ClusterContents.rows(restored)).isEqualTo(rows);
        }
    }

    /** A Postgres on what a branch left its parent with. */
    private PostgresServer restored(final String branch, final String to) throws Exception {
        final Path directory = Files.createDirectory(folder.resolve(to));
        trial.restore(host, branch, branches.get(branch), directory.resolve("data"));
        return trial.followed().restoredIn(directory);
    }

    /** Every page of a branch is as its Postgres, which is shut down, has it. */
    private void assertEndsAs(final PostgresServer dev, final int major) throws Exception {
        final Map<String, String> kinds = PrimaryComparison.kinds(dev);
        dev.stop(StopMode.FAST);
        final Path made = folder.resolve("dev-at-its-end");
        trial.restore(host, "dev", awaitRest("dev"), made);
        final PrimaryComparison comparison = new PrimaryComparison(
                PostgresVersion.ofMajor(major), dev.dataDirectory(), dev.dataDirectory(), made, kinds);
        assertThat(comparison.differences()).isEmpty();
        assertThat(comparison.pages()).isGreaterThan(1_000);
    }

    /** Where a log ends that nobody writes to any more. */
    private long awaitRest(final String timeline) throws Exception {
        long before = -1;
        for (int i = 0; i < LIMIT.toSeconds(); i++) {
            final JsonNode found = host.timeline(timeline);
            final long applied = PageServerHost.lsn(found, "appliedLsn");
            if (applied == before && applied > 0) {
                return applied;
            }
            before = applied;
            pause(2_000);
        }
        throw new AssertionError("it never came to rest: " + host.timeline(timeline));
    }

    private void assertBranchesAreAsReplayed() throws Exception {
        final PageTrial.Log log = trial.fetch();
        for (final Map.Entry<String, Long> branch : branches.entrySet()) {
            try (ServedLog served = trial.served(host, branch.getKey())) {
                log.oracle().compare(served, branch.getValue());
            }
        }
    }

    private void pause(final int millis) throws InterruptedException {
        assertThat(never.tryAcquire(millis, TimeUnit.MILLISECONDS)).isFalse();
    }
}
