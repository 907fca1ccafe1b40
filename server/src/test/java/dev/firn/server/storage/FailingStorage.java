package dev.firn.server.storage;

import dev.firn.nativeio.storage.Access;
import dev.firn.nativeio.storage.Completion;
import dev.firn.nativeio.storage.CompletionHandler;
import dev.firn.nativeio.storage.DirectoryLock;
import dev.firn.nativeio.storage.EntryVisitor;
import dev.firn.nativeio.storage.FileLock;
import dev.firn.nativeio.storage.FileStatus;
import dev.firn.nativeio.storage.OperationKind;
import dev.firn.nativeio.storage.Ring;
import dev.firn.nativeio.storage.RingConfig;
import dev.firn.nativeio.storage.RingFile;
import dev.firn.nativeio.storage.Storage;
import dev.firn.nativeio.storage.StorageFile;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.List;

/**
 * A real storage whose rings misbehave from the moment that a test says so. Fault model: a flush fails with an errno; a
 * read gives back one bit flipped; completions are held back until further notice. Everything else happens as the host does it.
 */
public final class FailingStorage implements Storage {
    private final Storage host;
    public volatile int flushErrno;
    volatile boolean flipABit;
    volatile boolean silent;

    public FailingStorage(final Storage host) {
        this.host = host;
    }

    @Override
    public Ring openRing(final RingConfig config) {
        final Ring ring = host.openRing(config);
        final MemorySegment[] lastRead = new MemorySegment[1];
        return (Ring) Proxy.newProxyInstance(
                Ring.class.getClassLoader(), new Class<?>[] {Ring.class}, (proxy, method, arguments) -> {
                    if (method.getName().equals("read")) {
                        lastRead[0] = (MemorySegment) arguments[2];
                    }
                    if (method.getName().equals("poll") && silent) {
                        return 0;
                    }
                    if (method.getName().equals("poll")) {
                        final CompletionHandler handler = (CompletionHandler) arguments[0];
                        return ring.poll(completion -> handler.onCompletion(changed(completion, lastRead[0])), (int)
                                arguments[1]);
                    }
                    try {
                        return method.invoke(ring, arguments);
                    } catch (final InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    private Completion changed(final Completion real, final MemorySegment read) {
        if (flipABit && real.kind() == OperationKind.READ) {
            read.set(ValueLayout.JAVA_BYTE, 1000, (byte) (read.get(ValueLayout.JAVA_BYTE, 1000) ^ 4));
        }
        return flushErrno != 0 && real.kind() == OperationKind.DATA_SYNC ? new Failed(real, flushErrno) : real;
    }

    private record Failed(Completion real, int failedWith) implements Completion {
        @Override
        public long token() {
            return real.token();
        }

        @Override
        public int result() {
            return -failedWith;
        }

        @Override
        public OperationKind kind() {
            return real.kind();
        }

        @Override
        public RingFile file() {
            return real.file();
        }

        @Override
        public long fileOffset() {
            return real.fileOffset();
        }

        @Override
        public long requestedBytes() {
            return real.requestedBytes();
        }
    }

    @Override
    public StorageFile create(final String name, final Access access) {
        return host.create(name, access);
    }

    @Override
    public StorageFile open(final String name, final Access access) {
        return host.open(name, access);
    }

    @Override
    public StorageFile openForRead(final String name, final Access access) {
        return host.openForRead(name, access);
    }

    @Override
    public boolean exists(final String name) {
        return host.exists(name);
    }

    @Override
    public void createDirectories(final String name) {
        host.createDirectories(name);
    }

    @Override
    public void rename(final String from, final String to) {
        host.rename(from, to);
    }

    @Override
    public void delete(final String name) {
        host.delete(name);
    }

    @Override
    public List<String> list(final String directory) {
        return host.list(directory);
    }

    @Override
    public boolean renameExclusively(final String from, final String to) {
        return host.renameExclusively(from, to);
    }

    @Override
    public void visit(final String directory, final EntryVisitor visitor) {
        host.visit(directory, visitor);
    }

    @Override
    public FileStatus status(final String name) {
        return host.status(name);
    }

    @Override
    public byte[] attribute(final String name, final String attribute) {
        return host.attribute(name, attribute);
    }

    @Override
    public StorageFile openDirectory(final String directory) {
        return host.openDirectory(directory);
    }

    @Override
    public FileLock tryLock(final String name) {
        return host.tryLock(name);
    }

    @Override
    public void syncDirectory(final String directory) {
        host.syncDirectory(directory);
    }

    @Override
    public DirectoryLock lock(final String directory) {
        return host.lock(directory);
    }

    @Override
    public void close() {
        host.close();
    }
}
