package dev.firn.server.faults;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.firn.nativeio.seam.SystemRandom;
import dev.firn.s3tier.s3server.Fault;
import dev.firn.s3tier.s3server.FaultProxy;
import dev.firn.s3tier.s3server.RequestPattern;
import dev.firn.s3tier.s3server.S3Server;
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
 * An object store that is slow, or wrong: an S3 server behind a proxy that delays, refuses, breaks off, cuts short and turns bits over, while
 * clients write and others read. {@code -Dfirn.test.faultSeconds} of each fault (default 12), {@code -Dfirn.test.seed} for a run that was seen.
 */
@Tag("long")
@Timeout(1_800)
class PageStoreTroubleTest {
    private static final int CLIENTS = 2;
    private static final int FAULT_MS = Integer.getInteger("firn.test.faultSeconds", 12) * 1_000;
    private static final int STEP_MS = 250;

    /** As small as an S3 server on the test's own processors can take one of each second. */
    private static final long TABLE_BYTES = 8 << 20;

    private static final int SCRIPT_SECONDS = 180;
    private static final String BUCKET = "page-store-trouble";
    private static final RequestPattern ANY = RequestPattern.ANY;

    @TempDir
    private Path folder;

    private final Semaphore never = new Semaphore(0);
    private FaultProxy proxy;

    /** What happens to which requests; each of them to some, so that others of the same object come through. */
    private static Map<String, Map.Entry<Fault, RequestPattern>> faults() {
        final Map<String, Map.Entry<Fault, RequestPattern>> faults = new LinkedHashMap<>();
        faults.put("answers late", Map.entry(new Fault.LateAnswer(Duration.ofSeconds(2)), ANY.withProbability(0.3)));
        faults.put("answers in drops", Map.entry(new Fault.SlowAnswer(64 << 10), RequestPattern.gets()));
        faults.put("says that it has failed", Map.entry(Fault.internalError(), ANY.withProbability(0.7)));
        faults.put("says slow down", Map.entry(Fault.slowDown(), ANY.withProbability(0.9)));
        faults.put(
                "does what it says has failed",
                Map.entry(new Fault.ErrorAfterEffect(500, "InternalError"), ANY.withProbability(0.5)));
        faults.put("hangs up on requests", Map.entry(new Fault.ResetOnRequest(), ANY.withProbability(0.5)));
        faults.put("hangs up in answers", Map.entry(new Fault.ResetInAnswer(1_000), ANY.withProbability(0.5)));
        faults.put("loses answers", Map.entry(new Fault.LostAnswer(), ANY.withProbability(0.5)));
        faults.put(
                "cuts answers short",
                Map.entry(
                        new Fault.TruncatedAnswer(1_000), RequestPattern.gets().withProbability(0.5)));
        faults.put(
                "turns bits of answers over",
                Map.entry(new Fault.FlippedAnswer(), RequestPattern.gets().withProbability(0.5)));
        faults.put(
                "turns bits of requests over",
                Map.entry(
                        new Fault.FlippedRequest(), RequestPattern.of("PUT", "").withProbability(0.3)));
        return faults;
    }

    @Test
    void shouldServeWhatIsRightWhateverTheStoreDoes() throws Exception {
        final long seed = Long.getLong("firn.test.seed", SystemRandom.secure().nextLong());
        System.err.println("the proxy's seed is " + seed);
        final S3Server server = S3Server.shared();
        server.createBucket(BUCKET);
        try (FaultProxy before = FaultProxy.before(server.endpoint(), seed);
                PageTrial trial = PageTrial.start(
                        folder, 17, "--store", url(server.endpoint().toString()))) {
            proxy = before;
            final PageServerHost host = trial.host();
            host.kill();
            host.tables(TABLE_BYTES);
            host.store(url(proxy.endpoint().toString()));
            host.start();
            PageTrial.awaitLive(host, PageTrial.MAIN);
            try (PageWorkload workload =
                            PageWorkload.start(trial.postgres(), CLIENTS, List.of("heap", "btree", "transactions"));
                    PageSamples samples = trial.sample(host, PageTrial.MAIN, seed)) {
                for (final Map.Entry<String, Map.Entry<Fault, RequestPattern>> fault : faults().entrySet()) {
                    suffer(trial, fault.getKey(), fault.getValue(), samples);
                }
                workload.end();
                host.awaitUploaded(PageTrial.MAIN, trial.flushedLsn(), PageTrial.LIMIT);
                trial.prove(host, "after a store that was slow and wrong", samples);
            }
        }
    }

    /** What memory tables have room for is taken in, however long the store needs. */
    @Test
    void shouldFollowThePrimaryWhileTheStoreIsSlow() throws Exception {
        final S3Server server = S3Server.shared();
        server.createBucket(BUCKET + "-slow");
        try (FaultProxy before = FaultProxy.before(server.endpoint(), 1);
                PageTrial trial = PageTrial.start(
                        folder, 17, "--store", url(server.endpoint().toString(), BUCKET + "-slow"))) {
            final PageServerHost host = trial.host();
            host.kill();
            host.useUsualSizes();
            host.store(url(before.endpoint().toString(), BUCKET + "-slow"));
            host.start();
            PageTrial.awaitLive(host, PageTrial.MAIN);
            try (PageWorkload workload = PageWorkload.start(trial.postgres(), CLIENTS, List.of("heap"));
                    PageSamples samples = trial.sample(host, PageTrial.MAIN, 1)) {
                workload.awaitScripts(SCRIPT_SECONDS);
                final FaultProxy.Injection slow = before.inject(new Fault.LateAnswer(Duration.ofSeconds(5)), ANY);
                for (int ms = 0; ms < 2 * FAULT_MS; ms += STEP_MS) {
                    host.awaitApplied(PageTrial.MAIN, trial.flushedLsn(), PageTrial.LIMIT);
                    pause(STEP_MS);
                }
                assertThat(slow.count()).as("late answers").isPositive();
                before.clear();
                workload.end();
                trial.prove(host, "after a store that was slow", samples);
            }
        }
    }

    /** The page server goes on, says what is wrong with the store if it does, and is as before when the fault is over. */
    private void suffer(
            final PageTrial trial,
            final String what,
            final Map.Entry<Fault, RequestPattern> fault,
            final PageSamples samples)
            throws Exception {
        final PageServerHost host = trial.host();
        final long before = samples.answers();
        final FaultProxy.Injection injection = proxy.inject(fault.getKey(), fault.getValue());
        // Half of the time one that has just been started, with an empty cache.
        pause(FAULT_MS / 2);
        host.kill();
        host.loseDisk();
        host.start();
        String detail = "";
        for (int ms = 0; ms < FAULT_MS / 2; ms += STEP_MS) {
            pause(STEP_MS);
            final String said = detail(host.timeline(PageTrial.MAIN));
            detail = said.isEmpty() ? detail : said;
        }
        proxy.clear();
        final long lsn = trial.flushedLsn();
        PageTrial.awaitLive(host, PageTrial.MAIN);
        host.awaitUploaded(PageTrial.MAIN, lsn, PageTrial.LIMIT);
        System.err.printf(
                "the store %s: %d times, %d answers of pages, %d reads made again; it said: %s%n",
                what,
                injection.count(),
                samples.answers() - before,
                host.err()
                        .lines()
                        .filter(line -> line.contains("it is read again"))
                        .count(),
                detail);
        assertThat(injection.count()).as("the store %s", what).isPositive();
        assertThat(detail(host.timeline(PageTrial.MAIN)))
                .as("trouble, when the store is well again")
                .isEmpty();
    }

    private static String detail(final JsonNode timeline) {
        return timeline.path("pages").path("detail").asText();
    }

    private static String url(final String endpoint) {
        return url(endpoint, BUCKET);
    }

    private static String url(final String endpoint, final String bucket) {
        return "s3://" + bucket + "/firn?anonymous=true&endpoint=" + endpoint;
    }

    private void pause(final int ms) throws InterruptedException {
        assertThat(never.tryAcquire(ms, TimeUnit.MILLISECONDS)).isFalse();
    }
}
