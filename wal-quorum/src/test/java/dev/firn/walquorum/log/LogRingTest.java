package dev.firn.walquorum.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.nativeio.memory.OffHeapConfig;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.nativeio.simulation.DiskOperation;
import dev.firn.nativeio.simulation.FaultRule;
import dev.firn.nativeio.simulation.Simulation;
import dev.firn.nativeio.simulation.SimulationConfig;
import dev.firn.nativeio.storage.Storage;
import dev.firn.nativeio.storage.StorageException;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class LogRingTest {
    private static final int LOGS = 3;
    private static final int MAX_TURNS = 100_000;
    private static final long DUTY_CYCLE_NS = 20_000;

    private final TestLog[] logs = new TestLog[LOGS];
    private final Simulation simulation = new Simulation(SimulationConfig.of(1, 1));
    private OffHeapMemory memory;
    private Storage storage;
    private LogRing ring;

    @BeforeEach
    void open() {
        memory = OffHeapMemory.open(OffHeapConfig.of("logs", 8 << 20));
        storage = simulation.host(0).disk().mount();
        ring = LogRing.open(storage, LOGS, TestLog.SMALL);
        for (int i = 0; i < LOGS; i++) {
            logs[i] = TestLog.create(storage, "logs/" + i, memory, ring);
        }
    }

    @AfterEach
    void close() {
        ring.close();
        for (final TestLog log : logs) {
            log.close();
        }
        assertThat(memory.stillAllocated().isEmpty()).isTrue();
        memory.close();
        simulation.close();
    }

    @Test
    void shouldServeAllItsLogs() {
        for (final TestLog log : logs) {
            log.log.writePromise(1, 1, TestLog.MEMBERSHIP);
        }
        until(() -> logs[0].promises + logs[1].promises + logs[2].promises == LOGS);

        assertThatThrownBy(() -> TestLog.create(storage, "logs/9", memory, ring))
                .isInstanceOf(LogException.class)
                .hasMessageContaining("a ring for 3 WAL logs has no room for another");
    }

    @Test
    void shouldKeepTheFailureOfOneLogFromTheOthers() {
        simulation.host(0).disk().inject(FaultRule.on(DiskOperation.WRITE).file("logs/1/control"));
        for (final TestLog log : logs) {
            log.log.writePromise(1, 1, TestLog.MEMBERSHIP);
        }

        assertThatThrownBy(() -> until(() -> false))
                .isInstanceOf(StorageException.class)
                .hasMessageContaining("logs/1/control");
        logs[1].close();
        until(() -> logs[0].promises + logs[2].promises == 2);
        logs[1] = TestLog.open(storage, "logs/1", memory, ring);
        logs[1].log.writePromise(2, 1, TestLog.MEMBERSHIP);
        until(() -> logs[1].promises == 1);
    }

    @Test
    void shouldGiveALogsMemoryBackWhenItsOperationsHaveEnded() {
        final long held = memory.usage().heldBytes();
        logs[1].log.writePromise(1, 1, TestLog.MEMBERSHIP);
        ring.submit();
        logs[1].close();
        assertThat(memory.usage().heldBytes()).isEqualTo(held);

        until(() -> memory.usage().heldBytes() < held);

        assertThat(logs[1].promises).as("told after it was closed").isZero();
        logs[1] = TestLog.open(storage, "logs/1", memory, ring);
    }

    private void until(final BooleanSupplier condition) {
        for (int i = 0; i < MAX_TURNS; i++) {
            if (condition.getAsBoolean()) {
                return;
            }
            ring.poll();
            for (final TestLog log : logs) {
                if (!log.isClosed()) {
                    log.log.doWork();
                }
            }
            ring.submit();
            simulation.runFor(DUTY_CYCLE_NS);
        }
        throw new AssertionError("nothing came about in " + MAX_TURNS + " duty cycles");
    }
}
