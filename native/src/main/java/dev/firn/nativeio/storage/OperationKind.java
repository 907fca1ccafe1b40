package dev.firn.nativeio.storage;

/** What a {@link Ring} can be asked to do. The name is what error messages show. */
public enum OperationKind {
    NOP,
    READ,
    WRITE,
    READ_VECTORED,
    WRITE_VECTORED,
    SYNC,
    DATA_SYNC,
    ALLOCATE,
    TIMEOUT,
    LINK_TIMEOUT,
    CANCEL
}
