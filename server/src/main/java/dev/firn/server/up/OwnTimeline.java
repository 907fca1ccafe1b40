package dev.firn.server.up;

import com.fasterxml.jackson.databind.JsonNode;
import dev.firn.nativeio.seam.Clock;
import dev.firn.server.CommandException;
import dev.firn.server.attachment.Attachment;
import dev.firn.server.postgres.OwnPostgres;
import dev.firn.server.quorum.QuorumSnapshot;
import dev.firn.server.role.RestartPolicy;
import dev.firn.server.role.RoleHealth;
import dev.firn.server.role.RoleSpec;
import dev.firn.server.role.RoleStatus;
import dev.firn.server.role.Supervisor;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The Postgres that a system runs itself, as a role of its supervisor, and the timeline that it becomes. It is started when the quorum
 * takes WAL, and stopped while it still does: so its last record is in the quorum, too.
 */
final class OwnTimeline {
    private static final Logger LOG = LoggerFactory.getLogger(OwnPostgres.ROLE);

    /** Binaries may have to be fetched, and a cluster made. */
    private static final Duration FIRST_START_LIMIT = Duration.ofSeconds(150);

    /** A Postgres that has failed so often at a start fails for a reason that stays. */
    private static final int MAX_FIRST_STARTS = 3;

    /** From its start until it is followed and its pages are served; what takes longer goes on without being waited for. */
    private static final Duration SERVED_LIMIT = Duration.ofSeconds(60);

    private static final Duration POLL = Duration.ofMillis(50);

    private final OwnPostgres postgres;
    private final Supervisor supervisor;
    private final Clock clock;

    /** Why it was given up; empty while it was not. */
    private volatile String refusal = "";

    OwnTimeline(final OwnPostgres postgres, final Supervisor supervisor, final Clock clock) {
        this.postgres = postgres;
        this.supervisor = supervisor;
        this.clock = clock;
    }

    /**
     * Starts the server, and returns when it takes sessions.
     *
     * @return false when it cannot be started, and nobody has asked for it: the system is of use without.
     */
    boolean start() throws InterruptedException {
        supervisor.add(new RoleSpec(OwnPostgres.ROLE, postgres::role, RestartPolicy.TIRELESS, false, true));
        supervisor.await(statuses -> isDecided(status(statuses)), FIRST_START_LIMIT);
        final RoleStatus status = status(supervisor.statuses());
        if (status.phase() == RoleStatus.Phase.RUNNING) {
            return true;
        }
        final String reason = status.detail().isEmpty()
                ? "it was not ready after " + FIRST_START_LIMIT.toSeconds() + " s"
                : status.detail();
        if (postgres.required()) {
            throw new CommandException("the Postgres of this directory did not start: " + reason
                    + "; ./firn up --no-postgres goes on without it");
        }
        LOG.warn("there is no Postgres to begin with: {}; ./firn attach follows one that runs", reason);
        refusal = reason;
        supervisor.remove(OwnPostgres.ROLE);
        return false;
    }

    private boolean isDecided(final RoleStatus status) {
        return status.phase() == RoleStatus.Phase.RUNNING
                || status.restarts() >= (postgres.required() ? MAX_FIRST_STARTS : 1);
    }

    private static RoleStatus status(final List<RoleStatus> statuses) {
        return find(statuses, OwnPostgres.ROLE).orElseThrow();
    }

    private static Optional<RoleStatus> find(final List<RoleStatus> statuses, final String name) {
        return statuses.stream().filter(status -> status.name().equals(name)).findFirst();
    }

    /** Waits until a COMMIT is answered, and a branch can be made. */
    void awaitServed(final Supplier<QuorumSnapshot> pages) throws InterruptedException {
        final long deadlineNs = clock.nanoTime() + SERVED_LIMIT.toNanos();
        final String receiver = QuorumLayout.receiverName(Attachment.OWN);
        while (!supervisor.await(statuses -> isFollowed(statuses, receiver) && isServed(pages.get()), POLL)) {
            if (clock.nanoTime() - deadlineNs > 0) {
                LOG.warn(
                        "Postgres runs, and is not followed yet after {} s: each COMMIT waits until it is",
                        SERVED_LIMIT.toSeconds());
                return;
            }
        }
    }

    private static boolean isFollowed(final List<RoleStatus> statuses, final String receiver) {
        return find(statuses, receiver)
                .filter(status ->
                        status.phase() == RoleStatus.Phase.RUNNING && status.health() == RoleHealth.State.HEALTHY)
                .isPresent();
    }

    private static boolean isServed(final QuorumSnapshot pages) {
        for (final JsonNode timeline : pages.timelines()) {
            if (timeline.path("name").asText().equals(Attachment.OWN)) {
                return timeline.path("appliedLsn").isTextual();
            }
        }
        return false;
    }

    /** While receiver and quorum still run. */
    void stop() throws InterruptedException {
        supervisor.remove(OwnPostgres.ROLE);
    }

    String conninfo() {
        return postgres.conninfo();
    }

    Optional<String> url() {
        return postgres.url();
    }

    /** With the keys of {@code computes}. */
    JsonNode document(final List<RoleStatus> statuses) {
        final Optional<RoleStatus> role = find(statuses, OwnPostgres.ROLE);
        return postgres.describe(
                QuorumView.state(role.orElse(null)),
                role.map(RoleStatus::detail).orElse(refusal),
                role.map(RoleStatus::restarts).orElse(0));
    }
}
