package dev.firn.walquorum.pgwire;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.agrona.DirectBuffer;

/** Keeps a base backup in memory. */
class BackupCollector implements BaseBackupHandler {
    final Map<String, ByteArrayOutputStream> archives = new LinkedHashMap<>();
    final Map<String, String> locations = new LinkedHashMap<>();
    final ByteArrayOutputStream manifest = new ByteArrayOutputStream();
    final List<String> notices = new ArrayList<>();
    List<BackupTablespace> tablespaces;
    long startLsn;
    long progress;
    private ByteArrayOutputStream current;

    @Override
    public void onStart(final long newStartLsn, final long startTimeline, final List<BackupTablespace> newTablespaces) {
        startLsn = newStartLsn;
        tablespaces = newTablespaces;
    }

    @Override
    public void onArchive(final String name, final String tablespaceLocation) {
        current = new ByteArrayOutputStream();
        archives.put(name, current);
        locations.put(name, tablespaceLocation);
    }

    @Override
    public void onManifest() {
        current = manifest;
    }

    @Override
    public void onData(final DirectBuffer buffer, final int offset, final int length) {
        final byte[] part = new byte[length];
        buffer.getBytes(offset, part);
        current.writeBytes(part);
    }

    @Override
    public void onNotice(final String text) {
        notices.add(text);
    }

    @Override
    public void onProgress(final long bytesDone) {
        progress = bytesDone;
    }
}
