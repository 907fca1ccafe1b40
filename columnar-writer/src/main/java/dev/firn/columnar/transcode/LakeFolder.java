package dev.firn.columnar.transcode;

/** Where the files of one relation go. */
@FunctionalInterface
public interface LakeFolder {
    /** Begins a file. @param name below the folder, with slashes. */
    LakeFile create(String name);
}
