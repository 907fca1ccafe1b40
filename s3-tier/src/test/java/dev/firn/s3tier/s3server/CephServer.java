package dev.firn.s3tier.s3server;

import java.io.File;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Ceph's S3 gateway before the smallest cluster there is: one monitor and one disk, which is memory. Started the way Ceph's own
 * {@code vstart.sh} does it, from what Debian's packages {@value #PACKAGES} bring; in about five seconds.
 *
 * <p>It checks signatures, and its order of reads and writes is its own: nothing stands before it.
 */
public final class CephServer implements S3Server {
    static final String PACKAGES = "radosgw ceph-mon ceph-osd";

    private static final List<String> PROGRAMS =
            List.of("ceph", "ceph-authtool", "ceph-mon", "ceph-osd", "monmaptool", "radosgw", "radosgw-admin");
    private static final Duration STEP_WITHIN = Duration.ofSeconds(60);
    private static final String ACCESS_KEY_ID = "firn";
    private static final String SECRET_ACCESS_KEY = "firn-tests-only";

    private final ServerDirectory directory;
    private final URI endpoint;

    private CephServer(final ServerDirectory directory, final URI endpoint) {
        this.directory = directory;
        this.endpoint = endpoint;
    }

    static Optional<String> missing() {
        final List<String> folders = Arrays.asList(System.getenv("PATH").split(File.pathSeparator, -1));
        final List<String> missing = PROGRAMS.stream()
                .filter(program -> folders.stream().noneMatch(folder -> Files.isExecutable(Path.of(folder, program))))
                .toList();
        return missing.isEmpty()
                ? Optional.empty()
                : Optional.of("Ceph's S3 gateway is not installed (" + String.join(", ", missing)
                        + " missing): apt-get install --no-install-recommends " + PACKAGES);
    }

    static CephServer start() throws IOException {
        final ServerDirectory directory = ServerDirectory.create();
        try {
            return new Cluster(directory).start();
        } catch (final IOException | RuntimeException e) {
            directory.close();
            throw e;
        }
    }

    @Override
    public String describe() {
        return "Ceph's S3 gateway at " + endpoint;
    }

    @Override
    public URI endpoint() {
        return endpoint;
    }

    @Override
    public String region() {
        return "us-east-1";
    }

    @Override
    public String accessKeyId() {
        return ACCESS_KEY_ID;
    }

    @Override
    public String secretAccessKey() {
        return SECRET_ACCESS_KEY;
    }

    @Override
    public void createBucket(final String bucket) throws IOException {
        Buckets.create(this, bucket);
    }

    @Override
    public Path logs() {
        return directory.path();
    }

    @Override
    public void close() {
        directory.close();
    }

    /** The steps from nothing to a gateway that answers. */
    private static final class Cluster {
        private final ServerDirectory directory;
        private final Path home;
        private final int monitorPort;
        private final int gatewayPort;

        /** Names the cluster and its one disk. */
        private final String id;

        Cluster(final ServerDirectory directory) throws IOException {
            this.directory = directory;
            home = directory.path();
            monitorPort = freePort();
            gatewayPort = freePort();
            id = Files.readString(Path.of("/proc/sys/kernel/random/uuid")).strip();
        }

        CephServer start() throws IOException {
            for (final String folder : List.of("monitor", "disk", "run", "gateway")) {
                Files.createDirectory(home.resolve(folder));
            }
            Files.writeString(home.resolve("ceph.conf"), configuration());
            makeKeys();
            startMonitor();
            startDisk();
            step(
                    "user",
                    "radosgw-admin",
                    "user",
                    "create",
                    "--uid=firn",
                    "--display-name=Firn",
                    "--access-key=" + ACCESS_KEY_ID,
                    "--secret-key=" + SECRET_ACCESS_KEY);
            final ServerProcess gateway = daemon("gateway", "radosgw", "-n", "client.admin", "-f");
            final URI endpoint = URI.create("http://127.0.0.1:" + gatewayPort);
            gateway.await("answer", STEP_WITHIN, () -> answers(endpoint));
            return new CephServer(directory, endpoint);
        }

        private String configuration() {
            return """
                    [global]
                    fsid = %s
                    mon host = v2:127.0.0.1:%d
                    public addr = 127.0.0.1
                    cluster addr = 127.0.0.1
                    run dir = %3$s/run
                    admin socket = %3$s/run/$name.asok
                    pid file = %3$s/run/$name.pid
                    log file = %3$s/$name.daemon.log
                    keyring = %3$s/keyring
                    auth allow insecure global id reclaim = false
                    # Decides at once: pools are made one after the other at the first use of the gateway.
                    paxos propose interval = 0.02
                    paxos min wait = 0.01
                    mon data = %3$s/monitor
                    mon data avail warn = 1
                    mon data avail crit = 1
                    mon allow pool size one = true
                    osd data = %3$s/disk
                    osd objectstore = memstore
                    memstore device bytes = 4294967296
                    osd pool default size = 1
                    osd pool default min size = 1
                    osd pool default pg num = 8
                    osd pool default pg autoscale mode = off
                    osd crush chooseleaf type = 0
                    rgw frontends = beast endpoint=127.0.0.1:%4$d
                    rgw data = %3$s/gateway
                    rgw run sync thread = false
                    """.formatted(id, monitorPort, home, gatewayPort);
        }

        private void makeKeys() throws IOException {
            final String keyring = home.resolve("keyring").toString();
            step(
                    "keys",
                    "ceph-authtool",
                    "--create-keyring",
                    keyring,
                    "--gen-key",
                    "-n",
                    "mon.",
                    "--cap",
                    "mon",
                    "allow *");
            for (final String name : List.of("client.admin", "osd.0")) {
                step(
                        "keys",
                        "ceph-authtool",
                        keyring,
                        "--gen-key",
                        "-n",
                        name,
                        "--cap",
                        "mon",
                        "allow *",
                        "--cap",
                        "osd",
                        "allow *");
            }
        }

        private void startMonitor() throws IOException {
            final String map = home.resolve("monmap").toString();
            step(
                    "monitor-map",
                    "monmaptool",
                    "--create",
                    "--fsid",
                    id,
                    "--addv",
                    "a",
                    "[v2:127.0.0.1:" + monitorPort + "]",
                    map);
            step(
                    "monitor-made",
                    "ceph-mon",
                    "-i",
                    "a",
                    "--mkfs",
                    "--monmap",
                    map,
                    "--keyring",
                    home.resolve("keyring").toString());
            daemon("monitor", "ceph-mon", "-i", "a", "-f");
        }

        private void startDisk() throws IOException {
            step("disk-known", "ceph", "osd", "new", id);
            step("disk-made", "ceph-osd", "-i", "0", "--mkfs", "--osd-uuid", id);
            daemon("disk", "ceph-osd", "-i", "0", "-f");
        }

        private void step(final String name, final String... command) throws IOException {
            ServerProcess.run(name, directory, STEP_WITHIN, configured(command));
        }

        private ServerProcess daemon(final String name, final String... command) throws IOException {
            return ServerProcess.start(name, directory, configured(command));
        }

        private List<String> configured(final String... command) {
            final List<String> all = new ArrayList<>(List.of(command));
            all.addAll(List.of("-c", home.resolve("ceph.conf").toString()));
            return all;
        }

        private static boolean answers(final URI endpoint) {
            try {
                final HttpURLConnection connection =
                        (HttpURLConnection) endpoint.toURL().openConnection();
                connection.setConnectTimeout((int) STEP_WITHIN.toMillis());
                connection.setReadTimeout((int) STEP_WITHIN.toMillis());
                final boolean answered = connection.getResponseCode() > 0;
                connection.disconnect();
                return answered;
            } catch (final IOException notYet) {
                return false;
            }
        }

        /** Free now; it cannot be held until the server takes it. */
        private static int freePort() throws IOException {
            try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
                return socket.getLocalPort();
            }
        }
    }
}
