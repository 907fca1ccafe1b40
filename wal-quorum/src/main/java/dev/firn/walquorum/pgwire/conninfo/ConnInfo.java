package dev.firn.walquorum.pgwire.conninfo;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Names a Postgres server and how to speak to it, as libpq's connection strings do.
 *
 * <p>It may hold a password, which no text that comes out of it shows.
 */
public final class ConnInfo {
    public static final String DEFAULT_APPLICATION_NAME = "firn";

    private static final int DEFAULT_PORT = 5432;
    private static final int MAX_PORT = 65_535;
    /** What libpq is built with, on Debian and elsewhere. */
    private static final List<String> SOCKET_DIRECTORIES = List.of("/var/run/postgresql", "/tmp");

    private static final String LOCALHOST = "localhost";
    /** libpq waits forever unless told otherwise; whoever attaches wants to be told. */
    private static final int DEFAULT_CONNECT_SECONDS = 10;

    private static final int MIN_CONNECT_SECONDS = 2;
    private static final Duration FOREVER = Duration.ofDays(365);
    private static final List<String> TLS_VERSIONS = List.of("TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3");
    private static final String DEFAULT_MIN_TLS_VERSION = "TLSv1.2";

    private final Map<Keyword, String> values;
    private final ConnEnvironment environment;
    private final List<ServerHost> hosts;

    private ConnInfo(final Map<Keyword, String> values, final ConnEnvironment environment) {
        this.values = values;
        this.environment = environment;
        this.hosts = readHosts();
        checkAll();
    }

    /**
     * Reads the keyword/value or the URI form; what it leaves out comes from the environment, and then from libpq's defaults.
     *
     * @throws ConnInfoException when it cannot be used.
     */
    public static ConnInfo parse(final String text, final ConnEnvironment environment) {
        final Map<Keyword, String> values = new EnumMap<>(Keyword.class);
        for (final Keyword keyword : Keyword.values()) {
            if (keyword.variable() != null) {
                final String value = environment.variables().apply(keyword.variable());
                if (value != null && !value.isEmpty()) {
                    keyword.check(value);
                    values.put(keyword, value);
                }
            }
        }
        final Map<Keyword, String> given = ConnInfoText.parse(text);
        // A host that is given is another than that of the environment, whose address then means nothing.
        if (given.containsKey(Keyword.HOST) && !given.containsKey(Keyword.HOSTADDR)) {
            values.remove(Keyword.HOSTADDR);
        }
        values.putAll(given);
        values.values().removeIf(String::isEmpty);
        values.putIfAbsent(Keyword.USER, environment.userName());
        return new ConnInfo(values, environment);
    }

    // --- where and who ------------------------------------------------------------------------------------------

    /** In the order in which they are tried. */
    public List<ServerHost> hosts() {
        return hosts;
    }

    public String user() {
        return values.get(Keyword.USER);
    }

    public String database() {
        return values.getOrDefault(Keyword.DBNAME, user());
    }

    public String applicationName() {
        return values.getOrDefault(
                Keyword.APPLICATION_NAME,
                values.getOrDefault(Keyword.FALLBACK_APPLICATION_NAME, DEFAULT_APPLICATION_NAME));
    }

    /** Command-line options for the server's process; empty for none. */
    public String options() {
        return values.getOrDefault(Keyword.OPTIONS, "");
    }

    /**
     * The password given, or else that of the password file.
     *
     * @param database what the file has it under: {@code replication} for physical replication.
     */
    public Optional<String> password(final ServerHost host, final String database) {
        if (values.containsKey(Keyword.PASSWORD)) {
            return Optional.of(values.get(Keyword.PASSWORD));
        }
        final String name =
                host.isSocketDirectory() && SOCKET_DIRECTORIES.contains(host.name()) ? LOCALHOST : host.verifiedName();
        return Optional.ofNullable(PassFile.find(passFile(), name, host.port(), database, user()));
    }

    public Path passFile() {
        final String given = values.get(Keyword.PASSFILE);
        return given == null ? environment.home().resolve(".pgpass") : Path.of(given);
    }

    // --- how ----------------------------------------------------------------------------------------------------

    public SslMode sslMode() {
        return oneOf(Keyword.SSLMODE, SslMode.values(), SslMode.PREFER);
    }

    public TlsFiles tlsFiles() {
        final String root = values.get(Keyword.SSLROOTCERT);
        final boolean isSystem = TlsFiles.SYSTEM.toString().equals(root);
        return new TlsFiles(
                isSystem ? TlsFiles.SYSTEM : file(Keyword.SSLROOTCERT, "root.crt"),
                file(Keyword.SSLCERT, "postgresql.crt"),
                file(Keyword.SSLKEY, "postgresql.key"),
                !"0".equals(values.get(Keyword.SSLSNI)),
                tlsVersion(Keyword.SSL_MIN_PROTOCOL_VERSION, DEFAULT_MIN_TLS_VERSION),
                tlsVersion(Keyword.SSL_MAX_PROTOCOL_VERSION, TLS_VERSIONS.getLast()));
    }

    public ChannelBinding channelBinding() {
        return oneOf(Keyword.CHANNEL_BINDING, ChannelBinding.values(), ChannelBinding.PREFER);
    }

    /** The user who must own the server's process behind a socket of the file system; empty for any. */
    public Optional<String> requiredPeer() {
        return Optional.ofNullable(values.get(Keyword.REQUIREPEER));
    }

    public TargetSession targetSession() {
        return oneOf(Keyword.TARGET_SESSION_ATTRS, TargetSession.values(), TargetSession.ANY);
    }

    /** For each host. */
    public Duration connectTimeout() {
        final int seconds = number(Keyword.CONNECT_TIMEOUT, DEFAULT_CONNECT_SECONDS);
        return seconds <= 0 ? FOREVER : Duration.ofSeconds(Math.max(seconds, MIN_CONNECT_SECONDS));
    }

    public Keepalives keepalives() {
        return new Keepalives(
                number(Keyword.KEEPALIVES, 1) != 0,
                number(Keyword.KEEPALIVES_IDLE, 0),
                number(Keyword.KEEPALIVES_INTERVAL, 0),
                number(Keyword.KEEPALIVES_COUNT, 0));
    }

    // --- as text, and others like it ----------------------------------------------------------------------------

    /** The same with this password. */
    public ConnInfo withPassword(final String password) {
        final Map<Keyword, String> more = new EnumMap<>(values);
        more.put(Keyword.PASSWORD, password);
        return new ConnInfo(more, environment);
    }

    /** The same under this name, by which {@code synchronous_standby_names} knows it. */
    public ConnInfo withApplicationName(final String name) {
        final Map<Keyword, String> more = new EnumMap<>(values);
        more.put(Keyword.APPLICATION_NAME, name);
        return new ConnInfo(more, environment);
    }

    /** Whether a password was given, other than in a password file. */
    public boolean holdsPassword() {
        return values.containsKey(Keyword.PASSWORD);
    }

    /**
     * All that was given, here and by the environment, but secrets, in the keyword/value form: can be stored, shown, and read in
     * another environment.
     */
    public String withoutSecrets() {
        return values.entrySet().stream()
                .filter(entry -> !entry.getKey().isSecret())
                .map(entry -> KeywordValueText.format(entry.getKey(), entry.getValue()))
                .collect(Collectors.joining(" "));
    }

    @Override
    public String toString() {
        return withoutSecrets();
    }

    // --- steps --------------------------------------------------------------------------------------------------

    /** So that what is wrong is said at once, not when it is first needed. */
    private void checkAll() {
        final SslMode mode = sslMode();
        final TlsFiles files = tlsFiles();
        channelBinding();
        targetSession();
        connectTimeout();
        keepalives();
        if (files.rootCertificates() == TlsFiles.SYSTEM && mode != SslMode.VERIFY_FULL) {
            throw new ConnInfoException("sslrootcert=system trusts certificates of anybody's hosts: it needs"
                    + " sslmode=verify-full, not " + mode);
        }
        if (TLS_VERSIONS.indexOf(files.minProtocol()) > TLS_VERSIONS.indexOf(files.maxProtocol())) {
            throw new ConnInfoException("ssl_min_protocol_version is newer than ssl_max_protocol_version");
        }
    }

    private List<ServerHost> readHosts() {
        final String[] names = list(Keyword.HOST);
        final String[] addresses = list(Keyword.HOSTADDR);
        final int count = Math.max(names.length, addresses.length);
        if (names.length > 0 && addresses.length > 0 && names.length != addresses.length) {
            throw new ConnInfoException("the connection parameters host and hostaddr name " + names.length + " and "
                    + addresses.length + " hosts: give as many of each, or leave one of them out");
        }
        final String[] ports = list(Keyword.PORT);
        if (ports.length > 1 && ports.length != count) {
            throw new ConnInfoException("the connection string names " + count + " hosts and " + ports.length
                    + " ports: give one port for all, or one for each");
        }
        final List<ServerHost> read = new ArrayList<>(Math.max(1, count));
        for (int i = 0; i < Math.max(1, count); i++) {
            final int port = port(ports.length == 0 ? "" : ports[ports.length == 1 ? 0 : i]);
            final String address = i < addresses.length ? addresses[i] : "";
            final String name = i < names.length ? names[i] : "";
            if (name.startsWith("@")) {
                throw new ConnInfoException("the host " + name
                        + " is a socket in the abstract name space, which Java does not reach: use a directory or TCP");
            }
            read.add(name.isEmpty() && address.isEmpty() ? defaultHost(port) : new ServerHost(name, address, port));
        }
        return Collections.unmodifiableList(read);
    }

    /** As libpq does it, wherever it was built: a socket where there is one, or else TCP on this machine. */
    private static ServerHost defaultHost(final int port) {
        for (final String directory : SOCKET_DIRECTORIES) {
            final ServerHost host = new ServerHost(directory, "", port);
            if (Files.exists(host.socketFile())) {
                return host;
            }
        }
        return new ServerHost(LOCALHOST, "", port);
    }

    private static int port(final String text) {
        if (text.isEmpty()) {
            return DEFAULT_PORT;
        }
        final int port = number("port", text);
        if (port < 1 || port > MAX_PORT) {
            throw new ConnInfoException("there is no port " + port + ": they go from 1 to " + MAX_PORT);
        }
        return port;
    }

    private String[] list(final Keyword keyword) {
        final String value = values.get(keyword);
        if (value == null) {
            return new String[0];
        }
        final String[] parts = value.split(",", -1);
        for (int i = 0; i < parts.length; i++) {
            parts[i] = parts[i].strip();
        }
        return parts;
    }

    private Path file(final Keyword keyword, final String defaultName) {
        final String given = values.get(keyword);
        if (given != null) {
            return Path.of(given);
        }
        final Path file = environment.home().resolve(".postgresql").resolve(defaultName);
        return Files.exists(file) ? file : null;
    }

    private String tlsVersion(final Keyword keyword, final String absent) {
        final String given = values.getOrDefault(keyword, absent);
        for (final String version : TLS_VERSIONS) {
            if (version.equalsIgnoreCase(given)) {
                return version;
            }
        }
        throw new ConnInfoException("the connection parameter " + keyword.text() + " can be "
                + String.join(", ", TLS_VERSIONS) + ", not " + given);
    }

    private int number(final Keyword keyword, final int absent) {
        final String value = values.get(keyword);
        return value == null ? absent : number(keyword.text(), value);
    }

    private static int number(final String name, final String value) {
        try {
            return Integer.parseInt(value.strip());
        } catch (final NumberFormatException e) {
            throw new ConnInfoException("the connection parameter " + name + " takes a whole number, not " + value, e);
        }
    }

    private <E extends Enum<E>> E oneOf(final Keyword keyword, final E[] choices, final E absent) {
        final String value = values.get(keyword);
        if (value == null) {
            return absent;
        }
        for (final E choice : choices) {
            if (choice.toString().equals(value.toLowerCase(Locale.ROOT))) {
                return choice;
            }
        }
        throw new ConnInfoException("the connection parameter " + keyword.text() + " can be "
                + Arrays.stream(choices).map(Object::toString).collect(Collectors.joining(", ")) + ", not "
                + value);
    }
}
