package dev.firn.server.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.compute.process.UnprivilegedUser;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * Several hosts on this machine: a network namespace each, on one bridge, which is this process's way to them. Packets are lost by
 * nftables as they arrive, so that who sends them sees no error; delays need netem, which not every kernel has.
 *
 * <p>A host's number is the last byte of its address. Names and addresses come from this process's id, so that two test runs do not
 * meet.
 */
final class HostNetwork implements AutoCloseable {
    private static final long LIMIT_SECONDS = 20;
    private static final int BRIDGE_NUMBER = 254;

    private final String prefix;
    private final String subnet;
    private final List<Integer> hosts = new ArrayList<>();

    private HostNetwork(final long id) {
        prefix = "firn" + Long.toString(id % 1_000_000, Character.MAX_RADIX);
        subnet = "10." + (64 + id % 64) + "." + (id / 64 % 256) + ".";
    }

    /** Why this machine cannot have such hosts, in one sentence; empty when it can. */
    static Optional<String> obstacle() throws IOException, InterruptedException {
        if (!UnprivilegedUser.find().dropping()) {
            return Optional.of("network namespaces are made by root, and this test is not run by root");
        }
        for (final List<String> needed : List.of(
                List.of("ip", "-Version"),
                List.of("nft", "--version"),
                List.of("tc", "-Version"),
                List.of("setpriv", "--pdeathsig", "KILL", "true"))) {
            if (!succeeds(needed)) {
                return Optional.of(needed.getFirst() + " is not there: install iproute2, nftables and util-linux");
            }
        }
        final String name = "firn-trial-" + ProcessHandle.current().pid();
        if (!succeeds(List.of("ip", "netns", "add", name))) {
            return Optional.of("this host makes no network namespaces (ip netns add fails)");
        }
        try {
            return succeeds(List.of("ip", "netns", "exec", name, "nft", "add", "table", "inet", "firn"))
                    ? Optional.empty()
                    : Optional.of("this host's kernel has no nftables in network namespaces");
        } finally {
            run("ip", "netns", "del", name);
        }
    }

    /** Makes hosts with these numbers. */
    static HostNetwork of(final List<Integer> numbers) throws IOException, InterruptedException {
        final HostNetwork network = new HostNetwork(ProcessHandle.current().pid());
        boolean isMade = false;
        try {
            run("ip", "link", "add", network.bridge(), "type", "bridge");
            run("ip", "addr", "add", network.address(BRIDGE_NUMBER) + "/24", "dev", network.bridge());
            run("ip", "link", "set", network.bridge(), "up");
            for (final int host : numbers) {
                network.add(host);
            }
            isMade = true;
            return network;
        } finally {
            if (!isMade) {
                network.close();
            }
        }
    }

    private void add(final int host) throws IOException, InterruptedException {
        hosts.add(host);
        run("ip", "netns", "add", name(host));
        run("ip", "link", "add", link(host), "type", "veth", "peer", "name", "eth0", "netns", name(host));
        run("ip", "link", "set", link(host), "master", bridge(), "up");
        in(host, "ip", "addr", "add", address(host) + "/24", "dev", "eth0");
        in(host, "ip", "link", "set", "eth0", "up");
        in(host, "ip", "link", "set", "lo", "up");
        in(host, "nft", "add table inet firn; add chain inet firn arriving { type filter hook input priority 0; }");
    }

    private String bridge() {
        return prefix + "b";
    }

    private String name(final int host) {
        return prefix + "h" + host;
    }

    private String link(final int host) {
        return prefix + "v" + host;
    }

    String address(final int host) {
        return subnet + host;
    }

    /** What runs the command behind it on a host, as long as the thread that started it lives. */
    List<String> on(final int host) {
        return List.of("setpriv", "--pdeathsig", "KILL", "ip", "netns", "exec", name(host));
    }

    // --- faults ---------------------------------------------------------------------------------------------------

    /** Nothing that one host sends reaches the other. */
    void cut(final int from, final int to) throws IOException, InterruptedException {
        drop(to, "ip saddr " + address(from));
    }

    /** Neither hears the other. */
    void cutBoth(final int one, final int other) throws IOException, InterruptedException {
        cut(one, other);
        cut(other, one);
    }

    /** A host hears no message any more. Its status, over TCP, can still be asked for. */
    void deafen(final int host) throws IOException, InterruptedException {
        drop(host, "meta l4proto udp");
    }

    /** No other host hears it. */
    void mute(final int host) throws IOException, InterruptedException {
        for (final int other : hosts) {
            if (other != host) {
                drop(other, "meta l4proto udp ip saddr " + address(host));
            }
        }
    }

    /** So many of a hundred packets to a host are lost, as chance has it. */
    void lose(final int host, final int percent) throws IOException, InterruptedException {
        drop(host, "meta l4proto udp numgen random mod 100 < " + percent);
    }

    /** Pulls a host's cable: who sends sees an error. */
    void unplug(final int host) throws IOException, InterruptedException {
        in(host, "ip", "link", "set", "eth0", "down");
    }

    void plug(final int host) throws IOException, InterruptedException {
        in(host, "ip", "link", "set", "eth0", "up");
    }

    /** Delays what a host sends; false when this kernel has no netem. */
    boolean delay(final int host, final int ms, final int jitterMs) throws IOException, InterruptedException {
        final List<String> command = new ArrayList<>(on(host));
        command.addAll(List.of("tc", "qdisc", "replace", "dev", "eth0", "root", "netem", "delay"));
        command.addAll(List.of(ms + "ms", jitterMs + "ms"));
        return succeeds(command);
    }

    /** Lets a host send no faster than this: what is more waits, and is dropped. */
    void throttle(final int host, final int megabits) throws IOException, InterruptedException {
        in(
                host,
                "tc",
                "qdisc",
                "replace",
                "dev",
                "eth0",
                "root",
                "tbf",
                "rate",
                megabits + "mbit",
                "burst",
                "32kbit",
                "latency",
                "50ms");
    }

    private void drop(final int host, final String packets) throws IOException, InterruptedException {
        in(host, "nft", "add rule inet firn arriving " + packets + " drop");
    }

    /** All is as it was. */
    void heal() throws IOException, InterruptedException {
        for (final int host : hosts) {
            in(host, "nft", "flush chain inet firn arriving");
            plug(host);
            final List<String> unthrottle = new ArrayList<>(on(host));
            unthrottle.addAll(List.of("tc", "qdisc", "del", "dev", "eth0", "root"));
            // It fails where nothing was throttled.
            succeeds(unthrottle);
        }
    }

    private void in(final int host, final String... command) throws IOException, InterruptedException {
        final List<String> whole = new ArrayList<>(on(host));
        whole.addAll(List.of(command));
        run(whole.toArray(String[]::new));
    }

    private static boolean succeeds(final List<String> command) throws InterruptedException {
        try {
            final Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            return process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS) && process.exitValue() == 0;
        } catch (final IOException e) {
            // There is no such program.
            return false;
        }
    }

    private static void run(final String... command) throws IOException, InterruptedException {
        final Process process =
                new ProcessBuilder(command).redirectErrorStream(true).start();
        final String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).as("%s: %s", List.of(command), said).isZero();
    }

    /** Takes all of it away. */
    @Override
    public void close() throws IOException, InterruptedException {
        for (final int host : hosts) {
            succeeds(List.of("ip", "netns", "del", name(host)));
        }
        succeeds(List.of("ip", "link", "del", bridge()));
    }
}
