package dev.firn.nativeio.simulation;

import dev.firn.nativeio.storage.Completion;
import dev.firn.nativeio.storage.OperationKind;
import dev.firn.nativeio.storage.RingFile;

/** The one {@link Completion} that a ring's handlers see, loaded from the operation that is delivered. */
final class RingCompletion implements Completion {
    private long token;
    private int result;
    private OperationKind kind = OperationKind.NOP;
    private RingFile file;
    private long fileOffset;
    private long requestedBytes;

    void load(final RingOperation operation) {
        token = operation.token;
        result = operation.result;
        kind = operation.kind;
        file = operation.file;
        fileOffset = operation.fileOffset;
        requestedBytes = operation.requestedBytes;
    }

    @Override
    public long token() {
        return token;
    }

    @Override
    public int result() {
        return result;
    }

    @Override
    public OperationKind kind() {
        return kind;
    }

    @Override
    public RingFile file() {
        return file;
    }

    @Override
    public long fileOffset() {
        return fileOffset;
    }

    @Override
    public long requestedBytes() {
        return requestedBytes;
    }
}
