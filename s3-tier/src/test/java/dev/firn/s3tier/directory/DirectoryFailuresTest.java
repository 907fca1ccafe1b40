package dev.firn.s3tier.directory;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.nativeio.seam.SystemRandom;
import dev.firn.nativeio.simulation.DiskFaults;
import dev.firn.nativeio.simulation.DiskGeometry;
import dev.firn.nativeio.simulation.DiskOperation;
import dev.firn.nativeio.simulation.FaultRule;
import dev.firn.nativeio.simulation.Scheduler;
import dev.firn.nativeio.simulation.SimulatedClock;
import dev.firn.nativeio.simulation.SimulatedDisk;
import dev.firn.nativeio.simulation.Trace;
import dev.firn.nativeio.storage.Errno;
import dev.firn.s3tier.backend.Attempt;
import dev.firn.s3tier.backend.AttemptRequest;
import dev.firn.s3tier.backend.AttemptResult;
import dev.firn.s3tier.backend.AttemptResult.AttemptFailed;
import dev.firn.s3tier.backend.AttemptResult.Effect;
import dev.firn.s3tier.backend.AttemptResult.Missing;
import dev.firn.s3tier.backend.AttemptResult.ObjectWritten;
import dev.firn.s3tier.backend.AttemptResult.ObjectsDeleted;
import dev.firn.s3tier.backend.AttemptResult.PageListed;
import dev.firn.s3tier.backend.AttemptResult.Retry;
import dev.firn.s3tier.store.FailureKind;
import dev.firn.s3tier.store.ListOutcome.ListedObject;
import dev.firn.s3tier.store.StoreLimits;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a store says when its disk fails, and that it says it of the right thing; on the simulated disk. */
class DirectoryFailuresTest {
    private final Scheduler scheduler = new Scheduler(5, Trace.silent());
    private final SimulatedDisk disk =
            new SimulatedDisk(scheduler, 0, 5, DiskGeometry.DEFAULT.withCapacityBytes(64 << 10), DiskFaults.NONE);
    private final Driven store = new Driven(
            disk.mount(), "/simulated", new SimulatedClock(scheduler, 0, 0, 0), () -> scheduler.runFor(10_000));

    @AfterEach
    void close() {
        store.close();
        assertThat(disk.openFiles()).isZero();
        assertThat(disk.openRings()).isZero();
    }

    private static AttemptFailed failed(final AttemptResult result) {
        assertThat(result).isInstanceOf(AttemptFailed.class);
        return (AttemptFailed) result;
    }

    @Test
    void shouldSayThatTheDiskIsFullAndGiveBackWhatItTook() {
        store.put("a", "fits");
        final long used = disk.usedBytes();
        final AttemptFailed full = failed(store.put("b", "x".repeat(100_000)));
        assertThat(full.kind()).isEqualTo(FailureKind.FULL);
        assertThat(full.effect()).isEqualTo(Effect.NONE);
        assertThat(full.message()).contains("/simulated is full");
        assertThat(disk.usedBytes()).isEqualTo(used);
        assertThat(store.head("b")).isInstanceOf(Missing.class);
        assertThat(store.put("b", "fits too")).isInstanceOf(ObjectWritten.class);
    }

    @Test
    void shouldDeleteOnAFullDisk() {
        // Without content: what the delete gives back is not what it lives on.
        store.put("d/e/x", "");
        int fillers = 0;
        while (store.put("filler/" + fillers, "x".repeat(512)) instanceof ObjectWritten) {
            fillers++;
        }
        assertThat(disk.usedBytes()).isEqualTo(64 << 10);
        assertThat(store.delete("d/e/x")).isInstanceOf(ObjectsDeleted.class);
        assertThat(disk.mount().exists("d")).isFalse();
        assertThat(store.put("d", "")).isInstanceOf(ObjectWritten.class);
    }

    @Test
    void shouldDeleteAnObjectWhoseEmptyDirectoryCannotBeRemoved() {
        store.put("d/e/x", "1");
        disk.inject(FaultRule.on(DiskOperation.DELETE).file("d/e").failing(Errno.EACCES));
        assertThat(store.delete("d/e/x")).isInstanceOf(ObjectsDeleted.class);
        assertThat(disk.mount().exists("d/e")).isTrue();
        assertThat(store.head("d/e/x")).isInstanceOf(Missing.class);
        assertThat(store.put("d/e/y", "2")).isInstanceOf(ObjectWritten.class);
        assertThat(store.delete("d/e/y")).isInstanceOf(ObjectsDeleted.class);
        assertThat(disk.mount().exists("d")).isFalse();
    }

    @Test
    void shouldSayWhatToDoAboutPermissionsAndReadOnlyFileSystems() {
        disk.inject(FaultRule.on(DiskOperation.CREATE).failing(Errno.EACCES));
        final AttemptFailed denied = failed(store.put("a", "1"));
        assertThat(denied.kind()).isEqualTo(FailureKind.DENIED);
        assertThat(denied.message()).contains("let the user that Firn runs as read and write");
        disk.inject(FaultRule.on(DiskOperation.RENAME).failing(Errno.EROFS));
        final AttemptFailed readOnly = failed(store.put("a", "1"));
        assertThat(readOnly.kind()).isEqualTo(FailureKind.DENIED);
        assertThat(readOnly.message()).contains("mounted read-only");
    }

    @Test
    void shouldFailAWriteWhoseBytesCannotBeSynced() {
        store.put("a", "old");
        disk.inject(FaultRule.on(DiskOperation.SYNC));
        final AttemptFailed failed = failed(store.put("a", "new"));
        assertThat(failed.kind()).isEqualTo(FailureKind.STORE_ERROR);
        assertThat(failed.effect()).isEqualTo(Effect.NONE);
        assertThat(failed.retry()).isEqualTo(Retry.NEVER);
        assertThat(store.text("a")).isEqualTo("old");
    }

    @Test
    void shouldWriteNothingMoreWhenADirectoryCannotBeSynced() {
        store.put("a", "1");
        disk.inject(FaultRule.on(DiskOperation.SYNC_DIRECTORY));
        final AttemptFailed unknown = failed(store.put("b", "2"));
        assertThat(unknown.effect()).isEqualTo(Effect.UNKNOWN);
        assertThat(unknown.retry()).isEqualTo(Retry.NEVER);
        assertThat(failed(store.head("b")).message()).contains("which version of the object is durable is unknown");
        assertThat(failed(store.read("b")).kind()).isEqualTo(FailureKind.STORE_ERROR);
        final AttemptFailed refused = failed(store.put("c", "3"));
        assertThat(refused.effect()).isEqualTo(Effect.NONE);
        assertThat(refused.message()).contains("look after the disk, then restart");
        assertThat(failed(store.delete("a")).effect()).isEqualTo(Effect.NONE);
        assertThat(store.text("a")).isEqualTo("1");
    }

    @Test
    void shouldFindAFlippedBit() {
        store.put("a", "x".repeat(512));
        assertThat(disk.flipBit("a", 0)).isTrue();
        final AttemptFailed corrupt = failed(store.read("a"));
        assertThat(corrupt.kind()).isEqualTo(FailureKind.CORRUPT);
        assertThat(corrupt.message()).contains("do not have the checksum that they were written with");
    }

    @Test
    void shouldLetAFailedReadBeTriedAgain() {
        store.put("a", "content");
        disk.inject(FaultRule.on(DiskOperation.READ).file("a"));
        assertThat(failed(store.read("a")).retry()).isEqualTo(Retry.LATER);
        assertThat(store.text("a")).isEqualTo("content");
    }

    @Test
    void shouldRefuseWhatItsQueueCannotTakeAndCancelWhatHasNotBegun() {
        final List<Attempt> attempts = new ArrayList<>();
        for (int i = 0; i <= DirectoryConfig.DRIVEN.queuedPerWorker(); i++) {
            final Attempt attempt = new Attempt(new AttemptRequest.HeadObject("a"), Long.MAX_VALUE, done -> {});
            store.backend.begin(attempt);
            attempts.add(attempt);
        }
        assertThat(failed(attempts.getLast().result()).kind()).isEqualTo(FailureKind.OVERLOADED);
        store.backend.cancel(attempts.getFirst());
        while (attempts.get(attempts.size() - 2).result() == null) {
            store.backend.doWork();
        }
        assertThat(failed(attempts.getFirst().result()).kind()).isEqualTo(FailureKind.CANCELLED);
        assertThat(attempts.get(1).result()).isInstanceOf(Missing.class);
    }

    @Test
    void shouldListAnyKeysInOrderByPrefixDelimiterAndPage() {
        disk.setCapacity(1L << 30);
        final RandomGenerator random = SystemRandom.seeded(11);
        final Set<String> keys = new TreeSet<>(KeyPaths::compare);
        for (int i = 0; i < 300; i++) {
            final String key = oddKey(random);
            if (store.put(key, "x") instanceof ObjectWritten) {
                keys.add(key);
            }
        }
        assertThat(keys).hasSizeGreaterThan(100);
        final List<String> prefixes = new ArrayList<>(List.of("", "a", "a/", "a//", "é", ".~", "x".repeat(251)));
        keys.stream()
                .limit(20)
                .map(key -> key.substring(0, key.offsetByCodePoints(0, 1)))
                .forEach(prefixes::add);
        for (final String prefix : prefixes) {
            for (final String delimiter : List.of("", "/", "a", "/a")) {
                final Set<String> expected = new LinkedHashSet<>();
                for (final String key : keys) {
                    if (key.startsWith(prefix)) {
                        final int at = delimiter.isEmpty() ? -1 : key.indexOf(delimiter, prefix.length());
                        expected.add(at < 0 ? key : "*" + key.substring(0, at + delimiter.length()));
                    }
                }
                assertThat(listed(prefix, delimiter, 1 + random.nextInt(50)))
                        .as("prefix %s, delimiter %s", prefix, delimiter)
                        .containsExactlyInAnyOrderElementsOf(expected);
            }
        }
    }

    private static String oddKey(final RandomGenerator random) {
        final List<String> parts = List.of(
                "a",
                "b",
                "",
                "a-",
                "a!",
                "é",
                "雪",
                "😀",
                ".~",
                ".~+",
                ".firn",
                "x".repeat(251),
                "x".repeat(252),
                "x".repeat(249) + "é",
                "x".repeat(249) + "雪雪",
                "x".repeat(250) + "😀y",
                "x".repeat(252) + "!",
                "x".repeat(260),
                "%2F",
                " ");
        final StringBuilder key = new StringBuilder();
        for (int i = random.nextInt(3); i >= 0; i--) {
            key.append(parts.get(random.nextInt(parts.size()))).append(i == 0 ? "" : "/");
        }
        return key.isEmpty() ? "z" : key.toString();
    }

    private List<String> listed(final String prefix, final String delimiter, final int pageKeys) {
        final List<String> found = new ArrayList<>();
        String token = null;
        String last = "";
        do {
            final var page =
                    ((PageListed) store.run(new AttemptRequest.ListPage(prefix, delimiter, token, pageKeys))).page();
            for (final ListedObject object : page.objects()) {
                assertThat(KeyPaths.compare(object.key(), last)).isPositive();
                last = object.key();
                found.add(object.key());
            }
            page.commonPrefixes().forEach(common -> found.add("*" + common));
            assertThat(page.objects().size() + page.commonPrefixes().size()).isLessThanOrEqualTo(pageKeys);
            token = page.nextToken();
        } while (token != null);
        return found;
    }

    @Test
    void shouldBeOpenedByStoreLimitsOfItsCaller() {
        assertThat(store.backend.limits()).isEqualTo(StoreLimits.DEFAULT);
        assertThat(store.backend.describe()).contains("/simulated").contains(store.backend.storeId());
    }
}
