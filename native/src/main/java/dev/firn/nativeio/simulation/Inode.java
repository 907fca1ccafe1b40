package dev.firn.nativeio.simulation;

/** What a directory entry leads to. */
sealed interface Inode permits Directory, FileImage {}
