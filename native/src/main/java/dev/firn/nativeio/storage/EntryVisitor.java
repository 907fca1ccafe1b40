package dev.firn.nativeio.storage;

/** Receives the entries of a directory from {@link Storage#visit}. */
@FunctionalInterface
public interface EntryVisitor {
    /** @return whether to go on. */
    boolean onEntry(String name, FileKind kind);
}
