package dev.firn.server.lake;

import dev.firn.columnar.transcode.LakeFile;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.server.store.StoreConnection;
import dev.firn.server.store.StoreStream;
import java.lang.foreign.MemorySegment;

/** A bucket, or what is below a prefix in one. Parts of an object travel while the next ones are made. */
final class BucketTarget implements ExportTarget {
    private final StoreConnection connection;
    private final OffHeapMemory memory;

    /**
     * @param connection closed with this.
     * @param memory borrowed, for parts on their way.
     */
    BucketTarget(final StoreConnection connection, final OffHeapMemory memory) {
        this.connection = connection;
        this.memory = memory;
    }

    @Override
    public boolean isFree(final String path) {
        return connection.isEmpty(path.isEmpty() ? path : path + '/');
    }

    /** Parts that no object was made of yet are nowhere to be seen. */
    @Override
    public boolean hasUnfinished(final String path) {
        return false;
    }

    @Override
    public LakeFile create(final String path) {
        return new StoredFile(connection, path, new StoreStream(connection, path, memory));
    }

    @Override
    public long fileMemoryBytes() {
        return StoreStream.memoryBytes(connection);
    }

    @Override
    public void remove(final String path) {
        connection.delete(path);
    }

    @Override
    public String addressOf(final String path) {
        return connection.addressOf(path);
    }

    private static final class StoredFile implements LakeFile {
        private final StoreConnection connection;
        private final String path;
        private final StoreStream stream;
        private boolean finished;

        StoredFile(final StoreConnection connection, final String path, final StoreStream stream) {
            this.connection = connection;
            this.path = path;
            this.stream = stream;
        }

        @Override
        public long offer(final MemorySegment bytes, final long offset, final long length) {
            return stream.write(bytes.asSlice(offset, length));
        }

        @Override
        public void finish() {
            stream.complete();
            finished = true;
        }

        @Override
        public void abandon() {
            if (finished) {
                connection.delete(path);
            } else {
                stream.abort();
            }
        }
    }

    @Override
    public void close() {
        connection.close();
    }
}
