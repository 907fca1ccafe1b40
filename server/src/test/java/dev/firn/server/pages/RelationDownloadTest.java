package dev.firn.server.pages;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.nativeio.memory.OffHeapConfig;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.nativeio.network.Endpoint;
import dev.firn.nativeio.seam.Clock;
import dev.firn.nativeio.seam.SystemRandom;
import dev.firn.nativeio.simulation.NetworkFaults;
import dev.firn.nativeio.simulation.Scheduler;
import dev.firn.nativeio.simulation.SimulatedClock;
import dev.firn.nativeio.simulation.SimulatedNetwork;
import dev.firn.nativeio.simulation.Trace;
import dev.firn.pagestore.service.PageService;
import dev.firn.pagestore.service.PageServiceConfig;
import dev.firn.pagestore.service.ReadRefusal;
import dev.firn.pagestore.service.TimelineFacts;
import dev.firn.pagestore.service.UnservedTimelines;
import dev.firn.postgres.file.Fork;
import dev.firn.postgres.file.RelFileLocator;
import dev.firn.postgres.page.PageLayout;
import dev.firn.postgres.version.PostgresVersion;
import dev.firn.server.CommandException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A download and a page service in virtual time, which goes on with each turn that the download waits. */
@Timeout(60)
final class RelationDownloadTest {
    private static final long SEED = 20_261_123;
    private static final int SERVER = 0;
    private static final int CLIENT = 1;
    private static final int BLOCKS = 2_000;
    private static final byte FILLING = 7;
    private static final long STEP_NS = TimeUnit.MILLISECONDS.toNanos(20);
    private static final TimelineFacts TIMELINE =
            new TimelineFacts("main", 7, 1, 17, 16 << 20, "", 0, 0x100, 0x1000, 0);
    private static final RelFileLocator RELATION = new RelFileLocator(1663, 5, 16_384);

    @TempDir
    private Path directory;

    private final Scheduler scheduler = new Scheduler(SEED, Trace.silent());
    private final SimulatedNetwork network = new SimulatedNetwork(scheduler, SEED, 2, NetworkFaults.NONE);
    private final Clock clock = new SimulatedClock(scheduler, 0, 0, 0);
    private final OffHeapMemory memory = OffHeapMemory.open(OffHeapConfig.of("download", 64L << 20));
    private final Endpoint serverEnd = network.open(SERVER);
    private final Endpoint clientEnd = network.open(CLIENT);
    private final AlikeReads pages = new AlikeReads(memory, TIMELINE, PageLayout.PAGE_BYTES);
    private final PageService service = new PageService(serverEnd, clock, PageServiceConfig.DEFAULT, pages, memory);

    /** When the server's process ends, in the midst of the download; for how long it is away, and how long it then opens its timeline. */
    private long diesAtNs = Long.MAX_VALUE;

    private boolean dies;
    private long awayNs;
    private long openingNs;
    private final List<String> said = new ArrayList<>();

    @BeforeEach
    void makeAllPagesAlike() {
        pages.value.fill(FILLING);
    }

    @AfterEach
    void nothingIsHeld() {
        service.close();
        pages.close();
        clientEnd.close();
        serverEnd.close();
        assertThat(memory.usage().heldBytes()).isZero();
        memory.close();
    }

    private boolean turn() {
        scheduler.runFor(STEP_NS);
        final long nowNs = clock.nanoTime();
        if (dies && pages.answered >= BLOCKS / 4) {
            diesAtNs = Math.min(diesAtNs, nowNs);
        }
        final boolean away = nowNs >= diesAtNs && nowNs - diesAtNs < awayNs;
        pages.isOpen = nowNs < diesAtNs || nowNs - diesAtNs >= awayNs + openingNs;
        serverEnd.poll(
                (source, buffer, offset, length) -> {
                    // A process that is away hears nothing of what is sent to it.
                    if (!away) {
                        service.onMessage(source, buffer, offset, length);
                    }
                },
                100);
        if (!away) {
            service.doWork(100);
        }
        return false;
    }

    private void download() {
        final PageConnection connection =
                new PageConnection(clientEnd, SERVER, clock, SystemRandom.seeded(SEED), this::turn, sentence -> {});
        try (ReaderLease lease = ReaderLease.take(connection, TIMELINE, 0x1000, clock, SystemRandom.seeded(SEED));
                RelationDownload download = new RelationDownload(
                        clientEnd,
                        SERVER,
                        TIMELINE.timelineId(),
                        0x1000,
                        PostgresVersion.ofMajor(17),
                        false,
                        lease,
                        this::create,
                        clock,
                        SystemRandom.seeded(SEED),
                        this::turn,
                        bytes -> {},
                        said::add)) {
            download.add(RELATION, Fork.MAIN, Fork.MAIN, BLOCKS);
            download.finish();
        }
    }

    private FileChannel create(final String name) {
        try {
            return FileChannel.open(
                    directory.resolve(name.replace('/', '-')), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        } catch (final IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void requireWhole() throws IOException {
        final byte[] written = Files.readAllBytes(directory.resolve("base-5-16384"));
        assertThat(written).hasSize(BLOCKS * PageLayout.PAGE_BYTES).containsOnly(FILLING);
    }

    @Test
    void shouldWriteAllPages() throws Exception {
        download();

        requireWhole();
        assertThat(said).isEmpty();
    }

    @Test
    void shouldAskAgainSoonWhenAPageServerComesBackAtOnce() throws Exception {
        dies = true;
        awayNs = TimeUnit.SECONDS.toNanos(2);
        service.unservedBy(new Opening());

        download();

        requireWhole();
        assertThat(clock.nanoTime()).isLessThan(TimeUnit.SECONDS.toNanos(8));
        assertThat(said).containsExactly("the page server does not answer; it is waited for, up to 10 minutes");
    }

    @Test
    void shouldOutlastAPageServerThatRestarts() throws Exception {
        dies = true;
        awayNs = TimeUnit.SECONDS.toNanos(30);
        openingNs = TimeUnit.SECONDS.toNanos(15);
        service.unservedBy(new Opening());

        download();

        requireWhole();
        assertThat(clock.nanoTime()).isGreaterThan(awayNs + openingNs);
    }

    @Test
    void shouldSayWhatAPageServerIsAtThatTakesTooLong() {
        dies = true;
        openingNs = TimeUnit.HOURS.toNanos(1);
        service.unservedBy(new Opening());

        assertThatThrownBy(this::download)
                .isInstanceOf(CommandException.class)
                .hasMessageContaining("base/5/16384")
                .hasMessageContaining("is being opened");
    }

    /** A server that knows of the timeline, and does not serve it yet. */
    private static final class Opening implements UnservedTimelines {
        private static final Absence ABSENCE = new Absence(ReadRefusal.NOT_OPEN_YET, "main is being opened");

        @Override
        public Absence named(final String name) {
            return ABSENCE;
        }

        @Override
        public Absence identified(final long timelineId) {
            return ABSENCE;
        }
    }
}
