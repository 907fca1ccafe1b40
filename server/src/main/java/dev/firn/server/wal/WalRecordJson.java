package dev.firn.server.wal;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.firn.postgres.lsn.Lsn;
import dev.firn.postgres.wal.WalEnd;
import dev.firn.postgres.wal.WalRecord;
import dev.firn.postgres.wal.WalRecordText;
import java.io.IOException;

/** Records as JSON objects. Numbers that Postgres prints unsigned are unsigned; what is absent is left out. */
public final class WalRecordJson {
    private WalRecordJson() {}

    /** Writes one record. */
    public static void write(final JsonGenerator json, final WalRecord record) throws IOException {
        json.writeStartObject();
        json.writeStringField("lsn", Lsn.format(record.lsn()));
        json.writeStringField("nextLsn", Lsn.format(record.nextLsn()));
        json.writeStringField("prevLsn", Lsn.format(record.prevLsn()));
        json.writeNumberField("xid", Integer.toUnsignedLong(record.xid()));
        json.writeStringField("rmgr", WalRecordText.resourceManagerName(record.resourceManagerId()));
        json.writeStringField("operation", WalRecordText.operationName(record));
        json.writeNumberField("info", record.info());
        json.writeNumberField("recordBytes", record.lengthBytes() - record.imageBytes());
        json.writeNumberField("totalBytes", record.lengthBytes());
        json.writeNumberField("mainDataBytes", record.mainDataLength());
        if (record.origin() != 0) {
            json.writeNumberField("origin", record.origin());
        }
        if (record.topLevelXid() != 0) {
            json.writeNumberField("topLevelXid", Integer.toUnsignedLong(record.topLevelXid()));
        }
        if (record.maxBlockId() >= 0) {
            json.writeArrayFieldStart("blocks");
            for (int id = 0; id <= record.maxBlockId(); id++) {
                if (record.hasBlock(id)) {
                    writeBlock(json, record, id);
                }
            }
            json.writeEndArray();
        }
        json.writeEndObject();
    }

    private static void writeBlock(final JsonGenerator json, final WalRecord record, final int id) throws IOException {
        json.writeStartObject();
        json.writeNumberField("id", id);
        json.writeNumberField("tablespace", Integer.toUnsignedLong(record.blockTablespace(id)));
        json.writeNumberField("database", Integer.toUnsignedLong(record.blockDatabase(id)));
        json.writeNumberField("relfilenode", Integer.toUnsignedLong(record.blockRelfilenode(id)));
        json.writeStringField("fork", WalRecordText.forkName(record.blockFork(id)));
        json.writeNumberField("block", Integer.toUnsignedLong(record.blockNumber(id)));
        json.writeBooleanField("willInit", record.blockWillInit(id));
        json.writeNumberField("dataBytes", record.blockDataLength(id));
        if (record.hasImage(id)) {
            json.writeObjectFieldStart("image");
            json.writeNumberField("bytes", record.imageLength(id));
            json.writeNumberField("holeOffset", record.holeOffset(id));
            json.writeNumberField("holeBytes", record.holeLength(id));
            json.writeStringField("compression", record.imageCompression(id).displayName());
            json.writeBooleanField("apply", record.appliesImage(id));
            json.writeEndObject();
        }
        json.writeEndObject();
    }

    /** Writes where and why the log ends. */
    public static void write(final JsonGenerator json, final WalEnd end) throws IOException {
        json.writeStartObject();
        json.writeStringField("lsn", Lsn.format(end.lsn()));
        json.writeStringField("reason", end.reason().name());
        json.writeStringField("seenAt", Lsn.format(end.faultLsn()));
        json.writeStringField("text", end.describe());
        json.writeEndObject();
    }
}
