package dev.firn.walquorum.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.nativeio.simulation.Simulation;
import dev.firn.nativeio.simulation.SimulationConfig;
import dev.firn.nativeio.storage.Storage;
import dev.firn.walquorum.term.Membership;
import dev.firn.walquorum.term.TermHistory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class WalLogTest {
    private static final long ROOM_BYTES = 1L << 30;

    /** A frame of half its most bytes is long. */
    private static final int LONG = TestLog.SMALL.longWriteBytes();

    /** Where a frame's header tells how much it has: docs/wal-log-format.md. */
    private static final int LENGTH_AT = 16;

    private Simulation simulation;
    private TestLog log;

    @BeforeEach
    void makeDisk() {
        simulation = new Simulation(SimulationConfig.of(1, 1));
        log = TestLog.create(simulation, TestLog.SMALL);
    }

    @AfterEach
    void close() {
        log.close();
        simulation.close();
    }

    private void reopen() {
        log.close();
        log = TestLog.open(simulation, TestLog.DIRECTORY, TestLog.SMALL);
    }

    @Test
    void shouldFindAnEmptyLogAfterItWasMade() {
        reopen();

        assertThat(log.log.identity()).isEqualTo(TestLog.identity());
        assertThat(log.log.found().promisedTerm()).isZero();
        assertThat(log.log.found().membership()).isEqualTo(Membership.NONE);
        assertThat(log.log.found().startLsn()).isEqualTo(TestLog.START_LSN);
        assertThat(log.log.found().flushedLsn()).isEqualTo(TestLog.START_LSN);
    }

    @Test
    void shouldFindPromiseHistoryAndBytes() {
        final Membership membership = new Membership(4, List.of(1L, -7L, 9L), List.of(1L, 2L));
        log.led().append(300_000);
        log.log.writePromise(9, -3, membership);
        log.until(() -> log.promises == 2);

        reopen();

        assertThat(log.log.found().promisedTerm()).isEqualTo(9);
        assertThat(log.log.found().candidate()).isEqualTo(-3);
        assertThat(log.log.found().membership()).isEqualTo(membership);
        assertThat(log.log.found().followedTerm()).isEqualTo(TestLog.TERM);
        assertThat(log.log.found().history().startLsn(0)).isEqualTo(TestLog.START_LSN);
        assertThat(log.log.found().flushedLsn()).isEqualTo(TestLog.START_LSN + 300_000);
        log.readAll(TestLog.START_LSN);
    }

    @Test
    void shouldTakeOnePromiseAtATime() {
        log.log.writePromise(1, 1, Membership.NONE);

        assertThatThrownBy(() -> log.log.writePromise(2, 2, Membership.NONE))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("on its way");
    }

    @Test
    void shouldTrimWholeSegmentsAndGoOnInThem() {
        log.led().append(600_000);
        final int before = log.log.segmentCount();
        final long wanted = TestLog.START_LSN + 400_000;

        assertThat(log.log.trim(wanted)).isTrue();
        log.until(() -> log.trimmedTo > 0);
        log.append(600_000);

        assertThat(log.trimmedTo).isBetween(wanted - TestLog.SMALL.segmentBytes(), wanted);
        assertThat(log.log.startLsn()).isEqualTo(log.trimmedTo);
        assertThat(log.log.segmentCount()).isLessThan(2 * before - 2);
        log.readAll(log.log.startLsn());
        final long start = log.trimmedTo;
        final int files = segmentFiles();
        reopen();
        assertThat(log.log.found().startLsn()).isEqualTo(start);
        assertThat(log.log.segmentCount()).isBetween(files - 2, files - 1);
        log.readAll(start);
    }

    @Test
    void shouldKeepTheSegmentThatIsWritten() {
        log.led().append(300_000);

        log.log.trim(log.log.durableLsn());
        log.until(() -> log.trimmedTo > 0);

        assertThat(log.log.segmentCount()).isEqualTo(1);
        assertThat(log.log.trim(log.log.durableLsn())).isFalse();
        assertThat(log.log.startLsn()).isLessThan(log.log.durableLsn());
    }

    @Test
    void shouldBeginAnewBeyondItsEnd() {
        log.led().append(300_000);
        final TermHistory history = new TermHistory();
        history.add(TestLog.TERM, TestLog.START_LSN);
        final long lsn = TestLog.START_LSN + 5_000_000;

        log.handedOverTerm = 0;
        log.log.restartAt(TestLog.TERM, history, lsn);
        assertThat(log.offer(10)).as("taken while it begins anew").isZero();
        log.until(() -> log.handedOverTerm == TestLog.TERM);
        assertThat(log.log.startLsn()).isEqualTo(lsn);
        log.append(300_000);

        log.readAll(lsn);
        log.until(() -> segmentFiles() <= 5);
        reopen();
        assertThat(log.log.found().startLsn()).isEqualTo(lsn);
        assertThat(log.log.found().flushedLsn()).isEqualTo(lsn + 300_000);
        assertThat(log.log.found().history()).isEqualTo(history);
        log.readAll(lsn);
        assertThatThrownBy(() -> log.log.read(1, lsn - 1, lsn))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("not in the log");
    }

    @Test
    void shouldForgetWhatAHandOverCutsOff() {
        log.led().append(100_000);
        final long cut = TestLog.START_LSN + 50_000;
        log.log.writePromise(8, 1, Membership.NONE);
        log.until(() -> log.promises == 2);
        final TermHistory history = new TermHistory();
        history.add(TestLog.TERM, TestLog.START_LSN);
        history.add(8, cut);

        log.log.handOver(8, history, cut);
        log.until(() -> log.handedOverTerm == 8);

        assertThat(log.log.endLsn()).isEqualTo(cut);
        assertThat(log.readRecent(cut - 10)).isZero();
        log.readAll(TestLog.START_LSN);
        reopen();
        assertThat(log.log.found().flushedLsn()).isEqualTo(cut);
        assertThat(log.log.found().history()).isEqualTo(history);
        assertThat(log.log.found().followedTerm()).isEqualTo(8);
    }

    @Test
    void shouldReadWhatWasJustWrittenWithoutTheDisk() {
        log.led().append(200_000);
        final long end = log.log.durableLsn();

        assertThat(log.readRecent(end - 30_000)).isEqualTo(30_000);
        assertThat(log.readRecent(TestLog.START_LSN)).isZero();
        assertThat(log.log.isRecent(end)).isFalse();
    }

    @Test
    void shouldReadManySmallFramesAtOnce() {
        log.led();
        for (int i = 0; i < 4; i++) {
            log.append(100);
        }
        log.readsLeft = 1;

        assertThat(log.log.read(TestLog.START_LSN + 50, TestLog.START_LSN + 50, TestLog.START_LSN + 399))
                .isTrue();
        log.until(() -> log.readsLeft == 0);

        assertThat(log.readBytes).isEqualTo(349);
    }

    @Test
    void shouldLetAShortFrameGrowBehindALongOne() {
        log.led();

        offerAtOnce(LONG);
        offerAtOnce(100);
        offerAtOnce(200);
        log.until(() -> log.flushedLsn == log.log.endLsn());
        offerAtOnce(400);
        log.until(() -> log.flushedLsn == log.log.endLsn());

        assertThat(appends()).containsExactly(LONG, 300, 400);
    }

    @Test
    void shouldWriteShortFramesAtOnceBehindAShortOne() {
        log.led();

        offerAtOnce(100);
        offerAtOnce(200);
        offerAtOnce(300);
        offerAtOnce(400);
        log.until(() -> log.flushedLsn == log.log.endLsn());

        assertThat(appends()).as("two writes on their way").containsExactly(100, 200, 700);
    }

    @Test
    void shouldWriteALongFrameAtOnceBehindALongOne() {
        log.led();

        offerAtOnce(LONG);
        offerAtOnce(100);
        offerAtOnce(LONG);
        offerAtOnce(200);
        log.until(() -> log.flushedLsn == log.log.endLsn());

        assertThat(appends()).containsExactly(LONG, LONG + 100, 200);
    }

    @Test
    void shouldWaitForRoomWhenTheDiskIsFull() {
        log.led().append(50_000);
        simulation.host(0).disk().setCapacity(simulation.host(0).disk().usedBytes());

        int taken = 0;
        for (int i = 0; i < 3_000; i++) {
            taken += log.offer(1_000);
            log.doWork();
        }
        assertThat(log.full).contains("no space").contains("ENOSPC").doesNotContain("\n");
        assertThat(log.roomTold).isZero();
        assertThat(log.flushedLsn).as("all that was taken had room").isEqualTo(log.log.endLsn());
        assertThat(log.offer(1)).as("taken without room").isZero();
        log.log.writePromise(20, 1, Membership.NONE);
        log.until(() -> log.promises == 2);

        simulation.host(0).disk().setCapacity(ROOM_BYTES);
        log.until(() -> log.roomTold == 1);
        log.append(500_000);
        assertThat(log.log.durableLsn()).isEqualTo(TestLog.START_LSN + 550_000 + taken);
        log.readAll(TestLog.START_LSN);
    }

    @Test
    void shouldOpenOnAFullDisk() {
        log.led().append(300_000);
        simulation.host(0).disk().setCapacity(simulation.host(0).disk().usedBytes());

        reopen();
        log.readAll(TestLog.START_LSN);

        assertThat(log.log.found().flushedLsn()).isEqualTo(TestLog.START_LSN + 300_000);
    }

    @Test
    void shouldKeepItsSizesWhateverIsConfiguredLater() {
        log.led().append(300_000);
        log.close();

        log = TestLog.open(simulation, TestLog.DIRECTORY, LogConfig.DEFAULT);
        log.append(300_000);

        log.readAll(TestLog.START_LSN);
        reopen();
        assertThat(log.log.found().flushedLsn()).isEqualTo(TestLog.START_LSN + 600_000);
    }

    @Test
    void shouldRefuseToBeMadeTwice() {
        assertThatThrownBy(() -> TestLog.create(simulation, TestLog.SMALL))
                .isInstanceOf(LogException.class)
                .hasMessageContaining("stands in logs/1f already");
    }

    /** No time passes: what is on its way stays so. */
    private void offerAtOnce(final int bytes) {
        assertThat(log.offer(bytes)).isEqualTo(bytes);
        log.log.doWork();
    }

    /** How many bytes each frame of the first segment has, but for the hand-over that comes first. */
    private List<Integer> appends() {
        final List<Integer> payloads = new ArrayList<>();
        try (Storage storage = simulation.host(0).disk().mount()) {
            final ByteBuffer segment = ByteBuffer.wrap(
                            LogImage.of(storage, TestLog.DIRECTORY).segment(0))
                    .order(ByteOrder.LITTLE_ENDIAN);
            final int magic = segment.getInt(0);
            int at = 0;
            while (segment.getInt(at) == magic) {
                payloads.add(segment.getInt(at + LENGTH_AT));
                at += FrameLayout.alignedBytes(payloads.getLast());
            }
        }
        return payloads.subList(1, payloads.size());
    }

    private int segmentFiles() {
        try (Storage storage = simulation.host(0).disk().mount()) {
            return (int) storage.list(TestLog.DIRECTORY).stream()
                    .filter(name -> LogNames.segmentOf(name) >= 0)
                    .count();
        }
    }
}
