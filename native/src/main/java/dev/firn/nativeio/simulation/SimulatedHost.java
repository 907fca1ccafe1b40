package dev.firn.nativeio.simulation;

import dev.firn.nativeio.network.Network;
import dev.firn.nativeio.seam.Clock;
import dev.firn.nativeio.storage.Storage;
import dev.firn.nativeio.storage.StorageException;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import org.agrona.concurrent.Agent;
import org.agrona.concurrent.AgentTerminationException;

/** One host of a {@link Simulation}: a disk that outlives everything, and one life of a program after the other. */
public final class SimulatedHost {
    /** The monotonic clock starts anew when power comes back, somewhere within about five hours. */
    private static final long MAX_CLOCK_ORIGIN_NS = 1L << 44;

    private final Simulation simulation;
    private final int id;
    private final SimulatedDisk disk;
    private final RandomGenerator ownRandom;
    private final List<AgentTask> agents = new ArrayList<>();
    private final List<Arena> arenas = new ArrayList<>();
    private HostProgram program = host -> List.of();
    private SimulatedClock clock;
    private Storage storage;
    private RandomGenerator random;
    private ScheduledTask boot;
    private boolean up;
    private int lives;

    SimulatedHost(final Simulation simulation, final int id) {
        final SimulationConfig config = simulation.config();
        this.simulation = simulation;
        this.id = id;
        this.disk = new SimulatedDisk(
                simulation.scheduler(),
                id,
                config.seed(),
                config.geometry(),
                config.profile().disk());
        this.ownRandom = Seeds.generator(config.seed(), "host", id);
        disk.onPowerLoss(this::powerWasLost);
        newClock();
    }

    public int id() {
        return id;
    }

    /** The storage of this life. */
    public Storage storage() {
        return storage;
    }

    public Clock clock() {
        return clock;
    }

    /** The same clock, to let it jump or drift. */
    public SimulatedClock simulatedClock() {
        return clock;
    }

    /** Opens this host's endpoint by {@link #id}. */
    public Network network() {
        return simulation.network();
    }

    /** Randomness of this life. */
    public RandomGenerator random() {
        return random;
    }

    /** Native memory of this life; freed when the next one starts or the simulation is closed. */
    public Arena arena() {
        return arenas.getLast();
    }

    public SimulatedDisk disk() {
        return disk;
    }

    public boolean up() {
        return up;
    }

    /** How often it has been started. */
    public int lives() {
        return lives;
    }

    /** Sets what it runs from its next start on. */
    public void setProgram(final HostProgram replacement) {
        program = replacement;
    }

    /** Starts the program at this instant, unless it runs. */
    public void start() {
        startAfter(0);
    }

    /** Starts the program later, unless it runs by then. */
    public void startAfter(final long delayNs) {
        cancelBoot();
        boot = simulation.scheduler().schedule(delayNs, this::boot);
    }

    /** Loss of power, now. It stays down until it is started. */
    public void crash() {
        disk.crash();
        cancelBoot();
    }

    /** Death of the process, now; the page cache lives on. It stays down until it is started. */
    public void kill() {
        disk.killProcess();
        goDown();
        cancelBoot();
    }

    /** Ends the program in good order: its agents are closed. */
    public void stop() {
        for (final AgentTask agent : List.copyOf(agents)) {
            agent.close();
        }
        simulation.trace().record(id, "stopped", "", 0, 0);
        disk.endProcess("the process has ended");
        goDown();
    }

    /** None of its agents is called for this long: a pause of the whole process. */
    public void stall(final long durationNs) {
        simulation.trace().fault(FaultKind.AGENT_STALL, id, "", durationNs, 0);
        agents.forEach(agent -> agent.stall(durationNs));
    }

    /** Lets the wall clock jump. */
    public void jumpClock(final long deltaNs) {
        simulation.trace().fault(FaultKind.CLOCK_JUMP, id, "", deltaNs, 0);
        clock.jump(deltaNs);
    }

    void close() {
        if (up) {
            disk.endProcess("the simulation was closed");
            goDown();
        }
        freeArenas();
    }

    private void cancelBoot() {
        if (boot != null) {
            boot.cancel();
            boot = null;
        }
    }

    private void boot() {
        boot = null;
        if (up) {
            return;
        }
        freeArenas();
        up = true;
        lives++;
        simulation.trace().record(id, "starts, life {}", "", lives, 0);
        arenas.add(Arena.ofConfined());
        storage = disk.mount();
        simulation.onStart(this);
        random = Seeds.generator(simulation.config().seed(), "life-" + id, lives);
        try {
            for (final Agent agent : program.start(this)) {
                if (!up) {
                    return;
                }
                agents.add(simulation
                        .scheduler()
                        .attach(id, agent, simulation.config().profile().host().timing(), this::onFailure));
            }
        } catch (final Throwable failure) {
            onFailure(failure);
        }
    }

    private void onFailure(final Throwable failure) {
        if (failure instanceof HostDownError && !up) {
            return;
        }
        if (failure instanceof StorageException || failure instanceof AgentTerminationException) {
            simulation.trace().record(id, "ends itself", String.valueOf(failure.getMessage()), 0, 0);
            disk.endProcess("the process has ended: " + failure.getMessage());
            goDown();
            simulation.restartLater(this);
            return;
        }
        throw simulation.failure("host " + id, failure);
    }

    private void powerWasLost() {
        final boolean wasUp = up;
        goDown();
        newClock();
        if (wasUp) {
            simulation.restartLater(this);
        }
    }

    private void goDown() {
        up = false;
        for (final AgentTask agent : List.copyOf(agents)) {
            agent.abandon();
        }
        agents.clear();
        simulation.network().crash(id);
    }

    private void newClock() {
        final HostFaults faults = simulation.config().profile().host();
        clock = new SimulatedClock(
                simulation.scheduler(),
                ownRandom.nextLong(MAX_CLOCK_ORIGIN_NS),
                Seeds.between(ownRandom, -faults.maxDriftPpb(), faults.maxDriftPpb()),
                Seeds.between(ownRandom, -faults.maxWallOffsetNs(), faults.maxWallOffsetNs()));
    }

    private void freeArenas() {
        arenas.forEach(Arena::close);
        arenas.clear();
    }
}
