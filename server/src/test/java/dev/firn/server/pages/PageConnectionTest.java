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
import dev.firn.postgres.LittleEndian;
import dev.firn.postgres.MalformedDataException;
import dev.firn.postgres.file.Fork;
import dev.firn.postgres.file.RelFileLocator;
import dev.firn.server.CommandException;
import dev.firn.server.store.StoppedException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A connection and a page service in virtual time, which goes on with each turn that the connection waits. */
@Timeout(60)
final class PageConnectionTest {
    private static final long SEED = 20_261_122;
    private static final int SERVER = 0;
    private static final int CLIENT = 1;
    private static final int BLOCKS = 42;
    private static final long STEP_NS = TimeUnit.MILLISECONDS.toNanos(100);
    private static final TimelineFacts TIMELINE =
            new TimelineFacts("main", 7, 1, 17, 16 << 20, "", 0, 0x100, 0x1000, 0);
    private static final RelFileLocator RELATION = new RelFileLocator(1663, 5, 16_384);

    private final Scheduler scheduler = new Scheduler(SEED, Trace.silent());
    private final SimulatedNetwork network = new SimulatedNetwork(scheduler, SEED, 2, NetworkFaults.NONE);
    private final Clock clock = new SimulatedClock(scheduler, 0, 0, 0);
    private final OffHeapMemory memory = OffHeapMemory.open(OffHeapConfig.of("connection", 64L << 20));
    private final Endpoint serverEnd = network.open(SERVER);
    private final Endpoint clientEnd = network.open(CLIENT);
    private final AlikeReads sizes = new AlikeReads(memory, TIMELINE, Integer.BYTES);
    private final PageService service = new PageService(serverEnd, clock, PageServiceConfig.DEFAULT, sizes, memory);
    private final PageConnection connection =
            new PageConnection(clientEnd, SERVER, clock, SystemRandom.seeded(SEED), this::turn, this::hear);
    private final ServedPages pages = new ServedPages(connection, TIMELINE, 0x1000);
    private final List<String> said = new ArrayList<>();

    /** In which turn the user asks to stop; 0 for never. */
    private int stopsAfter;

    /** When the server's process is there again. */
    private long awayUntilNs;

    @BeforeEach
    void giveAllRelationsOneSize() {
        LittleEndian.putInt(sizes.value, 0, BLOCKS);
    }

    @AfterEach
    void nothingIsHeld() {
        service.close();
        sizes.close();
        clientEnd.close();
        serverEnd.close();
        assertThat(memory.usage().heldBytes()).isZero();
        memory.close();
    }

    /** What the connection asks in each turn: time goes on, and the server with it, unless it is away. */
    private boolean turn() {
        scheduler.runFor(STEP_NS);
        final boolean away = clock.nanoTime() < awayUntilNs;
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
        return stopsAfter > 0 && --stopsAfter == 0;
    }

    private void hear(final String sentence) {
        said.add(sentence);
    }

    private long blocks() {
        return pages.blocks(RELATION, Fork.MAIN);
    }

    @Test
    void shouldGiveUpSoonUnlessToldToWait() {
        assertThat(blocks()).isEqualTo(BLOCKS);
        awayUntilNs = Long.MAX_VALUE;
        final long beganNs = clock.nanoTime();
        assertThatThrownBy(this::blocks)
                .isInstanceOf(CommandException.class)
                .hasMessageContaining("not answered within 20 s");
        assertThat(clock.nanoTime() - beganNs).isLessThan(TimeUnit.MINUTES.toNanos(1));
    }

    @Test
    void shouldOutlastAServerThatIsAwayForMinutes() {
        connection.waitLonger(TimeUnit.MINUTES.toNanos(10));
        assertThat(blocks()).isEqualTo(BLOCKS);
        for (int outage = 1; outage <= 2; outage++) {
            awayUntilNs = clock.nanoTime() + TimeUnit.MINUTES.toNanos(3);
            assertThat(blocks()).isEqualTo(BLOCKS);
            assertThat(said).as("once for each time").hasSize(outage);
        }
        assertThat(said).allMatch(sentence -> sentence.contains("waited for, up to 10 minutes"));
        awayUntilNs = Long.MAX_VALUE;
        assertThatThrownBy(this::blocks)
                .isInstanceOf(CommandException.class)
                .hasMessageContaining("not answered within 600 s");
    }

    @Test
    void shouldAskAgainForATimelineThatIsNotOpenYet() {
        sizes.isOpen = false;
        assertThatThrownBy(this::blocks).isInstanceOf(CommandException.class).hasMessageContaining("is served here");
        connection.waitLonger(TimeUnit.MINUTES.toNanos(10));
        scheduler.schedule(TimeUnit.SECONDS.toNanos(10), () -> sizes.isOpen = true);
        assertThat(blocks()).isEqualTo(BLOCKS);
        // One that is gone for good is not waited for as a server is.
        sizes.isOpen = false;
        final long beganNs = clock.nanoTime();
        assertThatThrownBy(this::blocks).isInstanceOf(CommandException.class).hasMessageContaining("is served here");
        assertThat(clock.nanoTime() - beganNs).isLessThan(TimeUnit.MINUTES.toNanos(1));
    }

    @Test
    void shouldWaitForATimelineThatTheServerOpens() {
        sizes.isOpen = false;
        service.unservedBy(opening("the page server is opening main"));
        scheduler.schedule(TimeUnit.SECONDS.toNanos(40), () -> sizes.isOpen = true);
        assertThat(connection.serves("main")).as("asked without waiting").isFalse();
        assertThat(connection.timeline("main")).isEqualTo(TIMELINE);
        assertThat(said).containsExactly("waiting, as the page server is opening main");
        assertThat(connection.serves("main")).isTrue();
    }

    @Test
    void shouldSayWhatGoesOnWhenATimelineIsLongInOpening() {
        sizes.isOpen = false;
        service.unservedBy(opening("the page server is opening main"));
        final long beganNs = clock.nanoTime();
        assertThatThrownBy(() -> connection.timeline("main"))
                .isInstanceOf(CommandException.class)
                .hasMessage("the page server is opening main; that has taken more than 60 s: ./firn status shows how it"
                        + " goes on");
        assertThat(clock.nanoTime() - beganNs).isBetween(TimeUnit.SECONDS.toNanos(60), TimeUnit.SECONDS.toNanos(80));
        assertThat(said).hasSize(1);
    }

    @Test
    void shouldSayAtOnceThatThereIsNoSuchTimeline() {
        final long beganNs = clock.nanoTime();
        assertThatThrownBy(() -> connection.timeline("none"))
                .isInstanceOf(CommandException.class)
                .hasMessage("no timeline with the name none is served here");
        assertThat(clock.nanoTime() - beganNs).isLessThan(TimeUnit.SECONDS.toNanos(2));
        assertThat(said).isEmpty();
    }

    private static UnservedTimelines opening(final String sentence) {
        return new UnservedTimelines() {
            @Override
            public Absence named(final String name) {
                return new Absence(ReadRefusal.NOT_OPEN_YET, sentence);
            }

            @Override
            public Absence identified(final long timelineId) {
                return new Absence(ReadRefusal.NOT_OPEN_YET, sentence);
            }
        };
    }

    @Test
    void shouldNotTakeTheRefusalOfARequestBeforeForItsOwn() {
        sizes.isSlow = true;
        stopsAfter = 1;
        assertThatThrownBy(this::blocks).isInstanceOf(StoppedException.class);
        // It is refused while the next is waited for.
        sizes.isSlow = false;
        sizes.refusals = 1;
        assertThat(blocks()).isEqualTo(BLOCKS);
    }

    @Test
    void shouldTellWhatIsDamagedOfARelationFromWhatEndsAll() {
        sizes.refusal = ReadRefusal.DAMAGED;
        assertThatThrownBy(this::blocks)
                .isInstanceOf(MalformedDataException.class)
                .hasMessageContaining("16384")
                .hasMessageContaining("so it is");
        sizes.refusal = ReadRefusal.BEFORE_HISTORY;
        assertThatThrownBy(this::blocks).isInstanceOf(CommandException.class).hasMessageContaining("so it is");
    }
}
