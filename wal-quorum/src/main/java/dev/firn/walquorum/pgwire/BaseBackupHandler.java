package dev.firn.walquorum.pgwire;

import java.util.List;
import org.agrona.DirectBuffer;

/**
 * Takes a base backup as it comes. Called within {@link ReplicationConnection#baseBackup}, on its thread; while a method runs, the
 * server waits. What a method throws ends the backup, and the connection with it.
 */
public interface BaseBackupHandler {
    /** The server's checkpoint is done. Of the tablespaces, the data directory comes last. */
    void onStart(long startLsn, long startTimeline, List<BackupTablespace> tablespaces);

    /**
     * A tar archive begins, and the one before has ended.
     *
     * @param name               what it is called: {@code base.tar}, or a tablespace's oid and {@code .tar}.
     * @param tablespaceLocation where the tablespace is on the server; empty for the data directory.
     */
    void onArchive(String name, String tablespaceLocation);

    /** The manifest begins, and the last archive has ended. */
    void onManifest();

    /** The next bytes of what has begun last; borrowed until the method returns. */
    void onData(DirectBuffer buffer, int offset, int length);

    /** A warning on the way, such as a page whose checksum is wrong; then the backup ends with an error. */
    void onNotice(String text);

    /** The server's count of bytes of archives so far, to be held against the tablespaces' sizes. */
    void onProgress(long bytesDone);
}
