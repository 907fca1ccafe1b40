package dev.firn.server.up;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.firn.nativeio.agent.IdleProfile;
import dev.firn.server.attachment.Attachment;
import dev.firn.server.attachment.AttachmentStore;
import dev.firn.server.config.MediaDriverConfig;
import dev.firn.server.config.PageServerConfig;
import dev.firn.server.config.ReceiverConfig;
import dev.firn.server.config.WalNodeConfig;
import dev.firn.server.endpoint.Redundancy;
import dev.firn.server.quorum.DriverSource;
import dev.firn.server.quorum.NodeNetwork;
import dev.firn.transport.aeron.DriverProfile;
import java.nio.file.Path;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * The quorum of one machine: which nodes there are, where their files lie, and what their configurations say. All nodes reach each
 * other through one media driver's shared memory, so their addresses are {@code ipc}.
 *
 * @param path the data directory.
 * @param cluster drawn at the directory's first start.
 * @param store where the objects are.
 */
public record QuorumLayout(Path path, String cluster, String store) {
    /** The WAL nodes' ids. */
    public static final List<Integer> WAL_NODES = List.of(1, 2, 3);

    /** More than half of them. */
    static final int MAJORITY = 2;

    /** The system serves while a majority of the WAL nodes does. */
    static final Redundancy REDUNDANCY = new Redundancy(
            WAL_NODES.stream().map(QuorumLayout::nodeName).collect(Collectors.toUnmodifiableSet()), MAJORITY);

    /** Messages between processes of one host do not pass the driver's threads, so these may sleep. */
    static final DriverProfile DRIVER_PROFILE = DriverProfile.POWER_SAVING;

    /** A WAL node's archiver has its id and this. */
    private static final int ARCHIVERS = 10;

    /** The page server's id. */
    public static final int PAGE_SERVER = 4;

    /** What the page server of one machine may hold off the heap: address space, of which only what is used is taken. */
    static final long PAGE_SERVER_BYTES = 1_536L << 20;

    /** How large the page server's block cache on this machine's disk may be; no more than half of what is free is taken. */
    static final long PAGE_CACHE_BYTES = 1L << 30;

    /** Receivers' ids: as many attachments as one system takes. */
    private static final int FIRST_RECEIVER = 16;

    static final int MAX_ATTACHMENTS = 24;

    /** Ids of commands that read committed WAL. */
    private static final int FIRST_READER = 40;

    /** A command has one or, if it reads with several threads, one for each of them. */
    public static final int READERS = 24;

    private static final String SECRET = "secret";
    private static final String IPC = "ipc";
    private static final ObjectMapper MAPPER = new ObjectMapper();

    /** What all nodes of the system know and nobody else: made at the first start. */
    public Path secretFile() {
        return path.resolve(SECRET);
    }

    public Path driverDirectory() {
        return path.resolve(MediaDriverConfig.NAME);
    }

    public Path nodeDirectory(final int node) {
        return path.resolve(nodeName(node));
    }

    static String nodeName(final int node) {
        return WalNodeConfig.NAME + "-" + node;
    }

    static String receiverName(final String timeline) {
        return ReceiverConfig.NAME + "-" + timeline;
    }

    static int archiverOf(final int node) {
        return ARCHIVERS + node;
    }

    /** The lowest receiver's id that none of these has; 0 when all are taken. */
    static int freeReceiver(final List<Attachment> taken) {
        final TreeSet<Integer> used =
                new TreeSet<>(taken.stream().map(Attachment::node).toList());
        for (int id = FIRST_RECEIVER; id < FIRST_RECEIVER + MAX_ATTACHMENTS; id++) {
            if (!used.contains(id)) {
                return id;
            }
        }
        return 0;
    }

    /** @param index below {@link #READERS}. */
    public static int reader(final int index) {
        return FIRST_READER + index;
    }

    private static SortedMap<Integer, String> addresses() {
        final SortedMap<Integer, String> addresses = new TreeMap<>();
        for (final int node : WAL_NODES) {
            addresses.put(node, IPC);
            addresses.put(archiverOf(node), IPC);
        }
        addresses.put(PAGE_SERVER, IPC);
        for (int i = 0; i < MAX_ATTACHMENTS; i++) {
            addresses.put(FIRST_RECEIVER + i, IPC);
        }
        for (int i = 0; i < READERS; i++) {
            addresses.put(reader(i), IPC);
        }
        return addresses;
    }

    /** How a node of this process reaches the others. */
    public NodeNetwork network(final int node, final DriverSource driver) {
        return new NodeNetwork(
                cluster, node, addresses(), new TreeSet<>(WAL_NODES), secretFile(), driver, IdleProfile.SHARED_MACHINE);
    }

    String driverConfig() {
        final ObjectNode config = role(MediaDriverConfig.NAME, driverDirectory());
        config.put("profile", DRIVER_PROFILE.configName());
        return config.toPrettyString() + "\n";
    }

    String nodeConfig(final int node) {
        final ObjectNode config = role(WalNodeConfig.NAME, nodeDirectory(node));
        putNetwork(config, node);
        config.put("archiverNode", archiverOf(node));
        config.put("store", store);
        return config.toPrettyString() + "\n";
    }

    public Path pageServerDirectory() {
        return path.resolve(PageServerConfig.NAME);
    }

    String pageServerConfig() {
        final ObjectNode config = role(PageServerConfig.NAME, pageServerDirectory());
        putNetwork(config, PAGE_SERVER);
        config.put("store", store);
        config.put("memoryMiB", PAGE_SERVER_BYTES >> 20);
        config.put("cacheMiB", PAGE_CACHE_BYTES >> 20);
        return config.toPrettyString() + "\n";
    }

    String receiverConfig(final Attachment attachment, final AttachmentStore attachments) {
        final Path folder = attachments.folderOf(attachment.name());
        final ObjectNode config = role(ReceiverConfig.NAME, folder);
        putNetwork(config, attachment.node());
        config.put("store", store);
        config.put("timeline", attachment.name());
        config.put("connInfoFile", folder.resolve(AttachmentStore.CONNINFO).toString());
        return config.toPrettyString() + "\n";
    }

    private ObjectNode role(final String role, final Path directory) {
        final ObjectNode config = MAPPER.createObjectNode();
        config.put("role", role);
        config.put("cluster", cluster);
        config.put("directory", directory.toString());
        return config;
    }

    private void putNetwork(final ObjectNode config, final int node) {
        config.put("node", node);
        final ObjectNode nodes = config.putObject("nodes");
        addresses().forEach((id, address) -> nodes.put(String.valueOf(id), address));
        final ArrayNode walNodes = config.putArray("walNodes");
        WAL_NODES.forEach(walNodes::add);
        config.put("secretFile", secretFile().toString());
        config.put("mediaDriver", driverDirectory().toString());
    }
}
