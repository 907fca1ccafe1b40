package dev.firn.server.pages;

import dev.firn.nativeio.network.Endpoint;
import dev.firn.nativeio.network.MessageHandler;
import dev.firn.nativeio.network.SendResult;
import dev.firn.nativeio.seam.Clock;
import dev.firn.pagestore.service.KeyedValues;
import dev.firn.pagestore.service.PageClient;
import dev.firn.pagestore.service.PageClientConfig;
import dev.firn.pagestore.service.PageHandler;
import dev.firn.pagestore.service.ReadRefusal;
import dev.firn.pagestore.service.TimelineFacts;
import dev.firn.postgres.file.RelFileLocator;
import dev.firn.postgres.page.PageLayout;
import dev.firn.server.CommandException;
import dev.firn.server.store.StoppedException;
import dev.firn.transport.request.RequestFailure;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.BackoffIdleStrategy;
import org.agrona.concurrent.IdleStrategy;

/**
 * A command's way to a page server: asks, and waits for the answer. What cannot be answered is a {@link CommandException} with the
 * server's sentence. For one thread that may block.
 */
public final class PageConnection {
    /** How long an answer is waited for at first; ingest is waited for meanwhile. */
    private static final long FIRST_TIMEOUT_NS = TimeUnit.SECONDS.toNanos(1);

    /** Before a request that was refused for now is sent again. */
    private static final long PAUSE_NS = TimeUnit.MILLISECONDS.toNanos(50);

    /** Past it a request is not sent again, by who has not said that he has more patience. */
    private static final long LIMIT_NS = TimeUnit.SECONDS.toNanos(20);

    /** A timeline that the server is opening is waited for so long by everybody: it is there, and no other server has it. */
    private static final long OPENING_LIMIT_NS = TimeUnit.SECONDS.toNanos(60);

    /** How long a server that does not answer is waited for before that is said. */
    private static final long QUIET_NS = TimeUnit.SECONDS.toNanos(5);

    /** How long a timeline that is being opened is waited for before that is said. */
    private static final long QUIET_OPENING_NS = TimeUnit.SECONDS.toNanos(1);

    /** How long a page server may be away in the middle of what takes hours: as long as one takes to come up again, and more. */
    public static final long RESTART_LIMIT_NS = TimeUnit.MINUTES.toNanos(10);

    private static final int MESSAGES_A_POLL = 64;
    private static final long MIN_PARK_NS = 1_000;
    private static final long MAX_PARK_NS = 500_000;

    private final Endpoint endpoint;
    private final int node;
    private final Clock clock;
    private final BooleanSupplier stop;
    private final Consumer<String> onWaiting;
    private final PageClient client;
    private final IdleStrategy idle = new BackoffIdleStrategy(100, 10, MIN_PARK_NS, MAX_PARK_NS);
    private final MessageHandler onMessage;
    private final Map<Long, PagesAhead> ahead = new HashMap<>();
    private Object answer;
    private CommandException refusal;
    private ReadRefusal reason;
    private boolean mayTryAgain;

    /** Whether what is being opened is waited for; if not, that it is not open is an answer. */
    private boolean awaitsOpening = true;

    private long token;
    private long limitNs = LIMIT_NS;

    /** Whether the server may be away for long, and a timeline that it served may be asked for again. */
    private boolean patient;

    /** Whether it was said that an answer is waited for; until there is one. */
    private boolean saidWaiting;

    /**
     * @param endpoint borrowed; nobody else polls it meanwhile.
     * @param node the page server's.
     * @param stop whether the user has asked to stop.
     * @param onWaiting hears a sentence when an answer takes long, once for each time that it does.
     */
    public PageConnection(
            final Endpoint endpoint,
            final int node,
            final Clock clock,
            final RandomGenerator random,
            final BooleanSupplier stop,
            final Consumer<String> onWaiting) {
        this.endpoint = endpoint;
        this.node = node;
        this.clock = clock;
        this.stop = stop;
        this.onWaiting = onWaiting;
        this.client = new PageClient(endpoint, clock, random, PageClientConfig.DEFAULT, new Answers());
        this.onMessage = client::onMessage;
    }

    /**
     * From now on the server may be away for longer: what takes hours need not end because a page server is started anew meanwhile, which may be for
     * minutes. A timeline that it does not serve is asked for again as well, as long as others wait for an answer: it was served before.
     *
     * @param longestNs before a request is given up.
     */
    public void waitLonger(final long longestNs) {
        limitNs = longestNs;
        patient = true;
    }

    /** Whether the last request was refused because what the server has is damaged: others may be answered all the same. */
    boolean wasDamaged() {
        return refusal != null && reason == ReadRefusal.DAMAGED;
    }

    /** What one answer was, as an object. Those to questions that were given up may still come, and are nobody's. */
    private final class Answers implements PageHandler {
        @Override
        public void onPage(final long its, final long lsn, final DirectBuffer buffer, final int offset) {
            onPages(its, lsn, 1, buffer, offset);
        }

        @Override
        public void onPages(
                final long its, final long lsn, final int count, final DirectBuffer buffer, final int offset) {
            final PagesAhead asked = ahead.remove(its);
            if (asked != null) {
                asked.arrived(count, buffer, offset);
                return;
            }
            final byte[] pages = new byte[count * PageLayout.PAGE_BYTES];
            buffer.getBytes(offset, pages);
            put(its, pages);
        }

        @Override
        public void onSize(final long its, final long lsn, final long blocks) {
            put(its, blocks);
        }

        @Override
        public void onValues(final long its, final long lsn, final KeyedValues values) {
            put(its, values);
        }

        @Override
        public void onLsn(final long its, final long lsn) {
            put(its, lsn);
        }

        @Override
        public void onTimeline(final long its, final TimelineFacts facts) {
            put(its, facts);
        }

        @Override
        public void onRefused(final long its, final ReadRefusal why, final long appliedLsn, final String sentence) {
            final PagesAhead asked = ahead.remove(its);
            if (asked != null) {
                asked.failed();
                return;
            }
            if (its != token) {
                return;
            }
            reason = why;
            refusal = new CommandException(sentence);
            mayTryAgain = why == ReadRefusal.NOT_YET_INGESTED
                    || why == ReadRefusal.UNREACHABLE
                    || why == ReadRefusal.NOT_OPEN_YET;
        }

        @Override
        public void onFailure(final long its, final RequestFailure failure) {
            final PagesAhead asked = ahead.remove(its);
            if (asked != null) {
                asked.failed();
                return;
            }
            if (its != token) {
                return;
            }
            reason = null;
            mayTryAgain = failure != RequestFailure.TOO_LONG;
            refusal = new CommandException(
                    switch (failure) {
                        case TIMED_OUT ->
                            "the page server has not answered within " + TimeUnit.NANOSECONDS.toSeconds(limitNs)
                                    + " s: ./firn status shows how it is";
                        case OVERLOADED -> "the page server has too much to do: try again";
                        case TOO_LONG -> "the page server takes no request of this length";
                    });
        }

        private void put(final long its, final Object what) {
            if (its == token) {
                answer = what;
            }
        }
    }

    /** A timeline as the server has it; one that it is opening is waited for. */
    public TimelineFacts timeline(final String name) {
        return ask(
                TimelineFacts.class, (timeoutNs, request) -> client.describeTimeline(node, name, timeoutNs, request));
    }

    /** Whether the server has a timeline of this name open. */
    public boolean serves(final String name) {
        awaitsOpening = false;
        try {
            timeline(name);
            return true;
        } catch (final CommandException e) {
            if (reason == ReadRefusal.NO_SUCH_TIMELINE || reason == ReadRefusal.NOT_OPEN_YET) {
                return false;
            }
            throw e;
        } finally {
            awaitsOpening = true;
        }
    }

    /** Where the last commit at or before a time ends: in microseconds since 2000-01-01. */
    public long lsnAt(final TimelineFacts timeline, final long timestampMicros) {
        return ask(
                Long.class,
                (timeoutNs, request) -> client.lsnAt(node, timeline.timelineId(), timestampMicros, timeoutNs, request));
    }

    /** How many blocks a fork has; -1 when it is not there. */
    public long blocks(
            final TimelineFacts timeline,
            final long lsn,
            final int tablespace,
            final int database,
            final int relfilenode,
            final int fork) {
        try {
            return ask(
                    Long.class,
                    (timeoutNs, request) -> client.relationSize(
                            node,
                            timeline.timelineId(),
                            lsn,
                            0,
                            tablespace,
                            database,
                            relfilenode,
                            fork,
                            timeoutNs,
                            request));
        } catch (final CommandException e) {
            if (reason == ReadRefusal.ABSENT) {
                return -1;
            }
            throw e;
        }
    }

    /** A page's 8,192 bytes. */
    public byte[] page(
            final TimelineFacts timeline,
            final long lsn,
            final int tablespace,
            final int database,
            final int relfilenode,
            final int fork,
            final int block) {
        return ask(
                byte[].class,
                (timeoutNs, request) -> client.getPage(
                        node,
                        timeline.timelineId(),
                        lsn,
                        0,
                        tablespace,
                        database,
                        relfilenode,
                        fork,
                        block,
                        timeoutNs,
                        request));
    }

    /** Several pages of a fork, one behind the other. */
    public byte[] pages(
            final TimelineFacts timeline,
            final long lsn,
            final int tablespace,
            final int database,
            final int relfilenode,
            final int fork,
            final int[] blocks) {
        return ask(
                byte[].class,
                (timeoutNs, request) -> client.getPages(
                        node,
                        timeline.timelineId(),
                        lsn,
                        0,
                        tablespace,
                        database,
                        relfilenode,
                        fork,
                        blocks,
                        blocks.length,
                        timeoutNs,
                        request));
    }

    /**
     * Asks for pages without waiting for them: {@link #await} does. What can't be sent now counts as failed.
     *
     * @param into where the answer is put, whenever it comes.
     */
    void askAhead(
            final TimelineFacts timeline,
            final long lsn,
            final RelFileLocator relation,
            final int fork,
            final int[] blocks,
            final PagesAhead into) {
        token++;
        into.asked(blocks.length);
        final SendResult sent = client.getPages(
                node,
                timeline.timelineId(),
                lsn,
                0,
                relation.tablespace(),
                relation.database(),
                relation.relfilenode(),
                fork,
                blocks,
                blocks.length,
                LIMIT_NS,
                token);
        if (sent == SendResult.SENT) {
            ahead.put(token, into);
        } else {
            into.failed();
        }
    }

    /** Waits until pages have come that were asked for ahead. False when they don't come: they are to be asked for again. */
    boolean await(final PagesAhead pages) {
        while (pages.isOnTheWay()) {
            turn();
        }
        return pages.isThere();
    }

    /** The pages of a segment of an SLRU, one behind the other. */
    public byte[] slruSegment(final TimelineFacts timeline, final long lsn, final int slru, final int segment) {
        return ask(
                byte[].class,
                (timeoutNs, request) ->
                        client.slruSegment(node, timeline.timelineId(), lsn, 0, slru, segment, timeoutNs, request));
    }

    /** As {@link #slruSegment}; nothing when it is not there. */
    byte[] slruSegmentIfThere(final TimelineFacts timeline, final long lsn, final int slru, final int segment) {
        try {
            return slruSegment(timeline, lsn, slru, segment);
        } catch (final CommandException e) {
            if (reason == ReadRefusal.ABSENT) {
                return new byte[0];
            }
            throw e;
        }
    }

    /** What is no page, by key from one on. */
    public KeyedValues files(
            final TimelineFacts timeline,
            final long lsn,
            final long fromHigh,
            final long fromMiddle,
            final long fromLow) {
        return ask(
                KeyedValues.class,
                (timeoutNs, request) -> client.baseFiles(
                        node, timeline.timelineId(), lsn, fromHigh, fromMiddle, fromLow, timeoutNs, request));
    }

    /** Keeps an LSN readable for some seconds; with 0 of them, not any more. See {@link ReaderLease}. */
    void lease(final TimelineFacts timeline, final long lsn, final long holder, final long seconds) {
        ask(
                Long.class,
                (timeoutNs, request) ->
                        client.lease(node, timeline.timelineId(), lsn, holder, seconds, timeoutNs, request));
    }

    /** Sends a request. */
    @FunctionalInterface
    private interface Request {
        SendResult send(long timeoutNs, long token);
    }

    /**
     * Sends a request, and waits for its end. A request or its answer may be lost, above all the first after a restart of either side,
     * when the other still speaks to who was there before: so it is sent again, and more time is left to it each time. What was refused for
     * now is asked again after a pause.
     */
    private <T> T ask(final Class<T> type, final Request request) {
        final long beganNs = clock.nanoTime();
        final long openingDeadlineNs = beganNs + Math.max(limitNs, OPENING_LIMIT_NS);
        long deadlineNs = beganNs + limitNs;
        long missingSinceNs = Long.MAX_VALUE;
        long timeoutNs = FIRST_TIMEOUT_NS;
        while (true) {
            token++;
            answer = null;
            refusal = null;
            mayTryAgain = false;
            send(request, timeoutNs, deadlineNs);
            while (answer == null && refusal == null) {
                turn();
            }
            if (refusal == null) {
                saidWaiting = false;
                return type.cast(answer);
            }
            if (patient && reason == ReadRefusal.NO_SUCH_TIMELINE) {
                missingSinceNs = Math.min(missingSinceNs, clock.nanoTime());
                mayTryAgain = clock.nanoTime() - missingSinceNs < LIMIT_NS;
            }
            if (reason == ReadRefusal.NOT_OPEN_YET) {
                mayTryAgain = awaitsOpening;
                deadlineNs = openingDeadlineNs;
            }
            if (mayTryAgain) {
                sayWaiting(beganNs);
            }
            if (!mayTryAgain) {
                throw refusal;
            }
            if (clock.nanoTime() - deadlineNs > 0) {
                throw reason == ReadRefusal.NOT_OPEN_YET ? stillOpening(deadlineNs - beganNs) : refusal;
            }
            if (reason == null) {
                timeoutNs = Math.min(2 * timeoutNs, LIMIT_NS);
            } else {
                pause();
            }
        }
    }

    private CommandException stillOpening(final long waitedNs) {
        return new CommandException(refusal.getMessage() + "; that has taken more than "
                + TimeUnit.NANOSECONDS.toSeconds(waitedNs) + " s: ./firn status shows how it goes on");
    }

    private void sayWaiting(final long beganNs) {
        final boolean opening = reason == ReadRefusal.NOT_OPEN_YET;
        if (saidWaiting || clock.nanoTime() - beganNs < (opening ? QUIET_OPENING_NS : QUIET_NS)) {
            return;
        }
        saidWaiting = true;
        onWaiting.accept(opening ? waitingAs(refusal.getMessage()) : waitingForAnswer(limitNs));
    }

    /** What a user hears of a server that has said why it is to be asked again. */
    static String waitingAs(final String sentence) {
        return "waiting, as " + sentence;
    }

    /** What a user hears of a server that is silent. */
    static String waitingForAnswer(final long limitNs) {
        final long minutes = TimeUnit.NANOSECONDS.toMinutes(limitNs);
        return "the page server does not answer; it is waited for, up to "
                + (minutes > 1 ? minutes + " minutes" : TimeUnit.NANOSECONDS.toSeconds(limitNs) + " s");
    }

    /** The server has said that it can't now: asked again at once, it would say so at once. */
    private void pause() {
        final long beganNs = clock.nanoTime();
        while (clock.nanoTime() - beganNs < PAUSE_NS) {
            turn();
        }
    }

    private void send(final Request request, final long timeoutNs, final long deadlineNs) {
        SendResult sent = request.send(timeoutNs, token);
        while (sent != SendResult.SENT) {
            if (clock.nanoTime() - deadlineNs > 0 || sent == SendResult.CLOSED) {
                throw new CommandException("the page server is not reachable: ./firn status shows how it is");
            }
            turn();
            sent = request.send(timeoutNs, token);
        }
    }

    private void turn() {
        if (stop.getAsBoolean()) {
            throw new StoppedException();
        }
        idle.idle(endpoint.poll(onMessage, MESSAGES_A_POLL) + client.doWork());
    }
}
