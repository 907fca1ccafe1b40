package dev.firn.pagestore.service;

import dev.firn.transport.codec.pages.BaseFilesDecoder;
import dev.firn.transport.codec.pages.DatabaseSizeDecoder;
import dev.firn.transport.codec.pages.DescribeTimelineDecoder;
import dev.firn.transport.codec.pages.ExistsDecoder;
import dev.firn.transport.codec.pages.ForkNameDecoder;
import dev.firn.transport.codec.pages.GetPageDecoder;
import dev.firn.transport.codec.pages.GetPagesDecoder;
import dev.firn.transport.codec.pages.KeyDecoder;
import dev.firn.transport.codec.pages.LeaseDecoder;
import dev.firn.transport.codec.pages.LsnAtDecoder;
import dev.firn.transport.codec.pages.MessageHeaderDecoder;
import dev.firn.transport.codec.pages.RelationSizeDecoder;
import dev.firn.transport.codec.pages.SlruSegmentDecoder;
import dev.firn.transport.codec.pages.TextDecoder;
import dev.firn.transport.codec.pages.VersionDecoder;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import org.agrona.DirectBuffer;

/**
 * A request as it came: {@link #read} checks and takes it apart, and what its kind has is good until the next. Allocates nothing but
 * the name of {@code DescribeTimeline}.
 */
final class RequestReader {
    private final MessageHeaderDecoder header = new MessageHeaderDecoder();
    private final GetPageDecoder getPage = new GetPageDecoder();
    private final GetPagesDecoder getPages = new GetPagesDecoder();
    private final RelationSizeDecoder relationSize = new RelationSizeDecoder();
    private final ExistsDecoder exists = new ExistsDecoder();
    private final DatabaseSizeDecoder databaseSize = new DatabaseSizeDecoder();
    private final SlruSegmentDecoder slruSegment = new SlruSegmentDecoder();
    private final BaseFilesDecoder baseFiles = new BaseFilesDecoder();
    private final LsnAtDecoder lsnAt = new LsnAtDecoder();
    private final LeaseDecoder lease = new LeaseDecoder();

    private DirectBuffer buffer;
    private int blocksAt;

    /** Of all kinds but {@code DescribeTimeline}. */
    long timelineId;

    long lsn;
    long sinceLsn;
    long waitUs;
    int tablespace;
    int database;
    int relfilenode;
    int fork;
    int block;

    /** How many blocks are asked for: {@link #block(int)}. */
    int count;

    int slru;
    int segment;
    long fromHigh;
    long fromMiddle;
    long fromLow;
    long timestamp;
    long holder;
    long seconds;
    String name;

    /** Takes a request apart; false when it is none of this kind. */
    boolean read(final int kind, final DirectBuffer from, final int offset, final int length) {
        buffer = from;
        return switch (kind) {
            case GetPageDecoder.TEMPLATE_ID -> readGetPage(offset, length);
            case GetPagesDecoder.TEMPLATE_ID -> readGetPages(offset, length);
            case RelationSizeDecoder.TEMPLATE_ID -> readRelationSize(offset, length);
            case ExistsDecoder.TEMPLATE_ID -> readExists(offset, length);
            case DatabaseSizeDecoder.TEMPLATE_ID -> readDatabaseSize(offset, length);
            case SlruSegmentDecoder.TEMPLATE_ID -> readSlruSegment(offset, length);
            case BaseFilesDecoder.TEMPLATE_ID -> readBaseFiles(offset, length);
            case LsnAtDecoder.TEMPLATE_ID -> readLsnAt(offset, length);
            case LeaseDecoder.TEMPLATE_ID -> readLease(offset, length);
            case DescribeTimelineDecoder.TEMPLATE_ID -> readDescribeTimeline(offset, length);
            default -> false;
        };
    }

    /** A block of those that are asked for. */
    int block(final int index) {
        return buffer.getInt(blocksAt + index * Integer.BYTES, ByteOrder.LITTLE_ENDIAN);
    }

    private boolean isReadable(final int offset, final int length, final int templateId, final int blockLength) {
        return PagesLayout.isReadable(header, buffer, offset, length, templateId, blockLength);
    }

    private boolean isExactly(final int offset, final int length, final int templateId, final int blockLength) {
        return length == PagesLayout.HEADER + blockLength && isReadable(offset, length, templateId, blockLength);
    }

    private boolean readGetPage(final int offset, final int length) {
        if (!isExactly(offset, length, GetPageDecoder.TEMPLATE_ID, GetPageDecoder.BLOCK_LENGTH)) {
            return false;
        }
        getPage.wrap(buffer, offset + PagesLayout.HEADER, GetPageDecoder.BLOCK_LENGTH, header.version());
        take(getPage.version());
        take(getPage.relation());
        block = getPage.block();
        return true;
    }

    private boolean readGetPages(final int offset, final int length) {
        if (!isReadable(offset, length, GetPagesDecoder.TEMPLATE_ID, GetPagesDecoder.BLOCK_LENGTH)) {
            return false;
        }
        getPages.wrap(buffer, offset + PagesLayout.HEADER, GetPagesDecoder.BLOCK_LENGTH, header.version());
        take(getPages.version());
        take(getPages.relation());
        count = getPages.count();
        blocksAt = offset + PagesLayout.HEADER + GetPagesDecoder.BLOCK_LENGTH;
        return length == PagesLayout.HEADER + GetPagesDecoder.BLOCK_LENGTH + count * Integer.BYTES;
    }

    private boolean readRelationSize(final int offset, final int length) {
        if (!isExactly(offset, length, RelationSizeDecoder.TEMPLATE_ID, RelationSizeDecoder.BLOCK_LENGTH)) {
            return false;
        }
        relationSize.wrap(buffer, offset + PagesLayout.HEADER, RelationSizeDecoder.BLOCK_LENGTH, header.version());
        take(relationSize.version());
        take(relationSize.relation());
        return true;
    }

    private boolean readExists(final int offset, final int length) {
        if (!isExactly(offset, length, ExistsDecoder.TEMPLATE_ID, ExistsDecoder.BLOCK_LENGTH)) {
            return false;
        }
        exists.wrap(buffer, offset + PagesLayout.HEADER, ExistsDecoder.BLOCK_LENGTH, header.version());
        take(exists.version());
        take(exists.relation());
        return true;
    }

    private boolean readDatabaseSize(final int offset, final int length) {
        if (!isExactly(offset, length, DatabaseSizeDecoder.TEMPLATE_ID, DatabaseSizeDecoder.BLOCK_LENGTH)) {
            return false;
        }
        databaseSize.wrap(buffer, offset + PagesLayout.HEADER, DatabaseSizeDecoder.BLOCK_LENGTH, header.version());
        take(databaseSize.version());
        tablespace = databaseSize.tablespace();
        database = databaseSize.database();
        return true;
    }

    private boolean readSlruSegment(final int offset, final int length) {
        if (!isExactly(offset, length, SlruSegmentDecoder.TEMPLATE_ID, SlruSegmentDecoder.BLOCK_LENGTH)) {
            return false;
        }
        slruSegment.wrap(buffer, offset + PagesLayout.HEADER, SlruSegmentDecoder.BLOCK_LENGTH, header.version());
        take(slruSegment.version());
        slru = slruSegment.slru();
        segment = slruSegment.segment();
        return true;
    }

    private boolean readBaseFiles(final int offset, final int length) {
        if (!isExactly(offset, length, BaseFilesDecoder.TEMPLATE_ID, BaseFilesDecoder.BLOCK_LENGTH)) {
            return false;
        }
        baseFiles.wrap(buffer, offset + PagesLayout.HEADER, BaseFilesDecoder.BLOCK_LENGTH, header.version());
        take(baseFiles.version());
        final KeyDecoder from = baseFiles.from();
        fromHigh = from.high();
        fromMiddle = from.middle();
        fromLow = from.low();
        return true;
    }

    private boolean readLsnAt(final int offset, final int length) {
        if (!isExactly(offset, length, LsnAtDecoder.TEMPLATE_ID, LsnAtDecoder.BLOCK_LENGTH)) {
            return false;
        }
        lsnAt.wrap(buffer, offset + PagesLayout.HEADER, LsnAtDecoder.BLOCK_LENGTH, header.version());
        timelineId = lsnAt.timelineId();
        timestamp = lsnAt.timestamp();
        return true;
    }

    private boolean readLease(final int offset, final int length) {
        if (!isExactly(offset, length, LeaseDecoder.TEMPLATE_ID, LeaseDecoder.BLOCK_LENGTH)) {
            return false;
        }
        lease.wrap(buffer, offset + PagesLayout.HEADER, LeaseDecoder.BLOCK_LENGTH, header.version());
        take(lease.version());
        holder = lease.holder();
        seconds = lease.seconds();
        return true;
    }

    private boolean readDescribeTimeline(final int offset, final int length) {
        final int textAt = DescribeTimelineDecoder.BLOCK_LENGTH;
        if (!isReadable(offset, length, DescribeTimelineDecoder.TEMPLATE_ID, textAt)) {
            return false;
        }
        final int rest = length - PagesLayout.HEADER - textAt;
        final int lengthAt = offset + PagesLayout.HEADER + textAt;
        if (rest < TextDecoder.varDataEncodingOffset()) {
            return false;
        }
        final int nameBytes = buffer.getShort(lengthAt, ByteOrder.LITTLE_ENDIAN) & 0xFFFF;
        if (rest != TextDecoder.varDataEncodingOffset() + nameBytes) {
            return false;
        }
        final byte[] bytes = new byte[nameBytes];
        buffer.getBytes(lengthAt + TextDecoder.varDataEncodingOffset(), bytes);
        name = new String(bytes, StandardCharsets.UTF_8);
        return true;
    }

    private void take(final VersionDecoder version) {
        timelineId = version.timelineId();
        lsn = version.lsn();
        sinceLsn = version.sinceLsn();
        waitUs = version.waitUs();
    }

    private void take(final ForkNameDecoder relation) {
        tablespace = relation.tablespace();
        database = relation.database();
        relfilenode = relation.relfilenode();
        fork = relation.fork();
    }
}
