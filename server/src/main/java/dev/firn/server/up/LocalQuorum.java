package dev.firn.server.up;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.firn.server.CommandException;
import dev.firn.server.attachment.Attachment;
import dev.firn.server.attachment.AttachmentStore;
import dev.firn.server.config.MediaDriverConfig;
import dev.firn.server.config.PageServerConfig;
import dev.firn.server.quorum.QuorumSnapshot;
import dev.firn.server.quorum.ReceiverRole;
import dev.firn.server.quorum.RoleSlot;
import dev.firn.server.role.RestartPolicy;
import dev.firn.server.role.RoleSpec;
import dev.firn.server.role.RoleStatus;
import dev.firn.server.role.Supervisor;
import dev.firn.walquorum.catalog.TimelineKeys;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The quorum of one machine: a media driver, three WAL nodes, a page server, and a receiver for each attachment, as roles of one
 * supervisor.
 *
 * <p>WAL nodes are started at once, and the system is up when a majority of them and the page server are: what a majority has is what counts, and one that
 * does not come up is tried again without end, in sight.
 *
 * <p>Thread-safe: the endpoint's threads attach, detach and look; attachments change under this object's lock.
 */
final class LocalQuorum implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger("quorum");

    private static final Duration NODES_LIMIT = Duration.ofSeconds(120);

    /** A page server that takes longer (a store that answers late) comes up later, in sight. */
    private static final Duration PAGE_SERVER_LIMIT = Duration.ofSeconds(30);

    /** A node that has failed so often at a start fails for a reason that stays. */
    private static final int MAX_FIRST_STARTS = 3;

    private final QuorumRoles roles;
    private final AttachmentStore store;
    private final Supervisor supervisor;
    private final Map<Integer, RoleSlot> nodes = new TreeMap<>();
    private final RoleSlot pageServer;
    private final Map<String, Attached> attached = new ConcurrentHashMap<>();

    /** The Postgres that the system runs itself; null for none. */
    private final OwnTimeline own;

    /** An attachment with what runs for it. */
    private static final class Attached {
        private final RoleSlot receiver;
        private volatile Attachment attachment;
        private volatile Thread detaching;
        private volatile String problem = "";

        Attached(final Attachment attachment, final RoleSlot receiver) {
            this.attachment = attachment;
            this.receiver = receiver;
        }
    }

    /** @param own the Postgres that the system runs itself; null for none. */
    LocalQuorum(
            final QuorumRoles roles, final AttachmentStore store, final Supervisor supervisor, final OwnTimeline own) {
        this.own = own;
        this.roles = roles;
        this.store = store;
        this.supervisor = supervisor;
        this.pageServer = new RoleSlot(roles::pageServer);
        QuorumLayout.WAL_NODES.forEach(node -> nodes.put(node, new RoleSlot(() -> roles.walNode(node))));
    }

    /**
     * Starts everything; returns when a majority of the WAL nodes serves, when the page server does or has failed to, and when the same
     * holds of a Postgres of its own.
     */
    void start() throws InterruptedException {
        final List<Attachment> remembered = store.load();
        supervisor.add(new RoleSpec(MediaDriverConfig.NAME, roles::mediaDriver, RestartPolicy.TIRELESS, true, false));
        requireUp(MediaDriverConfig.NAME, RestartPolicy.TIRELESS.startLimit());
        nodes.forEach((node, slot) ->
                supervisor.add(new RoleSpec(QuorumLayout.nodeName(node), slot, RestartPolicy.TIRELESS, false, true)));
        // Who has followed a Postgres before comes up beside the nodes and waits for them by itself: that Postgres'
        // commits wait for both.
        remembered.stream().filter(this::isFollowing).forEach(this::run);
        final List<String> names =
                nodes.keySet().stream().map(QuorumLayout::nodeName).toList();
        supervisor.await(statuses -> isDecided(names, statuses), NODES_LIMIT);
        requireMajority(names);
        for (final Attachment attachment : remembered) {
            if (attachment.isOwn()) {
                attached.put(attachment.name(), attachedOf(attachment));
            } else if (!attached.containsKey(attachment.name())) {
                run(attachment);
            }
        }
        // Receivers are on their way already: a commit needs no page server. Who asks after the start shall find all of
        // it up.
        supervisor.add(new RoleSpec(PageServerConfig.NAME, pageServer, RestartPolicy.TIRELESS, false, true));
        final boolean hasOwn = own != null && own.start();
        if (hasOwn) {
            followOwn();
        }
        supervisor.awaitFirstStarts(List.of(PageServerConfig.NAME), PAGE_SERVER_LIMIT);
        if (hasOwn) {
            own.awaitServed(pageServer::quorum);
        }
    }

    /** Another's Postgres, of which there is a timeline already, or the beginning of one: its receiver does not give up when nobody answers. */
    private boolean isFollowing(final Attachment attachment) {
        return !attachment.isOwn()
                && attachment.wish() == Attachment.Wish.FOLLOW
                && ReceiverRole.hasBegun(store.folderOf(attachment.name()));
    }

    /** Its port may be another than it was. */
    private synchronized void followOwn() {
        final Attached known = attached.get(Attachment.OWN);
        final Attachment attachment =
                known == null ? new Attachment(Attachment.OWN, freeNode(), Attachment.Wish.FOLLOW) : known.attachment;
        store.create(attachment, own.conninfo());
        run(attachment);
    }

    /** Before the supervisor is closed: what the system's own Postgres has written last gets into the quorum. */
    void stopOwn() throws InterruptedException {
        if (own != null) {
            own.stop();
        }
    }

    /** How the system's own Postgres is reached; empty while none runs. */
    Optional<String> ownUrl() {
        return own == null ? Optional.empty() : own.url();
    }

    private void requireUp(final String name, final Duration limit) throws InterruptedException {
        supervisor.awaitFirstStarts(List.of(name), limit);
        final RoleStatus status = status(name);
        if (status.phase() != RoleStatus.Phase.RUNNING) {
            throw new CommandException("the " + name + " role did not start: " + reason(status));
        }
    }

    /** All are up; or a majority is, and the others have failed at least once; or too many have failed again and again. */
    private static boolean isDecided(final List<String> names, final List<RoleStatus> statuses) {
        int running = 0;
        int undecided = 0;
        int failing = 0;
        for (final RoleStatus status : statuses) {
            if (!names.contains(status.name())) {
                continue;
            }
            if (status.phase() == RoleStatus.Phase.RUNNING) {
                running++;
            } else if (status.restarts() >= MAX_FIRST_STARTS) {
                failing++;
            } else if (status.restarts() == 0) {
                undecided++;
            }
        }
        return (running >= QuorumLayout.MAJORITY && undecided == 0) || names.size() - failing < QuorumLayout.MAJORITY;
    }

    private void requireMajority(final List<String> names) {
        final List<RoleStatus> down = names.stream()
                .map(this::status)
                .filter(status -> status.phase() != RoleStatus.Phase.RUNNING)
                .toList();
        if (names.size() - down.size() < QuorumLayout.MAJORITY) {
            throw new CommandException("no majority of the WAL nodes came up; the "
                    + down.getFirst().name() + " role did not start: " + reason(down.getFirst()));
        }
        down.forEach(status -> LOG.warn("{} is down, a majority is up: {}", status.name(), reason(status)));
    }

    private static String reason(final RoleStatus status) {
        return status.detail().isEmpty() ? "it was not ready in time" : status.detail();
    }

    private RoleStatus status(final String name) {
        return supervisor.statuses().stream()
                .filter(status -> status.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    // --- attachments ----------------------------------------------------------------------------------------------

    /** Follows one more Postgres: remembered durably when this returns, and under way. */
    synchronized void attach(final String name, final String conninfo) {
        refuseOwn(name);
        if (attached.containsKey(name)) {
            throw new CommandException("there is an attachment " + name
                    + " already: choose another --name, or ./firn detach " + name + " first");
        }
        final Attachment attachment = new Attachment(name, freeNode(), Attachment.Wish.FOLLOW);
        store.create(attachment, conninfo);
        run(attachment);
    }

    /** Lets go of one: remembered durably when this returns, and under way. */
    synchronized void detach(final String name, final boolean purge) {
        refuseOwn(name);
        if (purge && !attached.containsKey(name) && TimelineKeys.isName(name)) {
            purgeDetached(name);
            return;
        }
        final Attached its = attached.get(name);
        if (its == null) {
            throw new CommandException("there is no attachment " + name + ": ./firn status lists the timelines");
        }
        if (its.detaching != null && its.detaching.isAlive()) {
            return;
        }
        its.attachment = its.attachment.withWish(
                purge || its.attachment.wish() == Attachment.Wish.PURGE
                        ? Attachment.Wish.PURGE
                        : Attachment.Wish.DETACH);
        store.save(its.attachment);
        letGo(its);
    }

    private static void refuseOwn(final String name) {
        if (name.equals(Attachment.OWN)) {
            throw new CommandException(
                    name + " is the timeline of the Postgres that ./firn up runs itself: for others there"
                            + " are other names, and ./firn up --no-postgres leaves it out");
        }
    }

    /** One that was detached before, and whose data stayed: is taken on for as long as it takes to delete them. */
    private void purgeDetached(final String name) {
        final Attachment attachment = new Attachment(name, freeNode(), Attachment.Wish.PURGE);
        store.create(attachment, "");
        run(attachment);
    }

    private int freeNode() {
        final int node = QuorumLayout.freeReceiver(
                attached.values().stream().map(each -> each.attachment).toList());
        if (node == 0) {
            throw new CommandException("there are " + QuorumLayout.MAX_ATTACHMENTS
                    + " attachments, and one system takes no more: detach one first");
        }
        return node;
    }

    private void run(final Attachment attachment) {
        final Attached its = attachedOf(attachment);
        attached.put(attachment.name(), its);
        if (attachment.wish() == Attachment.Wish.FOLLOW) {
            supervisor.add(new RoleSpec(
                    QuorumLayout.receiverName(attachment.name()), its.receiver, RestartPolicy.TIRELESS, false, true));
        } else {
            letGo(its);
        }
    }

    private Attached attachedOf(final Attachment attachment) {
        return new Attached(
                attachment, new RoleSlot(() -> roles.receiver(attachment, store.folderOf(attachment.name()))));
    }

    private void letGo(final Attached its) {
        its.problem = "";
        its.detaching = new Thread(() -> detachNow(its), "firn-detach-" + its.attachment.name());
        its.detaching.setDaemon(true);
        its.detaching.start();
    }

    private void detachNow(final Attached its) {
        final String name = its.attachment.name();
        try {
            if (!supervisor.remove(QuorumLayout.receiverName(name))) {
                throw new CommandException("its receiver does not stop: try again");
            }
            final Optional<String> remark = roles.detach(its.attachment, store.folderOf(name));
            remark.ifPresent(sentence -> LOG.warn("detach of {}: {}", name, sentence));
            store.forget(name);
            attached.remove(name);
            LOG.info("{} is detached", name);
        } catch (final InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (final RuntimeException e) {
            its.problem = e.getMessage() == null ? e.toString() : e.getMessage();
            LOG.warn("{} is not detached yet: {}", name, its.problem);
        }
    }

    // --- what there is to see -------------------------------------------------------------------------------------

    /** All WAL nodes and timelines, with the state that their roles have here. */
    QuorumSnapshot snapshot(final List<RoleStatus> statuses) {
        final List<JsonNode> nodeDocuments = new ArrayList<>();
        nodes.forEach((node, slot) -> nodeDocuments.add(
                QuorumView.walNode(node, slot.quorum(), find(statuses, QuorumLayout.nodeName(node)))));
        final Map<String, JsonNode> timelines = new TreeMap<>(QuorumView.timelines(nodeDocuments));
        attached.forEach((name, its) -> timelines.put(
                name,
                QuorumView.timeline(
                        name,
                        (ObjectNode) timelines.get(name),
                        its.receiver.quorum(),
                        its.attachment,
                        its.problem,
                        find(statuses, QuorumLayout.receiverName(name)))));
        QuorumView.addPages(timelines, pageServer.quorum());
        return new QuorumSnapshot(
                nodeDocuments,
                List.copyOf(timelines.values()),
                pageServer.quorum().pageServers(),
                own == null ? List.of() : List.of(own.document(statuses)));
    }

    private static RoleStatus find(final List<RoleStatus> statuses, final String name) {
        return statuses.stream()
                .filter(status -> status.name().equals(name))
                .findFirst()
                .orElse(null);
    }

    /** After the supervisor: what is being detached goes on with the next start. */
    @Override
    public void close() {
        attached.values().forEach(its -> {
            if (its.detaching != null) {
                its.detaching.interrupt();
            }
        });
        if (supervisor.isOver()) {
            roles.close();
        }
    }
}
