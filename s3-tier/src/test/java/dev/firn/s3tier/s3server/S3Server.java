package dev.firn.s3tier.s3server;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.Optional;

/**
 * An S3 server that runs in a process of its own, on a free port of loopback, in a temporary directory; process and directory
 * are gone once it is closed, and also when this JVM ends in whatever way.
 */
public sealed interface S3Server extends AutoCloseable permits S3MockServer, CephServer {
    /** What it is, for messages. */
    String describe();

    /** {@code http://127.0.0.1:port}; requests are made in path style. */
    URI endpoint();

    String region();

    String accessKeyId();

    String secretAccessKey();

    /** Makes a bucket; one that is there already stays as it is. */
    void createBucket(String bucket) throws IOException;

    /** What the server wrote, in files below this directory. */
    Path logs();

    @Override
    void close();

    /** The S3Mock that all test classes of this JVM share, each with a bucket of its own: one start, of some seconds. */
    static S3Server shared() throws IOException {
        return SharedServer.get();
    }

    /** Starts an S3Mock of one's own. */
    static S3MockServer startMock() throws IOException {
        return S3MockServer.start();
    }

    /** Starts a Ceph cluster of one disk with its S3 gateway. Takes a while: for long tests. */
    static CephServer startCeph() throws IOException {
        return CephServer.start();
    }

    /** Why {@link #startCeph()} cannot work on this machine, and what to install; empty when it can. */
    static Optional<String> cephIsMissing() {
        return CephServer.missing();
    }
}
