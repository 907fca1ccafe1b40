package dev.firn.pagestore.service;

import dev.firn.postgres.page.PageLayout;
import dev.firn.transport.codec.pages.ExistenceDecoder;
import dev.firn.transport.codec.pages.Flag;
import dev.firn.transport.codec.pages.LsnFoundDecoder;
import dev.firn.transport.codec.pages.MessageHeaderDecoder;
import dev.firn.transport.codec.pages.PageDecoder;
import dev.firn.transport.codec.pages.PagesDecoder;
import dev.firn.transport.codec.pages.RefusalDecoder;
import dev.firn.transport.codec.pages.SizeDecoder;
import dev.firn.transport.codec.pages.TextDecoder;
import dev.firn.transport.codec.pages.TimelineDescriptionDecoder;
import dev.firn.transport.codec.pages.ValuesDecoder;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import org.agrona.DirectBuffer;

/**
 * Takes answers apart and hands them to a {@link PageHandler}. Each method answers whether the bytes were such an answer; if not, the
 * handler has not been called.
 */
final class AnswerReader {
    private static final int TEXT_HEAD = TextDecoder.varDataEncodingOffset();

    private final PageHandler handler;
    private final MessageHeaderDecoder header = new MessageHeaderDecoder();
    private final PageDecoder page = new PageDecoder();
    private final PagesDecoder pages = new PagesDecoder();
    private final SizeDecoder size = new SizeDecoder();
    private final ExistenceDecoder existence = new ExistenceDecoder();
    private final ValuesDecoder values = new ValuesDecoder();
    private final LsnFoundDecoder lsnFound = new LsnFoundDecoder();
    private final TimelineDescriptionDecoder timeline = new TimelineDescriptionDecoder();
    private final RefusalDecoder refusalDecoder = new RefusalDecoder();
    private final KeyedValues keyedValues = new KeyedValues();

    AnswerReader(final PageHandler handler) {
        this.handler = handler;
    }

    boolean page(final long token, final DirectBuffer buffer, final int offset, final int length) {
        if (length != PagesLayout.PAGE_AT + PageLayout.PAGE_BYTES
                || !isReadable(buffer, offset, length, PageDecoder.TEMPLATE_ID, PageDecoder.BLOCK_LENGTH)) {
            return false;
        }
        page.wrap(buffer, offset + PagesLayout.HEADER, PageDecoder.BLOCK_LENGTH, header.version());
        handler.onPage(token, page.lsn(), buffer, offset + PagesLayout.PAGE_AT);
        return true;
    }

    /** How many pages came, or -1. */
    int pages(final long token, final DirectBuffer buffer, final int offset, final int length) {
        if (!isReadable(buffer, offset, length, PagesDecoder.TEMPLATE_ID, PagesDecoder.BLOCK_LENGTH)) {
            return -1;
        }
        pages.wrap(buffer, offset + PagesLayout.HEADER, PagesDecoder.BLOCK_LENGTH, header.version());
        final int count = pages.count();
        if (length != PagesLayout.PAGES_AT + count * PageLayout.PAGE_BYTES) {
            return -1;
        }
        handler.onPages(token, pages.lsn(), count, buffer, offset + PagesLayout.PAGES_AT);
        return count;
    }

    boolean size(final long token, final DirectBuffer buffer, final int offset, final int length) {
        if (!isReadable(buffer, offset, length, SizeDecoder.TEMPLATE_ID, SizeDecoder.BLOCK_LENGTH)) {
            return false;
        }
        size.wrap(buffer, offset + PagesLayout.HEADER, SizeDecoder.BLOCK_LENGTH, header.version());
        handler.onSize(token, size.lsn(), size.blocks());
        return true;
    }

    boolean existence(final long token, final DirectBuffer buffer, final int offset, final int length) {
        if (!isReadable(buffer, offset, length, ExistenceDecoder.TEMPLATE_ID, ExistenceDecoder.BLOCK_LENGTH)) {
            return false;
        }
        existence.wrap(buffer, offset + PagesLayout.HEADER, ExistenceDecoder.BLOCK_LENGTH, header.version());
        final short there = existence.thereRaw();
        if (there != Flag.YES.value() && there != Flag.NO.value()) {
            return false;
        }
        handler.onExistence(token, existence.lsn(), there == Flag.YES.value());
        return true;
    }

    boolean values(final long token, final DirectBuffer buffer, final int offset, final int length) {
        if (!isReadable(buffer, offset, length, ValuesDecoder.TEMPLATE_ID, ValuesDecoder.BLOCK_LENGTH)) {
            return false;
        }
        values.wrap(buffer, offset + PagesLayout.HEADER, ValuesDecoder.BLOCK_LENGTH, header.version());
        final byte[] copy = new byte[length - PagesLayout.VALUES_AT];
        buffer.getBytes(offset + PagesLayout.VALUES_AT, copy);
        if (!keyedValues.tryWrap(MemorySegment.ofArray(copy), 0, copy.length)) {
            return false;
        }
        handler.onValues(token, values.lsn(), keyedValues);
        return true;
    }

    boolean lsnFound(final long token, final DirectBuffer buffer, final int offset, final int length) {
        if (!isReadable(buffer, offset, length, LsnFoundDecoder.TEMPLATE_ID, LsnFoundDecoder.BLOCK_LENGTH)) {
            return false;
        }
        lsnFound.wrap(buffer, offset + PagesLayout.HEADER, LsnFoundDecoder.BLOCK_LENGTH, header.version());
        handler.onLsn(token, lsnFound.lsn());
        return true;
    }

    boolean timeline(final long token, final DirectBuffer buffer, final int offset, final int length) {
        final int block = TimelineDescriptionDecoder.BLOCK_LENGTH;
        if (!isReadable(buffer, offset, length, TimelineDescriptionDecoder.TEMPLATE_ID, block)) {
            return false;
        }
        final int end = offset + length;
        final int nameAt = offset + PagesLayout.HEADER + block;
        final int parentAt = endOfText(buffer, nameAt, end);
        if (parentAt < 0 || endOfText(buffer, parentAt, end) != end) {
            return false;
        }
        timeline.wrap(buffer, offset + PagesLayout.HEADER, block, header.version());
        handler.onTimeline(
                token,
                new TimelineFacts(
                        text(buffer, nameAt),
                        timeline.timelineId(),
                        timeline.systemIdentifier(),
                        timeline.postgresMajor(),
                        (int) timeline.walSegmentBytes(),
                        text(buffer, parentAt),
                        timeline.branchLsn(),
                        timeline.historyLsn(),
                        timeline.appliedLsn(),
                        timeline.uploadedLsn()));
        return true;
    }

    boolean refusal(
            final long token,
            final ReadRefusal refusal,
            final DirectBuffer buffer,
            final int offset,
            final int length) {
        if (!isReadable(buffer, offset, length, RefusalDecoder.TEMPLATE_ID, RefusalDecoder.BLOCK_LENGTH)) {
            return false;
        }
        final int textAt = offset + PagesLayout.HEADER + RefusalDecoder.BLOCK_LENGTH;
        if (endOfText(buffer, textAt, offset + length) != offset + length) {
            return false;
        }
        refusalDecoder.wrap(buffer, offset + PagesLayout.HEADER, RefusalDecoder.BLOCK_LENGTH, header.version());
        handler.onRefused(token, refusal, refusalDecoder.lsn(), text(buffer, textAt));
        return true;
    }

    private boolean isReadable(
            final DirectBuffer buffer,
            final int offset,
            final int length,
            final int templateId,
            final int blockLength) {
        return PagesLayout.isReadable(header, buffer, offset, length, templateId, blockLength);
    }

    /** Where a text ends, or -1 when it would end beyond {@code end}. */
    private static int endOfText(final DirectBuffer buffer, final int at, final int end) {
        if (end - at < TEXT_HEAD) {
            return -1;
        }
        final int textEnd = at + TEXT_HEAD + textBytes(buffer, at);
        return textEnd <= end ? textEnd : -1;
    }

    private static int textBytes(final DirectBuffer buffer, final int at) {
        return buffer.getShort(at, ByteOrder.LITTLE_ENDIAN) & 0xFFFF;
    }

    private static String text(final DirectBuffer buffer, final int at) {
        final byte[] bytes = new byte[textBytes(buffer, at)];
        buffer.getBytes(at + TEXT_HEAD, bytes);
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
