package dev.firn.pagestore.service;

import dev.firn.nativeio.network.Endpoint;
import dev.firn.nativeio.network.SendResult;
import dev.firn.nativeio.seam.Clock;
import dev.firn.transport.codec.pages.BaseFilesEncoder;
import dev.firn.transport.codec.pages.DatabaseSizeEncoder;
import dev.firn.transport.codec.pages.DescribeTimelineEncoder;
import dev.firn.transport.codec.pages.ExistsEncoder;
import dev.firn.transport.codec.pages.ForkNameEncoder;
import dev.firn.transport.codec.pages.GetPageEncoder;
import dev.firn.transport.codec.pages.GetPagesEncoder;
import dev.firn.transport.codec.pages.LeaseEncoder;
import dev.firn.transport.codec.pages.LsnAtEncoder;
import dev.firn.transport.codec.pages.MessageHeaderEncoder;
import dev.firn.transport.codec.pages.RelationSizeEncoder;
import dev.firn.transport.codec.pages.SlruSegmentEncoder;
import dev.firn.transport.codec.pages.VersionEncoder;
import dev.firn.transport.counter.CounterSet;
import dev.firn.transport.request.RequestClient;
import dev.firn.transport.request.RequestFailure;
import dev.firn.transport.request.ResponseHandler;
import dev.firn.transport.request.ResponseStatus;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.random.RandomGenerator;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Asks page servers. Asking for a page, and hearing of it, allocate nothing.
 *
 * <p>Each request names a timeline by its id, the LSN that it asks about ({@link PageService#NEWEST} for the newest that is ingested),
 * and {@code sinceLsn}: from where on the client knows that nothing of what it asks for has changed, or 0 when it knows nothing. An
 * answer is as of the LSN that was asked for, or of one from {@code sinceLsn} on; the answer says which.
 *
 * <p>Many requests for one page may go in one message: {@link #beginBatch}, {@link #addPage} for each, {@link #sendBatch}. Their pages
 * come one by one, each written in place. {@link #getPages} costs less for each page on the way and one copy more: it is for ranges.
 */
public final class PageClient {
    /** Tokens have this many bits: the others say what was asked for. */
    public static final int TOKEN_BITS = 56;

    private static final long TOKEN_MASK = (1L << TOKEN_BITS) - 1;

    /** Of a request's time, so much is left for the answer when the server gives up to wait for ingest: an eighth. */
    private static final int ANSWER_SHIFT = 3;

    private static final int NANOS_A_MICRO = 1_000;

    /** The wire has 32 bits, of which the highest value means "none". */
    private static final long MAX_WAIT_US = 0xFFFF_FFFEL;

    private static final int MAX_NAME_BYTES = 256;

    private final RequestClient requests;
    private final PageHandler handler;
    private final AnswerReader answers;
    private final PageClientConfig config;
    private final CounterSet<PageClientCounter> counters = new CounterSet<>(PageClientCounter.values());
    private final UnsafeBuffer page = new UnsafeBuffer(new byte[PagesLayout.HEADER + GetPageEncoder.BLOCK_LENGTH]);
    private final GetPageEncoder pageEncoder = new GetPageEncoder();
    private final UnsafeBuffer other;
    private final MessageHeaderEncoder header = new MessageHeaderEncoder();
    private final GetPagesEncoder pagesEncoder = new GetPagesEncoder();
    private final RelationSizeEncoder sizeEncoder = new RelationSizeEncoder();
    private final ExistsEncoder existsEncoder = new ExistsEncoder();
    private final DatabaseSizeEncoder databaseEncoder = new DatabaseSizeEncoder();
    private final SlruSegmentEncoder slruEncoder = new SlruSegmentEncoder();
    private final BaseFilesEncoder filesEncoder = new BaseFilesEncoder();
    private final LsnAtEncoder lsnAtEncoder = new LsnAtEncoder();
    private final LeaseEncoder leaseEncoder = new LeaseEncoder();
    private final DescribeTimelineEncoder describeEncoder = new DescribeTimelineEncoder();

    /** @param random draws the number of this client's life. */
    public PageClient(
            final Endpoint endpoint,
            final Clock clock,
            final RandomGenerator random,
            final PageClientConfig config,
            final PageHandler handler) {
        this.config = config;
        this.handler = handler;
        this.answers = new AnswerReader(handler);
        this.requests = new RequestClient(endpoint, clock, random, config.requests(), new ResponseHandler() {
            @Override
            public void onResponse(
                    final long token,
                    final int sourceNodeId,
                    final int status,
                    final DirectBuffer buffer,
                    final int offset,
                    final int length) {
                PageClient.this.onResponse(token, status, buffer, offset, length);
            }

            @Override
            public void onFailure(final long token, final RequestFailure failure) {
                counters.increment(PageClientCounter.FAILED);
                handler.onFailure(token & TOKEN_MASK, failure);
            }
        });
        this.other = new UnsafeBuffer(
                new byte
                        [PagesLayout.HEADER
                                + Math.max(
                                        GetPagesEncoder.BLOCK_LENGTH + config.maxPages() * Integer.BYTES,
                                        DescribeTimelineEncoder.BLOCK_LENGTH + Short.BYTES + MAX_NAME_BYTES)]);
        pageEncoder.wrapAndApplyHeader(page, 0, header);
    }

    /** Takes a message from the endpoint's poll; false when it is for somebody else. */
    public boolean onMessage(final int sourceNodeId, final DirectBuffer buffer, final int offset, final int length) {
        return requests.onMessage(sourceNodeId, buffer, offset, length);
    }

    /** Ends the requests whose time is over; call it in each duty cycle. Returns how many. */
    public int doWork() {
        return requests.doWork();
    }

    /** Requests without an answer yet. */
    public int inFlight() {
        return requests.inFlight();
    }

    /** The id of the request that was sent or added last: for {@link #cancel}. */
    public long lastRequestId() {
        return requests.lastRequestId();
    }

    /** Gives a request up: see {@link RequestClient#cancel}. */
    public boolean cancel(final long requestId) {
        return requests.cancel(requestId);
    }

    public CounterSet<PageClientCounter> counters() {
        return counters;
    }

    /**
     * Asks for one page.
     *
     * @param token comes back with the answer; of {@link #TOKEN_BITS} bits.
     * @return {@code SENT} when the handler will hear of it; with any other answer it will not.
     */
    public SendResult getPage(
            final int node,
            final long timelineId,
            final long lsn,
            final long sinceLsn,
            final int tablespace,
            final int database,
            final int relfilenode,
            final int fork,
            final int block,
            final long timeoutNs,
            final long token) {
        encodePage(timelineId, lsn, sinceLsn, tablespace, database, relfilenode, fork, block, timeoutNs);
        return requests.request(
                node,
                GetPageEncoder.TEMPLATE_ID,
                page,
                0,
                page.capacity(),
                timeoutNs,
                tagged(GetPageEncoder.TEMPLATE_ID, token));
    }

    /** Starts a message with requests for several pages: see {@link RequestClient#beginBatch}. */
    public void beginBatch(final int node) {
        requests.beginBatch(node);
    }

    /** As {@link #getPage}, into the batch; false when it, or the table of requests in flight, is full. */
    public boolean addPage(
            final long timelineId,
            final long lsn,
            final long sinceLsn,
            final int tablespace,
            final int database,
            final int relfilenode,
            final int fork,
            final int block,
            final long timeoutNs,
            final long token) {
        encodePage(timelineId, lsn, sinceLsn, tablespace, database, relfilenode, fork, block, timeoutNs);
        return requests.addToBatch(
                GetPageEncoder.TEMPLATE_ID,
                page,
                0,
                page.capacity(),
                timeoutNs,
                tagged(GetPageEncoder.TEMPLATE_ID, token));
    }

    /** Sends the batch; with any answer but {@code SENT} it stays open, to be sent later or dropped. */
    public SendResult sendBatch() {
        return requests.sendBatch();
    }

    /** Gives the open batch up: the handler does not hear of its requests. */
    public void dropBatch() {
        requests.dropBatch();
    }

    /** Asks for several pages of one fork: the first {@code count} of {@code blocks}. */
    public SendResult getPages(
            final int node,
            final long timelineId,
            final long lsn,
            final long sinceLsn,
            final int tablespace,
            final int database,
            final int relfilenode,
            final int fork,
            final int[] blocks,
            final int count,
            final long timeoutNs,
            final long token) {
        if (count < 1 || count > config.maxPages()) {
            throw new IllegalArgumentException(count + " pages in one request are not within 1.." + config.maxPages());
        }
        pagesEncoder.wrapAndApplyHeader(other, 0, header).count(count);
        encode(pagesEncoder.version(), timelineId, lsn, sinceLsn, timeoutNs);
        encode(pagesEncoder.relation(), tablespace, database, relfilenode, fork);
        final int blocksAt = PagesLayout.HEADER + GetPagesEncoder.BLOCK_LENGTH;
        for (int i = 0; i < count; i++) {
            other.putInt(blocksAt + i * Integer.BYTES, blocks[i], ByteOrder.LITTLE_ENDIAN);
        }
        return send(node, GetPagesEncoder.TEMPLATE_ID, blocksAt + count * Integer.BYTES, timeoutNs, token);
    }

    /** Asks how many blocks a fork has; answered with a size, or refused as absent. */
    public SendResult relationSize(
            final int node,
            final long timelineId,
            final long lsn,
            final long sinceLsn,
            final int tablespace,
            final int database,
            final int relfilenode,
            final int fork,
            final long timeoutNs,
            final long token) {
        sizeEncoder.wrapAndApplyHeader(other, 0, header);
        encode(sizeEncoder.version(), timelineId, lsn, sinceLsn, timeoutNs);
        encode(sizeEncoder.relation(), tablespace, database, relfilenode, fork);
        return sendBlock(node, RelationSizeEncoder.TEMPLATE_ID, RelationSizeEncoder.BLOCK_LENGTH, timeoutNs, token);
    }

    /** Asks whether a fork is there. */
    public SendResult exists(
            final int node,
            final long timelineId,
            final long lsn,
            final long sinceLsn,
            final int tablespace,
            final int database,
            final int relfilenode,
            final int fork,
            final long timeoutNs,
            final long token) {
        existsEncoder.wrapAndApplyHeader(other, 0, header);
        encode(existsEncoder.version(), timelineId, lsn, sinceLsn, timeoutNs);
        encode(existsEncoder.relation(), tablespace, database, relfilenode, fork);
        return sendBlock(node, ExistsEncoder.TEMPLATE_ID, ExistsEncoder.BLOCK_LENGTH, timeoutNs, token);
    }

    /** Asks how many blocks all relations of a database have in a tablespace; answered with a size. */
    public SendResult databaseSize(
            final int node,
            final long timelineId,
            final long lsn,
            final long sinceLsn,
            final int tablespace,
            final int database,
            final long timeoutNs,
            final long token) {
        databaseEncoder
                .wrapAndApplyHeader(other, 0, header)
                .tablespace(tablespace)
                .database(database);
        encode(databaseEncoder.version(), timelineId, lsn, sinceLsn, timeoutNs);
        return sendBlock(node, DatabaseSizeEncoder.TEMPLATE_ID, DatabaseSizeEncoder.BLOCK_LENGTH, timeoutNs, token);
    }

    /** Asks for the pages of a segment of an SLRU; answered with pages, or refused as absent. */
    public SendResult slruSegment(
            final int node,
            final long timelineId,
            final long lsn,
            final long sinceLsn,
            final int slru,
            final int segment,
            final long timeoutNs,
            final long token) {
        slruEncoder.wrapAndApplyHeader(other, 0, header).slru((short) slru).segment(segment);
        encode(slruEncoder.version(), timelineId, lsn, sinceLsn, timeoutNs);
        return sendBlock(node, SlruSegmentEncoder.TEMPLATE_ID, SlruSegmentEncoder.BLOCK_LENGTH, timeoutNs, token);
    }

    /** Asks for all that is no page, by key from one on; answered with values. Who wants more goes on behind the last. */
    public SendResult baseFiles(
            final int node,
            final long timelineId,
            final long lsn,
            final long fromHigh,
            final long fromMiddle,
            final long fromLow,
            final long timeoutNs,
            final long token) {
        filesEncoder.wrapAndApplyHeader(other, 0, header);
        encode(filesEncoder.version(), timelineId, lsn, 0, timeoutNs);
        filesEncoder.from().high(fromHigh).middle(fromMiddle).low(fromLow);
        return sendBlock(node, BaseFilesEncoder.TEMPLATE_ID, BaseFilesEncoder.BLOCK_LENGTH, timeoutNs, token);
    }

    /** Asks where the last commit at or before a time ends: in microseconds since 2000-01-01. Answered with an LSN. */
    public SendResult lsnAt(
            final int node, final long timelineId, final long timestampMicros, final long timeoutNs, final long token) {
        lsnAtEncoder.wrapAndApplyHeader(other, 0, header).timelineId(timelineId).timestamp(timestampMicros);
        return sendBlock(node, LsnAtEncoder.TEMPLATE_ID, LsnAtEncoder.BLOCK_LENGTH, timeoutNs, token);
    }

    /**
     * Asks to keep an LSN readable for some seconds, or with 0 of them not to keep it any more. Answered with the LSN.
     *
     * @param holder drawn at random: its next lease takes this one's place.
     */
    public SendResult lease(
            final int node,
            final long timelineId,
            final long lsn,
            final long holder,
            final long seconds,
            final long timeoutNs,
            final long token) {
        leaseEncoder.wrapAndApplyHeader(other, 0, header).holder(holder).seconds(seconds);
        encode(leaseEncoder.version(), timelineId, lsn, 0, timeoutNs);
        return sendBlock(node, LeaseEncoder.TEMPLATE_ID, LeaseEncoder.BLOCK_LENGTH, timeoutNs, token);
    }

    /** Asks what there is to be told of the timeline of a name. Answered with a timeline. */
    public SendResult describeTimeline(final int node, final String name, final long timeoutNs, final long token) {
        final byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
        if (bytes.length > MAX_NAME_BYTES) {
            throw new IllegalArgumentException("no timeline has a name of " + bytes.length + " bytes");
        }
        describeEncoder.wrapAndApplyHeader(other, 0, header).putName(bytes, 0, bytes.length);
        return send(
                node,
                DescribeTimelineEncoder.TEMPLATE_ID,
                PagesLayout.HEADER + describeEncoder.encodedLength(),
                timeoutNs,
                token);
    }

    private SendResult sendBlock(
            final int node, final int kind, final int blockLength, final long timeoutNs, final long token) {
        return send(node, kind, PagesLayout.HEADER + blockLength, timeoutNs, token);
    }

    private SendResult send(final int node, final int kind, final int length, final long timeoutNs, final long token) {
        return requests.request(node, kind, other, 0, length, timeoutNs, tagged(kind, token));
    }

    private static long tagged(final int kind, final long token) {
        if ((token & ~TOKEN_MASK) != 0) {
            throw new IllegalArgumentException("token " + token + " has more than " + TOKEN_BITS + " bits");
        }
        return (long) kind << TOKEN_BITS | token;
    }

    private void encodePage(
            final long timelineId,
            final long lsn,
            final long sinceLsn,
            final int tablespace,
            final int database,
            final int relfilenode,
            final int fork,
            final int block,
            final long timeoutNs) {
        encode(pageEncoder.version(), timelineId, lsn, sinceLsn, timeoutNs);
        encode(pageEncoder.relation(), tablespace, database, relfilenode, fork);
        pageEncoder.block(block);
    }

    private static void encode(
            final VersionEncoder version,
            final long timelineId,
            final long lsn,
            final long sinceLsn,
            final long timeoutNs) {
        final long waitNs = timeoutNs - (timeoutNs >> ANSWER_SHIFT);
        version.timelineId(timelineId)
                .lsn(lsn)
                .sinceLsn(sinceLsn)
                .waitUs(Math.clamp(waitNs / NANOS_A_MICRO, 0, MAX_WAIT_US));
    }

    private static void encode(
            final ForkNameEncoder name,
            final int tablespace,
            final int database,
            final int relfilenode,
            final int fork) {
        name.tablespace(tablespace).database(database).relfilenode(relfilenode).fork(fork);
    }

    private void onResponse(
            final long tagged, final int status, final DirectBuffer buffer, final int offset, final int length) {
        final long token = tagged & TOKEN_MASK;
        final boolean understood;
        if (status == ResponseStatus.OK) {
            understood = onAnswer((int) (tagged >>> TOKEN_BITS), token, buffer, offset, length);
            counters.increment(understood ? PageClientCounter.ANSWERS : PageClientCounter.MALFORMED);
        } else {
            final ReadRefusal refusal = ReadRefusal.of(status);
            understood = refusal != null && answers.refusal(token, refusal, buffer, offset, length);
            counters.increment(understood ? PageClientCounter.REFUSED : PageClientCounter.MALFORMED);
        }
        if (!understood) {
            handler.onRefused(token, ReadRefusal.DAMAGED, 0, "the page server's answer makes no sense");
        }
    }

    private boolean onAnswer(
            final int kind, final long token, final DirectBuffer buffer, final int offset, final int length) {
        return switch (kind) {
            case GetPageEncoder.TEMPLATE_ID -> {
                final boolean understood = answers.page(token, buffer, offset, length);
                counters.add(PageClientCounter.PAGES, understood ? 1 : 0);
                yield understood;
            }
            case GetPagesEncoder.TEMPLATE_ID, SlruSegmentEncoder.TEMPLATE_ID -> {
                final int count = answers.pages(token, buffer, offset, length);
                counters.add(PageClientCounter.PAGES, Math.max(count, 0));
                yield count >= 0;
            }
            case RelationSizeEncoder.TEMPLATE_ID, DatabaseSizeEncoder.TEMPLATE_ID ->
                answers.size(token, buffer, offset, length);
            case ExistsEncoder.TEMPLATE_ID -> answers.existence(token, buffer, offset, length);
            case BaseFilesEncoder.TEMPLATE_ID -> answers.values(token, buffer, offset, length);
            case LsnAtEncoder.TEMPLATE_ID, LeaseEncoder.TEMPLATE_ID -> answers.lsnFound(token, buffer, offset, length);
            case DescribeTimelineEncoder.TEMPLATE_ID -> answers.timeline(token, buffer, offset, length);
            default -> false;
        };
    }
}
