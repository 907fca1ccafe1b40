package dev.firn.columnar.transcode;

import dev.firn.columnar.parquet.ParquetSink;

/** A file that is being written. It is there when it is finished, and not before. */
public interface LakeFile extends ParquetSink {
    /** All bytes have been offered and taken: the file is made to stay. */
    void finish();

    /** Gives it up, finished or not: nothing of it stays. */
    void abandon();
}
