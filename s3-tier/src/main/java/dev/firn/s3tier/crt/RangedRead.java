package dev.firn.s3tier.crt;

import dev.firn.s3tier.backend.AttemptRequest.GetRange;
import dev.firn.s3tier.backend.AttemptRequest.HeadObject;
import dev.firn.s3tier.backend.AttemptResult;
import dev.firn.s3tier.backend.AttemptResult.AttemptFailed;
import dev.firn.s3tier.backend.AttemptResult.ConditionFailed;
import dev.firn.s3tier.backend.AttemptResult.Effect;
import dev.firn.s3tier.backend.AttemptResult.Missing;
import dev.firn.s3tier.backend.AttemptResult.ObjectFound;
import dev.firn.s3tier.backend.AttemptResult.RangeBeyondEnd;
import dev.firn.s3tier.backend.AttemptResult.RangeRead;
import dev.firn.s3tier.backend.AttemptResult.Retry;
import dev.firn.s3tier.store.FailureKind;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/**
 * One ranged read. A short one is one exchange. A long one is fetched in pieces side by side, over several connections, each
 * straight into its place in the caller's buffer: one connection to a distant store carries about 100 MB a second. The
 * first piece tells which version it is, and the others ask for that one. What remains are stores that do not say how
 * long the object is, and a buffer without room: those ask by a head.
 *
 * <p>Answered when no piece is on its way any more. Pieces' results come from any event loop; the state is guarded by this object's
 * monitor, which is held neither while a piece is begun nor while the result is handed on.
 */
final class RangedRead implements Running {
    /** As large as the parts that AWS recommends for parallel reads. */
    static final long PIECE_BYTES = 8L << 20;

    /** From here on, more connections gain more than the further requests cost. */
    static final long SPLIT_BYTES = 2 * PIECE_BYTES;

    private static final int PIECES_AT_ONCE = 8;

    private final CrtClient client;
    private final GetRange get;
    private final Consumer<AttemptResult> done;
    private final Set<Exchange> onTheirWay = new HashSet<>();

    private long next;
    private long end;
    private long readBytes;
    private RangeRead first;
    private String etag;
    private AttemptResult failure;
    private boolean cancelled;
    private boolean answered;

    RangedRead(final CrtClient client, final GetRange get, final Consumer<AttemptResult> done) {
        this.client = client;
        this.get = get;
        this.done = done;
        this.end = get.into().byteSize();
        this.etag = get.etag();
    }

    @Override
    public void start() {
        if (get.into().byteSize() == 0) {
            beginHead();
        } else {
            beginPieces();
        }
    }

    @Override
    public void cancel() {
        final List<Exchange> running;
        synchronized (this) {
            cancelled = true;
            running = List.copyOf(onTheirWay);
        }
        running.forEach(Exchange::cancel);
    }

    /** Begins what may be begun: one piece while the version is not known, several afterwards. */
    private void beginPieces() {
        final List<Exchange> begun = new ArrayList<>();
        synchronized (this) {
            final int most = first == null ? 1 : PIECES_AT_ONCE;
            while (failure == null && !cancelled && next < end && onTheirWay.size() < most) {
                final long length = end - next <= SPLIT_BYTES && next == 0 ? end : Math.min(PIECE_BYTES, end - next);
                final GetRange piece =
                        new GetRange(get.key(), get.offset() + next, get.into().asSlice(next, length), etag);
                next += length;
                begun.add(track(piece));
            }
        }
        begun.forEach(Exchange::start);
        endIfIdle();
    }

    private Exchange track(final GetRange piece) {
        final Exchange[] self = new Exchange[1];
        self[0] = new Exchange(client, piece, result -> onPiece(self[0], piece, result));
        onTheirWay.add(self[0]);
        return self[0];
    }

    private void onPiece(final Exchange exchange, final GetRange piece, final AttemptResult result) {
        final List<Exchange> toStop;
        synchronized (this) {
            onTheirWay.remove(exchange);
            accept(piece, result);
            toStop = failure == null ? List.of() : List.copyOf(onTheirWay);
        }
        toStop.forEach(Exchange::cancel);
        if (result instanceof final RangeBeyondEnd beyond && beyond.objectBytes() == AnswerDecoder.LENGTH_NOT_TOLD) {
            beginHead();
        } else {
            beginPieces();
        }
    }

    private void accept(final GetRange piece, final AttemptResult result) {
        if (failure != null) {
            return;
        }
        switch (result) {
            case RangeRead read
            when first == null -> {
                first = read;
                etag = read.etag();
                readBytes = read.lengthBytes();
                end = Math.min(end, read.objectBytes() - get.offset());
            }
            case RangeRead read
            when read.objectBytes() == first.objectBytes()
                    && read.lengthBytes() == piece.into().byteSize() -> readBytes += read.lengthBytes();
            case AttemptFailed failed -> failure = failed;
            default -> failure = first == null ? result : changedMeanwhile();
        }
    }

    /** The version that the first piece was of is gone: a caller that asked for none reads anew, and one that did is told. */
    private AttemptResult changedMeanwhile() {
        final String what = "the object was replaced while it was read";
        return get.etag() != null
                ? new ConditionFailed(what)
                : new AttemptFailed(FailureKind.STORE_ERROR, Effect.NONE, Retry.LATER, 0, what, "");
    }

    /** Asks how long the object is. */
    private void beginHead() {
        final Exchange[] self = new Exchange[1];
        final boolean stopped;
        synchronized (this) {
            self[0] = new Exchange(client, new HeadObject(get.key()), result -> onHead(self[0], result));
            onTheirWay.add(self[0]);
            stopped = cancelled;
        }
        if (stopped) {
            self[0].cancel();
        } else {
            self[0].start();
        }
    }

    private void onHead(final Exchange exchange, final AttemptResult result) {
        synchronized (this) {
            onTheirWay.remove(exchange);
            failure = switch (result) {
                case ObjectFound found
                when get.etag() != null && !get.etag().equals(found.etag()) ->
                    new ConditionFailed("the object is of version " + found.etag());
                case ObjectFound found
                when get.offset() >= found.lengthBytes() -> new RangeBeyondEnd(found.lengthBytes());
                case ObjectFound found
                when get.into().byteSize() == 0 -> new RangeRead(0, found.lengthBytes(), found.etag(), found.stamp());
                case ObjectFound _ -> changedMeanwhile();
                case Missing missing -> missing;
                default -> result;
            };
        }
        endIfIdle();
    }

    private void endIfIdle() {
        final AttemptResult result;
        synchronized (this) {
            final boolean whole = first != null && next >= end;
            if (answered || !onTheirWay.isEmpty() || !(whole || failure != null || cancelled)) {
                return;
            }
            answered = true;
            if (failure != null) {
                result = failure;
            } else if (whole) {
                result = new RangeRead(readBytes, first.objectBytes(), first.etag(), first.stamp());
            } else {
                result = new AttemptFailed(FailureKind.CANCELLED, Effect.NONE, Retry.LATER, 0, "it was cancelled", "");
            }
        }
        done.accept(result);
    }
}
