package dev.firn.walquorum.pgwire.conninfo;

import java.nio.file.Path;

/**
 * What TLS is made with.
 *
 * @param rootCertificates    PEM; null for none. {@link #SYSTEM} trusts what the JDK trusts.
 * @param certificate         the client's own, PEM; null for none.
 * @param key                 its private key, PEM; null for none.
 * @param sendsServerName     whether the host's name goes into the handshake.
 * @param minProtocol         the JDK's name of the oldest version.
 * @param maxProtocol         the JDK's name of the newest version.
 */
public record TlsFiles(
        Path rootCertificates,
        Path certificate,
        Path key,
        boolean sendsServerName,
        String minProtocol,
        String maxProtocol) {
    public static final Path SYSTEM = Path.of("system");
}
