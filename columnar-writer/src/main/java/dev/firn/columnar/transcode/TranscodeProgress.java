package dev.firn.columnar.transcode;

/** Hears how far a relation has come. */
@FunctionalInterface
public interface TranscodeProgress {
    void moved(long blocks, long ofBlocks);
}
