package dev.firn.bench.s3.load;

/**
 * What the server says of itself.
 *
 * @param loops threads that serve: how many processors it can use.
 * @param cpuNs of the whole process.
 * @param refused requests for what it does not do: none, in a run that means something.
 */
public record LoadReport(
        int port, int loops, long cpuNs, long requests, long refused, long bytesReceived, long bytesSent) {}
