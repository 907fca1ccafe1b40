package dev.firn.pagestore.replay;

/** How long the base's relations are. */
@FunctionalInterface
interface BaseRelations {
    /** The base has no file of this fork. */
    int ABSENT = -1;

    /** How many blocks a fork has in the base's files; {@link #ABSENT} when there is no file. */
    int blocks(long space, long relation);
}
