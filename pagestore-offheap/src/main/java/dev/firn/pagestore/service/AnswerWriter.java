package dev.firn.pagestore.service;

import dev.firn.nativeio.network.MessageClaim;
import dev.firn.nativeio.network.SendResult;
import dev.firn.postgres.page.PageLayout;
import dev.firn.transport.codec.pages.ExistenceEncoder;
import dev.firn.transport.codec.pages.Flag;
import dev.firn.transport.codec.pages.LsnFoundEncoder;
import dev.firn.transport.codec.pages.MessageHeaderEncoder;
import dev.firn.transport.codec.pages.PageEncoder;
import dev.firn.transport.codec.pages.PagesEncoder;
import dev.firn.transport.codec.pages.RefusalEncoder;
import dev.firn.transport.codec.pages.SizeEncoder;
import dev.firn.transport.codec.pages.TimelineDescriptionEncoder;
import dev.firn.transport.codec.pages.ValuesEncoder;
import dev.firn.transport.request.RequestServer;
import dev.firn.transport.request.ResponseStatus;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/** Writes answers and sends them. Each method returns what {@link RequestServer#respond} does. */
final class AnswerWriter {
    /** Longer sentences are cut: they come from here. */
    private static final int MAX_SENTENCE_BYTES = 1_024;

    private static final int MAX_NAME_BYTES = 1_024;
    private static final int SMALL_BYTES = 4_096;

    private final RequestServer server;
    private final MessageClaim claim = new MessageClaim();
    private final UnsafeBuffer page = new UnsafeBuffer(0, 0);
    private final UnsafeBuffer small = new UnsafeBuffer(new byte[SMALL_BYTES]);
    private final UnsafeBuffer values;
    private final MessageHeaderEncoder header = new MessageHeaderEncoder();
    private final PageEncoder pageEncoder = new PageEncoder();
    private final PagesEncoder pagesEncoder = new PagesEncoder();
    private final SizeEncoder sizeEncoder = new SizeEncoder();
    private final ExistenceEncoder existenceEncoder = new ExistenceEncoder();
    private final ValuesEncoder valuesEncoder = new ValuesEncoder();
    private final LsnFoundEncoder lsnEncoder = new LsnFoundEncoder();
    private final TimelineDescriptionEncoder timelineEncoder = new TimelineDescriptionEncoder();
    private final RefusalEncoder refusalEncoder = new RefusalEncoder();

    AnswerWriter(final RequestServer server, final int maxValuesBytes) {
        this.server = server;
        this.values = new UnsafeBuffer(new byte[PagesLayout.VALUES_AT + maxValuesBytes]);
    }

    /** From where redo left the page into the outgoing log: the one time that it is written. */
    SendResult page(final long ticket, final long lsn, final MemorySegment bytes, final long offset) {
        final SendResult result =
                server.claim(ticket, ResponseStatus.OK, PagesLayout.PAGE_AT + PageLayout.PAGE_BYTES, claim);
        if (result == SendResult.SENT) {
            final MutableDirectBuffer room = claim.buffer();
            pageEncoder.wrapAndApplyHeader(room, 0, header).lsn(lsn);
            page.wrap(bytes.address() + offset, PageLayout.PAGE_BYTES);
            room.putBytes(PagesLayout.PAGE_AT, page, 0, PageLayout.PAGE_BYTES);
            claim.commit();
        }
        return result;
    }

    SendResult pages(final long ticket, final long lsn, final Gather gather, final int count) {
        final UnsafeBuffer message = gather.buffer();
        pagesEncoder.wrapAndApplyHeader(message, 0, header).lsn(lsn).count(count);
        return server.respond(ticket, ResponseStatus.OK, message, 0, Gather.at(count));
    }

    SendResult size(final long ticket, final long lsn, final long blocks) {
        sizeEncoder.wrapAndApplyHeader(small, 0, header).lsn(lsn).blocks(blocks);
        return respond(ticket, SizeEncoder.BLOCK_LENGTH);
    }

    SendResult existence(final long ticket, final long lsn, final boolean there) {
        existenceEncoder.wrapAndApplyHeader(small, 0, header).lsn(lsn).there(there ? Flag.YES : Flag.NO);
        return respond(ticket, ExistenceEncoder.BLOCK_LENGTH);
    }

    SendResult values(
            final long ticket, final long lsn, final MemorySegment bytes, final long offset, final int length) {
        valuesEncoder.wrapAndApplyHeader(values, 0, header).lsn(lsn);
        MemorySegment.copy(bytes, offset, MemorySegment.ofArray(values.byteArray()), PagesLayout.VALUES_AT, length);
        return server.respond(ticket, ResponseStatus.OK, values, 0, PagesLayout.VALUES_AT + length);
    }

    SendResult lsnFound(final long ticket, final long lsn) {
        lsnEncoder.wrapAndApplyHeader(small, 0, header).lsn(lsn);
        return respond(ticket, LsnFoundEncoder.BLOCK_LENGTH);
    }

    SendResult timeline(final long ticket, final TimelineFacts facts) {
        final byte[] name = text(facts.name(), MAX_NAME_BYTES);
        final byte[] parent = text(facts.parent(), MAX_NAME_BYTES);
        timelineEncoder
                .wrapAndApplyHeader(small, 0, header)
                .timelineId(facts.timelineId())
                .systemIdentifier(facts.systemIdentifier())
                .postgresMajor(facts.postgresMajor())
                .walSegmentBytes(facts.walSegmentBytes())
                .branchLsn(facts.branchLsn())
                .historyLsn(facts.historyLsn())
                .appliedLsn(facts.appliedLsn())
                .uploadedLsn(facts.uploadedLsn())
                .putName(name, 0, name.length)
                .putParent(parent, 0, parent.length);
        return respond(ticket, timelineEncoder.encodedLength());
    }

    /** @param appliedLsn what is ingested, or 0 when that says nothing. */
    SendResult refusal(final long ticket, final ReadRefusal refusal, final long appliedLsn, final String sentence) {
        final byte[] text = text(sentence, MAX_SENTENCE_BYTES);
        refusalEncoder.wrapAndApplyHeader(small, 0, header).lsn(appliedLsn).putSentence(text, 0, text.length);
        return server.respond(ticket, refusal.status(), small, 0, PagesLayout.HEADER + refusalEncoder.encodedLength());
    }

    private SendResult respond(final long ticket, final int length) {
        return server.respond(ticket, ResponseStatus.OK, small, 0, PagesLayout.HEADER + length);
    }

    private static byte[] text(final String text, final int maxBytes) {
        final String cut = text.length() > maxBytes / 4 ? text.substring(0, maxBytes / 4) : text;
        return cut.getBytes(StandardCharsets.UTF_8);
    }
}
