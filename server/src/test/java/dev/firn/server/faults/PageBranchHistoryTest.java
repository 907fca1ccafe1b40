package dev.firn.server.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.compute.corpus.CorpusMaker;
import dev.firn.nativeio.seam.SystemClock;
import dev.firn.pagestore.service.TimelineFacts;
import dev.firn.postgres.file.RelFileLocator;
import dev.firn.server.CommandException;
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
            trial = opened;
            host = trial.host();
            assertThat(host.stop().exitCode()).as(host.err()).isZero();
            host.keepHistory(HISTORY_SECONDS);
            host.start();
            PageTrial.awaitLive(host, PageTrial.MAIN);

            branch(PageTrial.MAIN, "early", write("bank", "heap", "btree"));
            final long between = write("gin");
            branch(PageTrial.MAIN, "late", write("transactions"));
            branch("late", "twig", branches.get("late"));
            write();
            awaitHistoryAfter(branches.get("late"));

            assertIsForgotten(between);
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

    /** Writes for a while; where the log ends then, which is in the page server. */
    private long write(final String... scripts) throws Exception {
        CorpusMaker.run(trial.postgres(), List.of(scripts), SystemClock.INSTANCE, System.err::println);
        for (int call = 0; call < CALLS; call++) {
            trial.postgres().execute("CALL bank_run(" + ++calls % 1_000 / 1_000.0 + ", " + TRANSACTIONS_A_CALL + ")");
            pause(100);
        }
        trial.postgres().execute("CHECKPOINT");
        final long lsn = trial.flushedLsn();
        host.awaitApplied(PageTrial.MAIN, lsn, PageTrial.LIMIT);
        return lsn;
    }

    private void branch(final String parent, final String name, final long lsn) throws Exception {
        trial.branch(host, parent, name, lsn);
        branches.put(name, lsn);
    }

    /** The parent's history moves on as long as it is written. */
    private void awaitHistoryAfter(final long lsn) throws Exception {
        for (int i = 0; i < LIMIT.toSeconds(); i++) {
            if (PageServerHost.lsn(host.timeline(PageTrial.MAIN).path("pages"), "historyLsn") > lsn) {
                return;
            }
            trial.postgres().execute("SELECT pg_logical_emit_message(true, 'more', repeat('x', 100000))");
            pause(1_000);
        }
        throw new AssertionError("its history stays: " + host.timeline(PageTrial.MAIN));
    }

    private void assertIsForgotten(final long lsn) {
        try (ServedLog served = trial.served(host, PageTrial.MAIN)) {
            final TimelineFacts main = served.facts();
            // pg_class of template1.
            final RelFileLocator relation = new RelFileLocator(1663, 1, 1259);
            assertThatThrownBy(() -> served.connection()
                            .blocks(main, lsn, relation.tablespace(), relation.database(), relation.relfilenode(), 0))
                    .isInstanceOf(CommandException.class)
                    .hasMessageContaining("the timeline's history begins at ");
        }
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
