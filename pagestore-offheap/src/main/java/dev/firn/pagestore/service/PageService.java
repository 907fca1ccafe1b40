package dev.firn.pagestore.service;

import dev.firn.nativeio.memory.MemoryTag;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.nativeio.network.Endpoint;
import dev.firn.nativeio.network.SendResult;
import dev.firn.nativeio.seam.Clock;
import dev.firn.pagestore.key.PageKeys;
import dev.firn.postgres.LittleEndian;
import dev.firn.postgres.file.Slru;
import dev.firn.postgres.lsn.Lsn;
import dev.firn.postgres.page.PageLayout;
import dev.firn.transport.codec.pages.BaseFilesDecoder;
import dev.firn.transport.codec.pages.DatabaseSizeDecoder;
import dev.firn.transport.codec.pages.DescribeTimelineDecoder;
import dev.firn.transport.codec.pages.ExistsDecoder;
import dev.firn.transport.codec.pages.GetPageDecoder;
import dev.firn.transport.codec.pages.GetPagesDecoder;
import dev.firn.transport.codec.pages.LeaseDecoder;
import dev.firn.transport.codec.pages.LsnAtDecoder;
import dev.firn.transport.codec.pages.RelationSizeDecoder;
import dev.firn.transport.codec.pages.SlruSegmentDecoder;
import dev.firn.transport.counter.CounterSet;
import dev.firn.transport.request.RequestHandler;
import dev.firn.transport.request.RequestServer;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.concurrent.TimeUnit;
import org.agrona.DirectBuffer;
import org.agrona.collections.Long2ObjectHashMap;

/**
 * Answers requests about pages from the timelines of one shard.
 *
 * <p>A request waits until its timeline has ingested what it asks for, then its reads are begun, and what they come to is sent as they
 * end. Whatever finds no room (a read, a gather, the network) is tried again in a later duty cycle, in the order of arrival; a client
 * with much to ask for is held up by the envelope's limits of requests in progress.
 */
public final class PageService implements AutoCloseable {
    /** As a request's LSN: as of the newest that is ingested. */
    public static final long NEWEST = -1;

    private static final MemoryTag TAG = MemoryTag.of("page-answers");

    private static final String NO_SENSE = "the request makes no sense to this page server: client and server should be"
            + " of the same version of Firn";

    private final Clock clock;
    private final PageReads reads;
    private final OffHeapMemory memory;
    private final RequestServer server;
    private final AnswerWriter answers;
    private final CounterSet<PageServiceCounter> counters = new CounterSet<>(PageServiceCounter.values());
    private final ServiceLatencies latencies = new ServiceLatencies();
    private final RequestReader reader = new RequestReader();
    private final RequestIntake intake;
    private final RequestReads requestReads;
    private final KeyedValues values = new KeyedValues();

    /** Is asked why what is not served is not. */
    private UnservedTimelines unserved = UnservedTimelines.NONE;

    private final PageRequest[] requests;
    private final ArrayDeque<PageRequest> free;
    private final Long2ObjectHashMap<PageRequest> byTicket;
    private final MemorySegment gathers;
    private final ArrayDeque<Gather> freeGathers;

    /** Their LSN is not ingested yet. */
    private final RequestList waiting = new RequestList();

    /** The shard had no room for their reads. */
    private final RequestList starting = new RequestList();

    /** They need a gather, and all were taken. */
    private final RequestList gatherless = new RequestList();

    /** The network had no room for their answer. */
    private final RequestList unsent = new RequestList();

    private final ReadHandler readHandler = new ReadHandler() {
        @Override
        public boolean onRead(final long token, final MemorySegment bytes, final long offset, final int length) {
            return PageService.this.onRead(token, bytes, offset, length);
        }

        @Override
        public boolean onRefused(final long token, final ReadRefusal refusal, final String sentence) {
            return PageService.this.onRefused(token, refusal, sentence);
        }
    };

    /** @param memory where answers of several pages are put together. */
    public PageService(
            final Endpoint endpoint,
            final Clock clock,
            final PageServiceConfig config,
            final PageReads reads,
            final OffHeapMemory memory) {
        if (config.maxPages() > RequestReads.MAX_PARTS) {
            throw new IllegalArgumentException(
                    config.maxPages() + " pages an answer are more than " + RequestReads.MAX_PARTS);
        }
        this.clock = clock;
        this.reads = reads;
        this.memory = memory;
        this.server = new RequestServer(endpoint, clock, config.requests(), new RequestHandler() {
            @Override
            public boolean answerOnArrival(
                    final long ticket, final int kind, final DirectBuffer buffer, final int offset, final int length) {
                return kind == GetPageDecoder.TEMPLATE_ID && answerFromMemory(ticket, buffer, offset, length);
            }

            @Override
            public boolean onRequest(
                    final long ticket,
                    final int sourceNodeId,
                    final int kind,
                    final DirectBuffer buffer,
                    final int offset,
                    final int length) {
                return PageService.this.onRequest(ticket, kind, buffer, offset, length);
            }

            @Override
            public void onAbandoned(final long ticket) {
                PageService.this.onAbandoned(ticket);
            }
        });
        this.intake = new RequestIntake(reader, config);
        this.requestReads = new RequestReads(reads, config.maxRequests(), config.maxValuesBytes());
        this.answers = new AnswerWriter(server, config.maxValuesBytes());
        this.requests = new PageRequest[config.maxRequests()];
        this.free = new ArrayDeque<>(config.maxRequests());
        for (int slot = 0; slot < requests.length; slot++) {
            requests[slot] = new PageRequest(slot, config.maxPages());
            free.addLast(requests[slot]);
        }
        this.byTicket = new Long2ObjectHashMap<>(2 * config.maxRequests(), 0.6f);
        this.freeGathers = new ArrayDeque<>(config.gathers());
        final long bytesEach = Gather.at(config.maxPages());
        this.gathers = memory.allocate(config.gathers() * bytesEach, TAG);
        for (int i = 0; i < config.gathers(); i++) {
            freeGathers.addLast(new Gather(gathers.asSlice(i * bytesEach, bytesEach)));
        }
    }

    /** Who is to be asked about timelines that are not served: they may be on their way, or were made a moment ago. */
    public void unservedBy(final UnservedTimelines others) {
        unserved = others;
    }

    /** Gives back its memory; what is in progress is not answered any more. */
    @Override
    public void close() {
        freeGathers.clear();
        memory.free(gathers);
    }

    /**
     * Takes a message from the endpoint's poll.
     *
     * @return whether it was a client's; if not, it is for somebody else.
     */
    public boolean onMessage(final int sourceNodeId, final DirectBuffer buffer, final int offset, final int length) {
        return server.onMessage(sourceNodeId, buffer, offset, length);
    }

    public CounterSet<PageServiceCounter> counters() {
        return counters;
    }

    public ServiceLatencies latencies() {
        return latencies;
    }

    /** The envelope's side: its counters. */
    public RequestServer server() {
        return server;
    }

    /** Requests that are taken and not answered. */
    public int inProgress() {
        return requests.length - free.size();
    }

    /**
     * Takes requests, goes on with those that are in progress, and answers; call it in each duty cycle.
     *
     * @param limit most requests taken, and most outcomes of reads.
     * @return how much was done.
     */
    public int doWork(final int limit) {
        int done = resend();
        done += retryStarting();
        done += server.doWork(limit);
        done += wake();
        done += reads.poll(readHandler, limit);
        return done;
    }

    // ---- Taking requests

    /** Of a page that is in memory as it is asked for, the answer is written while its request still lies in the message; whatever else is asked waits. */
    private boolean answerFromMemory(final long ticket, final DirectBuffer buffer, final int offset, final int length) {
        final long arrivedNs = clock.nanoTime();
        if (!reader.read(GetPageDecoder.TEMPLATE_ID, buffer, offset, length)) {
            return false;
        }
        final int timeline = reads.timeline(reader.timelineId);
        if (timeline == PageReads.NO_TIMELINE || intake.objection(GetPageDecoder.TEMPLATE_ID) != null) {
            return false;
        }
        final long appliedLsn = reads.appliedLsn(timeline);
        if (Long.compareUnsigned(appliedLsn, neededLsn(reader.lsn, reader.sinceLsn)) < 0) {
            return false;
        }
        final long readLsn = readLsn(reader.lsn, appliedLsn);
        if (isBeforeHistory(timeline, readLsn)) {
            return false;
        }
        final MemorySegment page =
                reads.pageInMemory(timeline, intake.pageHigh(), intake.pageMiddle(), intake.pageLow(), readLsn);
        if (page == null || answers.page(ticket, readLsn, page, 0) != SendResult.SENT) {
            return false;
        }
        latencies.page().record(clock.nanoTime() - arrivedNs);
        counters.increment(PageServiceCounter.PAGE_REQUESTS);
        counters.increment(PageServiceCounter.PAGES);
        return true;
    }

    private boolean onRequest(
            final long ticket, final int kind, final DirectBuffer buffer, final int offset, final int length) {
        if (!reader.read(kind, buffer, offset, length)) {
            return refuseNow(ticket, ReadRefusal.BAD_REQUEST, 0, NO_SENSE);
        }
        if (kind == DescribeTimelineDecoder.TEMPLATE_ID) {
            return describe(ticket);
        }
        final int timeline = reads.timeline(reader.timelineId);
        if (timeline == PageReads.NO_TIMELINE) {
            return refuseAbsent(
                    ticket,
                    unserved.identified(reader.timelineId),
                    "no timeline with the id " + Long.toHexString(reader.timelineId) + " is served here");
        }
        final String objection = intake.objection(kind);
        if (objection != null) {
            return refuseNow(ticket, ReadRefusal.BAD_REQUEST, 0, objection);
        }
        final PageRequest request = free.pollLast();
        if (request == null) {
            return false;
        }
        intake.fill(request, ticket, kind, timeline, clock.nanoTime());
        byTicket.put(ticket, request);
        if (kind == LsnAtDecoder.TEMPLATE_ID || isIngested(request)) {
            begin(request);
        } else {
            counters.increment(PageServiceCounter.WAITED);
            waiting.add(request);
        }
        return true;
    }

    private boolean describe(final long ticket) {
        final int timeline = reads.timeline(reader.name);
        if (timeline == PageReads.NO_TIMELINE) {
            return refuseAbsent(
                    ticket,
                    unserved.named(reader.name),
                    "no timeline with the name " + reader.name + " is served here");
        }
        final boolean over = isOver(answers.timeline(ticket, reads.facts(timeline)));
        if (over) {
            counters.increment(PageServiceCounter.OTHER_REQUESTS);
        }
        return over;
    }

    private boolean refuseAbsent(final long ticket, final UnservedTimelines.Absence absence, final String ofUnknown) {
        return absence == null
                ? refuseNow(ticket, ReadRefusal.NO_SUCH_TIMELINE, 0, ofUnknown)
                : refuseNow(ticket, absence.refusal(), 0, absence.sentence());
    }

    // ---- Waiting for ingest

    /** Whether a request need not wait any more. */
    private boolean isIngested(final PageRequest request) {
        return Long.compareUnsigned(reads.appliedLsn(request.timeline), neededLsn(request.lsn, request.sinceLsn)) >= 0;
    }

    /** What has to be ingested before a request is answered. */
    private static long neededLsn(final long lsn, final long sinceLsn) {
        return sinceLsn != 0 || lsn == NEWEST ? sinceLsn : lsn;
    }

    /** As of which LSN a request is answered. */
    private static long readLsn(final long lsn, final long appliedLsn) {
        return lsn == NEWEST || Long.compareUnsigned(lsn, appliedLsn) > 0 ? appliedLsn : lsn;
    }

    private boolean isBeforeHistory(final int timeline, final long lsn) {
        return Long.compareUnsigned(lsn, reads.historyLsn(timeline)) < 0 && !reads.isHeld(timeline, lsn);
    }

    private int wake() {
        int done = 0;
        PageRequest request = waiting.first();
        final long nowNs = request == null ? 0 : clock.nanoTime();
        while (request != null) {
            final PageRequest next = request.next;
            if (isIngested(request)) {
                waiting.remove(request);
                latencies.waited(request, nowNs);
                begin(request);
                done++;
            } else if (nowNs - request.waitUntilNs >= 0) {
                waiting.remove(request);
                refuse(request, ReadRefusal.NOT_YET_INGESTED, notYet(request));
                done++;
            }
            request = next;
        }
        return done;
    }

    private String notYet(final PageRequest request) {
        final long asked = request.lsn == NEWEST ? request.sinceLsn : request.lsn;
        return "the timeline is ingested up to " + Lsn.format(reads.appliedLsn(request.timeline)) + ", and "
                + Lsn.format(asked) + " was asked for: its WAL did not come in time";
    }

    // ---- Reading

    /** The request's LSN is ingested: its reads are begun, or it stands in a list. */
    private void begin(final PageRequest request) {
        request.readLsn = readLsn(request.lsn, reads.appliedLsn(request.timeline));
        if (request.kind != LsnAtDecoder.TEMPLATE_ID && isBeforeHistory(request.timeline, request.readLsn)) {
            refuse(
                    request,
                    ReadRefusal.BEFORE_HISTORY,
                    "the timeline's history begins at " + Lsn.format(reads.historyLsn(request.timeline)) + ", and "
                            + Lsn.format(request.readLsn) + " was asked for");
            return;
        }
        if (request.kind == GetPagesDecoder.TEMPLATE_ID) {
            gather(request);
        } else if (request.kind == LeaseDecoder.TEMPLATE_ID) {
            lease(request);
        } else if (!starting.isEmpty() || !requestReads.start(request)) {
            starting.add(request);
        }
    }

    /** A lease is kept, although its client may not wait for the answer any more: until its time is over. */
    private void lease(final PageRequest request) {
        final String holder = "lease " + Long.toHexString(request.middle);
        if (request.sum == 0) {
            reads.endLease(request.timeline, holder, request.readLsn);
            sendOrKeep(request);
            return;
        }
        final long ticket = request.ticket;
        final long untilMs = TimeUnit.NANOSECONDS.toMillis(clock.epochNs()) + TimeUnit.SECONDS.toMillis(request.sum);
        reads.lease(request.timeline, holder, request.readLsn, untilMs, refusal -> {
            if (byTicket.get(ticket) == request) {
                onLeased(request, refusal);
            }
        });
    }

    private void onLeased(final PageRequest request, final String refusal) {
        if (refusal == null) {
            sendOrKeep(request);
        } else {
            refuse(request, ReadRefusal.BEFORE_HISTORY, refusal);
        }
    }

    private void gather(final PageRequest request) {
        request.gather = freeGathers.pollLast();
        if (request.gather == null) {
            gatherless.add(request);
        } else if (!starting.isEmpty() || !requestReads.start(request)) {
            starting.add(request);
        }
    }

    private int retryStarting() {
        int done = 0;
        PageRequest request = starting.first();
        while (request != null && requestReads.start(request)) {
            starting.remove(request);
            done++;
            request = starting.first();
        }
        while (!gatherless.isEmpty() && !freeGathers.isEmpty()) {
            request = gatherless.first();
            gatherless.remove(request);
            gather(request);
            done++;
        }
        return done;
    }

    // ---- Outcomes

    private boolean onRead(final long token, final MemorySegment bytes, final long offset, final int length) {
        final PageRequest request = requests[requestReads.slot(token)];
        if (request.gather != null) {
            return onPart(request, requestReads.part(token), bytes, offset, length);
        }
        return switch (request.kind) {
            case GetPageDecoder.TEMPLATE_ID ->
                length == PageLayout.PAGE_BYTES
                        ? over(request, answers.page(request.ticket, request.readLsn, bytes, offset))
                        : refuseInPoll(request, ReadRefusal.DAMAGED, "a page of " + length + " bytes");
            case RelationSizeDecoder.TEMPLATE_ID ->
                length == Integer.BYTES
                        ? over(
                                request,
                                answers.size(
                                        request.ticket, request.readLsn, LittleEndian.getUnsignedInt(bytes, offset)))
                        : refuseInPoll(request, ReadRefusal.DAMAGED, "a size of " + length + " bytes");
            case ExistsDecoder.TEMPLATE_ID -> over(request, answers.existence(request.ticket, request.readLsn, true));
            case DatabaseSizeDecoder.TEMPLATE_ID -> onSizes(request, bytes, offset, length);
            case SlruSegmentDecoder.TEMPLATE_ID -> onSegment(request, bytes, offset, length);
            case BaseFilesDecoder.TEMPLATE_ID ->
                over(request, answers.values(request.ticket, request.readLsn, bytes, offset, length));
            case LsnAtDecoder.TEMPLATE_ID ->
                length == Long.BYTES
                        ? over(request, answers.lsnFound(request.ticket, LittleEndian.getLong(bytes, offset)))
                        : refuseInPoll(request, ReadRefusal.DAMAGED, "an LSN of " + length + " bytes");
            default -> throw new IllegalStateException("a read for a request of kind " + request.kind);
        };
    }

    private boolean onPart(
            final PageRequest request, final int part, final MemorySegment bytes, final long offset, final int length) {
        request.pending &= ~(1L << part);
        if (length != PageLayout.PAGE_BYTES) {
            refuse(request, ReadRefusal.DAMAGED, "a page of " + length + " bytes");
            return true;
        }
        request.gather.put(part, bytes, offset);
        if (request.pending == 0 && request.begun == request.count) {
            sendOrKeep(request);
        }
        return true;
    }

    /** Some of a database's sizes have come. */
    private boolean onSizes(final PageRequest request, final MemorySegment bytes, final long offset, final int length) {
        long sum = request.sum;
        long middle = request.middle;
        long low = request.low;
        values.wrap(bytes, offset, length);
        while (values.next()) {
            sum += Integer.toUnsignedLong(values.size());
            middle = values.middle();
            low = values.low();
        }
        if (!values.more()) {
            return over(request, answers.size(request.ticket, request.readLsn, sum));
        }
        request.sum = sum;
        request.low = low + 1;
        request.middle = request.low == 0 ? middle + 1 : middle;
        request.step++;
        if (!requestReads.start(request)) {
            starting.add(request);
        }
        return true;
    }

    /** How many pages a segment has: they are read now. */
    private boolean onSegment(
            final PageRequest request, final MemorySegment bytes, final long offset, final int length) {
        final int pages = length == Integer.BYTES ? LittleEndian.getInt(bytes, offset) : -1;
        if (pages < 1 || pages > Slru.PAGES_PER_SEGMENT) {
            return refuseInPoll(request, ReadRefusal.DAMAGED, "a segment of an SLRU with " + pages + " pages is none");
        }
        request.count = pages;
        request.step++;
        final int first = PageKeys.block(request.low) * Slru.PAGES_PER_SEGMENT;
        for (int i = 0; i < pages; i++) {
            request.blocks[i] = first + i;
        }
        gather(request);
        return true;
    }

    private boolean onRefused(final long token, final ReadRefusal refusal, final String sentence) {
        final PageRequest request = requests[requestReads.slot(token)];
        if (request.gather != null) {
            request.pending &= ~(1L << requestReads.part(token));
            refuse(request, refusal, sentence);
            return true;
        }
        if (refusal == ReadRefusal.ABSENT && request.kind == ExistsDecoder.TEMPLATE_ID) {
            return over(request, answers.existence(request.ticket, request.readLsn, false));
        }
        return refuseInPoll(request, refusal, sentence);
    }

    // ---- Ends

    private boolean refuseNow(
            final long ticket, final ReadRefusal refusal, final long appliedLsn, final String sentence) {
        final boolean over = isOver(answers.refusal(ticket, refusal, appliedLsn, sentence));
        if (over) {
            count(refusal);
        }
        return over;
    }

    /** Within the shard's poll, which tells it again where the network has no room. */
    private boolean refuseInPoll(final PageRequest request, final ReadRefusal refusal, final String sentence) {
        refuse(request, refusal, sentence);
        return true;
    }

    /** Gives up what is still being read for a request, and tells its client why; later, if there is no room now. */
    private void refuse(final PageRequest request, final ReadRefusal refusal, final String sentence) {
        requestReads.abandonParts(request);
        if (request.list != null) {
            request.list.remove(request);
        }
        request.refusal = refusal;
        request.sentence = sentence;
        sendOrKeep(request);
    }

    private void sendOrKeep(final PageRequest request) {
        if (!send(request)) {
            unsent.add(request);
        }
    }

    /** Sends a refusal, what a lease came to, or the pages that were put together. */
    private boolean send(final PageRequest request) {
        if (request.refusal == null && request.kind == LeaseDecoder.TEMPLATE_ID) {
            return over(request, answers.lsnFound(request.ticket, request.readLsn));
        }
        if (request.refusal == null) {
            return over(request, answers.pages(request.ticket, request.readLsn, request.gather, request.count));
        }
        final boolean over = isOver(
                answers.refusal(request.ticket, request.refusal, reads.appliedLsn(request.timeline), request.sentence));
        if (over) {
            count(request.refusal);
            release(request);
        }
        return over;
    }

    private int resend() {
        int done = 0;
        PageRequest request = unsent.first();
        while (request != null) {
            final PageRequest next = request.next;
            // Of one client there may be no room, and of the next there is.
            if (send(request)) {
                done++;
            }
            request = next;
        }
        return done;
    }

    /** After an answer: whether it is out, and the request's end if so. */
    private boolean over(final PageRequest request, final SendResult result) {
        if (!isOver(result)) {
            return false;
        }
        if (result == SendResult.SENT) {
            countAnswer(request);
        }
        release(request);
        return true;
    }

    /** Sent, or nobody waits for it any more. */
    private static boolean isOver(final SendResult result) {
        return result == SendResult.SENT || result == SendResult.CLOSED;
    }

    private void onAbandoned(final long ticket) {
        final PageRequest request = byTicket.get(ticket);
        if (request == null) {
            return;
        }
        counters.increment(PageServiceCounter.ABANDONED);
        requestReads.abandon(request);
        release(request);
    }

    private void release(final PageRequest request) {
        if (request.list != null) {
            request.list.remove(request);
        }
        byTicket.remove(request.ticket);
        if (request.gather != null) {
            freeGathers.addLast(request.gather);
        }
        request.reset();
        free.addLast(request);
    }

    private void countAnswer(final PageRequest request) {
        latencies.answered(request, clock.nanoTime());
        switch (request.kind) {
            case GetPageDecoder.TEMPLATE_ID -> {
                counters.increment(PageServiceCounter.PAGE_REQUESTS);
                counters.increment(PageServiceCounter.PAGES);
            }
            case GetPagesDecoder.TEMPLATE_ID, SlruSegmentDecoder.TEMPLATE_ID -> {
                counters.increment(PageServiceCounter.BATCH_REQUESTS);
                counters.add(PageServiceCounter.PAGES, request.count);
            }
            default -> counters.increment(PageServiceCounter.OTHER_REQUESTS);
        }
    }

    private void count(final ReadRefusal refusal) {
        counters.increment(
                switch (refusal) {
                    case NOT_YET_INGESTED -> PageServiceCounter.REFUSED_NOT_YET;
                    case BEFORE_HISTORY -> PageServiceCounter.REFUSED_BEFORE_HISTORY;
                    case ABSENT -> PageServiceCounter.REFUSED_ABSENT;
                    case DAMAGED -> PageServiceCounter.REFUSED_DAMAGED;
                    case NO_SUCH_TIMELINE, BAD_REQUEST, UNREACHABLE, DEPOSED, NOT_OPEN_YET ->
                        PageServiceCounter.REFUSED_OTHER;
                });
    }
}
