package dev.firn.server.faults;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.firn.compute.instance.PostgresServer;
import dev.firn.postgres.lsn.Lsn;
import dev.firn.server.FirnProcess;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * What an object store may have done to a timeline's objects: each damage is told in one sentence by the page server that meets it, it writes
 * nothing over what it found, and serves the other timelines on. When the objects are as they were, so is the timeline, without a restart.
 */
@Tag("long")
@Timeout(1_800)
class PageStoreDamageTest {
    private static final String OTHER = "other";
    private static final String BRANCH = "dev";

    /** Of a manifest, its version; of a layer's header, too. */
    private static final int VERSION_AT = 8;

    /** The version within a layer's footer, from the end. */
    private static final int FOOTER_VERSION_FROM_END = 136 - 8;

    @TempDir
    private Path folder;

    private PageTrial trial;
    private PageServerHost host;
    private PostgresServer other;

    @Test
    void shouldSayWhatIsDamagedAndServeTheRest() throws Exception {
        try (PageTrial opened = PageTrial.start(folder, 17);
                PostgresServer another = opened.followed().another(folder.resolve("another"))) {
            trial = opened;
            host = trial.host();
            other = another;
            attachOther();
            trial.postgres().execute("CREATE TABLE kept AS SELECT g, repeat('x', 200) FROM generate_series(1, 9000) g");
            final long lsn = trial.flushedLsn();
            host.awaitUploaded(PageTrial.MAIN, lsn, PageTrial.LIMIT);
            trial.branch(host, PageTrial.MAIN, BRANCH, lsn);
            assertThat(host.stop().exitCode()).as(host.err()).isZero();

            damageManifests();
            damageLayers();
            final Path branch = object(BRANCH, "branch.json");
            damaged(BRANCH, List.of(branch), bytes -> Arrays.copyOf(bytes, bytes.length / 2), "branch.json is damaged");
            damaged(
                    BRANCH,
                    List.of(branch),
                    bytes -> new String(bytes, StandardCharsets.UTF_8)
                            .replaceFirst("(\"version\" *: *)1", "$12")
                            .getBytes(StandardCharsets.UTF_8),
                    "branch.json is ");
            loseWhatIsInUse();

            host.start();
            PageTrial.awaitLive(host, PageTrial.MAIN);
            PageTrial.awaitLive(host, BRANCH);
            final long end = trial.shutDown(host);
            try (ServedLog served = trial.served(host, PageTrial.MAIN)) {
                trial.fetch().oracle().compare(served, end);
            }
        }
    }

    private void attachOther() throws Exception {
        final FirnProcess.Result attached = FirnProcess.run(
                "attach",
                "host=127.0.0.1 port=" + other.port() + " user=postgres",
                "--name",
                OTHER,
                "--dir",
                trial.system().dir().toString());
        assertThat(attached.exitCode()).as(attached.err()).isZero();
        PageTrial.awaitLive(host, OTHER);
    }

    private void damageManifests() throws Exception {
        final List<Path> manifest = List.of(object(PageTrial.MAIN, "pages/manifest"));
        damaged(PageTrial.MAIN, manifest, bytes -> flip(bytes, bytes.length / 2), "the manifest of main is damaged: ");
        damaged(
                PageTrial.MAIN,
                manifest,
                bytes -> put(bytes, VERSION_AT, 9),
                "a manifest of version 9; this program reads ");
        damaged(
                PageTrial.MAIN,
                manifest,
                bytes -> Arrays.copyOf(bytes, bytes.length / 2),
                "the manifest of main is damaged: ");
        damaged(PageTrial.MAIN, manifest, bytes -> new byte[0], "the manifest of main is damaged: it is empty");
        final byte[] others = Files.readAllBytes(object(OTHER, "pages/manifest"));
        damaged(PageTrial.MAIN, manifest, bytes -> others, "it is the manifest of timeline other");
    }

    /** Those that there are each time: once it serves again, a page server merges and collects. */
    private void damageLayers() throws Exception {
        damaged(PageTrial.MAIN, layers(PageTrial.MAIN), bytes -> null, ".layer");
        damaged(PageTrial.MAIN, layers(PageTrial.MAIN), bytes -> flip(bytes, bytes.length - 20), ".layer");
        damaged(PageTrial.MAIN, layers(PageTrial.MAIN), bytes -> flip(bytes, bytes.length / 2), ".layer");
        damaged(PageTrial.MAIN, layers(PageTrial.MAIN), bytes -> Arrays.copyOf(bytes, bytes.length - 1), ".layer");
        damaged(
                PageTrial.MAIN,
                layers(PageTrial.MAIN),
                bytes -> put(bytes, bytes.length - FOOTER_VERSION_FROM_END, 9),
                "version 9");
        final byte[] others = Files.readAllBytes(layers(OTHER).getFirst());
        damaged(PageTrial.MAIN, layers(PageTrial.MAIN), bytes -> others, ".layer");
    }

    /** A page server that has the timeline open, and whose manifest goes, or becomes another. */
    private void loseWhatIsInUse() throws Exception {
        final Path manifest = object(PageTrial.MAIN, "pages/manifest");
        host.start();
        PageTrial.awaitLive(host, PageTrial.MAIN);
        final byte[] kept = Files.readAllBytes(manifest);
        Files.delete(manifest);
        trial.postgres().execute("INSERT INTO kept SELECT g, 'more' FROM generate_series(1, 100) g");
        assertOneSentence(awaitDetail(PageTrial.MAIN, "the manifest of main is gone from the store: "));
        assertOtherGoesOn();
        // It is tried again, and never made anew: what it was is somebody's to put back.
        host.await(
                PageTrial.MAIN,
                PageTrial.LIMIT,
                "is refused",
                found -> found.path("pages").path("state").asText().equals("refused")
                        && found.path("pages").path("detail").asText().contains("it has no manifest"));
        assertThat(manifest).doesNotExist();
        write(manifest, kept);
        PageTrial.awaitLive(host, PageTrial.MAIN);
        PageTrial.awaitLive(host, BRANCH);
        assertThat(host.stop().exitCode()).as(host.err()).isZero();
    }

    /** Starts on damaged objects, and puts them back. */
    private void damaged(
            final String timeline, final List<Path> objects, final UnaryOperator<byte[]> change, final String words)
            throws Exception {
        final Map<Path, byte[]> before = new LinkedHashMap<>();
        final Map<Path, byte[]> after = new LinkedHashMap<>();
        for (final Path object : objects) {
            final byte[] bytes = Files.readAllBytes(object);
            before.put(object, bytes);
            after.put(object, change.apply(bytes.clone()));
            write(object, after.get(object));
        }
        host.start();
        assertOneSentence(awaitDetail(timeline, words));
        assertOtherGoesOn();
        for (final Path object : objects) {
            if (after.get(object) == null) {
                assertThat(object).doesNotExist();
            } else if (Files.exists(object)) {
                assertThat(object).as("what was found").hasBinaryContent(after.get(object));
            } else {
                // One that was merged before, and was waiting to be collected; pages are compared at the end.
                assertThat(object.toString()).endsWith(".layer");
                continue;
            }
            write(object, before.get(object));
        }
        PageTrial.awaitLive(host, timeline);
        assertThat(host.timeline(timeline).path("pages").path("detail").asText())
                .isEmpty();
        assertThat(host.stop().exitCode()).as(host.err()).isZero();
    }

    /** As a new file, of which the store knows no checksum: what it knows of, it refuses by itself, and no page server sees it. */
    private static void write(final Path object, final byte[] bytes) throws IOException {
        Files.deleteIfExists(object);
        if (bytes != null) {
            Files.write(object, bytes);
        }
    }

    private JsonNode awaitDetail(final String timeline, final String words) throws Exception {
        return host.await(
                timeline,
                PageTrial.LIMIT,
                "says " + words,
                found -> found.path("pages").path("detail").asText().contains(words));
    }

    private static void assertOneSentence(final JsonNode timeline) {
        final String detail = timeline.path("pages").path("detail").asText();
        System.err.println(timeline.path("name").asText() + ": " + detail);
        assertThat(detail).doesNotContain("\n").doesNotContain("Exception").hasSizeLessThan(500);
    }

    private void assertOtherGoesOn() throws Exception {
        other.execute("CREATE TABLE IF NOT EXISTS goes_on (at timestamp)");
        other.execute("INSERT INTO goes_on VALUES (now())");
        final long lsn = Lsn.parse(
                other.query("SELECT pg_current_wal_flush_lsn()").getFirst().getFirst());
        host.awaitApplied(OTHER, lsn, PageTrial.LIMIT);
        try (ServedLog served = trial.served(host, OTHER)) {
            assertThat(served.connection().blocks(served.facts(), lsn, 1664, 0, 1262, 0))
                    .isEqualTo(1);
        }
    }

    private Path object(final String timeline, final String name) {
        return trial.system()
                .dir()
                .resolve("objects/timelines")
                .resolve(timeline)
                .resolve(name);
    }

    private List<Path> layers(final String timeline) throws IOException {
        try (Stream<Path> files = Files.list(object(timeline, "pages"))) {
            final List<Path> layers = files.filter(file -> file.toString().endsWith(".layer"))
                    .sorted()
                    .toList();
            assertThat(layers).isNotEmpty();
            return layers;
        }
    }

    private static byte[] flip(final byte[] bytes, final int at) {
        bytes[at] ^= 0x10;
        return bytes;
    }

    private static byte[] put(final byte[] bytes, final int at, final int value) {
        bytes[at] = (byte) value;
        return bytes;
    }
}
