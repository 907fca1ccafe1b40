package dev.firn.nativeio.network;

/** Opens endpoints. Node ids are small non-negative numbers that the deployment's configuration maps to addresses. */
public interface Network extends AutoCloseable {
    /** Opens the endpoint of a node; each node id may be open once. */
    Endpoint open(int nodeId);

    @Override
    void close();
}
