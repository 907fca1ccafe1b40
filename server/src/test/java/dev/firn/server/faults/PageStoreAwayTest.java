package dev.firn.server.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.pagestore.service.TimelineFacts;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The object store is away while clients write and others read: {@code -Dfirn.test.awaySeconds} (default 30). Pages are answered from memory and
 * the cache meanwhile, ingest follows the primary as long as memory tables have room, and nothing is lost.
 */
@Tag("long")
@Timeout(1_800)
class PageStoreAwayTest {
    private static final int CLIENTS = 1;
    private static final int AWAY_MS = Integer.getInteger("firn.test.awaySeconds", 30) * 1_000;
    private static final int STEP_MS = 500;
    private static final int PAGES = 5;
    private static final int SCRIPT_SECONDS = 120;

    @TempDir
    private Path folder;

    private final Semaphore never = new Semaphore(0);

    @Test
    void shouldGoOnWhileTheStoreIsAwayAndLoseNothing() throws Exception {
        try (PageTrial trial = PageTrial.start(folder, 17)) {
            trial.host().kill();
            trial.host().useUsualSizes();
            trial.host().start();
            PageTrial.awaitLive(trial.host(), PageTrial.MAIN);
            try (PageWorkload workload = PageWorkload.start(trial.postgres(), CLIENTS, List.of("heap"));
                    PageSamples samples = trial.sample(trial.host(), PageTrial.MAIN, 1)) {
                workload.awaitScripts(SCRIPT_SECONDS);
                final Path objects = trial.system().dir().resolve("objects");
                final Path away = trial.system().dir().resolve("objects-away");
                final List<BankPage> known = readPages(trial);
                Files.move(objects, away);
                try {
                    for (int ms = 0; ms < AWAY_MS; ms += STEP_MS) {
                        // Ingest follows the primary: what it takes in waits in memory tables.
                        trial.host().awaitApplied(PageTrial.MAIN, trial.flushedLsn(), PageTrial.LIMIT);
                        pause(STEP_MS);
                    }
                    assertThat(readPages(trial)).as("of now").hasSameSizeAs(known);
                    assertThat(known).allMatch(page -> page.isSameAgain(trial));
                } finally {
                    Files.move(away, objects);
                }
                workload.end();
                trial.prove(trial.host(), "after the store was away", samples);
            }
        }
    }

    /** A page of a relation that clients change, as it was told. */
    private record BankPage(long lsn, int tablespace, int database, int relfilenode, int block, byte[] bytes) {
        boolean isSameAgain(final PageTrial trial) {
            try (ServedLog served = trial.served(trial.host(), PageTrial.MAIN)) {
                final byte[] again =
                        served.connection().page(served.facts(), lsn, tablespace, database, relfilenode, 0, block);
                return Arrays.equals(bytes, again);
            }
        }
    }

    /** The first pages of the clients' table, as of now. */
    private static List<BankPage> readPages(final PageTrial trial) throws Exception {
        final List<String> found = trial.postgres()
                .query("SELECT pg_relation_filenode('bank_accounts'), oid, dattablespace FROM pg_database"
                        + " WHERE datname = current_database()")
                .getFirst();
        final int relfilenode = Integer.parseInt(found.get(0));
        final int database = Integer.parseInt(found.get(1));
        final int tablespace = Integer.parseInt(found.get(2));
        final List<BankPage> pages = new ArrayList<>();
        try (ServedLog served = trial.served(trial.host(), PageTrial.MAIN)) {
            final TimelineFacts facts = served.facts();
            final long lsn = facts.appliedLsn();
            for (int block = 0; block < PAGES; block++) {
                pages.add(new BankPage(
                        lsn,
                        tablespace,
                        database,
                        relfilenode,
                        block,
                        served.connection().page(facts, lsn, tablespace, database, relfilenode, 0, block)));
            }
        }
        return pages;
    }

    private void pause(final int ms) throws InterruptedException {
        assertThat(never.tryAcquire(ms, TimeUnit.MILLISECONDS)).isFalse();
    }
}
