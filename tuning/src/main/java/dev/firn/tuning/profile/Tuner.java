package dev.firn.tuning.profile;

import dev.firn.nativeio.seam.Clock;
import dev.firn.tuning.host.ProcessStatus;
import dev.firn.tuning.host.SystemTree;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * Shows, applies, verifies and reverts the profiles.
 *
 * <p>A refusal, a setting that fails and a host that lacks something are results, not exceptions.
 */
public final class Tuner {
    /** Where a host keeps what was there before the first {@code apply}. */
    public static final Path DEFAULT_STATE_DIRECTORY = Path.of("/var/lib/firn/tuning");

    private static final List<Profile> PROFILES = List.of(new BareMetalNvmeProfile(), new SharedVmProfile());
    private static final long ROOT = 0;

    private final SystemTree tree;
    private final OriginalsStore store;
    private final List<String> jvmArguments;
    private final List<Profile> profiles;

    /**
     * @param systemRoot what {@code /proc}, {@code /sys} and {@code /etc} are beneath; {@code /} on a host.
     * @param stateDirectory where what was there is recorded; made when needed.
     * @param clock dates the record.
     */
    public Tuner(final Path systemRoot, final Path stateDirectory, final Clock clock) {
        this(
                systemRoot,
                stateDirectory,
                clock,
                ManagementFactory.getRuntimeMXBean().getInputArguments(),
                PROFILES);
    }

    Tuner(
            final Path systemRoot,
            final Path stateDirectory,
            final Clock clock,
            final List<String> jvmArguments,
            final List<Profile> profiles) {
        this.tree = new SystemTree(systemRoot);
        this.store = new OriginalsStore(Objects.requireNonNull(stateDirectory), Objects.requireNonNull(clock));
        this.jvmArguments = List.copyOf(jvmArguments);
        this.profiles = List.copyOf(profiles);
    }

    /** The names that the other methods take. */
    public List<String> profiles() {
        return profiles.stream().map(Profile::name).toList();
    }

    /**
     * The profile beside the host; changes nothing and needs no rights.
     *
     * @throws IllegalArgumentException when there is no such profile; the message names those there are.
     */
    public TuningPlan show(final String profile) {
        return new TuningPlan(profile, plan(profile));
    }

    /**
     * Whether the profile holds now; changes nothing and needs no rights.
     *
     * @throws IllegalArgumentException when there is no such profile; the message names those there are.
     */
    public VerifyResult verify(final String profile) {
        return new VerifyResult(profile, plan(profile));
    }

    /**
     * Makes the profile hold. Idempotent. What was there is on disk before the first change; one setting that fails
     * does not stop the others.
     *
     * @throws IllegalArgumentException when there is no such profile; the message names those there are.
     */
    public ApplyResult apply(final String profile) {
        final Profile chosen = profile(profile);
        if (!isRoot()) {
            return refused(
                    profile,
                    "firn tune apply changes kernel settings and has to run as root; firn tune show " + profile
                            + " needs no rights.");
        }
        try {
            final Optional<OriginalsStore.Lock> lock = store.lock();
            if (lock.isEmpty()) {
                return refused(profile, atWork());
            }
            try (OriginalsStore.Lock held = lock.get()) {
                assert held.channel().isOpen();
                final HostFacts host = HostFacts.read(tree, jvmArguments);
                return new ApplyResult(profile, "", new Applier(host, store, store.load()).apply(chosen));
            }
        } catch (final OriginalsCodec.DamagedException damaged) {
            return refused(profile, damaged(damaged));
        } catch (final IOException failed) {
            return refused(
                    profile,
                    "what was there cannot be recorded in " + store.record() + " (" + HostWriter.reason(failed)
                            + "): nothing more was changed.");
        }
    }

    /** Puts back everything that profiles changed. Idempotent; what fails stays on record for the next try. */
    public RevertResult revert() {
        if (!isRoot()) {
            return refused("firn tune revert changes kernel settings and has to run as root.");
        }
        try {
            final Optional<OriginalsStore.Lock> lock = store.lock();
            if (lock.isEmpty()) {
                return refused(atWork());
            }
            try (OriginalsStore.Lock held = lock.get()) {
                assert held.channel().isOpen();
                final Originals originals = store.load();
                return originals.isEmpty() ? nothingRecorded() : revert(originals);
            }
        } catch (final OriginalsCodec.DamagedException damaged) {
            return refused(damaged(damaged));
        } catch (final IOException failed) {
            return refused(
                    "the record " + store.record() + " cannot be read or written (" + HostWriter.reason(failed) + ").");
        }
    }

    private RevertResult revert(final Originals originals) throws IOException {
        final List<Outcome> outcomes = new Restorer(new HostWriter(tree)).restore(originals.all());
        int failures = 0;
        for (final Outcome outcome : outcomes) {
            if (outcome.action() == Action.FAILED) {
                failures++;
            } else {
                originals.forget(outcome.where());
            }
        }
        store.save(originals);
        final String sentence = failures == 0
                ? "The host is as it was before the first profile; the record is removed."
                : failures + " of " + outcomes.size() + " could not be put back; " + store.record()
                        + " keeps them for another firn tune revert.";
        return new RevertResult(false, sentence, outcomes);
    }

    /** Without a record there is nothing to do, unless files of a profile are there: then the record was lost. */
    private RevertResult nothingRecorded() {
        final List<String> orphans = new ArrayList<>();
        for (final String file : OwnedFile.ALL) {
            if (tree.readExactly(file).orElse("").startsWith(OwnedFile.HEADER)) {
                orphans.add(file);
            }
        }
        if (orphans.isEmpty()) {
            return new RevertResult(false, "No profile is applied: there is nothing to put back.", List.of());
        }
        return refused("the record " + store.record() + " is gone, so what was there is not known; remove "
                + String.join(" ", orphans) + " and reboot to have the distribution's values back.");
    }

    private List<PlannedSetting> plan(final String profile) {
        final Profile chosen = profile(profile);
        final Planner planner = new Planner(HostFacts.read(tree, jvmArguments), readableOriginals());
        return planner.plan(chosen).stream().map(Planner.Comparison::planned).toList();
    }

    /** Looking needs no record: without a readable one the host's values of now stand for the originals. */
    private Originals readableOriginals() {
        try {
            return store.load();
        } catch (final IOException | OriginalsCodec.DamagedException unreadable) {
            return new Originals();
        }
    }

    private Profile profile(final String name) {
        return profiles.stream()
                .filter(profile -> profile.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(
                        "there is no profile '" + name + "'; there are " + String.join(", ", profiles())));
    }

    private boolean isRoot() {
        return new ProcessStatus(tree).effectiveUser() == ROOT;
    }

    private String atWork() {
        return "another firn tune is at work with " + store.record() + "; try again when it is done.";
    }

    private String damaged(final OriginalsCodec.DamagedException damaged) {
        return "the record " + store.record() + " is damaged (" + damaged.getMessage()
                + "): nothing was changed. Put back a good copy of it; or remove it, and the values of now count as the"
                + " original ones.";
    }

    private static ApplyResult refused(final String profile, final String sentence) {
        return new ApplyResult(profile, sentence, List.of());
    }

    private static RevertResult refused(final String sentence) {
        return new RevertResult(true, sentence, List.of());
    }
}
